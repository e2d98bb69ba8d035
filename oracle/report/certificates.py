"""Certificates in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def certificate_lines(proof: Mapping[str, Any]) -> Iterator[str]:
    """A certificate, of the case and then of the guilty node, where that says more; nothing where none is.

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
    whole = {key: value for key, value in proof.items() if key != "node"}
    if proof.get("node", whole) != whole and proof["node"]:  # a single node is the whole case
        yield "the guilty node alone:"
        yield from (f"  {line}" for line in certificate_lines(proof["node"]))
