# batch_norm: candidate-wrong, gradient x
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import torch

running_mean = torch.tensor([0.0, 0.0], dtype=torch.float64)
running_var = torch.tensor([1.0, 0.0], dtype=torch.float64).repeat_interleave(2, -1)[..., ::2]
x = torch.tensor([[0.0, 0.0]], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.batch_norm(
    x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05
)
(got,) = torch.autograd.grad([y1], [x], [torch.tensor([[1.0, 0.0]], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [[0.9999950000374997, 0.0]])
print("certified", "gradient x at [0, 0]: [0.9999950000374996875023253 +/- 4.13e-26]")
