# https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
import sys

import torch

x = torch.tensor([1e-30, 1e-60, 1e-300], dtype=torch.float64)
target = torch.zeros(3, dtype=torch.float64, requires_grad=True)
loss = torch.nn.functional.binary_cross_entropy(x, target, reduction="none")
(got,) = torch.autograd.grad(loss, target, torch.ones_like(loss))
expected = (1 - x).log() - x.log().clamp(min=-100)
print("got      ", got.tolist())
print("expected ", expected.tolist())
sys.exit(not torch.allclose(got, expected))
