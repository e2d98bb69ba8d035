"""The documents lead where they say, and the code in them is code."""

from __future__ import annotations

import ast
import re
import subprocess
import textwrap
import tomllib
from pathlib import Path

import pytest

from oracle.campaign.plan import Plan

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/**/*.md")])
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    return [code for name, code in FENCE.findall(path.read_text()) if name == language]


@every_document
def test_every_link_inside_of_the_repository_leads_to_a_file(path: Path) -> None:
    prose = FENCE.sub("", path.read_text())
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if target and not (path.parent / target).exists()] == []


@every_document
def test_python_in_the_documents_is_python(path: Path) -> None:
    for code in blocks(path, "python"):
        ast.parse(textwrap.dedent(code))


@every_document
def test_every_make_target_in_the_documents_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", path.read_text(), re.MULTILINE)) <= targets


def test_make_lists_every_target() -> None:
    help_text = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert [line.split()[0] for line in help_text.splitlines()] == phony[1].split()


def test_every_decision_record_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    records = {path.name for path in ROOT.glob("docs/adr/[0-9]*.md")}
    assert records
    assert set(re.findall(r"\(([0-9][^)]*\.md)\)", index)) == records


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_readme_shows_the_campaign_that_make_verify_runs_today() -> None:
    shown = re.search(r"^ *campaign ([0-9a-f]+) ", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert shown is not None
    makefile = (ROOT / "Makefile").read_text()
    cases = re.search(r"^VERIFY \?= --cases (\d+) --dtype (\S+)", makefile, re.MULTILINE)
    assert cases is not None
    plan = Plan(cases=int(cases[1]), dtypes=tuple(cases[2].split(",")))
    assert plan.identity.startswith(shown[1])


def test_the_readme_shows_what_make_test_counts_today(request: pytest.FixtureRequest) -> None:
    shown = re.search(r"^(\d+) passed in ", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert shown is not None
    collected = getattr(request.session, "testscollected", 0)
    if set(request.session.config.args) <= {"tests", str(ROOT / "tests")} and collected:
        assert int(shown[1]) == collected
