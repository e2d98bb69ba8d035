"""`python -m oracle faults`: plant every fault, show what is caught and who is blamed."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.commands.options import SEEDS
from oracle.commands.usage import EXIT_CODES, INFRASTRUCTURE, UsageError, complain, go_on, integer, names, say

if TYPE_CHECKING:
    from oracle.faults.clean import Clean
    from oracle.faults.hunt import Outcome
    from oracle.faults.record import Record

CASES = 2000
JSON, MARKDOWN = "faults.json", "faults.md"


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its options."""
    text = "plant every fault, show what is caught and who is blamed"
    parser = commands.add_parser(
        "faults",
        help=text,
        description=text,
        epilog=EXIT_CODES.replace("1 disagree", "1 a fault is missed or blamed wrongly"),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--ops", metavar="A,B", help="plant in these ops alone")
    parser.add_argument("--classes", metavar="A,B", help="plant these classes of fault alone")
    parser.add_argument("--seed", type=_seeds, default=(0,), metavar="N,N", help="of the cases (default: 0)")
    parser.add_argument(
        "--cases",
        type=integer(1, 10**6),
        default=CASES,
        metavar="N",
        help=f"the most that are drawn for a planting (default: {CASES})",
    )
    parser.add_argument("--dtype", default="float64,float32", metavar="A,B", help="default: float64,float32")
    parser.add_argument("--sample", type=integer(1, 10**9), metavar="N", help="so many plantings, not all")
    parser.add_argument("--jobs", type=integer(1, 4096), metavar="N", help="processes (default: all cores)")
    _add_files(parser)
    parser.set_defaults(run=_faults)


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="a folder for what comes out")
    parser.add_argument("--resume", action="store_true", help="go on with the plantings that --out holds")
    parser.add_argument(
        "--clean",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="reports of clean campaigns, to state the rate of false alarms",
    )
    parser.add_argument("--power", type=Path, metavar="FILE", help="what `python -m bench.power --out` wrote")
    parser.add_argument(
        "--mutants",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="what `python -m bench.mutants.judge --out` wrote",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page docs/power.md there")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="write what every report states of it")


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(sorted({integer(0, SEEDS - 1)(part) for part in text.split(",")}))


def _faults(arguments: argparse.Namespace) -> int:
    from oracle.campaign.workers import EngineError
    from oracle.faults.record import RecordError

    if arguments.resume and arguments.out is None:
        raise UsageError("--resume: needs --out, the folder that holds the plantings")
    for option in ("write", "figures"):
        _check_place(f"--{option}", getattr(arguments, option))
    clean, power, mutants = _clean(arguments.clean), _power(arguments.power), _mutants(arguments.mutants)
    record = _record(arguments)
    try:
        record.begin(arguments.resume)
    except RecordError as error:
        raise UsageError(f"--out: {error}") from None
    try:
        lost = _run(arguments, record)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_kept(arguments, record)) from None
    except EngineError as error:
        return complain(f"{error}; {_kept(arguments, record)}", INFRASTRUCTURE)
    return _conclude(arguments, record, lost, clean, power, mutants)


def _record(arguments: argparse.Namespace) -> Record:
    """What is asked for."""
    from oracle.campaign.environment import versions
    from oracle.case import DTYPES
    from oracle.faults import fault_names
    from oracle.faults.record import Record
    from oracle.faults.run import plantings, sample
    from oracle.generate.cases import GENERATOR_VERSION
    from reference.op import op_names

    def chosen(option: str, text: str | None, among: tuple[str, ...], hint: str) -> tuple[str, ...]:
        return among if text is None else tuple(sorted(set(names(option, text, among, hint))))

    classes = chosen("--classes", arguments.classes, fault_names(), f"there are {', '.join(fault_names())}")
    ops = chosen("--ops", arguments.ops, op_names(), "the command `ops` lists them")
    dtypes = chosen("--dtype", arguments.dtype, DTYPES, f"there are {', '.join(DTYPES)}")
    tasks = plantings(classes, ops, dtypes, arguments.seed, arguments.cases)
    header = {
        "format": "backprop-oracle faults 1",
        "classes": list(classes),
        "ops": list(ops),
        "dtypes": list(dtypes),
        "seeds": list(arguments.seed),
        "cases": arguments.cases,
        "sample": arguments.sample,
        "all": len(tasks),
        "generator": GENERATOR_VERSION,
        "versions": versions(),
    }
    return Record(header, sample(tasks, arguments.sample), arguments.out)


def _run(arguments: argparse.Namespace, record: Record) -> Mapping[Any, str]:
    from oracle.campaign import engine
    from oracle.campaign.environment import cores
    from oracle.faults.run import run

    if not record.left:
        return {}
    done, start, total = len(record.results), time.monotonic(), len(record.tasks)

    def progress(outcome: Outcome | None) -> None:
        nonlocal done
        done += 1
        if done * 20 // total > (done - 1) * 20 // total:
            say([f"{done:,} of {total:,} plantings, {time.monotonic() - start:.0f} s"], error=True)

    with engine.processes(min(arguments.jobs or cores(), len(record.left))) as workers:
        return run(record, workers, progress)


def _kept(arguments: argparse.Namespace, record: Record) -> str:
    done = f"after {len(record.results):,} of {len(record.tasks):,} plantings"
    if record.path is None or not record.results:
        return f"{done}; nothing was written"
    return f"{done}, {go_on(arguments)}"


def _conclude(
    arguments: argparse.Namespace,
    record: Record,
    lost: Mapping[Any, str],
    clean: Clean,
    power: Mapping[str, Any] | None,
    mutants: list[Mapping[str, str]],
) -> int:
    """Say what came out, and write it."""
    import json

    from oracle.faults.document import page
    from oracle.faults.figures import figures
    from oracle.faults.tables import by_class, by_op, table, troubles

    found = troubles(record.results)
    lines = [*table(record.results, "class", by_class), "", *table(record.results, "op", by_op)]
    lines += ["", *(f"✗ {trouble}" for trouble in found)]
    lines += [f"✗ lost: {task}: {why}" for task, why in lost.items()]
    for dtype, rate in clean.rates.items():
        lines.append(
            f"{dtype}: {rate.alarms} false alarms in {rate.cases:,}: at most {rate.bound:.1e} (95 %)"
        )
    lines.append(f"{len(record.results) - len(found):,} of {len(record.tasks):,} caught and blamed right")
    say(lines)
    today = time.strftime("%Y-%m-%d")
    text = "\n".join(page(record.header, record.results, today, power, clean, mutants)) + "\n"
    if arguments.out is not None:
        _write(arguments.out / JSON, _json(record, lost))
        _write(arguments.out / MARKDOWN, text)
    if arguments.write is not None:
        _write(arguments.write, text)
    if arguments.figures is not None:
        told = figures(record.header, record.results, today, clean)
        _write(arguments.figures, json.dumps(told, indent=1) + "\n")
    return 1 if found else INFRASTRUCTURE if lost else 0


def _json(record: Record, lost: Mapping[Any, str]) -> str:
    import json
    from dataclasses import asdict

    results = [asdict(task) | outcome.record() for task, outcome in sorted(record.results.items())]
    left = [asdict(task) | {"reason": why} for task, why in lost.items()]
    return json.dumps({**record.header, "results": results, "lost": left}, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    from oracle.campaign.journal import write_durably

    write_durably(path, text.encode())


def _check_place(option: str, path: Path | None) -> None:
    """Refuse a file that cannot be written, before hours are spent on what would stand in it."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise UsageError(f"{option}: {path}: name a file in a folder that exists")


def _clean(folders: list[Path]) -> Clean:
    from oracle.faults.clean import CleanError, clean
    from oracle.report.load import ReportError, load_report

    try:
        return clean((each.report, each.cases) for each in map(load_report, folders))
    except (ReportError, CleanError) as error:
        raise UsageError(f"--clean: {error}") from None


def _power(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    columns = {"fault": str, "dtype": str, "spoilt": int, "allowed": int, "caught": int}
    return _written("--power", path, {"seed", "cases", "profile", "rows"}, "rows", columns)


def _mutants(paths: list[Path]) -> list[Mapping[str, str]]:
    columns = {"module": str, "what": str, "killer": str}
    files = [_written("--mutants", path, {"seed", "sample", "mutants"}, "mutants", columns) for path in paths]
    return [mutant for file in files for mutant in file["mutants"]]


def _written(
    option: str, path: Path, keys: set[str], table: str, columns: Mapping[str, type]
) -> Mapping[str, Any]:
    """A benchmark's file: an object with these keys, of which one is a list of objects with these columns."""
    from reference import strict_json

    try:
        found: Mapping[str, Any] = strict_json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{option}: {path}: {error}") from None
    fits = isinstance(found, dict) and found.keys() == keys and isinstance(found[table], list)
    if not fits or not all(
        isinstance(row, dict) and all(isinstance(row.get(name), kind) for name, kind in columns.items())
        for row in found[table]
    ):
        raise UsageError(f"{option}: {path}: is not what a benchmark wrote")
    return found
