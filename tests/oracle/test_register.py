"""Laws over the register: no finding excuses another fault of its op."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import DTYPES, Case
from oracle.commands import options
from oracle.commands.usage import UsageError
from oracle.counterparts import counterpart
from oracle.findings.groups import examine
from oracle.findings.register import FOLDER, INSTALLED, SHIPPED, Finding, load
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge
from oracle.judge.sides import Clock, run_both
from oracle.shrink.failure import failures
from reference.op import op_class
from tests.oracle.planted import TORCH, case, node

ROOT = Path(__file__).parents[2]
REGISTER = load()
SHALLOW = replace(load_profile("default"), depth=3, mean_depth=1)
TRIES = 40


def _entry(y_bar: Any) -> Any:
    """One entry, in which the slope is off by three of the largest cotangents."""
    changed = y_bar.clone(memory_format=torch.contiguous_format)
    changed.view(-1)[:1] += 3 * y_bar.abs().max() if y_bar.numel() else 0
    return changed


FAULTS: dict[str, Callable[[Any], Any]] = {
    "sign": lambda y_bar: -y_bar,
    "scale": lambda y_bar: 1.001 * y_bar,
    "one entry": _entry,
}


def faulty(op: str, fault: str, argument: str = "") -> TorchAutograd:
    """Torch with what it has wrong, and another fault in one op: in all gradients, or in an argument's."""

    def function(*inputs: Any, **attributes: Any) -> Any:
        if fault == "refusal":
            raise RuntimeError("planted")
        if argument:
            place = [op_class(op)(**attributes).signature().name(k) for k in range(len(inputs))].index(
                argument
            )
            inputs = (*inputs[:place], inputs[place].view_as(inputs[place]), *inputs[place + 1 :])
            inputs[place].register_hook(FAULTS[fault])
            return counterpart(op)(*inputs, **attributes)
        result = counterpart(op)(*inputs, **attributes)
        if fault == "output":
            scaled = [y * 1.001 for y in (result,) if isinstance(y, torch.Tensor)]
            return scaled[0] if scaled else tuple(y * 1.001 for y in result)
        for y in (result,) if isinstance(result, torch.Tensor) else result:
            if y.requires_grad:
                y.register_hook(lambda y_bar: None if y_bar is None else FAULTS[fault](y_bar))
        return result

    return TorchAutograd({op: function})


@cache
def drawn(op: str, fault: str) -> Case | None:
    """A network that agrees with torch as it is, and fails with the fault."""
    for index in range(TRIES):
        for dtype in DTYPES:
            network = draw_case(5, dtype, index, SHALLOW, (op,))
            right, wrong = (judge(network, side, locate=False).verdict for side in (TORCH, faulty(op, fault)))
            if wrong.fails and not right.fails:
                return network
    return None


def new(start: Case, candidate: TorchAutograd) -> bool:
    """Whether a failing case is excused by no finding."""
    return [shrunk.finding for shrunk in examine([("case", start)], candidate, REGISTER)] == [None]


def test_the_register_comes_with_the_program_wherever_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = options.register_of(Namespace(findings=None))
    assert found.name == SHIPPED
    assert [finding.id for finding in found.findings] == [finding.id for finding in REGISTER]
    empty = options.register_of(Namespace(findings=tmp_path))
    assert (empty.name, empty.findings) == (str(tmp_path), ())
    assert empty.identity != found.identity
    with pytest.raises(UsageError, match="nowhere: No such file"):
        options.register_of(Namespace(findings=tmp_path / "nowhere"))


def test_a_wheel_has_the_register_where_the_program_looks_for_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    placed = {ROOT / there: ROOT / here for here, there in wheel["force-include"].items()}
    assert placed[INSTALLED] == FOLDER


@pytest.mark.parametrize("fault", [*FAULTS, "refusal", "output"])
@pytest.mark.parametrize("op", sorted({finding.op for finding in REGISTER}))
def test_no_finding_excuses_another_fault_of_its_op(op: str, fault: str) -> None:
    network = drawn(op, fault)
    assert network is not None, "no case shows the fault"
    assert new(network, faulty(op, fault))


def shown(finding: Finding) -> str:
    """The argument whose gradient its case shows to be wrong; empty where it is another tensor."""
    told = judge(finding.case, TORCH, locate=False)
    role, _, name = next((f.tensor for f in failures(finding.case, told)), "").partition(" ")
    return name if role == "gradient" else ""


@pytest.mark.parametrize("fault", [*FAULTS, "refusal", "output"])
@pytest.mark.parametrize("finding", REGISTER, ids=lambda finding: finding.id)
def test_its_own_case_with_another_fault_is_not_excused(finding: Finding, fault: str) -> None:
    """Where the fault changes nothing in this case, what torch has wrong is all there is, and is excused.

    A single entry of the argument's gradient is not changed: it may be the very one that torch has wrong.
    """
    for argument in dict.fromkeys(("", shown(finding) if fault in ("sign", "scale") else "")):
        candidate = faulty(finding.op, fault, argument)
        assert new(finding.case, candidate) == (said(finding.case, candidate) != said(finding.case, TORCH))


def said(start: Case, candidate: TorchAutograd) -> Any:
    """What a candidate gives, or why it does not; 0 and -0 are one."""
    tensors, raised, _ = run_both(start, candidate, Clock())
    return raised or {key: str((array + 0.0).tolist()) for key, array in tensors["candidate"].items()}


def slope(op: str, wrong: Callable[[Any, Any], Any]) -> TorchAutograd:
    """Torch, and the gradient of an op's first argument made from the right one and the argument."""

    def function(x: Any, *others: Any, **attributes: Any) -> Any:
        inner, given = x.view_as(x), x.detach()
        if inner.requires_grad:
            inner.register_hook(lambda x_bar: wrong(x_bar, given))
        return counterpart(op)(inner, *others, **attributes)

    return TorchAutograd({op: function})


def output(op: str, wrong: Callable[[Any, Any], Any]) -> TorchAutograd:
    """Torch, and the first output of an op made from the right one and the first argument."""

    def function(x: Any, *others: Any, **attributes: Any) -> Any:
        result = counterpart(op)(x, *others, **attributes)
        y, *rest = (result,) if isinstance(result, torch.Tensor) else result
        y = y + (wrong(y, x) - y).detach()
        return (y, *rest) if rest else y

    return TorchAutograd({op: function})


def refuses(op: str) -> TorchAutograd:
    """Torch, and an op that refuses what is contiguous as torch does what is not."""

    def function(x: Any, *others: Any, **attributes: Any) -> Any:
        if x.is_contiguous():
            raise RuntimeError("view size is not compatible with input tensor's size and stride")
        return counterpart(op)(x, *others, **attributes)

    return TorchAutograd({op: function})


def _one_pass(y: Any, x: Any) -> Any:
    mean = x.mean(0)
    return (x - mean) / torch.sqrt((x * x).mean(0) - mean * mean + 1e-5)


NEAR_100 = [[100 + each] for each in np.random.default_rng(3).standard_normal(12).round(4)]
SLIDES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], TorchAutograd]] = {
    "layer-norm-squares": ("layer_norm", "float64", {"x": [1e5, -2e5, 5e4]}, {"normalized_shape": (3,)},
                           output("layer_norm", lambda y, x: y * torch.nan if x.abs().max() > 65504 else y)),
    "local-response-norm-view": ("local_response_norm", "float64", {"x": [[[1.5, 2.5], [0.5, 1.25]]]},
                                 {"size": 2}, refuses("local_response_norm")),
    "celu-float64-alpha": ("celu", "float64", {"z": [1.5, 2.7]}, {"alpha": 0.3},
                           slope("celu", lambda g, z: torch.where(z > 0, g * (1 + 1e-8), g))),
    "softsign-slope-digits": ("softsign", "float64", {"z": [1.7e8, 2.3e8]}, {},
                              slope("softsign", lambda g, z: torch.where(z.abs() > 1e8, -g, g))),
    "batch-norm-equal-numbers": ("batch_norm", "float32", {"x": NEAR_100}, {"training": True},
                                 output("batch_norm", _one_pass)),
    "clamp-bounds": ("clamp", "float64", {"x": [3.0, 0.25]}, {"min": -1.0, "max": 1.0},
                     slope("clamp", lambda g, x: torch.where(x == 3, 1.25, g))),
    "leaky-relu-kink": ("leaky_relu", "float64", {"z": [0.0, 1.5]}, {"negative_slope": -0.5},
                        slope("leaky_relu", lambda g, z: torch.where(z == 0, -4 * g, g))),
}  # fmt: skip


@pytest.mark.parametrize("finding", SLIDES)
def test_a_fault_that_could_slide_into_a_known_one_is_not_excused(finding: str) -> None:
    op, dtype, leaves, attributes, candidate = SLIDES[finding]
    (x,) = map(np.asarray, leaves.values())
    y_bar = np.linspace(1.25, -0.75, x.size).reshape(x.shape).tolist()
    start = case(dtype, leaves, {"y": node(op, *leaves, **attributes)}, {"y": y_bar})
    (registered,) = [each for each in REGISTER if each.id == finding]
    assert judge(start, candidate, sample=False).verdict is registered.verdict
    assert new(start, candidate)


def test_a_known_deviation_that_adds_up_in_a_network_is_excused_and_another_one_is_not() -> None:
    """Alone, tanhshrink is within its rounding; behind a prelu it is not."""
    network = case(
        "float64",
        {"x": -0.0625, "slope": 0.25},
        {"a": node("prelu", "x", "slope"), "y": node("tanhshrink", "a")},
        {"y": 1.0},
    )
    (known,) = [shrunk.finding for shrunk in examine([("case", network)], TORCH, REGISTER)]
    assert known is not None
    assert known.id == "tanhshrink-slope-digits"
    assert new(network, faulty("tanhshrink", "scale"))
    assert new(network, faulty("tanhshrink", "sign"))
