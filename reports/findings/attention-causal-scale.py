# scaled_dot_product_attention: error, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
import torch
from math import nan
key = torch.tensor([[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]], dtype=torch.float64).requires_grad_()
query = torch.tensor([[[[0.0, 0.0]], [[0.0, 0.0]]]], dtype=torch.float64).requires_grad_()
value = torch.tensor([[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]], dtype=torch.float64).requires_grad_()
y1 = torch.nn.functional.scaled_dot_product_attention(query, key, value, None, is_causal=True, scale=0.0)
got = y1.detach()
print("torch    ", torch.__version__)
print("got      ", got.tolist())
print("expected ", [[[[0.0, 0.0]], [[0.0, 0.0]]]])
print("certified", "nothing: output y: 4 entries are NaN or infinite on one side alone, the first at (0, 0, 0, 0): nan in the candidate, 0.0 in the reference")
