"""`docs/power.md`: what the oracle catches, and how seldom it cries wolf, generated from results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oracle.faults import fault
from oracle.faults.clean import Clean, Rate
from oracle.faults.record import Results
from oracle.faults.tables import by_class, by_op, table, troubles

SHOWN = 20  # alarms
FATES = ("killed", "equivalent", "survivor")

PAGE = """\
# Power

What the oracle catches, whom it blames, and how seldom it cries wolf. This page is generated: `python -m
oracle faults --out DIR --write docs/power.md` plants every class of fault (`oracle/faults/classes`, one a
file) in every op that it concerns, in the reference and in the candidate, and runs a campaign on the op
until the fault is caught. It is *blamed right* where the verdict is the one that its class demands and the
op is the one that it was planted in; a fault of the whole network has no guilty op, and then none may be
named. A case in which a fault changes no bit does not count, and a fault that never changes one fails the
run. The change of a case is that of its most changed tensor, relative to the tensor's 2-norm."""


def page(
    header: Mapping[str, Any],
    results: Results,
    date: str,
    power: Mapping[str, Any] | None,
    clean: Clean,
    mutants: Sequence[Mapping[str, str]] = (),
) -> Iterator[str]:
    """The lines of the page.

    Parameters
    ----------
    header : mapping
        What was asked for, and with which versions.
    results : dict
        What came of it.
    date : str
        Day of the run.
    power : mapping, optional
        What `python -m bench.power --out` wrote.
    clean : Clean
        What clean campaigns showed.
    mutants : sequence of mapping
        What `python -m bench.mutants.judge --out` wrote of each mutant.
    """
    yield from PAGE.splitlines()
    yield ""
    yield _asked(header, results, date)
    found = troubles(results)
    yield ""
    yield f"Of {len(results):,} plantings, {len(results) - len(found):,} were caught and blamed right."
    yield from (f"- {trouble}" for trouble in found)
    yield from ("", "## By class and side", "")
    yield from table(results, "class", by_class)
    yield from ("", "What each is, and the verdict that it must get:", "")
    for name in sorted({task.fault for task in results}):
        planted = fault(name)
        due = " / ".join(dict.fromkeys(planted.verdicts[side].value for side in ("reference", "candidate")))
        told = " ".join((type(planted).__doc__ or "").split("\n\n")[0].split())
        yield f"- `{name}` ({due}): {told}"
    yield from ("", "## By op", "", "<details><summary>All ops</summary>", "")
    yield from table(results, "op", by_op)
    yield from ("", "</details>")
    if power:
        yield from _power(power)
    if clean.rates:
        yield from _clean(clean)
    if mutants:
        yield from _mutants(mutants)


def _asked(header: Mapping[str, Any], results: Results, date: str) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in header["versions"].items() if name != "source")
    drawn = f"seeds {', '.join(map(str, header['seeds']))}; at most {header['cases']:,} cases a planting"
    some = f"; a sample of {len(results):,} of {header['all']:,} plantings" if header["sample"] else ""
    return f"{date}. Generator {header['generator']}; {drawn}{some}. {versions}."


def _power(power: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Small faults", "")
    yield (
        f"One gradient of each case is spoilt in the candidate (`python -m bench.power`, seed "
        f"{power['seed']}, {power['cases']} cases of profile {power['profile']}). A tensor counts where its "
        "detection limit allows: where the fault is larger than what rounding may hide."
    )
    yield from (
        "",
        "| fault | dtype | cases | where the limit allows | caught of these |",
        "| --- " * 5 + "|",
    )
    for row in power["rows"]:
        share = f"{row['caught']:,} ({row['caught'] / row['allowed']:.1%})" if row["allowed"] else "–"
        yield f"| {row['fault']} | {row['dtype']} | {row['spoilt']:,} | {row['allowed']:,} | {share} |"


def _clean(clean: Clean) -> Iterator[str]:
    yield from ("", "## False alarms", "")
    yield (
        "Clean campaigns, nothing planted. A case that fails is *known* where it meets a registered "
        "[finding](../reports/findings/README.md), and else counts as an alarm, whatever a look at it shows. "
        "The bound is the upper end of the exact one-sided 95 % interval of the rate: where nothing fails "
        "about 3/n, the rule of three, and never 0."
    )
    yield from ("", "| dtype | cases | known | alarms | rate at most (95 %) |", "| --- " * 5 + "|")
    rows = dict(clean.rates)
    if len(rows) > 1:
        rows["all"] = sum(clean.rates.values(), Rate())
    for dtype, rate in rows.items():
        yield f"| {dtype} | {rate.cases:,} | {rate.known:,} | {rate.alarms:,} | {rate.bound:.1e} |"
    yield from ("", f"Drawn: {'; '.join(clean.campaigns)}.")
    if clean.unexplained:
        yield from ("", "The alarms:", "")
        yield from (f"- {told}" for told in clean.unexplained[:SHOWN])
        if len(clean.unexplained) > SHOWN:
            yield f"- … and {len(clean.unexplained) - SHOWN:,} more"


def _mutants(mutants: Sequence[Mapping[str, str]]) -> Iterator[str]:
    yield from ("", "## Mutants of the judge", "")
    yield (
        "One expression of the judge or of a number system is changed (`python -m bench.mutants.judge`), and "
        "the tests that import its module run until one dies. Some of every module, drawn at random; "
        "survivors got tests, so the share is no estimate for the others. Equivalent is what "
        "`bench/mutants/of_judge` lists."
    )
    yield from ("", f"| module | mutants | {' | '.join(FATES)} | tests that died |", "| --- " * 6 + "|")
    modules = sorted({each["module"] for each in mutants})
    for module in modules:
        yield _fates(module, [each for each in mutants if each["module"] == module])
    yield _fates("all", mutants)


def _fates(module: str, mutants: Sequence[Mapping[str, str]]) -> str:
    counts = Counter(each["what"] for each in mutants)
    # the file and the number of mutants that some test in it killed
    died = Counter(each["killer"].partition("::")[0].rpartition("/")[2] for each in mutants if each["killer"])
    told = ", ".join(f"{name.removesuffix('.py')} {count}" for name, count in sorted(died.items()))
    return f"| {module} | {len(mutants)} | {' | '.join(str(counts[what]) for what in FATES)} | {told} |"
