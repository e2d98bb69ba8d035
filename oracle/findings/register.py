"""The register of findings: a folder with a file for each, read with suspicion.

`reports/findings/<id>.json` holds the smallest case, what it shows, what it covers, the certificate, and the
versions of torch that show it.  A finding excuses a failing case whose *shrunk* case fulfils its conditions,
and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle.candidates.protocol import Candidate
from oracle.case import MAX_FILE, Case, CaseError, dumps, loads
from oracle.findings import predicate
from oracle.findings.deviation import Exhibit
from oracle.findings.predicate import Condition, PredicateError
from oracle.judge.judge import judge
from oracle.judge.verdict import FAILING, CaseVerdict, Verdict
from oracle.shrink.failure import failures
from reference import strict_json

FORMAT = "backprop-oracle finding 1"
INSTALLED = (
    Path(__file__).parent / "registered"
)  # where a wheel has what the sources have in reports/findings
OURS = not INSTALLED.is_dir()  # to be written to
FOLDER = Path(__file__).parents[2] / "reports/findings" if OURS else INSTALLED
SHIPPED = "shipped"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
ADDRESS = re.compile(r"https?://[!-~]+")
VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*")
_TEXTS = ("id", "title", "op", "verdict", "side", "issue", "text")
_PROOF = ("role", "name", "entry", "truth", "reference", "candidate", "reference_hex", "candidate_hex",
          "precision", "witness")  # fmt: skip
_KEYS = {"format", "match", "case", "certificate", "torch", *_TEXTS}


class FindingError(ValueError):
    """A file that is no finding; the message is one line."""


@dataclass(frozen=True)
class Finding:
    """A registered disagreement.

    Parameters
    ----------
    id, title : str
        File name, and one line that says what is wrong.
    op, verdict, side : str
        What its case shows; see `oracle.shrink.failure.Failure`.
    match : tuple of Condition
        What it covers.
    case : Case
        The smallest case.
    certificate : mapping
        The proof; empty for an error.
    torch : tuple of str
        Versions of torch that show it.
    issue : str
        Address of the report to torch's maintainers; empty while there is none.
    text : str
        What torch documents, what it does, and why that is wrong: Markdown.
    """

    id: str
    title: str
    op: str
    verdict: Verdict
    side: str
    match: tuple[Condition, ...]
    case: Case
    certificate: Mapping[str, Any] = field(default_factory=dict)
    torch: tuple[str, ...] = ()
    issue: str = ""
    text: str = ""

    def covers(self, shown: Exhibit, start: Exhibit | None = None) -> bool:
        """Whether a shrunk case that shows a failure is one of this finding.

        Parameters
        ----------
        shown : Exhibit
            The shrunk case, and what it shows.
        start : Exhibit, optional
            What it was shrunk from: conditions that last must hold there, too.
        """
        told = shown.failure
        same = (told.op, told.verdict, told.side) == (self.op, self.verdict, self.side)
        lasting = [condition for condition in self.match if condition.lasts]
        asked = [(self.match, shown), *([(lasting, start)] if start else [])]
        return same and all(
            condition.holds(each)
            for conditions, exhibit in asked
            for each in exhibit.focused
            for condition in conditions
        )

    def shown_by(self, candidate: Candidate) -> CaseVerdict | None:
        """The verdict on its case, if that still shows it."""
        said = judge(self.case, candidate, sample=True)
        alone = judge(self.case, candidate, sample=False, locate=False)
        told = (*failures(self.case, said), *failures(self.case, alone))
        shown = any(self.covers(Exhibit(self.case, failure, candidate)) for failure in told)
        return said if shown else None

    def dumps(self) -> str:
        """The finding as JSON text."""
        record = {
            **{name: getattr(self, name) for name in ("id", "title", "op", "side", "issue", "text")},
            "format": FORMAT,
            "verdict": self.verdict.value,
            "match": [list(condition) for condition in self.match],
            "case": json.loads(dumps(self.case)),
            "certificate": dict(self.certificate),
            "torch": list(self.torch),
        }
        return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


@dataclass(frozen=True)
class Register:
    """What a campaign's disagreements are looked up in.

    Parameters
    ----------
    name : str
        `SHIPPED`, or the folder that a user named.
    findings : tuple of Finding
        By id.
    """

    name: str = SHIPPED
    findings: tuple[Finding, ...] = ()

    @property
    def identity(self) -> str:
        """SHA-256 over the files of all findings."""
        return hashlib.sha256("".join(finding.dumps() for finding in self.findings).encode()).hexdigest()


def load(folder: Path = FOLDER) -> list[Finding]:
    """All findings of a folder, by id.

    Raises
    ------
    FindingError
        If there is no folder that can be read, or a file is no finding.
    """
    return [read(path) for path in held(folder) if path.suffix == ".json"]


def held(folder: Path) -> list[Path]:
    """What is in a folder, by name; `glob` finds nothing where it may not read, and says so nowhere.

    Raises
    ------
    FindingError
        If there is no folder, or it cannot be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise FindingError(f"{folder}: {error.strerror}") from None


def read(path: Path) -> Finding:
    """Read a finding.

    Raises
    ------
    FindingError
        If the file is none.
    """
    try:
        finding = parsed(strict_json.text_of(path, MAX_FILE))
        if finding.id != path.stem:
            raise FindingError(f"id is {finding.id!r}, and the file is called {path.stem}")
    except (OSError, ValueError) as error:
        raise FindingError(f"{path}: {' '.join(str(error).split())[:300]}") from None
    return finding


def parsed(text: str) -> Finding:
    """Read a finding from JSON text.

    Raises
    ------
    FindingError
        If it is none.
    """
    try:
        record = strict_json.loads(text)
    except ValueError as error:
        raise FindingError(str(error)) from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FindingError(f"not a finding: needs an object whose format is {FORMAT!r}")
    if record.keys() != _KEYS:
        raise FindingError(f"needs the keys {', '.join(sorted(_KEYS))} and no others")
    if not all(isinstance(record[name], str) for name in _TEXTS) or not ID.fullmatch(record["id"]):
        raise FindingError(f"{', '.join(_TEXTS)} are texts, and id consists of a-z, 0-9 and -")
    if record["verdict"] not in FAILING:
        raise FindingError("verdict: needs one that fails the gate")
    if not _is_certificate(record["certificate"]):
        raise FindingError(f"certificate: needs an object with {', '.join(_PROOF)}, or an empty one")
    if not record["title"].isprintable():
        raise FindingError("title: needs one line")
    if record["issue"] and not ADDRESS.fullmatch(record["issue"]):
        raise FindingError("issue: needs an address that begins with http:// or https://, or none")
    versions = record["torch"]
    if not isinstance(versions, list) or not versions or not all(map(_is_version, versions)):
        raise FindingError("torch: needs a list of versions that show it")
    try:
        case, match = loads(json.dumps(record["case"])), predicate.read(record["match"])
    except (CaseError, PredicateError) as error:
        raise FindingError(str(error)) from None
    plain = {name: record[name] for name in (*_TEXTS, "certificate")}
    return Finding(**{**plain, "verdict": Verdict(record["verdict"]), "match": match, "case": case,
                      "torch": tuple(versions)})  # fmt: skip


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and VERSION.fullmatch(value) is not None


def _is_certificate(value: Any) -> bool:
    """Whether it is what `oracle.judge.certificate` gives, of a case and perhaps of a node; or empty."""
    if not isinstance(value, dict):
        return False
    whole = {key: each for key, each in value.items() if key != "node"}
    known = whole.keys() == set(_PROOF) and all(isinstance(whole[key], str | int | list) for key in whole)
    return (known or not whole) and ("node" not in value or _is_certificate(value["node"]))


def torch_version() -> str:
    """The installed version of torch, without what says how it was built."""
    import torch

    return str(torch.__version__).partition("+")[0]


def stale(findings: Iterable[Finding], candidate: Candidate) -> list[Finding]:
    """Findings that say that this version of torch shows them, and it does not."""
    here = torch_version()
    return [finding for finding in findings if here in finding.torch and not finding.shown_by(candidate)]
