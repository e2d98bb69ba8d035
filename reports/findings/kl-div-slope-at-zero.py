# kl_div: error, gradient target
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
import torch
from math import inf, nan
target = torch.tensor(0.0, dtype=torch.float64).requires_grad_()
x = torch.tensor(0.0, dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.kl_div(x, target, size_average=None, reduce=None, reduction='mean', log_target=False)
(got,) = torch.autograd.grad([y1], [target], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", -inf)
print("certified", "nothing: gradient target: 1 entries are NaN or infinite on one side alone, the first at (): nan in the candidate, -inf in the reference")
