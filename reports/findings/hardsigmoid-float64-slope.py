# hardsigmoid: candidate-wrong, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
import torch
z = torch.tensor(0.0, dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.hardsigmoid(z, inplace=False)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", 0.16666666666666666)
print("certified", "gradient z at []: [0.1666666666666666666666667 +/- 3.34e-26]")
