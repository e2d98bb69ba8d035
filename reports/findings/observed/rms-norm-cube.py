# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
import sys

import torch

x = torch.tensor([256.0], dtype=torch.float64, requires_grad=True)
y = torch.nn.functional.rms_norm(x.exp(), (1,), eps=0.0)  # 1, whatever x is
(got,) = torch.autograd.grad(y, x, torch.ones(1, dtype=torch.float64))
print("got      ", got.tolist())
print("expected ", [0.0])
sys.exit(got.tolist() != [0.0])
