"""Laws of the mutator: what it changes, where, and that everything is as it was afterwards."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from bench.mutants import judge as of_judge
from bench.mutants import register, table
from bench.mutants.__main__ import since
from bench.mutants.hunt import Hunt, Outcome, all_mutants, hunt_one, processes, sample
from bench.mutants.mutants import mutants, variants
from bench.mutants.operators import OPERATORS
from bench.mutants.subjects import subjects
from oracle.faults.source import find
from reference.op import op_class, op_names

SAMPLES = [  # operator, statement, all that the operator puts in the place of a part of it
    ("arithmetic", "a + b", {"a - b"}),
    ("arithmetic", "a - b", {"a + b", "b - a"}),
    ("arithmetic", "a * b", {"a / b", "a + b"}),
    ("arithmetic", "a / b", {"a * b", "a - b", "b / a"}),
    ("arithmetic", "a ** 2", {"a * 2", "2 ** a"}),
    ("arithmetic", "a @ b", {"b @ a"}),
    ("arithmetic", "a += b", {"a -= b"}),
    ("comparison", "a > b", {"a >= b", "a < b"}),
    ("comparison", "a <= b", {"a < b", "a >= b"}),
    ("comparison", "a == b", {"a != b"}),
    ("comparison", "0 <= a < b", {"0 < a < b", "0 >= a < b", "0 <= a <= b", "0 <= a > b"}),
    ("comparison", "a is None", {"a is not None"}),
    ("comparison", "a in b", {"a not in b"}),
    ("sign", "-a", {"a"}),
    ("sign", "not a", {"a"}),
    ("sign", "c = a + b", {"c = -(a + b)"}),
    ("sign", "np.exp(a)", {"np.exp(-a)"}),
    ("constant", "0", {"1"}),
    ("constant", "1", {"0", "2"}),
    ("constant", "2", {"1", "3"}),
    ("constant", "1.5", {"1.5014999999999998", "-1.5"}),
    ("constant", "f(keepdims=True)", {"False"}),
    ("dropped_term", "a + b", {"a", "b"}),
    ("dropped_term", "a += b", {"pass"}),
    ("dropped_function", "np.exp(a)", {"a"}),
    ("dropped_function", "unbroadcast(a, b)", {"a"}),
    ("other_function", "np.exp(a)", {"np.expm1(a)", "np.exp2(a)"}),
    ("other_function", "np.maximum(a, 0)", {"np.minimum(a, 0)", "np.add(a, 0)"}),
    ("axis", "np.sum(a, axis=b)", {"np.sum(a)", "np.sum(a, axis=0)"}),
    ("axis", "np.sum(a, axis=0, keepdims=True)", {"np.sum(a, keepdims=True)"}),
    ("transpose", "a.T", {"a"}),
    ("transpose", "a.mT", {"a", "a.T"}),
    ("shifted_slice", "a[:b]", {":b + 1", ":"}),
    ("shifted_slice", "a[1:]", {"1 + 1:", ":"}),
    ("shifted_slice", "slice(a, b)", {"slice(a + 1, b)", "slice(a, b + 1)"}),
    ("branch", "a if c else b", {"a", "b"}),
    ("branch", "if c:\n  a", {"if True:\n    a", "if False:\n    a"}),
    ("boolean", "a and b", {"a or b", "a", "b"}),
    ("where", "np.where(c, a, b)", {"np.where(c, b, a)", "a", "b"}),
    ("returned", "return (a, b)", {"return (b, a)", "return (-a, b)", "return (0 * a, b)"}
     | {"return (None, b)", "return (a, -b)", "return (a, 0 * b)", "return (a, None)"}),
    ("returned", "return a is None", {"return True", "return False"}),
    ("other_name", "a", {"b", "c"}),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "statement", "expected"), SAMPLES)
def test_an_operator_makes_what_it_says(operator, statement, expected):
    tree = ast.parse(statement)
    before = ast.dump(tree)
    made = [new for node in ast.walk(tree) for new in OPERATORS[operator](node, ("a", "b", "c"))]
    assert {ast.unparse(ast.fix_missing_locations(new)) for new in made} == expected
    assert ast.dump(tree) == before, "an operator leaves the given node as it is"


def test_every_operator_is_sampled():
    assert {operator for operator, _, _ in SAMPLES} == set(OPERATORS)


SOURCE = """
def f(a, b):
    '''A docstring.'''
    if a is None:
        raise ValueError("1 - 1")
    c = a - b
    return c
"""


def made_of(source):
    module = ast.parse(source)
    return list(variants(module, find(module, "f")))


def test_each_variant_differs_from_the_source_and_from_all_others():
    texts = [ast.unparse(module) for *_, module in made_of(SOURCE)]
    assert ast.unparse(ast.parse(SOURCE)) not in texts
    assert len(texts) == len(set(texts)) > 8


def test_a_variant_changes_the_one_statement_that_it_names():
    source = ast.unparse(ast.parse(SOURCE)).splitlines()
    for _, before, after, module in made_of(SOURCE):
        text = ast.unparse(module).splitlines()
        (differing,) = [i for i, line in enumerate(text) if line != source[i]]
        assert (source[differing].strip(), text[differing].strip()) == (before, after)


def test_docstrings_and_refusals_are_left_alone():
    assert {before for _, before, _, _ in made_of(SOURCE)} == {"c = a - b", "return c"}


def test_a_name_is_replaced_only_by_names_that_have_a_value():
    after = {after for operator, _, after, _ in made_of(SOURCE) if operator == "other_name"}
    assert after == {"c = b - b", "c = a - a", "return a", "return b"}


def test_every_op_has_mutants_of_both_rules():
    assert set(op_names()) <= subjects().keys()
    for name in op_names():
        own_and_shared = [subject.name for subject in subjects().values() if name in subject.ops]
        mutants = [mutant for subject in own_and_shared for mutant in all_mutants(subject)]
        assert {mutant.function.rpartition(".")[2] for mutant in mutants} >= {"forward", "vjp"}, name


def test_helpers_of_the_rules_are_mutated_and_shape_arithmetic_is_not():
    assert "GroupNorm._grouped" in {mutant.function for mutant in all_mutants("group_norm")}
    assert set(subjects()["shapes.unbroadcast"].ops) >= {"add", "multiply", "matmul", "layer_norm"}
    assert set(subjects()["_reduction.reduce"].ops) >= {"mse", "cross_entropy"}
    assert not {"shapes.size", "shapes.broadcast", "shapes.normalize_axis"} & subjects().keys()


def test_no_mutant_has_the_code_of_its_original_and_keys_are_unique():
    for name in subjects():
        keys = [mutant.key for mutant in all_mutants(name)]
        assert len(keys) == len(set(keys)), name
        assert all(mutant.before != mutant.after for mutant in all_mutants(name)), name


def test_mutants_are_the_same_in_every_run():
    first, second = mutants(subjects()["tanh"]), mutants(subjects()["tanh"])
    assert [mutant.key for mutant in first] == [mutant.key for mutant in second]


def tanh_mutant():
    return next(mutant for mutant in all_mutants("tanh") if mutant.after == "a = z")


def test_a_mutant_is_in_force_inside_the_block_on_ops_built_before_and_after():
    z, mutant, before = np.array([0.5]), tanh_mutant(), op_class("tanh")()
    with mutant.planted():
        assert before.forward(z)[0][0] == op_class("tanh")().forward(z)[0][0] == 0.5
        assert op_class("tanh").name == "tanh"
    assert before.forward(z)[0][0] == np.tanh(0.5)


def test_the_original_is_back_after_an_exception():
    mutant = tanh_mutant()
    code = mutant.target.__code__

    def fail():
        with mutant.planted():
            assert mutant.target.__code__ is mutant.code
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert mutant.target.__code__ is code


def test_a_mutant_of_a_shared_function_is_in_force_where_it_was_imported():
    dropped = next(m for m in all_mutants("shapes.unbroadcast") if m.after == "summed = y_bar")
    add, y_bar = op_class("add")(), np.ones((2, 3))
    with dropped.planted(), pytest.raises(ValueError, match="reshape"):
        add.vjp(((2, 3), (3,)), y_bar)
    assert add.vjp(((2, 3), (3,)), y_bar)[1].shape == (3,)


def probe(seed, cases, ops, start=0):
    """A judge that knows one case: tanh at ½."""
    (a,), _ = op_class("tanh")().forward(np.array([0.5]))
    return None if a == np.tanh(0.5) else seed


def slow(seed, cases, ops, start):
    while True:
        pass


def tanh_outcome(judge, seeds, position, limit=60):
    (outcome,) = map(hunt_one, [(Hunt(judge, seeds, (10,) * len(seeds), limit), "tanh", position)])
    return outcome


def test_a_campaign_that_fails_kills_and_one_that_passes_does_not():
    of_forward = all_mutants("tanh").index(tanh_mutant())
    of_vjp = next(i for i, mutant in enumerate(all_mutants("tanh")) if mutant.function == "Tanh.vjp")
    assert tanh_outcome(probe, (4, 9), of_forward) == Outcome(of_forward, (5, 10))
    assert tanh_outcome(probe, (4, 9), of_vjp) == Outcome(of_vjp, (None, None))
    assert Outcome(0, (5, 10)).killed
    assert not Outcome(0, (5, None)).killed


def test_a_campaign_that_hangs_is_no_kill():
    outcome = tanh_outcome(slow, (1,), 0, limit=0.05)
    assert not outcome.killed
    assert "no verdict within" in outcome.note


def known_to_fail(seed, cases, ops, start):
    """A judge whose cases 3 and 5 fail always, and its case 8 with a mutant of tanh."""
    failing = [3, 5] if probe(seed, cases, ops) is None else [3, 5, 8]
    return next((index for index in failing if index >= start), None)


def test_a_case_that_fails_without_a_mutant_kills_none():
    hunt = Hunt(known_to_fail, (4, 9), (10, 10), 60)
    of_forward = all_mutants("tanh").index(tanh_mutant())
    of_vjp = next(i for i, mutant in enumerate(all_mutants("tanh")) if mutant.function == "Tanh.vjp")
    assert hunt_one((hunt, "tanh", of_forward)).cases == (9, 9)
    assert hunt_one((hunt, "tanh", of_vjp)).cases == (None, None)


def test_two_processes_give_what_one_gives():
    tasks = [(Hunt(probe, (4,), (10,), 60), "tanh", position) for position in (0, 1)]
    with processes(1) as here, processes(2) as there:
        assert list(here(hunt_one, tasks)) == list(there(hunt_one, tasks))


def test_a_sample_is_always_the_same_and_as_large_as_asked():
    softmax = subjects()["softmax"]
    assert sample(softmax, 7) == sample(softmax, 7)
    assert len(set(sample(softmax, 7))) == 7
    assert len(sample(softmax, None)) == len(all_mutants("softmax"))


SEEN, HALF_SEEN, UNSEEN = Outcome(0, (1, 3)), Outcome(0, (None, 3)), Outcome(0, (None, None))


@pytest.mark.parametrize(
    ("outcome", "registered", "trouble", "remarks"),
    [
        (SEEN, False, [], []),
        (HALF_SEEN, False, ["survivor"], []),
        (UNSEEN, False, ["survivor"], []),
        (SEEN, True, ["stale"], []),
        (HALF_SEEN, True, [], ["seen"]),
        (UNSEEN, True, [], []),
    ],
)
def test_a_survivor_without_a_reason_and_a_killed_equivalent_are_trouble(
    outcome, registered, trouble, remarks
):
    result, mutant = table.Result("tanh"), tanh_mutant()
    result.add(mutant, outcome, {mutant.key: "why"} if registered else {})
    assert [line.split()[0] for line in result.trouble] == trouble
    assert [line.split()[0] for line in result.remarks] == remarks


def test_every_registered_equivalent_exists():
    known_equivalents = register.load()
    assert {key[0] for key in known_equivalents} <= subjects().keys()
    for name in subjects():
        assert table.missing(known_equivalents, name, all_mutants(name)) == []


def test_the_register_refuses_an_entry_without_a_reason_and_one_twice(tmp_path):
    entry = {"op": "tanh", "function": "Tanh.vjp", "before": "a", "after": "b", "reason": "c"}
    for entries in ([{**entry, "reason": ""}], [entry, entry], [{"op": "tanh"}]):
        path = tmp_path / "tanh.json"
        path.write_text(json.dumps(entries))
        with pytest.raises(ValueError, match=r"tanh\.json"):
            register.load(tmp_path)


def test_what_changed_is_taken_before_others_the_same_for_one_revision() -> None:
    known = ["relu", "softmax", "_correlation.correlate", "tanh"]
    with pytest.MonkeyPatch.context() as patch:
        told = "reference/ops/activation/relu.py\nreference/ops/convolution/_correlation.py\n"
        patch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=told))
        assert set(since("abc", known, 2)) == {"relu", "_correlation.correlate"}
        assert set(since("abc", known, 1)) < {"relu", "_correlation.correlate"}
        assert since("abc", known, 3) == since("abc", known, 3)
        assert set(since("abc", known, 9)) == set(known)
    assert len(since("no-such-revision", known, 3)) == 3


# --- mutants of the judge ----------------------------------------------------------------------


def test_functions_methods_and_properties_of_the_judge_are_subjects() -> None:
    assert {"oracle.judge.compare", "oracle.numbers.balls"} <= set(of_judge.modules())
    names = {function.__qualname__ for function in of_judge.subject("oracle.judge.truth").functions}
    assert {"blame", "Truth.error", "Truth.enclosures"} <= names  # the last is a cached property
    assert all(
        function.__module__ == "oracle.judge.truth"
        for function in of_judge.subject("oracle.judge.truth").functions
    )


def test_the_tests_of_a_module_are_those_that_import_it_its_own_first() -> None:
    first, *others = of_judge.tests_of("oracle.judge.compare")
    assert first == "tests/oracle/test_compare.py"
    assert "tests/oracle/test_judge.py" in others


def test_a_mutant_is_killed_by_a_test_and_one_that_nobody_sees_survives() -> None:
    module = importlib.import_module("oracle.judge.verdict")
    (mutant, *_) = mutants(of_judge.subject(module.__name__))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_judge, "tests_of", lambda module: ["tests/test_sizes.py"])
        assert not of_judge.fate(mutant, 60).killer
