"""`python -m bench.mutants.judge`: which tests die when the judge or a number system has a small fault?

The mutants are those of `operators`, in every function of `oracle/judge` and `oracle/numbers`.  Each is put
in the place of the original in a process of its own, which then runs the tests that import its module, the
one named after it first, until one fails.  That test is run once more without the mutant, and has to pass:
else its failure would prove nothing.  A survivor is a fault that no test of its module sees.

    python -m bench.mutants.judge --modules judge.tolerance,judge.compare --sample 60 --seed 1
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import multiprocessing
import os
import pkgutil
import random
import re
import resource
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import FunctionType

from bench.mutants.mutants import Mutant, mutants
from bench.mutants.subjects import Subject

PACKAGES = ("oracle.judge", "oracle.numbers")
TESTS = Path("tests/oracle")
PASSED = 0  # exit code of pytest
OF_ONE = 2  # mutants of a function in a sample


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the test that killed it, or why none did."""

    mutant: Mutant
    killer: str
    note: str = ""

    def __str__(self) -> str:
        what = "killed" if self.killer else "survivor"
        told = " ".join(filter(None, (self.killer, self.note)))
        return f"{what:9} {self.mutant}" + (f"  ({told})" if told else "")


def modules() -> list[str]:
    """The modules whose functions are mutated."""
    return [
        module.name
        for package in PACKAGES
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
    ]


def subject(name: str) -> Subject:
    """All functions of a module, those of its classes too, in the order of its file."""
    found = list(_functions(vars(importlib.import_module(name)), name))
    found.sort(key=lambda function: function.__code__.co_firstlineno)
    return Subject(name.removeprefix("oracle."), tuple(found), ())


def _functions(values: dict[str, object], module: str) -> Iterator[FunctionType]:
    for value in values.values():
        inner = getattr(value, "fget", None) or getattr(value, "func", None) or value
        inner = inspect.unwrap(getattr(inner, "__func__", inner)) if callable(inner) else inner
        if isinstance(inner, FunctionType) and inner.__module__ == module and "<" not in inner.__qualname__:
            if inner.__code__.co_filename == importlib.import_module(module).__file__:
                yield inner
        elif isinstance(value, type) and value.__module__ == module:
            yield from _functions(dict(vars(value)), module)


def sampled(subjects: list[Subject], draw: random.Random) -> Iterator[Mutant]:
    """Mutants in random order, few of each function: only of those functions they are compiled."""
    functions = [(each.name, function) for each in subjects for function in each.functions]
    for name, function in draw.sample(functions, len(functions)):
        found = mutants(Subject(name, (function,), ()))
        yield from draw.sample(found, min(len(found), OF_ONE))


def tests_of(module: str) -> list[str]:
    """Test files that import a module, the one of its name first, then the shortest."""
    imports = re.compile(rf"^from {re.escape(module)} import ", re.MULTILINE)
    own = TESTS / f"test_{module.rpartition('.')[2]}.py"
    found = [path for path in TESTS.glob("test_*.py") if imports.search(path.read_text(encoding="utf-8"))]
    found += [TESTS / "test_judge.py"] if TESTS / "test_judge.py" not in found else []
    return [str(path) for path in sorted(found, key=lambda path: (path != own, path.stat().st_size))]


def fate(mutant: Mutant, limit: int) -> Fate:
    """Run the tests of a mutant's module."""
    code, told = _tested(mutant, tests_of(f"oracle.{mutant.subject}"), limit)
    if code == PASSED:
        return Fate(mutant, "")
    killer = re.search(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE)
    if not killer:  # it hung, or ended its process
        return Fate(mutant, "the process", f"exit code {code}")
    if _tested(None, [killer[1]], limit)[0] != PASSED:
        return Fate(mutant, "", f"{killer[1]} does not pass without it within the limit")
    return Fate(mutant, killer[1])


def _tested(mutant: Mutant | None, tests: list[str], limit: int) -> tuple[int | None, str]:
    """Exit code and output of pytest, in a process of its own."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as file:
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_run, args=(mutant, tests, limit, file.name))
        process.start()
        process.join()
        return process.exitcode, file.read()


def _run(mutant: Mutant | None, tests: list[str], limit: int, output: str) -> None:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly"]
    with (
        Path(output).open("w", encoding="utf-8") as file,
        redirect_stdout(file),
        redirect_stderr(file),
        mutant.planted() if mutant else nullcontext(),
    ):
        code = pytest.main([*options, *tests])
        file.flush()
    os._exit(int(code))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 when a mutant survives."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants.judge", description=__doc__)
    parser.add_argument("--modules", help="as in judge.tolerance,numbers.noise (default: all)")
    parser.add_argument("--sample", type=int, help="so many mutants (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=int, default=300, help="processor seconds a mutant's tests may take")
    asked = parser.parse_args(arguments)
    known = modules()
    chosen = [f"oracle.{name}" for name in asked.modules.split(",")] if asked.modules else known
    if unknown := sorted(set(chosen) - set(known)):
        print(f"--modules: unknown {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    importlib.import_module("oracle.candidates.torch_autograd")  # once, and not in every process
    subjects = [subject(name) for name in chosen]
    if asked.sample is None:
        found = [mutant for each in subjects for mutant in mutants(each)]
    else:
        found = list(islice(sampled(subjects, random.Random(asked.seed)), asked.sample))
    fates = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        for each in pool.map(lambda mutant: fate(mutant, asked.limit), found):
            print(each, flush=True)
            fates.append(each)
    survivors = sum(not each.killer for each in fates)
    print(f"{len(fates)} mutants, {len(fates) - survivors} killed, {survivors} survivors")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
