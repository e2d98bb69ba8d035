"""A case file gives the same verdict and the same numbers, to the last bit, wherever it is judged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.campaign.cases import default_candidate, single_thread
from oracle.campaign.cluster import dask
from oracle.campaign.engine import Engine, here, processes
from oracle.case import dumps, loads
from oracle.findings.register import load
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.report.replay import describe

ROOT = Path(__file__).parents[2]
DRAWN = [dumps(draw_case(11, dtype, 3, load_profile("median-small"))) for dtype in ("float32", "float64")]
SHOWN = {finding.id: finding.case for finding in load()}
FILES = [*DRAWN, *(dumps(SHOWN[name]) for name in ("celu-float64-alpha", "bce-slope-denominator"))]
ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
    "here": lambda: nullcontext(here()),
    "processes": lambda: processes(1),
    "dask": lambda: dask(None, 1),
}


def numbers(text: str) -> Any:
    """All that is said of a case but for the time it took; floats as they are, in hexadecimal."""
    single_thread()
    with np.errstate(all="ignore"):
        said = judge(loads(text), default_candidate(), sample=True, certify=True)
    return exact({key: value for key, value in asdict(said).items() if key != "seconds"})


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [exact(inner) for inner in value]
    return value.hex() if isinstance(value, float) else value


@pytest.mark.parametrize("engine", ENGINES)
def test_a_case_file_gives_the_same_numbers_on_every_engine(engine: str) -> None:
    expected = [numbers(text) for text in FILES]
    assert {said["verdict"] for said in expected} >= {"agree", "candidate-wrong"}
    with ENGINES[engine]() as there:
        for submit in (there.executor.submit, there.alone.submit):
            assert [submit(numbers, text).result() for text in FILES] == expected


@pytest.mark.parametrize("text", FILES[1:3])
def test_the_command_prints_what_is_said_here(text: str, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "oracle", "replay", str(file)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    single_thread()
    case = loads(text)
    said = judge(case, default_candidate(), sample=True, certify=True)
    assert done.stdout.splitlines() == describe(case, said)
    assert done.returncode == said.verdict.fails


def test_one_bit_of_a_file_changes_the_numbers() -> None:
    changed = loads(FILES[2])
    changed.leaves["z"][...] += 2.0**-52
    assert numbers(dumps(changed)) != numbers(FILES[2])
