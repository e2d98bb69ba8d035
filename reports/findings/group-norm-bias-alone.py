# group_norm: error, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
import torch
bias = torch.tensor([0.0, 0.0], dtype=torch.float64).requires_grad_()
x = torch.tensor([[0.0, 0.0]], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.group_norm(x, 1, weight=None, bias=bias, eps=1e-05)
print("torch    ", torch.__version__)
print("expected ", [[0.0, 0.0]])
print("certified", "nothing: reference: computed; candidate: RuntimeError: tensor does not have a device")
got = torch.autograd.grad([y1], [bias, x], [torch.tensor([[0.0, 0.0]], dtype=torch.float64)])
