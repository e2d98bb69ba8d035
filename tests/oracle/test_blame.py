"""Who is wrong: faults in the reference, in the candidate and in the definition, each called what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from oracle.candidates.protocol import Candidate
from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Case
from oracle.faults.corruption import Call, Corruption
from oracle.faults.fault import Site, exchanged
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.judge import judge, located
from oracle.judge.verdict import CaseVerdict, Verdict
from reference.architecture import Architecture, Leaf
from reference.op import op_class
from tests.oracle.planted import TORCH, case, node

DTYPES = ("float32", "float64")
BOTH = pytest.mark.parametrize("dtype", DTYPES)
OPS = ("layer_norm", "linear", "matmul", "multiply", "sigmoid", "softmax", "softplus", "tanh")
every_op = pytest.mark.parametrize("op", OPS)


def telling(dtype: str, op: str, count: int) -> Iterator[Case]:
    """Cases that agree and in which a fault of 1 % in the op's own gradient cannot hide.

    The op is in them once: two signs that are wrong one behind the other are right.
    """
    profile, found = load_profile("median-small"), 0
    for index in range(400):
        drawing = draw_case(77, dtype, index, profile, (op,))
        if sum(node.op.name == op for node in drawing.architecture.nodes.values()) != 1:
            continue
        said = judge(drawing, TORCH, sample=True)
        limits = [t.detection_limit for t in said.tensors if t.role == "gradient" and t.op == op]
        if said.verdict is Verdict.AGREE and limits and max(limits) < 1e-3:
            yield drawing
            found += 1
        if found == count:
            return
    raise AssertionError(f"{found} telling cases of {op}; {count} are needed")


def scaled(x_bar: Any) -> Any:
    return x_bar * (1 + 2.0**-6)


def negative(x_bar: Any) -> Any:
    return -x_bar


FAULTS = pytest.mark.parametrize("fault", [scaled, negative], ids=["scaled", "negative"])


class First(Corruption):
    """A fault in the first gradient of an op."""

    def __init__(self, fault: Callable[[Any], Any]) -> None:
        self.fault = fault

    def corrupt(self, call: Call, place: int, x_bar: Any) -> Any:
        return self.fault(x_bar) if place == call.first else x_bar


def in_reference(op: str, fault: Callable[[Any], Any]) -> AbstractContextManager[None]:
    return First(fault).reference(Site(op, "float64"))


def in_candidate(op: str, fault: Callable[[Any], Any]) -> Candidate:
    return First(fault).candidate(Site(op, "float64")).wrong


@BOTH
@every_op
@FAULTS
def test_a_fault_in_the_reference_is_blamed_on_it_with_a_witness(dtype: str, op: str, fault: Any) -> None:
    for drawing in list(telling(dtype, op, 2)):
        with in_reference(op, fault):
            said = judge(drawing, TORCH)
        assert (said.verdict, said.op) == (Verdict.REFERENCE_WRONG, op)
        assert "disjoint" in str(said.certificate)  # of the case, or of the node where a kink is in the way


@BOTH
@every_op
@FAULTS
def test_a_fault_in_the_candidate_is_blamed_on_it(dtype: str, op: str, fault: Any) -> None:
    for drawing in telling(dtype, op, 2):
        said = judge(drawing, in_candidate(op, fault))
        assert (said.verdict, said.op) == (Verdict.CANDIDATE_WRONG, op)
        assert said.node in drawing.architecture.nodes
        assert "agree" in str(said.certificate)


def layer_norm_with_another_eps(
    x: Any, w: Any = None, b: Any = None, *, normalized_shape: Any, eps: float
) -> Any:
    return F.layer_norm(x, normalized_shape, w, b, 1.5 * eps + 1e-6)


def layer_norm_unbiased(x: Any, w: Any = None, b: Any = None, *, normalized_shape: Any, eps: float) -> Any:
    axes = tuple(range(-len(normalized_shape), 0))
    v, m = torch.var_mean(x, axes, correction=1, keepdim=True)
    x = (x - m) / torch.sqrt(v + eps)
    x = x if w is None else x * w
    return x if b is None else x + b


def gelu_by_tanh(z: Any, *, approximate: str) -> Any:
    return F.gelu(z, approximate="tanh" if approximate == "none" else "none")


def softplus_without_threshold(z: Any, *, beta: float, threshold: float) -> Any:
    return torch.log1p(torch.exp(-torch.abs(beta * z))) / beta + torch.relu(beta * z) / beta + 1e-4 * z


DEFINITIONS = {
    "another ε": ("layer_norm", layer_norm_with_another_eps),
    "unbiased variance": ("layer_norm", layer_norm_unbiased),
    "tanh for erf": ("gelu", gelu_by_tanh),
    "no threshold": ("softplus", softplus_without_threshold),
}


@BOTH
@pytest.mark.parametrize("definition", DEFINITIONS)
def test_another_definition_is_called_one_at_the_right_node(dtype: str, definition: str) -> None:
    op, function = DEFINITIONS[definition]
    told = 0
    for drawing in telling(dtype, op, 12):
        said = judge(drawing, TorchAutograd({op: function}))
        if not said.verdict.fails:
            continue  # ε beside a large variance
        told += 1
        assert (said.verdict, said.op) == (Verdict.DEFINITION_DIFFERS, op)
        nodes = drawing.architecture.nodes
        first = next(name for name in drawing.architecture.order if nodes[name].op.name == op)
        assert nodes[said.node].op.name == op
        assert said.node == first or len([n for n in nodes.values() if n.op.name == op]) > 1
        assert "definition-differs" in said.reason
    assert told >= 4


def test_a_node_where_the_candidate_is_wrong_outweighs_arithmetic_that_went_astray_but_no_witness() -> None:
    network = case("float64", {"x": [0.7, -1.3]}, {"y": node("tanh", "x")}, {"y": [0.3, 1.9]})
    candidate = in_candidate("tanh", negative)
    said = judge(network, candidate, locate=False)
    assert not said.refuted
    for refuted, expected in ((False, Verdict.CANDIDATE_WRONG), (True, Verdict.REFERENCE_WRONG)):
        whole = replace(said, verdict=Verdict.REFERENCE_WRONG, refuted=refuted)
        assert located(whole, network, candidate).verdict is expected
    with in_reference("tanh", negative):
        assert judge(network, TORCH).refuted


# --- a documented gradient that is not the derivative ---------------------------------------------


def table(dtype: str) -> Case:
    """An embedding whose padding row and frequencies count."""
    network = Architecture(
        {"i": Leaf("index", (4,), 3), "w": Leaf("parameter", (3, 2))},
        {"y": node("embedding", "i", "w", padding_idx=1, scale_grad_by_freq=True)},
        ("y",),
    )
    leaves = {"i": np.array([0, 2, 1, 2]), "w": np.array([[0.3, 1.9], [-0.7, 1.1], [0.6, -1.3]], dtype)}
    bars = {"y": np.array([[1.7, -0.4], [0.9, 1.2], [-0.8, 0.5], [1.4, -1.6]], dtype)}
    return Case(network, dtype, leaves, bars, dict.fromkeys(("i", "w", "y"), "contiguous"))


@BOTH
@pytest.mark.parametrize("forgotten", [{"padding_idx": None}, {"scale_grad_by_freq": False}], ids=str)
def test_a_padding_row_that_the_reference_forgets_is_the_references_fault(
    dtype: str, forgotten: dict[str, Any]
) -> None:
    cls = op_class("embedding")
    right = cls.vjp

    def wrong(op: Any, residuals: Any, y_bar: Any) -> Any:
        return right(replace(op, **forgotten), residuals, y_bar)

    assert judge(table(dtype), TORCH, certify=True).certified
    with exchanged(cls, vjp=wrong):
        said = judge(table(dtype), TORCH)
    assert (said.verdict, said.op) == (Verdict.REFERENCE_WRONG, "embedding")


# --- zeros must be true ----------------------------------------------------------------------


@BOTH
def test_two_zeros_that_are_not_true_are_the_references_fault_and_never_vacuous(dtype: str) -> None:
    network = case(dtype, {"x": [0.7, -1.3]}, {"y": node("tanh", "x")}, {"y": [0.3, 1.9]})

    def zeros(z: Any) -> Any:
        return torch.tanh(z).detach() + 0 * z

    with in_reference("tanh", lambda x_bar: x_bar * 0):
        said = judge(network, TorchAutograd({"tanh": zeros}), certify=True)
    assert said.verdict is Verdict.REFERENCE_WRONG


@pytest.mark.parametrize(
    ("dtype", "verdict", "step"),
    [("float32", Verdict.AGREE, "float64"), ("float64", Verdict.UNDECIDED, "truth")],
)
def test_a_zero_that_underflowed_is_not_proved_and_told_by_float64_if_at_all(
    dtype: str, verdict: Verdict, step: str
) -> None:
    tiny = 2.0**-140 if dtype == "float32" else 2.0**-1060
    network = case(dtype, {"x": [tiny], "w": [tiny]}, {"y": node("multiply", "x", "w")}, {"y": [0.7]})
    said = judge(network, TORCH)
    assert (said.verdict, said.step) == (verdict, step)
    (product,) = (tensor for tensor in said.tensors if tensor.role == "output")
    assert (product.verdict, product.step) == (verdict, step)


# --- certification ---------------------------------------------------------------------------


@BOTH
def test_a_certified_case_states_the_error_of_either_side(dtype: str) -> None:
    certified: list[CaseVerdict] = []
    for index in range(30):
        said = judge(draw_case(78, dtype, index, load_profile("median-small")), TORCH, certify=True)
        certified += [said] if said.certified else []
    assert len(certified) >= 15
    tensors = [tensor for said in certified for tensor in said.tensors if tensor.verdict is Verdict.AGREE]
    for side in ("reference_ulp", "candidate_ulp"):
        errors = np.array([getattr(tensor, side) for tensor in tensors])
        assert np.all(errors >= 0)
        assert 0 < np.median(errors) < 64


@BOTH
def test_a_fault_that_both_sides_share_is_found_by_certifying(dtype: str) -> None:
    network = case(dtype, {"x": [0.7, -1.3]}, {"y": node("tanh", "x")}, {"y": [0.3, 1.9]})
    candidate = in_candidate("tanh", negative)
    with in_reference("tanh", negative):
        assert judge(network, candidate).verdict is Verdict.AGREE
        assert judge(network, candidate, certify=True).verdict is Verdict.REFERENCE_WRONG


def test_short_significands_are_not_certified() -> None:
    network = case("float64", {"x": [0.5, -1.25]}, {"y": node("tanh", "x")}, {"y": [0.25, 1.5]})
    assert not judge(network, TORCH, certify=True).certified
