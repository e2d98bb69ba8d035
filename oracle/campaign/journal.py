"""What a campaign has found so far, on the disk: nothing that was finished is lost.

    DIR/campaign.json                                   what was asked for, of which versions
    DIR/parts/000000064-000000128.5e3c….a90f….parquet   chunks 64 … 127 of that campaign

A part is written beside its place, down to the disk, and then renamed, so that a file under its name is
whole whatever ends the process; it is never written to again.  Its name ends in the hash of its bytes, so
that damage shows.  There is no index: the parts that are there and whole are the journal, and what a
campaign still has to do is the difference of ranges.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from oracle.campaign.account import Account
from oracle.campaign.header import HEADER, Header, JournalError, read_header
from oracle.campaign.part import Part, PartError, read
from oracle.campaign.resume import missing, overlaps

PARTS, RETIRED, PARTIAL = "parts", "parts.done", ".partial"
PART_NAME = re.compile(r"(\d{9,})-(\d{9,})\.[0-9a-f]{16}\.([0-9a-f]{16})\.parquet")


class Journal:
    """The parts of a campaign.

    Parameters
    ----------
    header : Header
        What the campaign is.
    folder : Path, optional
        Where the parts are kept; in memory by default.

    Attributes
    ----------
    parts : list of Part
        In the order of their chunks once `settle` was called.
    account : Account
        The sums over all of them.
    environment : dict
        Of the process that judged the campaign's first chunk, as far as it is there.
    damaged : list of str
        Names of files that are no whole parts; their chunks count as missing.
    """

    def __init__(self, header: Header, folder: Path | None = None) -> None:
        self.header = header
        self.folder = folder
        self.parts: list[Part] = []
        self.account = Account()
        self.environment: dict[str, Any] = {}
        self.damaged: list[str] = []
        self._identity = header.plan.identity
        self._lock: int | None = None

    def add(self, payload: bytes) -> Account:
        """Keep a part, and give its account.

        Raises
        ------
        JournalError
            If other versions made it than those that the campaign was begun with.
        OSError
            If the disk is full, or the folder cannot be written to.
        """
        part, account, environment = read(payload)
        self._check(part, "a worker")
        if self.folder is not None:
            chunks = f"{part.chunks.start:09}-{part.chunks.stop:09}"
            name = f"{chunks}.{part.identity[:16]}.{_hash(payload)}.parquet"
            write_durably(self.folder / PARTS / name, payload)
            part = replace(part, source=self.folder / PARTS / name)
        self._count(part, account, environment)
        return account

    def missing(self) -> list[range]:
        """Chunks that are still to be judged."""
        return missing(self.header.chunks, (part.chunks for part in self.parts))

    def kept(self) -> int:
        """Number of cases that will be found here: an interrupt may come between a part and its sums."""
        if self.folder is None:
            return self.account.cases
        names = filter(None, (PART_NAME.fullmatch(path.name) for path in (self.folder / PARTS).iterdir()))
        return sum(self.header.plan.sized(range(int(name[1]), int(name[2]))) for name in names)

    def settle(self) -> None:
        """Put parts, failing and poisoned cases in order."""
        self.parts.sort(key=lambda part: part.chunks.start)
        self.account.trim(self.header.plan.order)

    def close(self) -> None:
        """Let go of the folder; one in which nothing was kept is left as it was found."""
        if self._lock is not None and self.folder is not None:
            if not self.parts and not self.damaged:
                with contextlib.suppress(OSError):
                    (self.folder / PARTS).rmdir()
                    (self.folder / HEADER).unlink()
            os.close(self._lock)
            self._lock = None

    def begin(self) -> None:
        """Claim the folder, write its header where there is none, and read what is there.

        Raises
        ------
        JournalError
            If it holds another campaign, or another process is at work on it.
        """
        assert self.folder is not None
        (self.folder / PARTS).mkdir(exist_ok=True)
        self._lock = os.open(self.folder / PARTS, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"{self.folder}: another process is at work on this campaign") from None
        except OSError:
            pass  # a file system that knows no locks
        if not (self.folder / HEADER).exists():
            write_durably(self.folder / HEADER, json.dumps(self.header.record(), indent=1).encode() + b"\n")
        differs = self.header.against(read_header(self.folder))
        if differs:
            raise JournalError(f"{self.folder}: holds another campaign: {differs}; name another folder")
        for left in (self.folder / PARTS).glob(f"*{PARTIAL}"):
            left.unlink()
        self.load()

    def load(self) -> None:
        """Read the parts that are there.

        Raises
        ------
        JournalError
            If one belongs to another campaign, or two overlap.
        """
        assert self.folder is not None
        for path in sorted((self.folder / PARTS).iterdir()):
            name = PART_NAME.fullmatch(path.name)
            if not name:
                raise JournalError(f"{path}: is no part of a campaign; nothing is overwritten: move it away")
            if _hash(path.read_bytes()) != name[3]:
                self.damaged.append(path.name)
                continue
            try:
                part, account, environment = read(path)
            except PartError as error:
                raise JournalError(f"{path}: {error}") from None
            self._check(part, str(path))
            self._count(part, account, environment)
        for one, other in overlaps(part.chunks for part in self.parts):
            raise JournalError(
                f"{self.folder}: two parts hold chunk {other.start}: those from chunk {one.start} and from "
                f"{other.start}; remove one"
            )

    def _check(self, part: Part, whose: str) -> None:
        if part.identity != self._identity:
            raise JournalError(f"{whose}: belongs to another campaign ({part.identity[:16]}): move it away")
        for name, version in self.header.versions.items():
            if part.versions.get(name) != version:
                raise JournalError(
                    f"{whose}: judged with {name} {part.versions.get(name)}; the campaign was begun with "
                    f"{version}, and the two are not mixed"
                )

    def _count(self, part: Part, account: Account, environment: dict[str, Any]) -> None:
        # one text for all parts of a campaign of millions, not one for each
        self.parts.append(replace(part, identity=self._identity, versions=self.header.versions))
        self.account.merge(account)
        self.account.trim(self.header.plan.order)
        self.environment = environment or self.environment


def retire(folder: Path) -> None:
    """Remove the journal of a campaign whose report is written.

    One rename does it, so that no half of a journal is ever taken for a campaign.
    """
    (folder / PARTS).replace(folder / RETIRED)
    finish_retiring(folder)


def finish_retiring(folder: Path) -> None:
    """Remove what is left of a journal that was being removed."""
    retired = folder / RETIRED
    if retired.is_dir():
        (folder / HEADER).unlink(missing_ok=True)
        for path in retired.iterdir():
            path.unlink()
        retired.rmdir()


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is whole under its name, or not there, whatever ends the process."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path.parent)) from None


def _sync_folder(path: Path) -> None:
    """Bring names down to the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
