"""Join the shards of a campaign into the outcome that one run would have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oracle.campaign.header import Header, JournalError, read_header
from oracle.campaign.journal import Journal
from oracle.campaign.outcome import Outcome, outcome_of


def join(folders: Sequence[Path]) -> Outcome:
    """The outcome of a whole campaign from the folders of its shards.

    Raises
    ------
    JournalError
        If a shard is missing, unfinished, there twice, or of another campaign; it is named.
    """
    headers = [(folder, read_header(folder)) for folder in folders]
    first, its = headers[0]
    for folder, header in headers[1:]:
        differs = replace(its, shard=header.shard).against(header)
        if differs:
            raise JournalError(f"{folder}: not of the campaign of {first}: {differs}")
    _all_there(headers)
    journals = [_journal(folder, header) for folder, header in headers]
    whole = Journal(replace(its, shard=(1, 1)))
    for journal in journals:
        whole.parts += journal.parts
        whole.account.merge(journal.account)
        whole.environment = whole.environment or journal.environment
    whole.settle()
    return outcome_of(whole, jobs=len(journals))


def _all_there(headers: Sequence[tuple[Path, Header]]) -> None:
    first, of = headers[0][0], headers[0][1].shard[1]
    found: dict[int, Path] = {}
    for folder, header in headers:
        number, its = header.shard
        if its != of:
            raise JournalError(f"{folder}: is shard {header.told}; {first} is one of {of}")
        if number in found:
            raise JournalError(f"{folder}: shard {header.told} is there twice: in {found[number]}, too")
        found[number] = folder
    lacking = [f"{number}/{of}" for number in range(1, of + 1) if number not in found]
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise JournalError(f"shard {', '.join(lacking[:5])}{more} is missing")


def _journal(folder: Path, header: Header) -> Journal:
    journal = Journal(header, folder)
    journal.load()
    gaps = journal.missing()
    if gaps:
        why = f" ({', '.join(journal.damaged)} damaged)" if journal.damaged else ""
        raise JournalError(
            f"{folder}: shard {header.told} lacks {sum(map(len, gaps))} of its {len(header.chunks)} "
            f"chunks{why}: go on with it by --resume"
        )
    return journal
