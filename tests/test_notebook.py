"""`docs/how-backprop-works.md` is run, block by block, and prints what stands on the page."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import numpy as np

from reference.worked_drawing import drawing

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-backprop-works.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


def run(page: str) -> list[tuple[str, str]]:
    """What every block of a page is said to print, and what it prints, in one namespace."""
    namespace: dict[str, Any] = {}
    found = []
    with np.printoptions():
        for code, told in BLOCK.findall(page):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, str(PAGE), "exec"), namespace)
            found.append((told, printed.getvalue()))
    return found


def test_every_block_prints_what_the_page_says() -> None:
    page = PAGE.read_text()
    found = run(page)
    assert len(found) == page.count("```python")
    assert page.count("```text") == len(found)
    for told, printed in found:
        assert printed == told


def test_the_picture_is_the_one_that_is_drawn_today() -> None:
    assert (PAGE.parent / "worked-network.svg").read_text("utf-8") == drawing()


def test_a_page_that_lies_would_be_found() -> None:
    ((told, printed),) = run("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n")
    assert (told, printed) == ("3\n", "2\n")
