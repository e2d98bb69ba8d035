"""Drawings: what is drawn, and that arrows into one node do not cross."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from oracle.report.drawing import svg
from tests.oracle.planted import case, node


def test_leaves_stand_in_the_order_in_which_a_node_takes_them() -> None:
    taken = case("float64", {"a": [1.0], "x": [0.5]}, {"y": node("bce", "x", "a")}, {"y": 1.0})
    texts = {
        (each.text or "").split()[0]: float(each.attrib["x"])
        for each in ET.fromstring(svg(taken)).iter("{http://www.w3.org/2000/svg}text")
    }
    assert texts.keys() == {"x", "a", "bce"}
    assert texts["x"] < texts["bce"] < texts["a"]


def test_a_leaf_that_two_nodes_take_is_drawn_once() -> None:
    shared = case("float64", {"x": [0.5]}, {"u": node("exp", "x"), "y": node("add", "u", "x")}, {"y": [1.0]})
    tags = [each.tag.rpartition("}")[2] for each in ET.fromstring(svg(shared)).iter()]
    assert tags.count("rect") == 3
