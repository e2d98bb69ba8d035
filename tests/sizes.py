"""Print the files and functions that are longer than they should be: `make sizes`.

A long function hides its steps, and a long file its structure.  Docstrings do not count towards a
function: a derivation may be as long as it needs to be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE, OP_FILE, FUNCTION = 300, 150, 40


def too_long(root: Path, *packages: str) -> Iterator[str]:
    """One line for each file and function of the packages that exceeds its limit."""
    for path in sorted(file for package in packages for file in (root / package).rglob("*.py")):
        text = path.read_text()
        where = path.relative_to(root)
        lines, limit = text.count("\n"), OP_FILE if "reference/ops/" in where.as_posix() else FILE
        if lines > limit:
            yield f"{where}: {lines} lines, at most {limit}"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
                if length > FUNCTION:
                    yield f"{where}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION}"


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1


if __name__ == "__main__":
    print("\n".join(too_long(ROOT, "reference", "oracle", "bench", "tests")) or "nothing is too long")
