"""What a campaign is: inputs, and the identities of inputs and of outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.generate.cases import GENERATOR_VERSION
from oracle.generate.profile import load_profile
from reference.op import op_names

CHUNK = 32  # cases of one dtype: a leaf of the Merkle tree; a task holds one or more of them
CERTIFY = 0.01  # share of agreeing cases whose truth is enclosed
_GOLDEN = 2654435769  # 2³² / golden ratio


@dataclass(frozen=True)
class Plan:
    """The inputs of a campaign.

    Parameters
    ----------
    seed : int
        Seed of all draws.
    cases : int
        Number of cases of each dtype.
    dtypes : tuple of str
        Dtypes, in order.
    profile : str
        Name of the profile.
    ops : tuple of str
        Ops to feature; empty for all.
    certify : float
        Share of the cases, 0 … 1, whose truth is enclosed though both sides agree.

    Notes
    -----
    Dtypes and ops are put into one order, so that plans with equal identities draw equal cases.
    """

    seed: int = 0
    cases: int = 1000
    dtypes: tuple[str, ...] = ("float64", "float32")
    profile: str = "default"
    ops: tuple[str, ...] = ()
    certify: float = CERTIFY

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtypes", tuple(sorted(set(self.dtypes), reverse=True)))
        object.__setattr__(self, "ops", tuple(sorted(set(self.ops))))

    @property
    def asked(self) -> tuple[str, ...]:
        """The ops that cases feature, and that the gate's floors are asked of."""
        return self.ops or op_names()

    @property
    def requested(self) -> int:
        """Number of cases of all dtypes together."""
        return self.cases * len(self.dtypes)

    @property
    def units(self) -> int:
        """Number of chunks."""
        return -(-self.cases // CHUNK) * len(self.dtypes)

    def record(self) -> dict[str, Any]:
        """Everything that decides which cases are drawn, and what is asked of each, as JSON values."""
        return {
            "seed": self.seed,
            "range": [0, self.cases],
            "generator": GENERATOR_VERSION,
            "ops": list(self.asked),
            "all_ops": list(op_names()),
            "dtypes": list(self.dtypes),
            "profile": load_profile(self.profile).identity,
            "certify": self.certify,
        }

    @property
    def identity(self) -> str:
        """SHA-256 over everything that decides which cases are drawn, and what is asked of each."""
        text = json.dumps(self.record(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def certifies(self, index: int) -> bool:
        """Whether the truth of this case is enclosed though both sides agree.

        The multiples of the golden ratio, modulo 1, are spread evenly however few of them are taken.
        """
        return index * _GOLDEN % 2**32 < self.certify * 2**32

    def chunk(self, number: int) -> tuple[str, range]:
        """Dtype and indices of a chunk, 0 … units − 1; the dtypes take turns."""
        row, turn = divmod(number, len(self.dtypes))
        return self.dtypes[turn], range(row * CHUNK, min((row + 1) * CHUNK, self.cases))

    def order(self, case_id: str) -> tuple[int, int, int]:
        """Sort key of a case: its row of chunks, its dtype's turn, its index."""
        dtype, _, index = case_id.partition("/")
        return int(index) // CHUNK, self.dtypes.index(dtype), int(index)

    def sized(self, chunks: range) -> int:
        """Number of cases of some consecutive chunks."""
        short = -self.cases % CHUNK  # what the chunks of the last row lack
        last_row = max(0, chunks.stop - max(chunks.start, self.units - len(self.dtypes)))
        return len(chunks) * CHUNK - last_row * short


def chunk_hash(outcomes: Iterable[tuple[str, str, str]]) -> bytes:
    """Hash of the (case id, verdict, guilty op) of one chunk, in order."""
    lines = "".join(f"{case}\t{verdict}\t{op}\n" for case, verdict, op in outcomes)
    return hashlib.sha256(b"\0" + lines.encode()).digest()


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Root of a binary Merkle tree, in hexadecimal.

    An odd node is carried up unchanged; inner nodes are hashed with another prefix than leaves, so that
    neither can be passed off as the other.

    Source: R. Merkle, "A digital signature based on a conventional encryption function" (1987); the
    prefixes are those of RFC 6962, §2.1.
    """
    level = list(leaves) or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [
            pair[0] if len(pair) == 1 else hashlib.sha256(b"\1" + b"".join(pair)).digest() for pair in pairs
        ]
    return level[0].hex()
