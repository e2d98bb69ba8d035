"""Files and functions stay short enough to be read."""

from __future__ import annotations

from pathlib import Path

from tests.sizes import FUNCTION, OP_FILE, ROOT, too_long


def test_files_and_functions_are_short() -> None:
    assert list(too_long(ROOT, "reference", "oracle")) == []


def test_the_size_test_can_fail(tmp_path: Path) -> None:
    (tmp_path / "reference/ops").mkdir(parents=True)
    body = '    """Two lines of docstring,\n    which do not count."""\n' + "    x = 1\n" * FUNCTION
    source = f"def long():\n{body}\n\ndef short():\n    pass\n"
    (tmp_path / "reference/ops/op.py").write_text(source + "\n" * OP_FILE)
    file, function = too_long(tmp_path, "reference")
    assert file == f"reference/ops/op.py: {source.count(chr(10)) + OP_FILE} lines, at most {OP_FILE}"
    assert function == f"reference/ops/op.py:1: long has {FUNCTION + 1} lines, at most {FUNCTION}"
