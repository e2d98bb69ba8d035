# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
import sys

import torch

z = torch.tensor([-96.0, -89.0, -88.0])
got, expected = torch.nn.functional.silu(z).tolist(), torch.nn.functional.silu(z.double()).tolist()
print("got      ", got)
print("expected ", expected)
sys.exit(any(abs(a - b) > 1e-6 * abs(b) for a, b in zip(got, expected)))
