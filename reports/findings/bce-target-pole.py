# bce: candidate-wrong, gradient x
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
import torch
target = torch.tensor([0.0, 1.0], dtype=torch.float64).requires_grad_()
x = torch.tensor([0.0, 1.9073486328125e-06], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.binary_cross_entropy(x, target, weight=None, size_average=None, reduce=None, reduction='none')
(got,) = torch.autograd.grad([y1], [x], [torch.tensor([1.0, 1.0], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [1.0, -524288.0])
print("certified", "gradient x at [0]: 1.000000000000000000000000")
