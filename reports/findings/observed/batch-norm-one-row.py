# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import sys

import torch

x = torch.tensor([[[[1.0, 2.0]], [[3.0, 5.0]]]])  # one image, two channels, one row
y_bar = torch.tensor([[[[1.0, 10.0]], [[100.0, 1000.0]]]])
last = y_bar.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)  # the same, channels last in memory
norms = {
    "batch_norm": lambda b: torch.nn.functional.batch_norm(x, None, None, None, b, training=True),
    "instance_norm": lambda b: torch.nn.functional.instance_norm(x, None, None, None, b),
}
got = {}
for name, norm in norms.items():
    bias = torch.zeros(2, requires_grad=True)
    got[name] = torch.autograd.grad(norm(bias), bias, last)[0].tolist()
expected = y_bar.sum((0, 2, 3)).tolist()
print("got      ", got, "gradients of the bias")
print("expected ", expected)
sys.exit(any(bar != expected for bar in got.values()))
