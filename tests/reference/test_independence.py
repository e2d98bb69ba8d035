"""The reference needs numpy, scipy.special and the standard library, and nothing else."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import reference

PACKAGE = Path(reference.__file__).parent
ALLOWED = sys.stdlib_module_names | {"numpy", "scipy", "reference"}

# Imports every module while nothing beyond numpy, scipy and the standard library can be found.  An
# attempt counts even if its ImportError is swallowed; what numpy and scipy try is their own affair.
GUARD = """
import importlib, pkgutil, sys
import numpy, scipy.special

attempts = []

class Refuse:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in sys.stdlib_module_names | {"numpy", "scipy", "reference"}:
            attempts.append(name)
            raise ImportError(f"{name} is refused")

sys.meta_path.insert(0, Refuse)
sys.path.insert(0, sys.argv[1])
import reference

for module in pkgutil.walk_packages(reference.__path__, "reference."):
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        attempts.append(str(error))
sys.exit(f"refused: {attempts}" if attempts else 0)
"""


def violations(root: Path) -> list[str]:
    """What the package `reference` below `root` imports, or names in an import, beyond what it may."""
    found = []
    for path in sorted(root.glob("reference/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [f"{path.name}: {name}" for name in names if name.partition(".")[0] not in ALLOWED]
            found += [
                f"{path.name}: {name}" for name in names if name.startswith("scipy") and "special" not in name
            ]
    run = subprocess.run(
        [sys.executable, "-I", "-c", GUARD, str(root)], capture_output=True, text=True, timeout=60
    )
    return found + ([run.stderr.strip()] if run.returncode else [])


def test_the_reference_imports_nothing_beyond_numpy_scipy_special_and_the_standard_library() -> None:
    assert violations(PACKAGE.parent) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import torch",
        "from oracle import case",
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "def f():\n    import pandas",
        "import importlib\nimportlib.import_module('torch')",
        "try:\n    __import__('torch')\nexcept ImportError:\n    pass",
        "from scipy.optimize import check_grad",
    ],
)
def test_the_independence_test_can_fail(planted: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "reference/ops/activation/tanh.py").open("a") as file:
        file.write(f"\n{planted}\n")
    assert violations(tmp_path) != []
