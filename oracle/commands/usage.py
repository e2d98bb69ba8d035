"""What all commands share: how a user is told something, and how options are read."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

USAGE, INFRASTRUCTURE, INTERRUPTED = 2, 3, 130
EXIT_CODES = """\
exit codes: 0 agree, 1 disagree, 2 bad usage or input, 3 infrastructure (lost
cases, full disk), 4 too little compared, 130 interrupted"""


class UsageError(Exception):
    """Something that the user can put right; the message is one line."""

    code = USAGE


class BrokenError(UsageError):
    """Something that the machine lacks; the message is one line."""

    code = INFRASTRUCTURE


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the place that is written to where that fails: a disk that is full does not.

    Raises
    ------
    BrokenError
        In the place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise BrokenError(f"{path}: {error.strerror or error}") from None


def say(lines: Iterable[str], error: bool = False) -> None:
    """Print lines; a reader that left early (`| head`) is no error."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:
        return
    try:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    except OSError as reason:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # else Python complains at its exit
        if not isinstance(reason, BrokenPipeError) and not error:
            raise


def complain(message: str, code: int) -> int:
    """Say what went wrong, in one line on stderr, and give the exit code."""
    say(["backprop-oracle: " + " ".join(message.split())], error=True)
    return code


def go_on(arguments: argparse.Namespace) -> str:
    """What to type to go on with what is kept."""
    again = arguments.argv if arguments.resume else [*arguments.argv, "--resume"]
    return f"which are kept; go on with: python -m oracle {shlex.join(again)}"


def integer(low: int, high: int) -> Callable[[str], int]:
    """A reader of integers in low … high, for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{_excerpt(text)} is not an integer in {low} … {high}")
        return value

    return read


def number(least: float, most: float, unit: str) -> Callable[[str], float]:
    """A reader of numbers in least … most, for argparse."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"{_excerpt(text)} is not a number of {unit} in {least:g} … {most:g}"
            )
        return value

    return read


def names(option: str, text: str, among: Iterable[str], hint: str) -> tuple[str, ...]:
    """The names of a list `A,B`, all of them known."""
    among = tuple(among)
    found = tuple(name.strip() for name in text.split(","))
    for name in found:
        known(option, name, among, hint)
    return found


def known(option: str, name: str, among: tuple[str, ...], hint: str) -> None:
    """Refuse a name that is not among these.

    Raises
    ------
    UsageError
        With the name that was probably meant.
    """
    if name not in among:
        near = difflib.get_close_matches(name, among, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"{option}: {_excerpt(name)} is unknown{meant}; {hint}")


def _excerpt(text: str) -> str:
    return repr(text) if len(text) <= 40 else repr(text[:37] + "...")
