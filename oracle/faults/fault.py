"""What a class of fault is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from oracle.candidates.protocol import Candidate
from oracle.judge.verdict import Verdict

WRONG: Mapping[str, Verdict] = {
    "reference": Verdict.REFERENCE_WRONG,
    "candidate": Verdict.CANDIDATE_WRONG,
}
ANOTHER: Mapping[str, Verdict] = {
    "reference": Verdict.DEFINITION_DIFFERS,
    "candidate": Verdict.DEFINITION_DIFFERS,
}
FORWARD: Mapping[str, Verdict] = {  # of the reference, the rule no longer fits
    "reference": Verdict.REFERENCE_WRONG,
    "candidate": Verdict.DEFINITION_DIFFERS,
}


@dataclass(frozen=True)
class Site:
    """Where a fault is planted.

    Parameters
    ----------
    op : str
        In all nodes of this op.
    dtype : {"float32", "float64"}
        The dtype of the cases: what is small there.
    """

    op: str
    dtype: str


class Twins(NamedTuple):
    """A candidate with a fault, and one that is the same without it, to the last bit."""

    wrong: Candidate
    right: Candidate


class Fault:
    """A class of fault.

    Attributes
    ----------
    name : str
        Its file's.
    verdicts : mapping of str to Verdict
        What the judge must say, by the side in which it is planted.
    profile : str
        What is drawn to find it.
    whole : bool
        Whether it is one of the network and of no node by itself: then no node is guilty.
    """

    name: ClassVar[str]
    verdicts: ClassVar[Mapping[str, Verdict]] = WRONG
    profile: ClassVar[str] = "median-small"
    whole: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.name = cls.__module__.rpartition(".")[2]

    def concerns(self, op: str) -> bool:
        """Whether the op can have it."""
        return True

    def reference(self, site: Site) -> AbstractContextManager[None]:
        """Have the reference wrong while this lasts, in every number system that it runs on."""
        raise NotImplementedError

    def candidate(self, site: Site) -> Twins:
        """Torch with the fault, and without it."""
        raise NotImplementedError


@contextmanager
def exchanged(owner: object, **values: Any) -> Iterator[None]:
    """Put other values in the place of attributes while this lasts; what was inherited is again."""
    before = {name: vars(owner)[name] for name in values if name in vars(owner)}
    for name, value in values.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name in values:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)
