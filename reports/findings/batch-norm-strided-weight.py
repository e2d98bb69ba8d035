# batch_norm: candidate-wrong, gradient x
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import torch

running_mean = torch.tensor([0.0, 0.0], dtype=torch.float64)
running_var = torch.tensor([0.0, 0.0], dtype=torch.float64)
weight = torch.tensor([0.0, 1.0], dtype=torch.float64).repeat_interleave(2, -1)[..., ::2].requires_grad_()
x = torch.tensor([[0.0, 0.0]], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.batch_norm(
    x, running_mean, running_var, weight=weight, bias=None, training=False, momentum=0.1, eps=1e-05
)
(got,) = torch.autograd.grad([y1], [x], [torch.tensor([[0.0, 1.0]], dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [[0.0, 316.2277660168379]])
print("certified", "gradient x at [0, 1]: [316.2277660168379202656909 +/- 4.19e-23]")
