"""Observed findings: deviations of torch that no campaign draws, or that change from run to run.

A campaign cannot hold them: a case that torch answers out of memory that is not its own fails today and
agrees tomorrow.  They are kept beside the register as `observed/<id>.py`, a script that whoever maintains
torch can run, and `observed/<id>.md`, a page about it.  No failing case is ever excused by one.

Where it can be stated as a case that gives the same every time, `observed/<id>.json` is that case; the
command `findings` judges it, and writes the certificate to the end of the page.

The page begins with `# title`, and says which versions were seen to do it: `Shown by torch 2.13.0`.  The
script needs torch alone, prints lines that begin with `got` and `expected`, and ends with exit status 1 while
torch shows the deviation, 0 when it does not any more.  Where a deviation shows only often, the script tries
several times.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from oracle.case import Case, read
from oracle.findings.register import ID, FindingError, held
from oracle.shrink.script import LINES

SUBFOLDER = "observed"
SUFFIXES = (".py", ".md", ".json")
PRINTS = ("got", "expected")
_ALLOWED = {"torch", "numpy", *sys.stdlib_module_names}
_SHOWN = re.compile(r"\bShown by torch (\d[\w.]*\w(?:, \d[\w.]*\w)*)")


@dataclass(frozen=True)
class Observed:
    """A deviation that was seen, and that no case holds.

    Parameters
    ----------
    id, title : str
        Name of its files, and one line that says what is wrong.
    torch : tuple of str
        Versions of torch that were seen to show it.
    script : Path
        What shows it.
    page : str
        What is written about it.
    case : Case, optional
        What the judge says it of.
    """

    id: str
    title: str
    torch: tuple[str, ...]
    script: Path
    page: str = ""
    case: Case | None = None


def load(folder: Path) -> list[Observed]:
    """All observed findings of a register, by id; none where there are none.

    Raises
    ------
    FindingError
        If the folder cannot be read, a script has no page or a page no script, or one of them is not as it
        should be.
    """
    within = [each for path in held(folder) if path.name == SUBFOLDER for each in held(path)]
    names = dict.fromkeys(path.stem for path in within if path.suffix in SUFFIXES)
    return [_read(folder / SUBFOLDER / name) for name in names]


def _read(path: Path) -> Observed:
    script, page = path.with_suffix(".py"), path.with_suffix(".md")
    try:
        found = _parsed(script, page.read_text(encoding="utf-8"))
        if path.with_suffix(".json").exists():
            found = replace(found, case=read(path.with_suffix(".json")))
        for fault in faults(script.read_text(encoding="utf-8")):
            raise FindingError(f"the script {fault}")
    except (OSError, ValueError) as error:
        raise FindingError(f"{path}: {' '.join(str(error).split())[:300]}") from None
    return found


def _parsed(script: Path, page: str) -> Observed:
    title, shown = page.partition("\n")[0], _SHOWN.search(" ".join(page.split()))
    if not ID.fullmatch(script.stem):
        raise FindingError("the name consists of a-z, 0-9 and -")
    if not title.startswith("# ") or not title[2:].strip():
        raise FindingError("the page begins with '# ' and a title")
    if not shown:
        raise FindingError("the page says nowhere 'Shown by torch' and which versions")
    return Observed(script.stem, title[2:].strip(), tuple(shown[1].split(", ")), script, page)


def faults(source: str) -> Iterator[str]:
    """What is wrong with a script, without running it."""
    if (lines := len(source.splitlines())) > LINES:
        yield f"has {lines} lines, at most {LINES}"
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"is no Python: {error}"
        return
    for name in sorted(set(_imported(tree)) - _ALLOWED):
        yield f"imports {name}: torch, numpy and the standard library are all that a stranger has"


def _imported(tree: ast.AST) -> Iterator[str]:
    """Packages that a script imports; a relative import is one of no name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0] if not node.level else "."
