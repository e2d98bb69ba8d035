# rms_norm: candidate-wrong, gradient x1
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
import torch
x1 = torch.tensor([256.0], dtype=torch.float64).requires_grad_()
y1 = torch.exp(x1)
y2 = torch.nn.functional.rms_norm(y1, (1,), weight=None, eps=0.0)
(got,) = torch.autograd.grad([y2], [x1], [torch.tensor([1.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [0.0])
print("certified", "gradient x1 at [0]: [+/- 1.50e-76]")
