"""How long shrinking takes: `python -m bench.shrinking [--faults N]`.

For one op after the other a fault is planted (every gradient a thousandth too large), the first network of
about 30 nodes that fails is looked for, and shrunk, on one thread.  The time is that of shrinking alone, the
search for the guilty node included: that of the processor, which other programs do not lengthen by much.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import torch

from bench.clock import one_thread
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import DTYPES, Case
from oracle.counterparts import counterpart
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import CaseVerdict
from oracle.shrink.cost import Cost, cost
from oracle.shrink.shrinker import Shrinker
from reference.op import op_names

DEEP = replace(load_profile("default"), depth=34, mean_depth=32)
LEAST, TRIES = 28, 40


def faulty(op: str) -> TorchAutograd:
    """Torch, one op of which has gradients that are too large."""

    def function(*inputs: Any, **attributes: Any) -> Any:
        result = counterpart(op)(*inputs, **attributes)
        for y in (result,) if isinstance(result, torch.Tensor) else result:
            if y.requires_grad:
                y.register_hook(lambda y_bar: y_bar * 1.001)
        return result

    return TorchAutograd({op: function})


def failing(op: str, dtype: str) -> tuple[Case, CaseVerdict] | None:
    """The first large network that fails."""
    for index in range(TRIES):
        case = draw_case(1, dtype, index, DEEP, (op,))
        if len(case.architecture.nodes) >= LEAST:
            said = judge(case, faulty(op), sample=False)
            if said.verdict.fails:
                return case, said
    return None


def shrunk(count: int) -> Iterator[tuple[str, Cost, Cost, int, float]]:
    """Op, sizes before and after, judgements and seconds, for so many faults."""
    for place in range(count):
        op = op_names()[place % len(op_names())]
        found = failing(op, DTYPES[place % 2])
        if found is None:
            continue
        start = time.process_time()
        shrinker = Shrinker(faulty(op))
        last = shrinker.run(shrinker.start(*found)[0])
        yield op, cost(found[0]), cost(last.case), last.judged, time.process_time() - start


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=50)
    count = parser.parse_args(argv).faults
    with one_thread():
        table(count)


def table(count: int) -> None:
    """Print a line for every fault, and the medians."""
    print(f"{'op':30}{'nodes':>12}{'leaves':>12}{'entries':>16}{'judged':>8}{'seconds':>9}")
    rows = []
    for op, before, after, judged, seconds in shrunk(count):
        rows.append((before, after, seconds))
        print(
            f"{op:30}{before.nodes:7,} → {after.nodes:<2}{before.leaves:7,} → {after.leaves:<2}"
            f"{before.elements:11,} → {after.elements:<2}{judged:8}{seconds:9.2f}",
            flush=True,
        )
    if not rows:
        return
    sizes = " → ".join(f"{median(row[k].elements for row in rows):,.0f}" for k in (0, 1))
    print(f"{len(rows)} faults: median {median(row[2] for row in rows):.2f} s, "
          f"longest {max(row[2] for row in rows):.2f} s; entries {sizes}, "
          f"most nodes left {max(row[1].nodes for row in rows)}")  # fmt: skip


if __name__ == "__main__":
    main()
