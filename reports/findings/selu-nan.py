# selu: error, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
import torch
from math import nan
z = torch.tensor([1.0, nan, nan, nan, nan, nan, nan, nan, nan], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.selu(z, inplace=False)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [1.0507009873554805, nan, nan, nan, nan, nan, nan, nan, nan])
print("certified", "nothing: gradient z: 8 entries are NaN or infinite on one side alone, the first at (1,): 1.0507009873554805 in the candidate, nan in the reference")
