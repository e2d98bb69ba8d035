"""Train on handwritten digits, by the reference and by torch: `make train`, or `python -m examples.train`.

What is compared, and how, says `digits.py`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from tqdm import tqdm

from examples.digits import Record, train
from oracle.judge.verdict import Verdict

STEPS = 200
SVG = Path("build/digits.svg")


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print, and draw the curve.

    Returns
    -------
    int
        0 if the sides agree, 1 if not; 2 for bad usage or a file that cannot be written; 130 interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="python -m examples.train", description="Gradient descent by reference and torch, judged."
    )
    parser.add_argument("--steps", type=_count, default=STEPS, help=f"steps to take (default: {STEPS})")
    parser.add_argument("--svg", type=Path, default=SVG, help=f"where the curve goes (default: {SVG})")
    chosen = parser.parse_args(argv)
    try:
        chosen.svg.parent.mkdir(parents=True, exist_ok=True)
        with chosen.svg.open("wb"):  # better now than after the training
            pass
    except OSError as error:
        print(f"python -m examples.train: {chosen.svg}: {error.strerror}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    with threadpool_limits(1):
        try:
            records = list(_shown(islice(train(), chosen.steps + 1), chosen.steps))
        except KeyboardInterrupt:
            print("python -m examples.train: interrupted", file=sys.stderr)
            return 130
    print("\n".join(_summary(records)))
    _draw(records, chosen.svg)
    print(f"curve      {chosen.svg}")
    agree = all(record.gradients.verdict is Verdict.AGREE and not record.beyond for record in records)
    print("PASS" if agree else "FAIL")
    return 0 if agree else 1


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of steps")
    return int(text)


def _shown(records: Iterator[Record], steps: int) -> Iterator[Record]:
    """Hand the records on, showing a bar on a terminal and a line for every tenth of the way elsewhere."""
    print("64-32-10 with sigmoid, float64, 1,437 digits learnt, 360 held out\n", flush=True)
    if sys.stderr.isatty():
        with tqdm(total=steps, unit="step", dynamic_ncols=True) as bar:
            for record in records:
                bar.update(record.step - bar.n)
                bar.set_postfix(loss=f"{record.loss:.3f}", accuracy=f"{record.accuracy:.1%}")
                yield record
        return
    print("  step     loss   learnt  held out", flush=True)
    every = max(1, steps // 10)
    for record in records:
        if record.step % every == 0:
            shares = f"{record.accuracy:>8.1%}{record.held_out:>10.1%}"
            print(f"{record.step:>6}{record.loss:>9.4f}{shares}", flush=True)
        yield record


def _summary(records: Sequence[Record]) -> Iterator[str]:
    """What was found, in a few lines."""
    last = records[-1]
    tensors = [tensor for record in records for tensor in record.gradients.tensors]
    agreeing = sum(tensor.verdict is Verdict.AGREE for tensor in tensors)
    share, step = max((record.apart / record.allowed, record.step) for record in records[1:])
    beyond = sum(bool(record.beyond) for record in records)
    yield ""
    yield f"loss       {records[0].loss:.4f} → {last.loss:.4f}"
    yield f"accuracy   {last.accuracy:.1%} of the digits learnt, {last.held_out:.1%} of those held out"
    yield f"gradients  at the same θ: {agreeing:,} of {len(tensors):,} tensors agree"
    yield f"parameters of two free descents, after {last.step} steps: {last.apart:.1e} of their size apart,"
    yield f"           where rounding may take them {last.allowed:.1e}; nearest to that after step {step},"
    yield f"           at {share:.2f} of it; beyond it after {beyond} steps"


def _draw(records: Sequence[Record], file: Path) -> None:
    """Loss of both descents, and how far their parameters are apart."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    steps = [record.step for record in records]
    with plt.rc_context({"svg.hashsalt": "digits", "svg.fonttype": "none", "font.size": 10}):
        figure, (loss, apart) = plt.subplots(2, sharex=True, figsize=(7, 6), layout="constrained")
        loss.plot(steps, [record.loss for record in records], color="#0b6bcb", label="reference")
        loss.plot(steps, [record.their_loss for record in records], "--", color="#e07b39", label="torch")
        loss.set(yscale="log", ylabel="loss", title="Gradient descent on 1,437 handwritten digits")
        loss.legend(frameon=False)
        allowed = [record.allowed for record in records[1:]]
        apart.plot(steps[1:], allowed, color="#6b7680", label="allowed by the rule")
        apart.plot(steps[1:], [record.apart for record in records[1:]], color="#b4400f", label="measured")
        apart.set(yscale="log", xlabel="step", ylabel="‖Δθ‖ / ‖θ‖, reference and torch")
        apart.legend(frameon=False)
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
