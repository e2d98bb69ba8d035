"""What the folder of a campaign says of it: `campaign.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oracle.campaign.plan import Plan
from oracle.campaign.resume import shard

FORMAT = "backprop-oracle campaign 1"
HEADER = "campaign.json"


class JournalError(ValueError):
    """A journal that cannot be gone on with; the message is one line."""


@dataclass(frozen=True)
class Header:
    """What a campaign's folder says of it.

    Parameters
    ----------
    plan : Plan
        What was asked for.
    versions : dict
        Of Python, the packages and the source: parts of others are not mixed in.
    candidate : str
        Name of what is put beside the reference.
    shard : tuple of (int, int)
        Which shard k of how many, 1 ≤ k ≤ N.
    """

    plan: Plan
    versions: dict[str, str]
    candidate: str = "torch.autograd"
    shard: tuple[int, int] = (1, 1)

    @property
    def chunks(self) -> range:
        """The chunks that this folder is for."""
        return shard(self.plan.units, *self.shard)

    @property
    def told(self) -> str:
        """Name of the shard, as the user gave it."""
        return f"{self.shard[0]}/{self.shard[1]}"

    def record(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {**asdict(self), "format": FORMAT, "identity": self.plan.identity}

    def against(self, other: Header) -> str:
        """How this one differs from another: empty where a journal of either is one of both."""
        mine, theirs = self.record(), other.record()
        for name in ("plan", "versions"):
            mine |= mine.pop(name)
            theirs |= theirs.pop(name)
        named = [key for key in mine if key != "identity" and mine[key] != theirs.get(key)]
        return ", ".join(f"{key} {_short(theirs.get(key))}, not {_short(mine[key])}" for key in named)


def read_header(folder: Path) -> Header:
    """The header of the campaign in a folder.

    Raises
    ------
    JournalError
        If there is none.
    """
    path = folder / HEADER
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.pop("format") != FORMAT:
            raise JournalError(f"{path}: its format is not {FORMAT!r}")
        plan = record["plan"]
        for name in ("dtypes", "ops"):
            plan[name] = tuple(plan[name])
        header = Header(Plan(**plan), record["versions"], record["candidate"], tuple(record["shard"]))
        identity = record["identity"]
    except FileNotFoundError:
        raise JournalError(f"{folder}: holds no campaign: {HEADER} is missing") from None
    except JournalError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise JournalError(
            f"{path}: not the header of a campaign ({type(error).__name__}); name another folder"
        ) from None
    if header.plan.identity != identity:
        raise JournalError(f"{folder}: begun with another generator, profile or set of ops; start afresh")
    return header


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "…"
