# clamp: candidate-wrong, gradient x
# https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
import torch
x = torch.tensor(0.0, dtype=torch.float64).requires_grad_()
y1 = torch.clamp(x, 0.0, None)
(got,) = torch.autograd.grad([y1], [x], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", 0.0)
print("certified", "gradient x at []: 0")
