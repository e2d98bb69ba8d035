# group_norm: error, gradient weight
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
import torch
from math import nan
weight = torch.tensor([0.0], dtype=torch.float64).requires_grad_()
x = torch.zeros((1, 1, 0), dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.group_norm(x, 1, weight=weight, bias=None, eps=1e-05)
(got,) = torch.autograd.grad([y1], [weight], [torch.zeros((1, 1, 0), dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [0.0])
print("certified", "nothing: gradient weight: 1 entries are NaN or infinite on one side alone, the first at (0,): nan in the candidate, 0.0 in the reference")
