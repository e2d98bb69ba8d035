"""A network as a drawing: layers of nodes from top to bottom, arrows between them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from oracle.case import Case
from reference.architecture import Architecture

BOX, ROW, GAP, CHARACTER = 30, 62, 24, 7.2  # heights, the space between boxes, and the width of a letter
_STYLE = (
    "text{font:12px ui-monospace,monospace;text-anchor:middle;fill:#1f2328}"
    ".leaf{fill:#ddf4ff;stroke:#0969da}.node{fill:#fff8c5;stroke:#9a6700}.output{stroke-width:2.5}"
    "path{fill:none;stroke:#57606a;marker-end:url(#tip)}#tip path{fill:#57606a;stroke:none;marker-end:none}"
    "@media(prefers-color-scheme:dark){path{stroke:#8b949e}}"
)
_TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z"/></marker>'
)
Place = tuple[float, float, float]  # centre, top, width


def svg(case: Case) -> str:
    """The network of a case as an SVG image, with shapes; outputs have a thick border."""
    network = case.architecture
    labels = {name: _leaf(case, name) for name in network.leaves} | {
        name: _node(network, name) for name in network.order
    }
    places, width, height = _places(network, labels)
    shapes = [*_arrows(network, places), *_boxes(network, labels, places)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}"><style>{_STYLE}</style><defs>{_TIP}</defs>\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )


def _leaf(case: Case, name: str) -> str:
    layout = case.layouts[name]
    return f"{name} {case.architecture.leaves[name].shape}" + ("" if layout == "contiguous" else f" {layout}")


def _node(network: Architecture, name: str) -> str:
    shapes = " ".join(str(network.shapes[wire]) for wire in network.wires[name])
    return f"{network.nodes[name].op.name} {shapes}"


def _places(network: Architecture, labels: dict[str, str]) -> tuple[dict[str, Place], float, float]:
    """Each box one row below the last of its inputs; rows are centred, leaves in the order of their use."""
    used = [wire for name in network.order for wire in network.nodes[name].inputs if wire]
    depth = {wire: 0 for wire in (*used, *network.leaves) if wire in network.leaves}
    for name in network.order:
        above = [depth[wire.partition(":")[0]] for wire in network.nodes[name].inputs if wire]
        depth[name] = 1 + max(above, default=0)
    rows: dict[int, list[str]] = {}
    for name, row in depth.items():
        rows.setdefault(row, []).append(name)
    widths = {name: CHARACTER * len(text) + 16 for name, text in labels.items()}
    row_widths = {row: sum(widths[n] for n in names) + GAP * (len(names) - 1) for row, names in rows.items()}
    width = max(row_widths.values()) + 2 * GAP
    places: dict[str, Place] = {}
    for row, names in rows.items():
        left = (width - row_widths[row]) / 2
        for name in names:
            places[name] = (left + widths[name] / 2, GAP / 2 + ROW * row, widths[name])
            left += widths[name] + GAP
    return places, width, GAP + ROW * max(rows) + BOX


def _arrows(network: Architecture, places: dict[str, Place]) -> Iterator[str]:
    for name in network.order:
        inputs = [wire for wire in network.nodes[name].inputs if wire]
        x, y, width = places[name]
        for place, wire in enumerate(inputs):
            from_x, from_y, _ = places[wire.partition(":")[0]]
            to_x = x + width * ((place + 1) / (len(inputs) + 1) - 0.5)
            bend = (from_y + BOX + y) / 2
            yield (
                f'<path d="M{from_x:.1f} {from_y + BOX:.1f}C{from_x:.1f} {bend:.1f} '
                f'{to_x:.1f} {bend:.1f} {to_x:.1f} {y:.1f}"/>'
            )


def _boxes(network: Architecture, labels: dict[str, str], places: dict[str, Place]) -> Iterator[str]:
    outputs = {wire.partition(":")[0] for wire in network.outputs}
    for name, (x, y, width) in places.items():
        kind = "leaf" if name in network.leaves else "node"
        kind += " output" if name in outputs else ""
        yield (
            f'<rect class="{kind}" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{BOX}" rx="5"/>'
            f'<text x="{x:.1f}" y="{y + BOX / 2 + 4:.1f}">{escape(labels[name])}</text>'
        )
