# bce: error, gradient target
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
import torch
from math import nan
target = torch.tensor([0.5, 0.25], dtype=torch.float64).requires_grad_()
x = torch.tensor([0.0, 1.0], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.binary_cross_entropy(x, target, weight=None, size_average=None, reduce=None, reduction='none')
(got,) = torch.autograd.grad([y1], [target], [torch.tensor([0.0, 0.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [0.0, -0.0])
print("certified", "nothing: gradient target: 2 entries are NaN or infinite on one side alone, the first at (0,): nan in the candidate, 0.0 in the reference")
