# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
import sys

import torch

z = torch.tensor([-torch.inf, -1e30], dtype=torch.float64)
got = torch.nn.functional.hardswish(z)
print("got      ", got.tolist())
print("expected ", [0.0, 0.0])
sys.exit(bool(got.isnan().any()))
