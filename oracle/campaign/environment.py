"""Where a campaign ran: what a stranger needs to get the same verdicts."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("backprop-oracle", "numpy", "scipy", "torch", "pandas", "pyarrow")


def cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def package_version(name: str) -> str | None:
    """Version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def versions() -> dict[str, str]:
    """What two parts of a campaign must have in common: Python, the packages, and the source itself.

    The source stands there because a checkout's version does not change with every edit.
    """
    source = hashlib.sha256()
    for package in ("oracle", "reference"):
        for path in sorted((ROOT / package).rglob("*.py")):
            source.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    known = {name: package_version(name) for name in ("numpy", "scipy", "torch", "python-flint")}
    return {
        "python": platform.python_version(),
        **{name: version for name, version in known.items() if version},
        "source": source.hexdigest()[:16],
    }


def environment() -> dict[str, Any]:
    """Versions, libraries of linear algebra with their kernels and threads, machine and commit.

    Returns
    -------
    dict
        JSON values.  Of the process that asks: numerical libraries that it has not loaded are missing.
    """
    import threadpoolctl  # type: ignore[import-untyped]
    import torch

    libraries = [
        {
            "library": Path(library["filepath"]).name,
            "interface": library["user_api"],
            "version": library.get("version"),
            "kernels": library.get("architecture"),
            "threads": library["num_threads"],
        }
        for library in threadpoolctl.threadpool_info()
    ]
    return {
        "python": platform.python_version(),
        "packages": {name: package_version(name) for name in PACKAGES},
        "blas": sorted(libraries, key=lambda library: str(library["library"])),
        "torch": {
            "kernels": torch.backends.cpu.get_cpu_capability(),
            "mkl": bool(torch._C.has_mkl),
            "onednn": bool(torch._C._has_mkldnn),
        },
        "threads": torch.get_num_threads(),
        "cores": cores(),
        "cpu": _cpu(),
        "platform": platform.platform(),
        **_commit(),
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> dict[str, Any]:
    """The commit that this package was checked out at, and whether files differ from it."""
    if _git("rev-parse", "--show-toplevel") != str(ROOT):
        return {"commit": None, "modified": None}
    return {
        "commit": _git("rev-parse", "HEAD"),
        "modified": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
