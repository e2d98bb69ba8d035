"""Certificates in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def certificate_lines(proof: Mapping[str, Any]) -> Iterator[str]:
    """A certificate, of the case and then of the guilty node; nothing where there is none.

    Parameters
    ----------
    proof : mapping of str to object
        As `oracle.judge.certificate` gives it.
    """
    if "truth" in proof:
        yield f"certificate: {proof['role']} {proof['name']}{proof['entry']}"
        yield f"  truth     {proof['truth']}  at {proof['precision']} bits"
        for side in ("reference", "candidate"):
            yield f"  {side} {proof[side]}  {proof[f'{side}_hex']}"
        yield f"  witness   {proof['witness']}"
    if proof.get("node"):
        yield "the guilty node alone:"
        yield from (f"  {line}" for line in certificate_lines(proof["node"]))
