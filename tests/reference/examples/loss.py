"""Examples, edges and refusals of the ops of `reference/ops/loss`."""

from __future__ import annotations

import numpy as np

from tests.reference.example import INF, NAN, row

EXAMPLES = (
    row("bce", (2, 3), (2, 3), domain="unit"),
    row("bce", (2, 3), (2, 3), (3,), reduction="sum", domain="unit"),
    row("bce", (2, 3), (2, 3), (2, 1), reduction="none", domain="unit"),
    row("bce", (), (), domain="unit"),
    row("bce", (0, 3), (0, 3), reduction="sum", domain="unit"),
    row("bce_with_logits", (2, 3), (2, 3)),
    row("bce_with_logits", (2, 3), (2, 3), (3,), reduction="sum"),
    row("bce_with_logits", (2, 3), (2, 3), None, (3,), reduction="none"),
    row("bce_with_logits", (2, 3, 2), (2, 3, 2), (2,), (3, 1)),
    row("bce_with_logits", (), (), (), ()),
    row("bce_with_logits", (0,), (0,), reduction="none"),
    row("cross_entropy", (4, 3), (4,)),
    row("cross_entropy", (4, 3), (4,), reduction="sum"),
    row("cross_entropy", (2, 3, 2), (2, 2), reduction="none"),
    row("cross_entropy", (3,), ()),
    row("cross_entropy", (0, 3), (0,), reduction="sum"),
    row("cross_entropy", (4, 3), (4,), (3,), domain="positive"),
    row("cross_entropy", (4, 3), (4,), ignore_index=1),
    row("cross_entropy", (4, 3), (4,), (3,), ignore_index=1, domain="positive"),
    row("cross_entropy", (4, 3), (4,), label_smoothing=0.3),
    row("cross_entropy", (2, 3, 2), (2, 2), (3,), ignore_index=2, label_smoothing=0.25, domain="positive"),
    row("cross_entropy", (3,), (), (3,), label_smoothing=1.0, reduction="none", domain="positive"),
    row("cross_entropy_soft", (4, 3), (4, 3), domain="unit"),
    row("cross_entropy_soft", (4, 3), (4, 3), (3,), label_smoothing=0.3),
    row("cross_entropy_soft", (2, 3, 2), (2, 3, 2), (3,), reduction="none", domain="unit"),
    row("cross_entropy_soft", (3,), (3,), reduction="sum", label_smoothing=1.0),
    row("cross_entropy_soft", (0, 3), (0, 3), reduction="sum"),
    row("huber", (2, 3), (2, 3)),
    row("huber", (2, 3), (2, 3), reduction="sum", delta=0.3),
    row("huber", (3,), (3,), reduction="none", delta=2.0),
    row("huber", (), ()),
    row("kl_div", (2, 3), (2, 3), domain="positive"),
    row("kl_div", (2, 3), (2, 3), reduction="batchmean", domain="unit"),
    row("kl_div", (2, 3), (2, 3), reduction="batchmean", log_target=True),
    row("kl_div", (3,), (3,), reduction="none", log_target=True),
    row("kl_div", (), (), reduction="sum", domain="unit"),
    row("kl_div", (2, 0), (2, 0), reduction="batchmean"),
    row("l1", (2, 3), (2, 3)),
    row("l1", (2, 3), (2, 3), reduction="sum"),
    row("l1", (3,), (3,), reduction="none"),
    row("l1", (), ()),
    row("mse", (2, 3), (2, 3)),
    row("mse", (2, 3), (2, 3), reduction="sum"),
    row("mse", (3,), (3,), reduction="none"),
    row("mse", (), ()),
    row("nll", (4, 3), (4,)),
    row("nll", (4, 3), (4,), (3,), domain="positive"),
    row("nll", (4, 3), (4,), (3,), ignore_index=1, domain="positive"),
    row("nll", (2, 3, 2), (2, 2), reduction="none", ignore_index=0),
    row("nll", (3,), (), (3,), reduction="sum"),
    row("nll", (0, 3), (0,), reduction="sum"),
    row("smooth_l1", (2, 3), (2, 3)),
    row("smooth_l1", (2, 3), (2, 3), reduction="sum", beta=0.3),
    row("smooth_l1", (2, 3), (2, 3), reduction="none", beta=0.0),
    row("smooth_l1", (), (), beta=2.0),
)

EDGES = {
    "bce of a certain prediction is 0 where it is right and 100 where it is wrong":
        (row("bce", reduction="none"), [[0, 1, 0, 1], [0, 1, 1, 0]], [3, 3, 3, 3], [0, 0, 100, 100],
         [[3, -3, 0, 0], [300, -300, 300, -300]]),
    "bce of a nearly certain prediction has a steep slope":
        (row("bce", reduction="none"), [[2.0**-50, 2.0**-50], [1, 0]], [1, 1],
         [-np.log(2.0**-50), -np.log1p(-(2.0**-50))],
         [[-(2.0**50), 1 / (1 - 2.0**-50)], [np.log1p(-(2.0**-50)) - np.log(2.0**-50)] * 2]),
    "bce is flat where the logarithm is clamped, and linear in the target":
        (row("bce", reduction="none"), [[1e-60], [1]], [3], [100], [[0], [300]]),
    "bce weighs samples":
        (row("bce", reduction="sum"), [[0, 1], [1, 0], [2, 3]], 1, 500, [[0, 0], [200, -300], None]),
    "bce with logits neither overflows nor cancels":
        (row("bce_with_logits", reduction="none"), [[1000, -1000, 1000, -1000], [0, 1, 1, 0]], [1] * 4,
         [1000, 1000, 0, 0], [[1, -1, 0, 0], [-1000, 1000, -1000, 1000]]),
    "bce with logits has a slope in the subnormal numbers":
        (row("bce_with_logits", reduction="sum"), [[740], [1]], 1, np.exp(-740), [[-np.exp(-740)], [-740]]),
    "bce with logits weighs the positive part":
        (row("bce_with_logits", reduction="sum"), [[-1000, 1000], [1, 0], [1, 2], [3, 5]], 1, 5000,
         [[-3, 2], [3000, -2000], None, None]),
    "cross-entropy takes huge logits":
        (row("cross_entropy"), [[[1e308, 0]], [1]], 3, 1e308, [[[3, -3]], None]),
    "cross-entropy of no samples averages to NaN":
        (row("cross_entropy"), [np.zeros((0, 3)), []], 1, NAN, [np.zeros((0, 3)), None]),
    "cross-entropy of ignored samples averages to NaN, and has no slope":
        (row("cross_entropy", ignore_index=1), [[[2, 5]], [1]], 1, NAN, [[[0, 0]], None]),
    "cross-entropy ignores a class that is none":
        (row("cross_entropy", reduction="none"), [[[1e4, 0], [1e4, 0]], [-100, 1]], [3, 3], [0, 1e4],
         [[[0, 0], [3, -3]], None]),
    "cross-entropy averages over the weights that count":
        (row("cross_entropy", ignore_index=0), [[[1e4, 0, 0], [1e4, 0, 0], [1e4, 0, 0]], [0, 1, 2],
         [7, 1, 3]], 8, 1e4, [[[0, 0, 0], [2, -2, 0], [6, 0, -6]], None, None]),
    "cross-entropy smooths with the weights of all classes":
        (row("cross_entropy", label_smoothing=0.5, reduction="sum"), [[[1e4, 0]], [0], [1, 3]], 8, 7500,
         [[[6, -6]], None, None]),
    "cross-entropy of probabilities need not add up to 1":
        (row("cross_entropy_soft", reduction="none"), [[[1e4, 0]], [[2, 3]], [5, 1]], [2], [3e4],
         [[[6, -6]], [[0, 2e4]], None]),
    "huber is the same from both sides of delta":
        (row("huber", reduction="none", delta=0.5), [[0.5, -0.5, 0.25, 2], [0, 0, 0, 0]], [4] * 4,
         [0.125, 0.125, 0.03125, 0.875], [[2, -2, 1, 2], [-2, 2, -1, -2]]),
    "huber of an infinite error has a finite slope":
        (row("huber", reduction="none"), [[INF, -INF], [0, 0]], [4, 4], [INF, INF], [[4, -4], [-4, 4]]),
    "kl divergence at a probability of 0 is its limit":
        (row("kl_div", reduction="none"), [[-1], [0]], [3], [0], [[0], [-INF]]),
    "kl divergence of logarithms takes a probability of 1":
        (row("kl_div", log_target=True, reduction="none"), [[-1], [0]], [3], [1], [[-3], [6]]),
    "l1 takes the slope 0 where there is no error":
        (row("l1", reduction="none"), [[1, 2, 3], [2, 2, 2]], [4, 4, 4], [1, 0, 1],
         [[-4, 0, 4], [4, 0, -4]]),
    "nll averages over the weights that count":
        (row("nll", ignore_index=0), [[[-5, 0, 0], [0, -2, 0], [0, 0, -1]], [0, 1, 2], [7, 1, 3]], 8, 1.25,
         [[[0, 0, 0], [0, -2, 0], [0, 0, -6]], None, None]),
    "nll of ignored samples adds up to 0, whatever they are":
        (row("nll", reduction="sum", ignore_index=0), [[[INF, 0]], [0]], INF, 0, [[[0, 0]], None]),
    "smooth l1 is the same from both sides of beta":
        (row("smooth_l1", reduction="none", beta=0.5), [[0.5, -0.5, 0.25, 2], [0, 0, 0, 0]], [4] * 4,
         [0.25, 0.25, 0.0625, 1.75], [[4, -4, 2, 4], [-4, 4, -2, -4]]),
    "smooth l1 is l1 for beta 0":
        (row("smooth_l1", reduction="none", beta=0.0), [[1, 2, 3], [2, 2, 2]], [4, 4, 4], [1, 0, 1],
         [[-4, 0, 4], [4, 0, -4]]),
}  # fmt: skip

REFUSED = (
    (row("bce", (2, 3), (3,)), "bce: target of shape (3,) is not the shape of x, (2, 3)"),
    (
        row("bce", (3,), (3,), (2, 3)),
        "bce: weight of shape (2, 3) does not broadcast to the shape of x, (3,)",
    ),
    (row("bce_with_logits", (3,), (2,)), "bce_with_logits: target of shape (2,) is not the shape of x, (3,)"),
    (row("bce_with_logits", (3,), (3,), (2,)), "bce_with_logits: weight of shape (2,) does not broadcast to"),
    (
        row("bce_with_logits", (3,), (3,), None, (2, 1)),
        "bce_with_logits: pos_weight of shape (2, 1) does not",
    ),
    (row("cross_entropy", (), ()), "cross_entropy: x of shape () needs a class axis"),
    (row("cross_entropy", (2, 0), (2,)), "cross_entropy: x of shape (2, 0) has no classes"),
    (
        row("cross_entropy", (2, 3), (3,)),
        "cross_entropy: target of shape (3,) does not fit x of shape (2, 3): needs (2,)",
    ),
    (
        row("cross_entropy", (2, 3), (2,), (2,)),
        "cross_entropy: weight of shape (2,) does not fit x of shape (2, 3): needs (3,)",
    ),
    (row("cross_entropy_soft", (), ()), "cross_entropy_soft: x of shape () needs a class axis"),
    (row("cross_entropy_soft", (2, 0), (2, 0)), "cross_entropy_soft: x of shape (2, 0) has no classes"),
    (
        row("cross_entropy_soft", (2, 3), (2,)),
        "cross_entropy_soft: target of shape (2,) is not the shape of x",
    ),
    (row("cross_entropy_soft", (3,), (3,), (1,)), "cross_entropy_soft: weight of shape (1,) does not fit x"),
    (row("huber", (2, 3), (3,)), "huber: target of shape (3,) is not the shape of x, (2, 3)"),
    (row("kl_div", (2, 3), (3,)), "kl_div: target of shape (3,) is not the shape of x, (2, 3)"),
    (row("kl_div", (), (), reduction="batchmean"), "kl_div: x of shape () has no first axis"),
    (row("l1", (2, 3), (3,)), "l1: target of shape (3,) is not the shape of x, (2, 3)"),
    (row("mse", (2, 3), (3,)), "mse: target of shape (3,) is not the shape of x, (2, 3)"),
    (row("nll", (), ()), "nll: x of shape () needs a class axis"),
    (row("nll", (2, 3), (2, 3)), "nll: target of shape (2, 3) does not fit x of shape (2, 3): needs (2,)"),
    (row("smooth_l1", (2, 3), (3,)), "smooth_l1: target of shape (3,) is not the shape of x, (2, 3)"),
)
