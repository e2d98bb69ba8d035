"""Observed findings: every script is short, needs torch alone, and still shows what its page says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle import cli
from oracle.case import dumps
from oracle.findings.observed import PRINTS, Observed, load
from oracle.findings.register import FOLDER, FindingError, torch_version
from oracle.judge.judge import judge
from oracle.judge.verdict import Verdict
from oracle.report.findings_pages import pages
from oracle.shrink.script import LINES
from tests.oracle.planted import TORCH, case, node

pytestmark = pytest.mark.usefixtures("in_this_process")
SEEN = load(FOLDER)
WRONG = 'import sys\nprint("got", 1)\nprint("expected", 2)\nsys.exit(1)\n'
ALONE = """\
import runpy, sys
sys.modules.update(dict.fromkeys(["oracle", "reference", "tests", "bench"]))  # not to be imported
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def broken(finding: Observed) -> Iterator[str]:
    """What running a script shows of it that must not be: in a process, and a folder, of its own."""
    command = [sys.executable, "-I", "-W", "ignore", "-c", ALONE, str(finding.script.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120)
    for word in PRINTS:
        if not any(line.startswith(word) for line in done.stdout.splitlines()):
            yield f"prints no {word}"
    if "Traceback" in done.stderr or done.returncode not in (0, 1):
        yield f"ends with {done.returncode}: {done.stderr[-300:]}"
    elif torch_version() in finding.torch and done.returncode != 1:
        yield f"is stale: its page lists torch {torch_version()}, which does not show it"


def planted(folder: Path, source: str, page: str = "") -> Path:
    (folder / "observed").mkdir(exist_ok=True)
    (folder / "observed/one.py").write_text(source)
    (folder / "observed/one.md").write_text(
        page or f"# A title\n\nText. Shown by torch\n{torch_version()}.\n"
    )
    return folder


@pytest.mark.parametrize("finding", SEEN, ids=lambda finding: finding.id)
def test_every_script_shows_what_its_page_says(finding: Observed) -> None:
    assert list(broken(finding)) == []


@pytest.mark.parametrize("finding", [each for each in SEEN if each.case], ids=lambda finding: finding.id)
def test_every_case_fails_and_its_page_holds_the_certificate(finding: Observed) -> None:
    assert finding.case is not None
    said = judge(finding.case, TORCH, sample=True)
    assert said.verdict.fails
    (page,) = (
        text for text in pages([], {finding.id: said}, {}, [finding]).values() if "Certificate" in text
    )
    assert page == finding.page
    assert (
        said.certificate or said.verdict is Verdict.ERROR
    )  # a number is missing on one side: nothing to enclose


def test_a_case_that_agrees_is_stale_and_one_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = case("float64", {"x": [0.5]}, {"y": node("exp", "x")}, {"y": [1.0]})
    at = planted(tmp_path, WRONG) / "observed/one.json"
    at.write_text(dumps(one))
    assert cli.main(["findings", "--findings", str(tmp_path)]) == 1
    assert f"excuses nothing; stale: torch {torch_version()} does not show it" in capsys.readouterr().out
    at.write_text("{}")
    assert cli.main(["findings", "--findings", str(tmp_path)]) == 2
    assert "one.json: not a case" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (WRONG, None),
        (WRONG.replace('print("got", 1)', ""), "prints no got"),
        (WRONG.replace('print("expected", 2)', ""), "prints no expected"),
        (WRONG.replace("sys.exit(1)", "sys.exit(0)"), "is stale"),
        (WRONG.replace("sys.exit(1)", "1 / 0"), "ends with 1: "),
        (WRONG.replace("sys.exit(1)", "import os; os.abort()"), "ends with -6"),
        (
            WRONG.replace("import sys", "import sys, importlib; importlib.import_module('oracle')"),
            "ends with 1",
        ),
    ],
)
def test_a_script_that_is_none_is_seen(source: str, fault: str | None, tmp_path: Path) -> None:
    (finding,) = load(planted(tmp_path, source))
    found = list(broken(finding))
    assert (fault is None) == (not found)
    assert fault is None or fault in found[-1]


def test_a_version_that_is_not_listed_may_be_right(tmp_path: Path) -> None:
    right = WRONG.replace("sys.exit(1)", "sys.exit(0)")
    (finding,) = load(planted(tmp_path, right, "# A title\n\nShown by torch 1.0, 1.1.\n"))
    assert finding.torch == ("1.0", "1.1")
    assert list(broken(finding)) == []


@pytest.mark.parametrize(
    ("source", "page", "message"),
    [
        (WRONG + "1\n" * LINES, "", "at most 20"),
        (WRONG + "import oracle.case\n", "", "imports oracle"),
        (WRONG + "def f():\n from reference.op import op_names\n", "", "imports reference"),
        (WRONG + "from . import other\n", "", "imports ."),
        (WRONG + "(", "", "is no Python"),
        (WRONG, "A title\n\nShown by torch 1.0.\n", "begins with '# '"),
        (WRONG, "# A title\n\nShown by nobody.\n", "says nowhere"),
    ],
)
def test_files_that_are_none_are_refused_with_one_line(
    source: str, page: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FindingError, match=message):
        load(planted(tmp_path, source, page))
    assert cli.main(["findings", "--findings", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("missing", ["one.py", "one.md"])
def test_a_script_has_a_page_and_a_page_has_a_script(missing: str, tmp_path: Path) -> None:
    (planted(tmp_path, WRONG) / "observed" / missing).unlink()
    with pytest.raises(FindingError, match="No such file"):
        load(tmp_path)


def test_the_index_lists_them_apart_and_says_that_they_excuse_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["findings", "--findings", str(planted(tmp_path, WRONG))]) == 0
    assert "one: observed, excuses nothing" in capsys.readouterr().out
    registered, observed = (tmp_path / "README.md").read_text().split("## Observed")
    assert "None is registered" in registered
    assert "They excuse nothing" in observed
    assert f"[A title](observed/one.md): torch {torch_version()}; [script](observed/one.py)" in observed


def test_observed_findings_excuse_nothing(tmp_path: Path) -> None:
    from oracle.findings import register

    assert register.load(planted(tmp_path, WRONG)) == []
