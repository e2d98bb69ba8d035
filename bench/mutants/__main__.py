"""`python -m bench.mutants`: plant every mutant, and see whether a campaign notices."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.mutants import register, table
from bench.mutants.hunt import Hunt, Map, all_mutants, campaign, hunt_one, processes, sample
from bench.mutants.subjects import Subject, subjects


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 when a mutant survives without a reason or the register is stale."""
    asked = _parser().parse_args(arguments)
    known = subjects()
    chosen = asked.ops or (
        list(known) if asked.since is None else since(asked.since, list(known), asked.most)
    )
    if unknown := sorted(set(chosen) - known.keys()):
        print(f"--ops: unknown {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    judge = partial(campaign, profile=asked.profile, dtype=asked.dtype)
    hunt = Hunt(judge, asked.seeds, (), asked.limit).on(asked.cases)
    registered = min(asked.registered, asked.cases)
    results = []
    print(table.HEADER, flush=True)
    with processes(asked.jobs) as mapping:
        for name in chosen:
            results.append(examine(hunt, registered, known[name], asked.sample, mapping))
            print(results[-1].row(), flush=True)
    print(table.total(results))
    print(table.raised(results))
    for result in results:
        for line in result.remarks:
            print(line)
    trouble = [line for result in results for line in result.trouble]
    print("\n".join(trouble) if trouble else "No mutant survives without a reason.")
    return 1 if trouble else 0


def examine(hunt: Hunt, registered: int, subject: Subject, count: int | None, mapping: Map) -> table.Result:
    """Hunt the mutants of one subject, or `count` of them; registered equivalents on fewer cases."""
    known_equivalents = register.load()
    found = all_mutants(subject.name)
    result = table.Result(subject.name, trouble=table.missing(known_equivalents, subject.name, found))
    fewer = hunt.on(registered)
    tasks = [
        (fewer if found[position].key in known_equivalents else hunt, subject.name, position)
        for position in sample(subject, count)
    ]
    for outcome in mapping(hunt_one, tasks):
        result.add(found[outcome.position], outcome, known_equivalents)
    return result


def since(revision: str, known: list[str], most: int) -> list[str]:
    """So many subjects, the same for one revision: those whose files changed since then before others."""
    command = ["git", "diff", "--name-only", revision or "HEAD", "--", "reference/ops"]
    told = subprocess.run(
        command, capture_output=True, text=True, check=False
    )  # no revision: nothing changed
    files = {Path(line).stem for line in told.stdout.splitlines()}
    shuffled = random.Random(revision).sample(known, len(known))
    return sorted(shuffled, key=lambda name: files.isdisjoint((name, name.partition(".")[0])))[:most]


def _names(text: str) -> list[str]:
    return text.split(",")


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(int(seed) for seed in text.split(","))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=(90001, 90002, 90003), help="seeds of the campaigns")
    parser.add_argument("--cases", type=int, default=1000, help="cases of a campaign")
    parser.add_argument("--registered", type=int, default=200, help="cases where the mutant is registered")
    parser.add_argument("--ops", type=_names, help="ops and shared functions to mutate (default: all)")
    parser.add_argument("--since", metavar="REV", help="--most subjects, first those changed since a commit")
    parser.add_argument("--most", type=int, default=8, metavar="N")
    parser.add_argument("--sample", type=int, help="mutants of each op (default: all)")
    parser.add_argument("--profile", default="default", help="what the campaigns draw")
    parser.add_argument("--dtype", default="float64", help="dtype of the campaigns")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--limit", type=float, default=600, help="processor seconds a campaign may take")
    return parser


if __name__ == "__main__":
    sys.exit(main())
