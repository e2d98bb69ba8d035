# https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
import math
import sys

import torch

t, y_bar = torch.tensor(1e-300, dtype=torch.float64, requires_grad=True), 1e-20
loss = torch.nn.functional.kl_div(torch.tensor(-1.0, dtype=torch.float64), t, reduction="sum")
(got,) = torch.autograd.grad(loss, t, torch.tensor(y_bar, dtype=torch.float64))
expected = y_bar * (math.log(1e-300) + 1 + 1)
print("got      ", got.item())
print("expected ", expected)
sys.exit(abs(got.item() / expected - 1) > 1e-12)
