"""What a finding covers: conditions on a shrunk case, written as JSON.

A condition is `[subject, relation, value]`, and all of a finding's conditions must hold.  Those marked * must
hold in the case that it was shrunk from, too: else another fault of the op could slide into a known one while
it gets smaller.

    ["attribute approximate", "==", "tanh"]    * an attribute of the guilty op
    ["dtype", "==", "float32"]                 * dtype of the case
    ["error", "<=", 4]                         * largest error: times unit roundoff times largest cotangent
    ["slope", "==", 0]                         * what is off is the cotangent times this, to the last bit
    ["gives", "==", "cotangent * (x - target)"]  * what is off is this formula, but for rounding
    ["at z", ">", 1]                           * where it is off, entries of z are, or those of a formula
    ["tensor", "in", ["gradient x", "output 0"]] the tensor that fails
    ["values z", "holds", 0]                     some entry is 0; "nan" and "inf" are values, too
    ["values z", ">", 1]                         all entries are
    ["size z", ">=", 3]                          number of entries
    ["layout z", "!=", "contiguous"]             memory layout
    ["ops", "==", ["sigmoid", "add"]]            ops of the network, in order
    ["message", "holds", "invalid for input"]    what an error says, without its numbers

Arguments are those of the guilty op, by the names of its leaves in the shrunk case; of a network, each node
of that op is asked alone.  `error`, `slope`, `gives` and `at` are asked of a single node, and what is asked
has a number for every entry of the gradient (`oracle.findings.deviation`).  They do not hold where nothing is
off: a candidate that agrees when it is asked again shows nothing.  Formulas
(`oracle.findings.formula`) know the arguments, attributes that are numbers (NaN where they are left out), the
`cotangent` of an op that is elementwise but for a reduction at its end, what is `expected` and what the
candidate has `got`, the first `output`, `nan`, the smallest normal number `tiny`, the `unit` roundoff, and
`mean`, over what is normalised, or over everything for a tensor of another shape than `x`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from oracle.findings.deviation import Exhibit
from oracle.findings.formula import FormulaError, formula

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LARGEST = 2**1024  # beyond what a float holds
RELATIONS = ("==", "!=", "in", "holds", *_ORDERED)
ALONE = ("tensor", "dtype", "ops", "message", "error", "slope", "gives")  # subjects without an argument
NAMED = ("attribute", "values", "size", "layout", "at")  # subjects with one
TEXTS = ("tensor", "dtype", "message", "layout")  # what is a text
DEVIATES = ("error", "slope", "gives", "at")  # of what is off, and not so where nothing is
LASTING = ("attribute", "dtype", *DEVIATES)  # what must hold before anything is shrunk


class PredicateError(ValueError):
    """Conditions that are none; the message is one line."""


class Condition(NamedTuple):
    """One condition: `subject` stands in `relation` to `value`."""

    subject: str
    relation: str
    value: Any

    @property
    def lasts(self) -> bool:
        """Whether it must hold in the case that was shrunk, too."""
        return self.subject.partition(" ")[0] in LASTING

    def holds(self, shown: Exhibit) -> bool:
        """Whether a case that shows a failure fulfils it; what it does not have, it does not."""
        what, _, name = self.subject.partition(" ")
        if what in DEVIATES and not (shown.deviation and shown.deviation.off.any()):
            return False
        if what in ("values", "at"):
            array = _array(what, name, shown)
            return array is not None and _entries(array, self.relation, self.value)
        if what in ("slope", "gives"):
            off = shown.deviation
            is_so = off and (off.has_slope if what == "slope" else off.gives)
            return bool(is_so and any(is_so(each) for each in _listed(self.value)))
        found = _found(what, name, shown)
        if found is None and what != "attribute":
            return False
        return _related(found, self.relation, self.value)


def read(value: object) -> tuple[Condition, ...]:
    """Read conditions from JSON values.

    Raises
    ------
    PredicateError
        If they are none; the op's name alone is no predicate.
    """
    if not isinstance(value, list) or not value:
        raise PredicateError("match: needs a list of conditions; the op's name alone excuses nothing")
    return tuple(_condition(entry) for entry in value)


def _condition(entry: object) -> Condition:
    if not isinstance(entry, list) or len(entry) != 3 or not all(isinstance(text, str) for text in entry[:2]):
        raise PredicateError("match: a condition is [subject, relation, value]")
    what, space, name = entry[0].partition(" ")
    public = name.isidentifier() and not name.startswith("_")
    if not (what in NAMED and (public or what == "at")) and not (what in ALONE and not space):
        raise PredicateError(f"match: {entry[0][:60]!r} is no subject; one of {', '.join((*ALONE, *NAMED))}")
    if entry[1] not in RELATIONS:
        raise PredicateError(f"match: {entry[1][:20]!r} is no relation; one of {', '.join(RELATIONS)}")
    if entry[1] == "in" and not isinstance(entry[2], list):
        raise PredicateError(f"match: {entry[0]} in: needs a list")
    if what in TEXTS and not all(isinstance(each, str) for each in _listed(entry[2])):
        raise PredicateError(f"match: {entry[0]} {entry[1]}: needs a text, or a list of them")
    if entry[1] in _ORDERED and not (_numbers(entry[2]) and not isinstance(entry[2], list)):
        raise PredicateError(f"match: {entry[0]} {entry[1]}: needs a number")
    if what == "slope" and (entry[1] not in ("==", "in") or not _numbers(entry[2])):
        raise PredicateError("match: slope: is == a number, or in a list of them")
    if what in ("values", "at") and not _numbers(entry[2], ("nan", "inf", "-inf")):
        raise PredicateError(f"match: {entry[0]} {entry[1]}: needs a number, or a list of them")
    texts = bool(_listed(entry[2])) and all(isinstance(each, str) for each in _listed(entry[2]))
    if what == "gives" and not (entry[1] in ("==", "in") and texts):
        raise PredicateError("match: gives: is == a formula, or in a list of them")
    try:
        for each in [name] * (what == "at") + _listed(entry[2]) * (what == "gives"):
            formula(each)
    except FormulaError as error:
        raise PredicateError(f"match: {what}: {error}") from None
    return Condition(*entry)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _numbers(value: Any, words: tuple[str, ...] = ()) -> bool:
    """Whether it is a number or a list of some, each of which a float can hold; or one of these words."""
    each = _listed(value)
    return bool(each) and all(
        (type(one) in (int, float) and abs(one) < LARGEST) or (isinstance(one, str) and one in words)
        for one in each
    )


def _array(what: str, name: str, shown: Exhibit) -> Any:
    """The entries of an argument that a condition speaks of."""
    if what == "values":
        return shown.case.leaves.get(name)
    return shown.deviation and shown.deviation.at(name)


def _found(what: str, name: str, shown: Exhibit) -> Any:
    case, failure, network = shown.case, shown.failure, shown.case.architecture
    match what:
        case "attribute":
            nodes = (network.nodes[node].op for node in network.order)
            op = next((op for op in nodes if op.name == failure.op or not failure.op), None)
            value = getattr(op, name, None)
            return list(value) if isinstance(value, tuple) else value
        case "size":
            return int(case.leaves[name].size) if name in case.leaves else None
        case "layout":
            return case.layouts.get(name)
        case "error":
            return shown.deviation and shown.deviation.error
        case "tensor":
            return failure.tensor
        case "dtype":
            return case.dtype
        case "ops":
            return [network.nodes[node].op.name for node in network.order]
        case _:
            return failure.kind


def _related(found: Any, relation: str, value: Any) -> bool:
    match relation:
        case "==":
            return bool(found == value)
        case "!=":
            return bool(found != value)
        case "in":
            return found in value
        case "holds":
            texts = isinstance(found, str) and isinstance(value, str)
            return (texts or isinstance(found, list)) and value in found
        case _:
            number = isinstance(found, int | float) and not isinstance(found, bool)
            return number and _ORDERED[relation](found, value)


def _entries(array: Any, relation: str, value: Any) -> bool:
    """`holds` asks for one entry, every other relation for all."""
    flat = np.asarray(array, np.float64).ravel()
    wanted = [float(each) for each in (value if isinstance(value, list) else [value])]
    same = np.zeros(flat.shape, bool)
    for number in wanted:
        same |= np.isnan(flat) if math.isnan(number) else flat == number
    if relation == "holds":
        return bool(same.any())
    if relation in ("==", "in"):
        return bool(same.all())
    if relation == "!=":
        return not same.any()
    return bool(np.all([_ORDERED[relation](entry, wanted[0]) for entry in flat]))
