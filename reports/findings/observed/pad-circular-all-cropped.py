# https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
import sys

import torch


def padded(x):
    scraps = [torch.full((1, 1, 1), 123.0) for _ in range(100)]
    del scraps  # memory that was used before is handed out again
    try:  # nothing is left of x, and 1 entry of it is asked for
        return torch.nn.functional.pad(x, (-3, 1), mode="circular").tolist()
    except RuntimeError as error:
        return str(error)


got = {str(padded(torch.ones(1, 1, 3))) for _ in range(100)}
print("got      ", *sorted(got))
print("expected  an error, or at the least an entry of x: [[[1.0]]]")
sys.exit(any(text[0] == "[" and text != "[[[1.0]]]" for text in got))
