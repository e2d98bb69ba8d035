# local_response_norm: error, output y
# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
import torch
x = torch.tensor([[[[[0.0, 0.0], [0.0, 0.0]]]]], dtype=torch.float64).permute((4, 3, 2, 1, 0)).contiguous().permute((4, 3, 2, 1, 0)).requires_grad_()
print("torch    ", torch.__version__)
print("expected ", [[[[[0.0, 0.0], [0.0, 0.0]]]]])
print("certified", "nothing: reference: computed; candidate: RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.")
torch.nn.functional.local_response_norm(x, 1, alpha=0.0001, beta=0.75, k=1.0)
