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
import json
import multiprocessing
import os
import pkgutil
import random
import re
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from types import FunctionType, MappingProxyType

from bench.mutants import register
from bench.mutants.mutants import Mutant, mutants
from bench.mutants.subjects import Subject
from oracle.faults.document import FATES

PACKAGES = ("oracle.judge", "oracle.numbers")
TESTS = Path("tests/oracle")
PASSED = 0  # exit code of pytest
NO_REASONS: Mapping[register.Key, str] = MappingProxyType({})
EQUIVALENTS = Path(__file__).with_name("of_judge")


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the test that killed it, or why none did.

    A `reason` says why no test can: the mutant is in the register `of_judge`.
    """

    mutant: Mutant
    killer: str
    note: str = ""
    reason: str = ""

    @property
    def what(self) -> str:
        """Whether it was killed, survives, or is known to change nothing."""
        return "killed" if self.killer else "equivalent" if self.reason else "survivor"

    def record(self) -> dict[str, str]:
        """The same as JSON values."""
        names = dict(zip(("module", "function", "before", "after"), self.mutant.key, strict=True))
        return {**names, "what": self.what, "killer": self.killer, "note": self.note}

    def __str__(self) -> str:
        told = " ".join(filter(None, (self.killer, self.note)))
        return f"{self.what:10} {self.mutant}" + (f"  ({told})" if told else "")


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
    """Mutants in random order: of every module in turn, and there of every function in turn."""
    return _in_turn(_of_module(each, draw) for each in subjects)


def _of_module(each: Subject, draw: random.Random) -> Iterator[Mutant]:
    functions = draw.sample(each.functions, len(each.functions))
    return _in_turn(_shuffled(each.name, function, draw) for function in functions)


def _shuffled(name: str, function: FunctionType, draw: random.Random) -> Iterator[Mutant]:
    found = mutants(Subject(name, (function,), ()))  # compiled when the first is asked for
    yield from draw.sample(found, len(found))


def _in_turn(sources: Iterable[Iterator[Mutant]]) -> Iterator[Mutant]:
    for row in zip_longest(*sources):
        yield from filter(None, row)


def tests_of(module: str) -> list[str]:
    """Test files that import a module, the one of its name first, then the shortest."""
    imports = re.compile(rf"^from {re.escape(module)} import ", re.MULTILINE)
    own = TESTS / f"test_{module.rpartition('.')[2]}.py"
    found = [path for path in TESTS.glob("test_*.py") if imports.search(path.read_text(encoding="utf-8"))]
    found += [TESTS / "test_judge.py"] if TESTS / "test_judge.py" not in found else []
    return [str(path) for path in sorted(found, key=lambda path: (path != own, path.stat().st_size))]


def fate(mutant: Mutant, limit: int, reasons: Mapping[register.Key, str] = NO_REASONS) -> Fate:
    """Run the tests of a mutant's module, unless it is registered as equivalent."""
    if mutant.key in reasons:
        return Fate(mutant, "", reason=reasons[mutant.key])
    tests = tests_of(f"oracle.{mutant.subject}")
    code, told = _tested(mutant, tests, limit)
    if code == PASSED:
        return Fate(mutant, "")
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", told, re.MULTILINE)  # an id may hold spaces
    if _tested(None, [found[1]] if found else tests, limit)[0] != PASSED:
        return Fate(
            mutant, "", f"{found[1] if found else 'the process'} does not pass without it within the limit"
        )
    # where no test is named, it hung, or ended its process
    return Fate(mutant, found[1]) if found else Fate(mutant, "the process", f"exit code {code}")


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
    asked = _parser().parse_args(arguments)
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
    told = examined(found, asked)
    counts = Counter(each["what"] for each in told)
    print(f"{len(told)} mutants, {', '.join(f'{counts[what]} {what}' for what in FATES)}")
    return 1 if counts["survivor"] else 0


def examined(found: list[Mutant], asked: argparse.Namespace) -> list[dict[str, str]]:
    """What became of each mutant; what `--out` holds as killed is not run again."""
    reasons = register.load(EQUIVALENTS)
    before = json.loads(asked.out.read_text("utf-8"))["mutants"] if asked.out and asked.out.exists() else []
    told = {_key(each): each for each in before if each["what"] == "killed"}
    left = [mutant for mutant in found if mutant.key not in told]
    with ThreadPoolExecutor(asked.jobs) as pool:
        for each in pool.map(lambda mutant: fate(mutant, asked.limit, reasons), left):
            print(each, flush=True)
            told[each.mutant.key] = each.record()
            if asked.out:
                ordered = [told[mutant.key] for mutant in found if mutant.key in told]
                header = {"seed": asked.seed, "sample": asked.sample}
                text = json.dumps({**header, "mutants": ordered}, indent=1, ensure_ascii=False)
                asked.out.write_text(f"{text}\n", encoding="utf-8")
    return [told[mutant.key] for mutant in found]


def _key(row: dict[str, str]) -> register.Key:
    return row["module"], row["function"], row["before"], row["after"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants.judge", description=__doc__)
    parser.add_argument("--modules", help="as in judge.tolerance,numbers.noise (default: all)")
    parser.add_argument("--sample", type=int, help="so many mutants, of every module in turn (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=int, default=300, help="processor seconds a mutant's tests may take")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="keep what became of them, and go on from there"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
