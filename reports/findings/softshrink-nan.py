# softshrink: candidate-wrong, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
import torch
from math import nan
z = torch.tensor([1.0, nan, nan, nan, nan, nan, nan, nan, nan], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.softshrink(z, lambd=0.5)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
print("certified", "gradient z at [1]: 1.000000000000000000000000")
