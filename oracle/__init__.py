"""An oracle for gradients: two sides differentiate the same random network, and a judge compares them.

`load_report(DIR)` reads what `python -m oracle verify` wrote.  Nothing heavy is imported before it is
needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from oracle.report.load import Report

__all__ = ["__version__", "load_report"]


def load_report(directory: str | Path) -> Report:
    """Read a report.

    Parameters
    ----------
    directory : str or Path
        The folder that `verify --out` named.

    Returns
    -------
    Report
        With `report` (a dict), `cases` and `tensors` (pandas DataFrames).

    Raises
    ------
    ValueError
        If the folder holds no report; the message is one line.
    """
    from oracle.report.load import load_report

    return load_report(directory)


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("backprop-oracle")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+unknown"
