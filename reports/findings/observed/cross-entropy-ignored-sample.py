# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
import sys

import torch

x = torch.tensor([[-torch.inf, -torch.inf], [1.0, 2.0]], dtype=torch.float64, requires_grad=True)
target = torch.tensor([-100, 1])  # the first sample is ignored
loss = torch.nn.functional.cross_entropy(x, target, reduction="sum", ignore_index=-100)
(got,) = torch.autograd.grad(loss, x)
print("got      ", got[0].tolist(), "of the ignored sample; loss", loss.item())
print("expected ", [0.0, 0.0])
sys.exit(bool(got[0].isnan().any()))
