# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import sys

import torch


def gradients(weight, mean, var):
    x, weight = torch.zeros(1, 2).requires_grad_(), weight.requires_grad_()
    y = torch.nn.functional.batch_norm(x, mean, var, weight, None, training=False)
    return [bar.flatten().tolist() for bar in torch.autograd.grad(y, (x, weight), torch.ones(1, 2))]


numbers = [torch.tensor([1.0, 7.0, 2.0, 7.0])[::2] for _ in range(3)]  # 1 and 2, with a 7 behind each
expected = gradients(*(each.contiguous() for each in numbers))
got = [gradients(*(each if i == k else each.contiguous() for k, each in enumerate(numbers))) for i in range(3)]
for name, found in zip(("weight", "running_mean", "running_var"), got, strict=True):
    print("got      ", found, "gradients of x and weight,", name, "strided")
print("expected ", expected)
sys.exit(any(found != expected for found in got))
