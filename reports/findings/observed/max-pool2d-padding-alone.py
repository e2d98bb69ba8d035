# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
import sys

import torch

x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], requires_grad=True)
y, index = torch.nn.functional.max_pool2d(
    x, (1, 2), stride=(2, 1), padding=(0, 1), dilation=(1, 4), return_indices=True
)  # one window, over one row; its taps are the padding before the row and the padding behind it
(got,) = torch.autograd.grad(y, x, torch.ones_like(y))
print("output   ", y.tolist(), "from the entry", index.tolist())
print("got      ", got.tolist(), "gradient of x")
print("expected ", torch.zeros_like(x).tolist())
sys.exit(bool(got.any()))
