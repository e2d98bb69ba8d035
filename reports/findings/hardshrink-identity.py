# hardshrink: candidate-wrong, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
import torch
z = torch.tensor(0.0, dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.hardshrink(z, lambd=0.0)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", 1.0)
print("certified", "gradient z at []: 1.000000000000000000000000")
