"""The pages of the register: an index, and for every finding a page, a drawing and a torch script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from oracle.findings.observed import SUBFOLDER, Observed
from oracle.findings.register import Finding
from oracle.judge.verdict import CaseVerdict
from oracle.report.certificates import certificate_lines
from oracle.report.drawing import svg
from oracle.report.replay import describe
from oracle.report.terminal import wrapped

INDEX = "README.md"
_CERTIFICATE = "## Certificate"
_NOTE = "<!-- written by `python -m oracle findings` -->"


def pages(
    findings: Sequence[Finding],
    said: Mapping[str, CaseVerdict],
    scripts: Mapping[str, str],
    seen: Sequence[Observed] = (),
) -> dict[str, str]:
    """The files of the register that are made from its findings.

    Parameters
    ----------
    findings : sequence of Finding
        All of them.
    said : mapping of str to CaseVerdict
        The verdict on each one's case, and on what is kept beside them, by id.
    scripts : mapping of str to str
        The torch script of each one's case, by id.
    seen : sequence of Observed
        What is kept beside them; their pages are written by hand, but for the certificate at the end.
    """
    files = {INDEX: _index(findings, seen)}
    for finding in findings:
        files[f"{finding.id}.md"] = _page(finding, said[finding.id], scripts[finding.id])
        files[f"{finding.id}.svg"] = svg(finding.case)
        files[f"{finding.id}.py"] = scripts[finding.id]
    for each in seen:
        if each.case is not None:
            files[f"{SUBFOLDER}/{each.id}.md"] = _certified(each, said[each.id])
    return files


def _index(findings: Sequence[Finding], seen: Sequence[Observed]) -> str:
    lines = [
        _NOTE,
        "# Findings",
        "",
        "Disagreements that stay, each with the smallest case that shows it, a certificate, and a script "
        "that needs torch alone. [How one becomes an issue of torch](../../docs/findings.md).",
        "",
    ]
    if not findings:
        lines += ["None is registered.", ""]
    for finding in findings:
        issue = f"[issue]({finding.issue})" if finding.issue else "not reported yet"
        lines += [
            f"## [{finding.title}]({finding.id}.md)",
            "",
            f"{finding.verdict} at `{finding.op}`, torch {', '.join(finding.torch)}; {issue}; "
            f"[case]({finding.id}.json), [script]({finding.id}.py)",
            "",
            f"![{finding.id}]({finding.id}.svg)",
            "",
        ]
    return "\n".join([*lines, *_observed(seen)])


def _observed(seen: Sequence[Observed]) -> Iterator[str]:
    """What no campaign can hold, apart from what excuses cases."""
    if not seen:
        return
    yield from (
        "## Observed",
        "",
        "Deviations that no campaign draws, or that change from run to run. They excuse nothing. Each script "
        "ends with exit status 1 while torch shows its deviation.",
        "",
    )
    for each in seen:
        page, source = (f"{SUBFOLDER}/{each.id}{suffix}" for suffix in (".md", ".py"))
        case = f", [case]({SUBFOLDER}/{each.id}.json)" if each.case else ""
        yield f"- [{each.title}]({page}): torch {', '.join(each.torch)}; [script]({source}){case}"
    yield ""


def _certified(each: Observed, said: CaseVerdict) -> str:
    """The page as it was written, and what the judge says of the case."""
    why = said.reason.partition("; node ")[0]
    return "\n".join(
        [
            each.page.partition(_CERTIFICATE)[0].rstrip(),
            "",
            _CERTIFICATE,
            "",
            f"Of [this case]({each.id}.json):",
            "",
            *_fenced([f"{said.verdict}: {why}", *certificate_lines(said.certificate)]),
        ]
    )


def _page(finding: Finding, said: CaseVerdict, source: str) -> str:
    return "\n".join(
        [
            _NOTE,
            f"# {finding.title}",
            "",
            finding.text or f"{finding.verdict} at `{finding.op}`.",
            "",
            f"![the network]({finding.id}.svg)",
            "",
            "```python",
            source.rstrip(),
            "```",
            "",
            *_fenced(certificate_lines(finding.certificate)),
            "## The smallest case",
            "",
            *_fenced(describe(finding.case, replace(said, certificate={}))),
            "## What it covers",
            "",
            f"Shrunk cases at `{finding.op or 'a network'}` whose verdict is {finding.verdict}, and",
            "",
            *(f"- `{subject}` {relation} `{value}`" for subject, relation, value in finding.match),
            "",
            f"Shown by torch {', '.join(finding.torch)}.",
            "",
        ]
    )


def _fenced(lines: Iterator[str] | Sequence[str]) -> list[str]:
    """A block of lines that need no scrolling."""
    held = [part.rstrip() for line in lines for part in wrapped(line)]
    return ["```text", *held, "```", ""] if held else []
