# batch_norm: candidate-wrong, gradient bias
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import torch

bias = torch.tensor([0.0, 0.0], dtype=torch.float64).requires_grad_()
x = torch.tensor([[[[0.0, 0.0]], [[0.0, 0.0]]]], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.batch_norm(
    x, None, None, weight=None, bias=bias, training=True, momentum=0.1, eps=1e-05
)
(got,) = torch.autograd.grad(
    [y1],
    [bias],
    [
        torch.tensor([[[[0.0, 1.0]], [[0.0, 0.0]]]], dtype=torch.float64)
        .permute((3, 2, 1, 0))
        .contiguous()
        .permute((3, 2, 1, 0))
    ],
)
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [1.0, 0.0])
print("certified", "gradient bias at [0]: 1.000000000000000000000000")
