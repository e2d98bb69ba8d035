# tanhshrink: candidate-wrong, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
import torch
z = torch.tensor(0.0001220703125, dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.tanhshrink(z)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", 1.4901161045817922e-08)
print("certified", "gradient z at []: [1.490116104581792088327427e-8 +/- 3.91e-33]")
