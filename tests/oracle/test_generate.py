"""The generator: the same case everywhere, valid, and from all corners that a profile promises."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.case import DTYPES, Case, dumps, loads
from oracle.generate import values
from oracle.generate.architectures import draw_architecture, featured
from oracle.generate.bits import Bits
from oracle.generate.builder import Builder, Limits
from oracle.generate.cases import draw_case
from oracle.generate.profile import load_profile, profile_names
from oracle.generate.values import KINDS, SIGNIFICAND, draw
from oracle.layouts import LAYOUTS
from reference.architecture import FLOATING, Architecture
from reference.op import family, op_class, op_names

BOTH = pytest.mark.parametrize("dtype", DTYPES)
OPS = op_names()
DEFAULT, SMALL = load_profile("default"), load_profile("median-small")
FINITE = [kind for kind in KINDS if kind != "nonfinite"]
LOSSES = {name for name in OPS if family(name) == "loss"}


@cache
def architectures(count: int = 3000) -> list[Architecture]:
    return [draw_architecture(Bits(5, index), DEFAULT, (), index)[0] for index in range(count)]


@cache
def cases(dtype: str, count: int = 250) -> list[Case]:
    return [draw_case(17, dtype, index, DEFAULT) for index in range(count)]


def fingerprint(case: Case) -> str:
    """Everything that is drawn, memory addresses modulo alignment included."""
    arrays = [*sorted(case.leaves.items()), *sorted(case.cotangents.items())]
    strides = [(name, array.strides) for name, array in arrays if array.size]
    return hashlib.sha256(f"{dumps(case)}{strides}".encode()).hexdigest()


def used_ops(network: Architecture) -> set[str]:
    return {node.op.name for node in network.nodes.values()}


def test_masks_are_mixed_and_now_and_then_true_or_false_in_whole_rows_or_throughout() -> None:
    masks = [values.mask(Bits(3, index), (6, 5)) for index in range(200)]
    for sort, share in (
        (lambda m: m.all(), 0.01),
        (lambda m: not m.any(), 0.01),
        (lambda m: m.any() and (~m).all(axis=1).any(), 0.2),
        (lambda m: not m.all() and m.all(axis=1).any(), 0.2),
        (lambda m: m.any() and not m.all(), 0.6),
    ):
        assert np.mean([bool(sort(mask)) for mask in masks]) > share
    assert values.mask(Bits(3, 0), ()).shape == ()
    assert values.mask(Bits(3, 0), (0, 3)).dtype == bool


@BOTH
@pytest.mark.parametrize("kind", FINITE)
def test_values_are_moved_into_their_domain_and_keep_their_dtype(dtype: str, kind: str) -> None:
    for index in range(20):
        drawn = values.draw(Bits(4, index), kind, (7, 9), dtype, index - 10)
        for moved in (values.positive(drawn, True), values.positive(drawn, False), values.unit(drawn)):
            assert moved.dtype == dtype
            assert (moved > 0).all()
        assert (values.unit(drawn) < 1).all()
        assert (values.positive(drawn, True) >= 0.125).all()
        for end in (0, 1):
            closed = values.closed(drawn, end)
            assert closed.dtype == dtype
            assert ((closed == end) | ((closed > 2.0**-21) & (closed < 1 - 2.0**-21))).all()


@pytest.mark.parametrize("end", [0, 1])
def test_one_end_is_drawn_and_not_the_other(end: int) -> None:
    drawn = values.closed(values.draw(Bits(5), "special", (200,), "float64"), end)
    assert 0.05 < np.mean(drawn == end) < 0.6
    assert not (drawn == 1 - end).any()


def test_a_wire_that_is_moved_into_a_domain_is_moved_once() -> None:
    draw = Builder(Bits(1), Limits(64, 64, (1, 8)))
    x = draw.leaf("input", (3,))
    positive = draw.positive(x)
    assert positive.domain != "any"
    assert draw.positive(positive) == positive
    unit = draw.unit(x)
    assert draw.unit(unit) == unit == draw.positive(unit)
    assert draw.leaf("state", (3,), domain="positive").domain == draw.ranges["s1"].domain == "positive"


def test_a_nonfinite_case_has_one_op_and_one_array_that_is_not_finite() -> None:
    profile, sorts = load_profile("nonfinite"), set()
    for index in range(60):
        case = draw_case(3, "float32", index, profile)
        arrays = [*case.leaves.values(), *case.cotangents.values()]
        poisoned = [array for array in arrays if array.dtype.kind == "f" and not np.isfinite(array).all()]
        assert len(poisoned) <= 1  # none where the array has no entries
        sorts |= {str(value) for array in poisoned for value in array[~np.isfinite(array)]}
    assert sorts == {"nan", "inf", "-inf"}


# --- the same case everywhere ----------------------------------------------------------------


def test_a_case_depends_on_seed_dtype_and_index_alone_whatever_was_drawn_before() -> None:
    keys = [(seed, dtype, index) for seed in (0, 2**64 - 1) for dtype in DTYPES for index in (0, 7, 10**9)]
    forward = {key: fingerprint(draw_case(*key, SMALL)) for key in keys}
    backward = {key: fingerprint(draw_case(*key, SMALL)) for key in reversed(keys)}
    assert forward == backward
    assert len({*forward.values()}) == len(keys)


def test_another_process_draws_the_same_cases() -> None:
    script = (
        "from tests.oracle.test_generate import *\n"
        "for index in reversed(range(12)):\n"
        "    print(*(fingerprint(draw_case(9, dtype, index, DEFAULT)) for dtype in DTYPES))\n"
    )
    command = [sys.executable, "-c", script]
    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = [fingerprint(draw_case(9, dtype, i, DEFAULT)) for i in reversed(range(12)) for dtype in DTYPES]
    assert other == ours


def test_a_case_says_where_it_came_from_and_is_drawn_again_from_that() -> None:
    case = draw_case(3, "float32", 41, SMALL, ("relu", "tanh"))
    origin = case.origin
    assert origin is not None
    assert case.case_id == "float32/41"
    again = draw_case(origin.seed, origin.dtype, origin.index, load_profile(origin.profile), origin.ops)
    assert fingerprint(again) == fingerprint(case)


def test_drawing_leaves_the_global_random_state_alone() -> None:
    state = np.random.get_state()
    draw_case(1, "float64", 1, SMALL)
    assert str(np.random.get_state()) == str(state)


# --- valid -----------------------------------------------------------------------------------


@BOTH
def test_every_case_is_valid_and_written_and_read_without_loss(dtype: str) -> None:
    for case in cases(dtype)[:120]:
        network = case.architecture
        assert case.leaves.keys() == network.leaves.keys()
        assert case.cotangents.keys() == {*network.outputs}
        assert case.layouts.keys() == network.leaves.keys() | {*network.outputs}
        for name, array in (*case.leaves.items(), *case.cotangents.items()):
            assert array.shape == network.shapes[name]
            leaf = network.leaves.get(name)
            if leaf is None or leaf.kind in FLOATING:
                assert array.dtype == dtype
                assert np.isfinite(array).all()
            elif leaf.kind == "mask":
                assert array.dtype == bool
            else:
                assert leaf.bound is not None
                assert array.dtype == np.int64
                assert array.size == 0 or 0 <= array.min() <= array.max() < leaf.bound
        assert fingerprint(loads(dumps(case))) == fingerprint(case)


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_draws_valid_networks_within_its_sizes(name: str) -> None:
    profile = load_profile(name)
    for index in range(400):
        network, scales = draw_architecture(Bits(8, index), profile, (), index)
        floating = {leaf for leaf in network.leaves if network.leaves[leaf].kind in FLOATING}
        assert floating <= scales.keys()
        assert len(network.nodes) <= profile.depth + 8
        assert max(map(math.prod, network.shapes.values())) <= 16 * profile.elements_large


@pytest.mark.parametrize("name", profile_names())
def test_nothing_has_more_entries_than_the_profile_allows(name: str) -> None:
    profile = load_profile(name)
    for index in range(2_500):
        network, _ = draw_architecture(Bits(8, index), profile, (), index)
        for wire, shape in network.shapes.items():
            weight = wire in network.leaves and network.leaves[wire].kind == "parameter"
            assert math.prod(shape) <= (profile.weights if weight else profile.elements_large)


def test_hardly_a_network_has_more_nodes_than_the_profile_says() -> None:
    """Only the ops that are asked for, the last one and the loss may bring nodes that prepare their wires."""
    assert np.mean([len(network.nodes) > DEFAULT.depth for network in architectures()]) < 0.01


# --- stratification --------------------------------------------------------------------------


@BOTH
def test_the_featured_op_is_in_its_case(dtype: str) -> None:
    for index in range(3 * len(OPS)):
        case = draw_case(2, dtype, index, SMALL)
        assert featured((), index)[0] in used_ops(case.architecture)
    for index, network in enumerate(architectures()):
        assert featured((), index)[0] in used_ops(network)


@pytest.mark.parametrize("ops", [("softplus",), ("mse", "relu"), ()])
def test_so_many_consecutive_cases_feature_every_op_and_every_pair_once(ops: tuple[str, ...]) -> None:
    chosen = ops or OPS
    for start in (0, 1234):
        pairs = [featured(ops, start + index) for index in range(len(chosen) * len(OPS))]
        assert sorted(pairs) == sorted((op, before) for op in chosen for before in OPS)
        assert {op for op, _ in pairs[: len(chosen)]} == {*chosen}


def test_only_cases_with_one_of_the_chosen_ops_are_drawn() -> None:
    for index in range(40):
        network = draw_case(4, "float64", index, SMALL, ("layer_norm", "mse")).architecture
        assert used_ops(network) & {"layer_norm", "mse"}


def test_every_op_meets_many_others_on_its_wires() -> None:
    met = {
        (network.nodes[source].op.name, node.op.name)
        for network in architectures(6000)
        for node in network.nodes.values()
        for source in (wire.partition(":")[0] for wire in node.inputs if wire is not None)
        if source in network.nodes
    }
    feeds, fed = Counter(op for op, _ in met), Counter(op for _, op in met)
    assert min(feeds[op] for op in OPS) >= 10
    assert min(fed[op] for op in OPS if "index" not in op_class(op).kinds.values()) >= 10


# --- what occurs -----------------------------------------------------------------------------


def test_the_default_profile_reaches_depth_width_and_batch() -> None:
    counts = [len(network.nodes) for network in architectures()]
    assert min(counts) == 1
    assert max(counts) >= 28
    inputs = [leaf.shape for network in architectures() for leaf in network.leaves.values()]
    matrices = [shape for shape in inputs if len(shape) == 2]
    for batch, width in ((1, None), (256, None), (None, 1), (None, 512)):
        assert any(batch in (None, shape[0]) and width in (None, shape[1]) for shape in matrices)
    assert any(shape[0] == 512 for shape in matrices)  # a weight
    assert (
        max(size for network in architectures() for size in map(math.prod, network.shapes.values())) > 65536
    )


def longest_path(network: Architecture) -> int:
    depth: dict[str | None, int] = {}
    for name in network.order:
        depth[name] = 1 + max(depth.get(wire, 0) for wire in network.nodes[name].inputs)
    return max(depth.values())


def test_further_outputs_are_used_or_listed_and_constant_ones_are_always_listed() -> None:
    used, listed = 0, 0
    for network in architectures():
        inputs = {wire for node in network.nodes.values() for wire in node.inputs}
        for name, wires in network.wires.items():
            constant = {wires[k] for k in network.nodes[name].op.constant_outputs if k < len(wires)}
            assert constant <= {*network.outputs}
            used += not inputs.isdisjoint(wires[1:])
            listed += not {*network.outputs}.isdisjoint({*wires[1:]} - constant)
    assert min(used, listed) >= 20


def test_long_chains_occur() -> None:
    assert max(map(longest_path, architectures(6000))) >= 20


def is_residual(network: Architecture) -> bool:
    """Whether something is added to what it was computed from."""
    before: dict[str, set[str]] = {name: set() for name in network.leaves}
    for name in network.order:
        inputs = [wire for wire in network.nodes[name].inputs if wire is not None]
        for wire in network.wires[name]:
            before[wire] = set(inputs).union(*(before[wire] for wire in inputs))
        if network.nodes[name].op.name == "add" and inputs[0] != inputs[1]:
            a, b = inputs
            if (a in before[b] and a in network.nodes) or (b in before[a] and b in network.nodes):
                return True
    return False


def uses(network: Architecture) -> Counter[str | None]:
    return Counter(wire for node in network.nodes.values() for wire in node.inputs)


STRUCTURES: dict[str, Any] = {
    "tied weights": lambda n: any(
        leaf.kind == "parameter" and uses(n)[name] > 1 for name, leaf in n.leaves.items()
    ),
    "fan-out": lambda n: any(uses(n)[name] > 1 for name in n.nodes),
    "several outputs": lambda n: len(n.outputs) > 1,
    "an inner wire as output": lambda n: any(uses(n)[wire] for wire in n.outputs),
    "residual": is_residual,
    "concatenation of two computed wires": lambda n: any(
        node.op.name == "concatenate" and len({w for w in node.inputs if w in n.nodes}) > 1
        for node in n.nodes.values()
    ),
    "one wire twice": lambda n: any(len(set(node.inputs)) < len(node.inputs) for node in n.nodes.values()),
    "an output of a node that reaches nothing": lambda n: any(
        wire not in uses(n) and wire not in n.outputs for wires in n.wires.values() for wire in wires
    ),
    "a single node": lambda n: len(n.nodes) == 1,
    "four axes": lambda n: any(len(shape) == 4 for shape in n.shapes.values()),
    "a scalar leaf": lambda n: any(leaf.shape == () for leaf in n.leaves.values()),
    "an axis of one": lambda n: any(1 in leaf.shape for leaf in n.leaves.values()),
    "a loss inside": lambda n: any(
        node.op.name in LOSSES and uses(n)[name] for name, node in n.nodes.items()
    ),
    **{f"loss {name}": (lambda n, name=name: name in used_ops(n)) for name in sorted(LOSSES)},
}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structures_occur(structure: str) -> None:
    count = sum(bool(STRUCTURES[structure](network)) for network in architectures())
    assert count >= 20, f"{count} of {len(architectures())}"


def test_every_attribute_takes_several_values() -> None:
    values: dict[tuple[str, str], set[Any]] = {}
    for network in architectures():
        for node in network.nodes.values():
            for field in dataclasses.fields(node.op):
                values.setdefault((node.op.name, field.name), set()).add(getattr(node.op, field.name))
    assert all(len(found) > 1 for found in values.values()), values


@BOTH
def test_all_layouts_occur_in_leaves_and_cotangents(dtype: str) -> None:
    for side in ("leaves", "cotangents"):
        arrays = [
            (case.layouts[name], array)
            for case in cases(dtype)
            for name, array in getattr(case, side).items()
        ]
        assert {layout for layout, _ in arrays} == {*LAYOUTS}
        assert any(not array.flags.c_contiguous and 0 not in array.strides for _, array in arrays)
        assert any(0 in array.strides for _, array in arrays)


@BOTH
def test_every_sort_of_value_occurs(dtype: str) -> None:
    tiny = np.finfo(dtype).tiny
    seen: Counter[str] = Counter()
    for case in cases(dtype):
        for array in case.leaves.values():
            if array.dtype.kind != "f" or array.size == 0:
                continue
            magnitude = np.abs(array)
            seen["zero"] += bool((array == 0).any())
            seen["negative zero"] += bool(((array == 0) & np.signbit(array)).any())
            seen["subnormal"] += bool(((magnitude > 0) & (magnitude < tiny)).any())
            seen["next to zero"] += bool(((magnitude > 0) & (magnitude <= np.nextafter(tiny * 0, 1))).any())
            seen["next to one"] += bool((array == np.nextafter(np.ones(1, dtype), 2)).any())
            seen["saturated"] += bool(np.mean(magnitude > 8) > 0.5)
            seen["all zero"] += not array.any()
            seen["offset"] += bool(array.size > 3 and (magnitude > 3).all() and np.ptp(array) < 1)
            seen["ties"] += bool(array.size > 16 and 1 < len(np.unique(array)) <= 4)
    assert all(seen[sort] for sort in seen), seen
    assert len(seen) == 9


def test_all_kinds_of_values_are_in_the_profiles() -> None:
    for name in profile_names():
        assert load_profile(name).values.keys() == {*FINITE}
        assert min(load_profile(name).values.values()) > 0
        assert load_profile(name).layouts.keys() == {*LAYOUTS}
        assert "zeros" not in load_profile(name).cotangents  # under which everything passes


@BOTH
def test_cotangents_are_not_zero_and_never_all_equal_but_where_they_are_expanded(dtype: str) -> None:
    """Under a cotangent of ones softmax and every normalisation have a zero gradient."""
    zero = []
    for case in cases(dtype):
        constant = {
            wire
            for name, wires in case.architecture.wires.items()
            for place, wire in enumerate(wires)
            if place in case.architecture.nodes[name].op.constant_outputs
        }
        for wire in case.cotangents.keys() - constant:
            array = case.cotangents[wire]
            zero += [not array.any()] * (array.size > 0)
            assert array.any() or array.size < 4
            if case.layouts[wire] != "expanded" and array.size > 8:
                assert np.ptp(array) > 0
    assert np.mean(zero) < 0.02


# --- values ----------------------------------------------------------------------------------


def trailing_zeros(values: Any, bits: int) -> float:
    """Share of values whose last `bits` bits are 0."""
    words = np.ascontiguousarray(values).view(np.uint64 if values.dtype == np.float64 else np.uint32)
    return float(np.mean((words & words.dtype.type(2**bits - 1)) == 0))


@BOTH
def test_values_use_the_full_significand(dtype: str) -> None:
    profile = dataclasses.replace(SMALL, short=0)
    floats = [
        array.ravel()
        for index in range(150)
        for array in draw_case(6, dtype, index, profile).leaves.values()
        if array.dtype == dtype
    ]
    bits = 53 - 24 if dtype == "float64" else 24 - 11  # exact in float32; in float16
    assert trailing_zeros(np.concatenate(floats), bits) < 0.15
    assert trailing_zeros(draw(Bits(1), "uniform", (20_000,), dtype), 1) < 0.55
    assert trailing_zeros(draw(Bits(1), "bell", (20_000,), dtype), bits) < 0.001


@BOTH
def test_short_cases_are_exact_in_bfloat16(dtype: str) -> None:
    profile = dataclasses.replace(SMALL, short=100)
    for index in range(60):
        case = draw_case(6, dtype, index, profile)
        for array in (*case.leaves.values(), *case.cotangents.values()):
            if array.dtype.kind == "f":
                narrow = array.astype(np.float32)
                np.testing.assert_array_equal(narrow, array)
                assert not (np.ascontiguousarray(narrow).view(np.uint32) & 0xFFFF).any()


def test_some_cases_are_short_and_most_are_not() -> None:
    short = 0
    for case in cases("float64"):
        arrays = [array for array in case.leaves.values() if array.dtype == np.float64]
        short += all((array * 16 == np.round(array * 16)).all() for array in arrays)
    assert 2 <= short <= 60


@given(st.integers(0, 2**64 - 1), st.sampled_from(FINITE), st.sampled_from(DTYPES), st.integers(-9, 9))
def test_every_kind_of_value_is_finite_and_in_the_dtype_asked_for(
    seed: int, kind: str, dtype: str, log2_scale: int
) -> None:
    for shape in ((), (0,), (3, 1, 2), (70,)):
        values = draw(Bits(seed), kind, shape, dtype, log2_scale)
        assert values.shape == shape
        assert values.dtype == dtype
        assert values.flags.c_contiguous
        assert np.isfinite(values).all()
        assert (np.abs(values) < 2.0 ** (6 + log2_scale)).all()


@BOTH
@pytest.mark.parametrize("kind", sorted({*KINDS} - {"tiny", "special", "zeros"}))
def test_a_scale_is_a_power_of_two_and_loses_nothing(dtype: str, kind: str) -> None:
    plain, scaled = (draw(Bits(3), kind, (500,), dtype, log2) for log2 in (0, -7))
    np.testing.assert_array_equal(scaled * 2.0**7, plain)


@BOTH
def test_uniform_values_are_odd_multiples_of_the_last_place_and_fill_the_interval(dtype: str) -> None:
    values = draw(Bits(2), "uniform", (40_000,), dtype)
    odd = np.ldexp(values.astype(np.float64), SIGNIFICAND[dtype])
    assert (np.abs(values) < 1).all()
    assert (odd % 2 == 1).all()
    counts, _ = np.histogram(values.astype(float), bins=16, range=(-1, 1))
    assert (np.abs(counts - 2500) < 300).all()


# --- bits ------------------------------------------------------------------------------------


def test_streams_are_those_of_philox_in_every_release_of_numpy() -> None:
    assert Bits(1, 2, 3).words(2).tolist() == [13279728891206244966, 234311473967787377]
    bits = Bits(1, 2, 3)
    assert [bits.below(1000) for _ in range(3)] == [446, 673, 639]


@given(st.integers(0, 2**64 - 1), st.integers(-50, 50), st.integers(0, 2**31))
def test_numbers_between_two_bounds_lie_between_them(seed: int, low: int, width: int) -> None:
    bits = Bits(seed)
    assert all(low <= bits.between(low, low + width) <= low + width for _ in range(20))
    assert all(0 <= bits.below(width + 1) <= width for _ in range(20))
    assert bits.between(low, low) == low


@pytest.mark.parametrize("n", [2, 3, 7, 100])
def test_numbers_below_a_bound_are_equally_likely(n: int) -> None:
    bits = Bits(7, n)
    counts = Counter(bits.below(n) for _ in range(200 * n))
    assert counts.keys() == {*range(n)}
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < n + 6 * (2 * n) ** 0.5


def test_choices_are_equally_likely_and_weights_are_kept() -> None:
    bits = Bits(8)
    chosen = Counter(bits.choice("abcd") for _ in range(4000))
    assert all(abs(chosen[letter] - 1000) < 160 for letter in "abcd")
    weighed = Counter(bits.weighted({"never": 0, "seldom": 1, "often": 9, "not": 0}) for _ in range(4000))
    assert weighed.keys() == {"seldom", "often"}
    assert abs(weighed["seldom"] - 400) < 120


def test_chances_are_per_cent() -> None:
    bits = Bits(9)
    assert not any(bits.chance(0) for _ in range(500))
    assert all(bits.chance(100) for _ in range(500))
    assert abs(sum(bits.chance(30) for _ in range(4000)) - 1200) < 180


@pytest.mark.parametrize(("low", "high"), [(1, 512), (1, 1), (3, 256), (16, 96), (5, 7)])
def test_sizes_reach_both_ends_and_each_power_of_two_is_about_equally_likely(low: int, high: int) -> None:
    bits = Bits(10, low, high)
    sizes = [bits.size(low, high) for _ in range(3000)]
    assert {min(sizes), max(sizes)} == {low, high}
    octaves = Counter(size.bit_length() for size in sizes)
    assert max(octaves.values()) < 1.4 * min(octaves.values())


def test_every_number_of_the_seed_matters_and_the_order_too() -> None:
    streams = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 2, 3), (3, 2, 1), (2**64 - 1, 0, 0)]
    assert len({Bits(*entropy).words(1)[0] for entropy in streams}) == len(streams)
