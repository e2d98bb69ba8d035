"""What the judge catches and what it lets pass: `python -m bench.power`.

Each case is judged with a candidate that is torch.autograd but for one fault in one gradient tensor,
chosen by the case's index.  Tensors that are exactly zero are left out: scaling them changes nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from oracle.campaign.cases import single_thread
from oracle.candidates.protocol import Array, Result
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.verdict import Verdict
from oracle.numbers.noise import UNIT
from reference.architecture import Architecture


@dataclass
class Faulty:
    """A candidate that spoils one gradient of another one; remembers which."""

    fault: Callable[[Array], Array]
    turn: int
    name: str = "faulty"
    spoilt: str = ""

    def __call__(
        self, architecture: Architecture, leaves: Mapping[str, Array], cotangents: Mapping[str, Array]
    ) -> Result:
        """Outputs and gradients, one of them wrong."""
        result = TorchAutograd()(architecture, leaves, cotangents)
        usable = [name for name, gradient in result.gradients.items() if np.any(gradient)]
        if not usable:
            return result
        self.spoilt = usable[self.turn % len(usable)]
        wrong = self.fault(result.gradients[self.spoilt].copy())
        return Result(result.outputs, {**result.gradients, self.spoilt: wrong})


def scaled(by: float) -> Callable[[Array], Array]:
    """A fault that multiplies the whole tensor."""
    return lambda gradient: np.asarray(gradient * gradient.dtype.type(by))


def entry(change: Callable[[float], float]) -> Callable[[Array], Array]:
    """A fault in the entry of median magnitude."""

    def spoil(gradient: Array) -> Array:
        flat = np.ascontiguousarray(gradient).reshape(-1)
        middle = np.argsort(np.abs(flat))[flat.size // 2]
        flat[middle] = change(float(flat[middle]))
        return flat.reshape(gradient.shape)

    return spoil


def main() -> None:
    """Print the share of faults that get a failing verdict, by fault and dtype."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--profile", default="median-small")
    options = parser.parse_args()
    single_thread()
    for dtype, u in UNIT.items():
        faults = {f"× (1 + {2**k}u)": scaled(1 + 2**k * u) for k in range(4, 17, 2)}
        faults |= {
            "one entry, sign": entry(lambda x: -x),
            "one entry, zero": entry(lambda x: 0.0),
            "one entry, × 1.5": entry(lambda x: 1.5 * x),
        }
        for name, fault in faults.items():
            caught, spoilt, evident = 0, 0, 0
            for index in range(options.cases):
                candidate = Faulty(fault, index)
                case = draw_case(options.seed, dtype, index, load_profile(options.profile))
                verdict = judge(case, candidate)
                if candidate.spoilt:
                    spoilt += 1
                    caught += verdict.verdict.fails
                    evident += any(
                        t.name == candidate.spoilt and t.verdict not in (Verdict.UNDECIDED, Verdict.VACUOUS)
                        for t in verdict.tensors
                    )
            print(
                f"{dtype}  {name:18}  caught {caught:4} of {spoilt}, {evident} of them decidable", flush=True
            )


if __name__ == "__main__":
    main()
