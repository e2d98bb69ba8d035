# nll: error, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
import torch
target = torch.tensor([[[0, 0], [0, 0]]], dtype=torch.int64)
x = torch.tensor([[[[0.0, 0.0], [0.0, 0.0]]]], dtype=torch.float64).permute((3, 2, 1, 0)).contiguous().permute((3, 2, 1, 0)).requires_grad_()
y1 = torch.nn.functional.nll_loss(x, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean')
print("torch    ", torch.__version__)
print("expected ", 0.0)
print("certified", "nothing: reference: computed; candidate: RuntimeError: grad_input must be contiguous")
(got,) = torch.autograd.grad([y1], [x], [torch.tensor(0.0, dtype=torch.float64)])
