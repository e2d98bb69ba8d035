# softsign: candidate-wrong, gradient z
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
import torch
z = torch.tensor(1048576.0, dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.softsign(z)
(got,) = torch.autograd.grad([y1], [z], [torch.tensor(1.0, dtype=torch.float64)])
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", 9.094929670519338e-13)
print("certified", "gradient z at []: [9.094929670519337997901639e-13 +/- 2.58e-38]")
