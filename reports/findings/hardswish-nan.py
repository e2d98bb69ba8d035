# hardswish: error, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
import torch
from math import nan
z = torch.tensor([1.0, nan, nan, nan, nan, nan, nan, nan, nan], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.hardswish(z, inplace=False)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [0.8333333333333334, nan, nan, nan, nan, nan, nan, nan, nan])
print("certified", "nothing: gradient z: 8 entries are NaN or infinite on one side alone, the first at (1,): 1.0 in the candidate, nan in the reference")
