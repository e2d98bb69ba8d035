# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
import sys

import torch
import torch.nn.functional as F

wrong = 0
for f in (F.relu6, F.hardtanh, F.hardshrink, F.softshrink, F.hardswish, F.elu, F.selu, F.celu):
    z = torch.full((41,), torch.nan, dtype=torch.float64, requires_grad=True)
    (got,) = torch.autograd.grad(f(z), z, torch.ones_like(z))  # equal entries, equal cotangents
    kinds = {str(slope) for slope in got.tolist()}
    print("got      ", f.__name__, got[0].item(), "…", got[-1].item())
    wrong += len(kinds) > 1
print("expected  41 equal slopes, whichever")
sys.exit(bool(wrong))
