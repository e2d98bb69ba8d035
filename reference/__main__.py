"""The chapter's worked network, step by step: `python -m reference`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

USAGE = 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _complain(f"{message}; see `{self.prog} --help`")
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the page, or draw it.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        The exit code: 0, or 2 for bad usage or a file that cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without σ still gets its page
    parser = _Parser(
        prog="python -m reference",
        description="Backpropagation on the worked network of the chapter, step by step: forward pass, "
        "reversed network, every ∂l/∂z and ∂l/∂w.",
        allow_abbrev=False,
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw it into FILE instead of printing it")
    file = parser.parse_args(argv).svg
    from reference import worked_drawing, worked_page  # numpy, and all ops: not for --help

    if file is None:
        return _print(worked_page.page())
    try:
        file.write_text(worked_drawing.drawing(), encoding="utf-8")
    except OSError as error:
        return _complain(f"{file}: {error.strerror or error}")
    return 0


def _print(text: str) -> int:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains at its exit
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _complain(f"output: {error.strerror}")
    return 0


def _complain(message: str) -> int:
    print(f"python -m reference: {' '.join(message.split())}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
