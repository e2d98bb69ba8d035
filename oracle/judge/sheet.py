"""The judge's sheet: what has been found of each tensor, and the verdict on the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oracle.case import Case
from oracle.judge.compare import Errors, Key
from oracle.judge.truth import Finding
from oracle.judge.verdict import STEPS, CaseVerdict, TensorVerdict, Verdict

_COST = {step: place for place, step in enumerate(STEPS)}

_ZERO = "both sides exactly zero; not proved"


class Sheet:
    """One case's tensors, and what was found of each.

    Parameters
    ----------
    case : Case
        The case that is judged.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.found: dict[Key, TensorVerdict] = {}
        self.incomparable: set[Key] = set()
        self.refuted: set[Key] = set()
        self.straddled = 0
        self.loose = False
        self.certified = False
        self._users: dict[str, tuple[int, str]] = {}  # the first
        for place, name in enumerate(case.architecture.order):
            node = case.architecture.nodes[name]
            for wire in node.inputs:
                if wire is not None and wire in case.architecture.leaves:
                    self._users.setdefault(wire, (place, node.op.name))

    def write(self, key: Key, verdict: Verdict, step: str, reason: str = "", elements: int = 0) -> None:
        """Put down a tensor that cannot be measured."""
        self.incomparable.add(key)
        self.found[key] = TensorVerdict(key[1], key[0], self._op(key), elements, verdict, step, reason=reason)

    def measured(
        self, keys: Sequence[Key], elements: Sequence[int], errors: Errors, passed: NDArray[np.bool_]
    ) -> None:
        """Put down tensors that were measured; one that did not pass the screen waits as `undecided`."""
        columns = (errors.largest, errors.largest_error, errors.ulps(self.case.dtype), passed)
        measures = zip(*(column.tolist() for column in columns), strict=True)
        for key, count, (largest, error, ulps, agrees) in zip(keys, elements, measures, strict=True):
            verdict, reason = (Verdict.AGREE, "") if agrees else (Verdict.UNDECIDED, "beyond the screen")
            if not count:
                verdict, reason = Verdict.VACUOUS, "empty"
            elif largest == error == 0:
                verdict, reason = Verdict.UNDECIDED, _ZERO
            self.found[key] = TensorVerdict(
                key[1], key[0], self._op(key), count, verdict, "screen", ulps, reason=reason
            )

    def says_zero(self, key: Key) -> bool:
        """Whether both sides say exactly zero, and nobody has proved it yet."""
        return self.found[key].reason == _ZERO

    def drowns(self, key: Key) -> bool:
        """Whether a tensor agrees, but rounding could hide as much as all of it."""
        tensor = self.found[key]
        return tensor.verdict is Verdict.AGREE and tensor.detection_limit > 1

    def amend(self, key: Key, finding: Finding) -> None:
        """Put a later step's finding in place of an earlier one's."""
        self.found[key] = replace(self.found[key], **finding._asdict())

    def accuracy(self, key: Key, reference: float, candidate: float) -> None:
        """Note how far either side is off the certified truth, in ulps."""
        self.found[key] = replace(self.found[key], reference_ulp=reference, candidate_ulp=candidate)

    def worst(self) -> Key:
        """The tensor whose verdict is the case's."""
        least = min(tensor.verdict.severity for tensor in self.found.values())
        alike = [key for key, tensor in self.found.items() if tensor.verdict.severity == least]
        return min(alike, key=self._distance)

    def limit(self, key: Key, detection_limit: float) -> None:
        """Note a tensor's detection limit."""
        self.found[key] = replace(self.found[key], detection_limit=detection_limit)

    def verdict(self, seconds: dict[str, float]) -> CaseVerdict:
        """The verdict on the case: that of its worst tensor."""
        tensors = tuple(self.found.values())
        key = self.worst()
        worst = self.found[key]
        agree = worst.verdict is Verdict.AGREE
        step = max((t.step for t in tensors), key=_COST.__getitem__) if agree else worst.step
        reason = f"{worst.role} {worst.name}: {worst.reason}" if worst.reason else ""
        op = "" if agree else worst.op
        return CaseVerdict(
            self.case.case_id,
            worst.verdict,
            op,
            step,
            tensors,
            reason,
            certified=self.certified,
            straddled=self.straddled,
            loose_screen=self.loose,
            seconds=seconds,
            refuted=key in self.refuted,
        )

    @property
    def fails(self) -> bool:
        """Whether a tensor has a verdict that fails the gate."""
        return any(tensor.verdict.fails for tensor in self.found.values())

    def excuse(self, reasons: Mapping[Key, str], unless: Sequence[Verdict] = ()) -> None:
        """Leave undecided what differs, but for a reason that is no fault; a rule that is refuted stays so.

        Parameters
        ----------
        reasons : mapping of (str, str) to str
            By tensor.
        unless : sequence of Verdict
            Verdicts for which these are no excuse.
        """
        for key in reasons.keys() & self.found.keys() - self.refuted - self.incomparable:
            said = self.found[key]
            if said.verdict.fails and said.verdict not in unless:
                self.amend(key, Finding(Verdict.UNDECIDED, said.step, reasons[key]))

    def both_off(self, keys: Sequence[Key]) -> list[Key]:
        """Leave undecided where the sides agree and are off the truth, though no rule is refuted.

        It is the arithmetic that has another result, for both alike: by a decision, or by an overflow.
        """
        why = "the sides agree and are both off the truth: rounding or an overflow decided it for both"
        off = [
            key
            for key in keys
            if self.found[key].verdict is Verdict.REFERENCE_WRONG and key not in self.refuted
        ]
        for key in off:
            self.amend(key, Finding(Verdict.UNDECIDED, "truth", why))
        return off

    def raised(self, reason: str, seconds: dict[str, float], notes: Sequence[str] = ()) -> CaseVerdict:
        """The verdict on a case that a side did not compute: at the node that is noted, else at the last."""
        network = self.case.architecture
        nodes = [note for note in notes if note in network.nodes]
        op = network.nodes[[*nodes, network.order[-1]][0]].op.name
        return CaseVerdict(self.case.case_id, Verdict.ERROR, op, "structure", (), reason, seconds=seconds)

    def _distance(self, key: Key) -> int:
        """How far from the fault a failing tensor is likely to be.

        An error spreads forward in the outputs and backward in the gradients, so the earliest output,
        or the gradient of the leaf that enters last, is nearest to it.
        """
        order = self.case.architecture.order
        role, name = key
        if role == "output":
            node = str(name).partition(":")[0]
            return order.index(node) if node in order else 0
        return len(order) - self._users.get(name, (0, ""))[0]

    def _op(self, key: Key) -> str:
        """The op that an output leaves, or the first one that a leaf feeds."""
        role, name = key
        if role == "output":
            node = self.case.architecture.nodes.get(str(name).partition(":")[0])
            return node.op.name if node else ""
        return self._users.get(name, (0, ""))[1]
