"""The worked network, drawn: `python -m reference --svg FILE`.

Above, the network runs from left to right on x; below, the reversed network runs from right to left on
∂l/∂y, its amplifiers drawn as the triangles that they are in figure 11.  Light or dark, as the viewer is.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from reference.worked_network import LAYERS, NEURONS, Solution, neuron, number, solve

WIDTH, HEIGHT = 960, 680
COLUMNS = (90, 310, 530, 750, 890)  # x, the layers, y
FORWARD, BACKWARD = (130, 260), (460, 590)  # y of the two neurons of each layer
RADIUS = 29
ALONG = 0.36  # of an edge: where its weight is written, so that the labels of crossing edges do not meet

STYLE = """
  svg { --ground: #ffffff; --ink: #1c2024; --line: #9aa4ae; --fill: #f2f4f6;
        --go: #0b6bcb; --back: #b4400f }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #14171a; --ink: #e8ebee; --line: #6b7680; --fill: #22272c;
          --go: #6cb6ff; --back: #ff9d6c }
  }
  .ground { fill: var(--ground) }
  text { font: 14px system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; fill: var(--ink);
         text-anchor: middle; paint-order: stroke; stroke: var(--ground); stroke-width: 5px;
         stroke-linejoin: round }
  .title { font-size: 17px; font-weight: 600; text-anchor: start }
  .body { fill: var(--fill); stroke: var(--ink); stroke-width: 1.5 }
  .inside { stroke: none }
  .edge { stroke: var(--line); stroke-width: 1.5 }
  .small { font-size: 12px }
  .go { fill: var(--go); font-weight: 600 }
  .back { fill: var(--back); font-weight: 600 }
"""


def drawing() -> str:
    """The drawing, as the text of an SVG file."""
    found = solve()
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Backpropagation on the worked network of the chapter (figure 7)</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        *_forward(found),
        *_backward(found),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _forward(found: Solution) -> Iterator[str]:
    """Input, layers and output, left to right."""
    yield _text(24, 36, "→  Forward pass: z = Σ w a + b, a = σ(z)", "title")
    yield _text(24, 60, "∂z/∂w is the value that the weight's input carries", "small go", start=True)
    for layer in LAYERS:
        yield from _edges(COLUMNS[layer - 1], COLUMNS[layer], FORWARD, found.values[f"w{layer}"].T)
    for row, y in enumerate(FORWARD):
        yield _edge(COLUMNS[3], y, COLUMNS[4] - 12, y)
        yield _text(COLUMNS[0], y + 5, f"x{neuron(1, row)}", "")
        yield _text(COLUMNS[0], y - 20, number(found.values["x"][row], 0), "go")
        yield _text(COLUMNS[4], y + 5, f"y{neuron(1, row)}", "")
        yield _text(COLUMNS[4], y + 26, f"t{neuron(1, row)} = {found.values['t'][row]:g}", "small")
        for layer in LAYERS:
            x, j = COLUMNS[layer], neuron(layer, row)
            yield f'<circle class="body" cx="{x}" cy="{y}" r="{RADIUS}"/>'
            yield _text(x, y - 3, f"z{j}", "inside small")
            yield _text(x, y + 13, number(found.values[f"z{layer}"][row]), "inside")
            yield _text(x, y - 36, f"a{j} = {number(found.values[f'a{layer}'][row])}", "go")
            yield _text(x, y + 43, f"b = {number(found.values[f'b{layer}'][row], 0)}", "small")
    yield _text(COLUMNS[4], FORWARD[1] + 56, f"l = {number(found.values['l'], 4)}", "go")


def _backward(found: Solution) -> Iterator[str]:
    """The reversed network, right to left."""
    yield _text(24, 366, "←  Backward pass: the reversed network, amplifiers of gain σ′(z)", "title")
    yield _text(24, 390, "∂l/∂w = ∂z/∂w · ∂l/∂z, one factor from each picture", "small back", start=True)
    for layer in LAYERS[1:]:
        yield from _edges(COLUMNS[layer], COLUMNS[layer - 1], BACKWARD, found.values[f"w{layer}"])
    for row, y in enumerate(BACKWARD):
        yield _edge(COLUMNS[4] - 12, y, COLUMNS[3], y)
        yield _edge(COLUMNS[1], y, COLUMNS[1] - 70, y)
        yield _text(COLUMNS[4], y - 20, number(found.dl_da["a3"][row], 4), "back")
        yield _text(COLUMNS[4], y + 5, f"∂l/∂y{neuron(1, row)}", "")
        for layer in LAYERS:
            x, j = COLUMNS[layer], neuron(layer, row)
            tip = f"{x - RADIUS - 6},{y} {x + RADIUS},{y - RADIUS - 2} {x + RADIUS},{y + RADIUS + 2}"
            yield f'<polygon class="body" points="{tip}"/>'
            yield _text(x + 6, y + 5, f"z{j}", "inside small")
            yield _text(x, y - 36, f"∂l/∂z{j} = {number(found.dl_dz[f'z{layer}'][row], 4)}", "back")
            yield _text(x, y + 46, f"σ′ = {number(found.gain[f'z{layer}'][row], 4)}", "small")


def _edges(x: int, x_after: int, rows: tuple[int, ...], weights: list[list[float]]) -> Iterator[str]:
    """All edges between two columns; `weights[i][j]` leads from row i to row j."""
    for y in rows:
        for y_after in rows:
            yield _edge(x, y, x_after, y_after)
    for i in range(NEURONS):
        for j in range(NEURONS):
            across, down = (x_after - x) * ALONG, (rows[j] - rows[i]) * ALONG
            yield _text(x + across, rows[i] + down + 4, number(weights[i][j], 0), "small")


def _edge(x: float, y: float, x_after: float, y_after: float) -> str:
    return f'<line class="edge" x1="{x}" y1="{y}" x2="{x_after}" y2="{y_after}"/>'


def _text(x: float, y: float, text: str, style: str, start: bool = False) -> str:
    anchor = ' style="text-anchor: start"' if start else ""
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{anchor}>{escape(text)}</text>'
