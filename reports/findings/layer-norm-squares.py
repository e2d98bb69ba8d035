# layer_norm: error, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
import torch
from math import nan
x = torch.tensor([5.896816288783659e+166], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.layer_norm(x, (1,), weight=None, bias=None, eps=1e-05)
got = y1.detach()
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [0.0])
print("certified", "nothing: output y: 1 entries are NaN or infinite on one side alone, the first at (0,): nan in the candidate, 0.0 in the reference")
