"""What the judge catches and what it lets pass: `python -m bench.power`.

Each case is judged with a candidate that is torch.autograd but for one fault in one gradient tensor,
chosen by the case's index.  Tensors that are exactly zero are left out: scaling them changes nothing.  A
fault counts where the detection limit allows it: where it changes the tensor by more, relative to its
2-norm, than rounding may hide.

`--large` spoils single entries of gradients of 10⁵ and 10⁶ entries, of networks of one op; there the
limit allows all of them.  `--out` writes what `python -m oracle faults --power` puts into docs/power.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from oracle.campaign.cases import single_thread
from oracle.candidates.protocol import Array, Result
from oracle.case import Case
from oracle.faults.tap import repaired
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.numbers.noise import UNIT
from reference.architecture import Architecture, Leaf, Node
from reference.op import op_class

Spoil = Callable[[Array], Array]
UNITS = (64, 256, 1024, 4096)
WIDTHS = {"10⁵": (100, 1000), "10⁶": (1000, 1000)}  # of a gradient of so many entries


@dataclass
class Faulty:
    """A candidate that spoils one gradient of one network; remembers which, and by how much."""

    fault: Spoil
    turn: int
    network: Architecture
    name: str = "faulty"
    spoilt: str = ""
    size: float = 0.0

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Outputs and gradients, one of them wrong."""
        result = repaired()(architecture, leaves, cotangents)
        usable = [name for name, gradient in result.gradients.items() if np.any(gradient)]
        if not usable or architecture is not self.network:
            return result
        self.spoilt = usable[self.turn % len(usable)]
        right = result.gradients[self.spoilt]
        wrong = self.fault(right.copy())
        with np.errstate(all="ignore"):
            off, whole = (np.asarray(x, np.float64) for x in (wrong - right, right))
            self.size = float(np.linalg.norm(off) / np.linalg.norm(whole))
        return Result(result.outputs, {**result.gradients, self.spoilt: wrong})


@dataclass
class Row:
    """How often one fault was planted, could be seen, and was."""

    fault: str
    dtype: str
    spoilt: int = 0
    allowed: int = 0
    caught: int = 0

    def add(self, case: Case, fault: Spoil, turn: int = 0) -> None:
        """Judge a case."""
        candidate = Faulty(fault, turn, case.architecture)
        verdict = judge(case, candidate, sample=True, locate=False)
        limits = {each.name: each.detection_limit for each in verdict.tensors if each.role == "gradient"}
        if candidate.spoilt not in limits:
            return
        self.spoilt += 1
        if candidate.size > limits[candidate.spoilt]:
            self.allowed += 1
            self.caught += verdict.verdict.fails

    def __str__(self) -> str:
        return (
            f"{self.dtype}  {self.fault:28}  {self.spoilt:4} spoilt, {self.allowed:4} that the limit allows, "
            f"{self.caught:4} of these caught"
        )


def scaled(by: float) -> Spoil:
    """A fault that multiplies the whole tensor."""
    return lambda gradient: np.asarray(gradient * gradient.dtype.type(by))


def entry(change: Callable[[float], float]) -> Spoil:
    """A fault in the entry of median magnitude."""

    def spoil(gradient: Array) -> Array:
        flat = np.array(gradient, order="C").reshape(-1)
        middle = np.argsort(np.abs(flat))[flat.size // 2]
        flat[middle] = change(float(flat[middle]))
        return flat.reshape(gradient.shape)

    return spoil


ENTRY = {
    "sign": entry(lambda x: -x),
    "zero": entry(lambda x: 0.0),
    "× 1.5": entry(lambda x: 1.5 * x),
}


def small(options: argparse.Namespace) -> Iterator[Row]:
    """Faults in the tensors of drawn networks."""
    profile = load_profile(options.profile)
    for dtype, u in UNIT.items():
        faults = {f"× (1 + {units}u)": scaled(1 + units * u) for units in UNITS}
        faults |= {f"one entry, {name}": fault for name, fault in ENTRY.items()}
        for name, fault in faults.items():
            row = Row(name, dtype)
            for index in range(options.cases):
                row.add(draw_case(options.seed, dtype, index, profile), fault, index)
            yield row


def large(seed: int) -> Iterator[Row]:
    """Faults in single entries of large tensors."""
    for size, shape in WIDTHS.items():
        for dtype in UNIT:
            for name, fault in ENTRY.items():
                row = Row(f"one entry of {size}, {name}", dtype)
                for op in ("multiply", "linear"):
                    row.add(_wide(op, shape, dtype, seed), fault)
                yield row


def _wide(op: str, shape: tuple[int, int], dtype: str, seed: int) -> Case:
    """A network of one op whose first gradient has this shape: that of `linear` is its weight's."""
    rows, columns = shape
    shapes = {
        "multiply": ({"a": shape, "x": (columns,)}, shape),
        "linear": ({"a": shape, "x": (4, columns)}, (4, rows)),
    }[op]
    draw = np.random.Generator(np.random.Philox(key=seed))
    leaves = {name: draw.standard_normal(each).astype(dtype) for name, each in shapes[0].items()}
    y_bar = draw.standard_normal(shapes[1]).astype(dtype)
    network = Architecture(
        {name: Leaf("parameter", each) for name, each in shapes[0].items()},
        {"y": Node(op_class(op)(), ("x", "a") if op == "linear" else ("a", "x"))},
        ("y",),
    )
    layouts = dict.fromkeys((*leaves, "y"), "contiguous")
    return Case(network, dtype, leaves, {"y": y_bar}, layouts)


def main() -> None:
    """Print how many of the faults that could be seen get a failing verdict, by fault and dtype."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--profile", default="median-small")
    parser.add_argument("--large", action="store_true", help="single entries of large gradients, too")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the rows as JSON")
    options = parser.parse_args()
    single_thread()
    rows = []
    for part in (small(options), large(options.seed) if options.large else ()):
        for row in part:
            print(row, flush=True)
            rows.append(vars(row))
    if options.out is not None:
        told = {"seed": options.seed, "cases": options.cases, "profile": options.profile, "rows": rows}
        options.out.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
