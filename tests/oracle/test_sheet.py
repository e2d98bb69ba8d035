"""The judge's sheet: whose a tensor is, and which of several failing ones is nearest to the fault."""

from __future__ import annotations

import numpy as np

from oracle.case import Case
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile
from oracle.judge.sheet import Sheet
from oracle.judge.truth import Finding
from oracle.judge.verdict import Verdict
from tests.oracle.planted import case, node


def chain() -> Case:
    """x goes through exp and tanh; w enters at the end, and x once more."""
    return case(
        "float64",
        {"x": [0.5, 0.25], "w": [1.5, -0.5]},
        {
            "a": node("exp", "x"),
            "b": node("tanh", "a"),
            "c": node("multiply", "b", "w"),
            "d": node("add", "c", "x"),
        },
        {"b": [1.0, 2.0], "d": [0.5, 1.5]},
    )


def filled(verdict: Verdict = Verdict.ERROR) -> Sheet:
    sheet = Sheet(chain())
    for key in (("output", "d"), ("output", "b"), ("gradient", "x"), ("gradient", "w")):
        sheet.write(key, verdict, "structure", f"{key[1]} is off", 2)
    return sheet


def test_a_tensor_is_the_ops_that_an_output_leaves_or_that_a_leaf_feeds_first() -> None:
    told = {name: tensor.op for (_, name), tensor in filled().found.items()}
    assert told == {"d": "add", "b": "tanh", "x": "exp", "w": "multiply"}


def test_every_leaf_of_drawn_networks_has_the_op_of_its_first_user() -> None:
    for index in range(30):
        drawing = draw_case(8, "float64", index, load_profile("default"))
        network, sheet = drawing.architecture, Sheet(drawing)
        for leaf in network.leaves:
            first = next(name for name in network.order if leaf in network.nodes[name].inputs)
            sheet.write(("gradient", leaf), Verdict.ERROR, "structure")
            assert sheet.found["gradient", leaf].op == network.nodes[first].op.name


def test_of_tensors_that_fail_alike_the_one_nearest_to_the_fault_is_the_worst() -> None:
    sheet = filled()
    assert sheet.worst() == ("output", "b")  # the earliest output
    for name in ("b", "d"):
        sheet.amend(("output", name), Finding(Verdict.AGREE, "screen"))
    assert sheet.worst() == ("gradient", "w")  # the leaf that enters last
    sheet.amend(("gradient", "x"), Finding(Verdict.CANDIDATE_WRONG, "truth", "far off"))
    said = sheet.verdict({})
    assert (said.verdict, said.op, said.step) == (Verdict.CANDIDATE_WRONG, "exp", "truth")
    assert said.reason == "gradient x: far off"


def test_a_case_that_agrees_names_no_op_and_the_dearest_step_that_decided() -> None:
    sheet = filled(Verdict.AGREE)
    sheet.amend(("gradient", "x"), Finding(Verdict.AGREE, "rounding"))
    said = sheet.verdict({})
    assert (said.verdict, said.op, said.step) == (Verdict.AGREE, "", "rounding")


def test_only_what_was_measured_and_is_not_refuted_is_excused() -> None:
    sheet = filled()
    sheet.incomparable.clear()
    sheet.incomparable.add(("gradient", "w"))
    sheet.refuted.add(("gradient", "x"))
    sheet.excuse(dict.fromkeys(sheet.found, "overflow"))
    verdicts = {name: tensor.verdict for (_, name), tensor in sheet.found.items()}
    assert verdicts == {
        "d": Verdict.UNDECIDED,
        "b": Verdict.UNDECIDED,
        "x": Verdict.ERROR,
        "w": Verdict.ERROR,
    }
    assert np.isnan(sheet.found["output", "d"].detection_limit)


def test_a_side_that_raised_did_so_at_the_node_it_names_or_at_the_last() -> None:
    sheet = Sheet(chain())
    assert sheet.raised("no", {}, ["b"]).op == "tanh"
    assert sheet.raised("no", {}, ["no node", "a"]).op == "exp"
    assert sheet.raised("no", {}).op == "add"
