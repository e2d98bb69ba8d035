# batch_norm: definition-differs, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import torch
x = torch.tensor([[469762048.0], [469762048.0]], dtype=torch.float32).requires_grad_()
y1 = torch.nn.functional.batch_norm(x, None, None, weight=None, bias=None, training=True, momentum=0.1, eps=1e-05)
got = y1.detach()
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [[0.0], [0.0]])
print("certified", "output y at [0, 0]: 0")
