"""The worked network, step by step, as a page to keep: what `python -m reference` prints.

Neurons are numbered through, as in figures 14 and 15: z₁ and z₂ are the first layer's, z₅ and z₆ the
output's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from reference.gradient_descent import gradient_descent
from reference.worked_network import LAYERS, NEURONS, Solution, neuron, number, solve, worked_network

WIDTH = 80
RATE = 1.0
STEPS = (0, 1, 2, 5, 10, 100)


def page() -> str:
    """The page, of lines of at most `WIDTH` characters."""
    found = solve()
    lines = (*_title(found), *_forward(found), *_carried(found), *_backward(found), *_gradient(found))
    return "\n".join((*lines, *_descent()))


def _title(found: Solution) -> Iterator[str]:
    yield "BACKPROPAGATION ON THE WORKED NETWORK OF THE CHAPTER (FIGURE 7)"
    yield ""
    yield "Three layers of two neurons.  Each computes z = Σ w a + b from the values a that"
    yield "its weights' inputs carry, and hands on a = σ(z) = 1 / (1 + e⁻ᶻ).  The loss is"
    yield f"l = (y₁ − t₁)² + (y₂ − t₂)², with the target t = {_pair(found.values['t'], 0)}.  Computed in"
    yield "double precision; rounded for this page alone."


def _forward(found: Solution) -> Iterator[str]:
    yield from _heading("1  FORWARD PASS: z, a and l")
    yield f"x = {_pair(found.values['x'], 0)}"
    source = "x"
    for layer in LAYERS:
        yield ""
        for row in range(NEURONS):
            terms = _terms(found.values[f"w{layer}"][row], found.values[source], 2)
            shown = _sum((*terms, (found.values[f"b{layer}"][row], "")))
            j, z = neuron(layer, row), number(found.values[f"z{layer}"][row])
            a = number(found.values[f"a{layer}"][row])
            yield f"  z{j} = {shown:<36} = {z:>5}    a{j} = σ(z{j}) = {a}"
        source = f"a{layer}"
    y, t = found.values["a3"], found.values["t"]
    errors = " + ".join(f"({number(y[row])} − {t[row]:g})²" for row in range(NEURONS))
    yield ""
    yield f"y = (a₅, a₆) = {_pair(y)}"
    yield f"l = {errors} = {number(found.values['l'], 4)}"


def _carried(found: Solution) -> Iterator[str]:
    yield from _heading("2  ∂z/∂w: what the weight's input carries, known before any backward pass")
    yield f"  {'weights':<16}{'from the upper input':>24}{'from the lower input':>24}"
    for layer in LAYERS:
        upper, lower = (number(entry) for entry in found.dz_dw[f"z{layer}"])
        yield f"  {f'of layer {layer}':<16}{upper:>24}{lower:>24}"


def _backward(found: Solution) -> Iterator[str]:
    yield from _heading("3  BACKWARD PASS: the reversed network, run from ∂l/∂y")
    yield "Its neurons are amplifiers of the constant gain σ′(z) = a (1 − a), its weights"
    yield "those of the network, transposed.  Output layer: ∂l/∂a = ∂l/∂y = 2 (y − t)."
    for layer in reversed(LAYERS):
        yield ""
        for row in range(NEURONS):
            j, dl_da = neuron(layer, row), number(found.dl_da[f"a{layer}"][row], 4)
            product = f"{number(found.gain[f'z{layer}'][row], 4)} · {_bracketed(dl_da)}"
            dl_dz = number(found.dl_dz[f"z{layer}"][row], 4)
            yield f"  ∂l/∂a{j} = {_fed(found, layer, row):<42} = {dl_da:>7}"
            yield f"  ∂l/∂z{j} = {f'σ′(z{j}) ∂l/∂a{j} = {product}':<42} = {dl_dz:>7}"


def _fed(found: Solution, layer: int, row: int) -> str:
    """Where ∂l/∂a comes from: the loss, or through column `row` of the weights of the layer after."""
    if layer == LAYERS[-1]:
        return f"2 ({number(found.values['a3'][row], 4)} − {found.values['t'][row]:g})"
    return _sum(_terms(found.values[f"w{layer + 1}"][:, row], found.dl_dz[f"z{layer + 1}"], 4))


def _gradient(found: Solution) -> Iterator[str]:
    yield from _heading("4  GRADIENT: ∂l/∂w = ∂z/∂w · ∂l/∂z, and ∂l/∂b = ∂l/∂z")
    yield f"  into  from     w     ∂z/∂w ·   ∂l/∂z =   ∂l/∂w{'b':>11}{'∂l/∂b':>11}"
    for layer in LAYERS:
        for row in range(NEURONS):
            j, w, b = neuron(layer, row), f"w{layer}", f"b{layer}"
            bias = f"{number(found.values[b][row], 0):>11}{number(found.dl_dw[b][row], 4):>11}"
            for column in range(NEURONS):
                source = f"a{neuron(layer - 1, column)}" if layer > 1 else f"x{neuron(1, column)}"
                yield (
                    f"  z{j}    {source}{number(found.values[w][row, column], 0):>8}"
                    f"{number(found.dz_dw[f'z{layer}'][column], 4):>10} ·"
                    f"{number(found.dl_dz[f'z{layer}'][row], 4):>8} ="
                    f"{number(found.dl_dw[w][row, column], 4):>8}{'' if column else bias}"
                )


def _descent() -> Iterator[str]:
    network, leaves = worked_network()
    steps = islice(gradient_descent(network, leaves, RATE), STEPS[-1] + 1)
    losses = [number(step.loss, 4) for step in steps]
    yield from _heading(f"5  GRADIENT DESCENT: θ ← θ − η ∇l, with η = {RATE:g}")
    yield f"  {'steps':<8}" + "".join(f"{count:>9}" for count in STEPS)
    yield f"  {'l':<8}" + "".join(f"{losses[count]:>9}" for count in STEPS)


def _heading(text: str) -> tuple[str, str, str]:
    return "", text, "─" * WIDTH


def _terms(weights: Iterator[float], factors: Iterator[float], digits: int) -> list[tuple[float, str]]:
    return [(w, number(factor, digits)) for w, factor in zip(weights, factors, strict=True)]


def _sum(terms: list[tuple[float, str]] | tuple[tuple[float, str], ...]) -> str:
    """``2 · 0.98 − 1 · 0.12``, from (2, "0.98") and (−1, "0.12"); without a factor it is a bias."""
    text = ""
    for weight, factor in terms:
        if not factor and not weight:
            continue
        sign = (" − " if weight < 0 else " + ") if text else ("−" if weight < 0 else "")
        text += f"{sign}{abs(weight):g}" + (f" · {_bracketed(factor)}" if factor else "")
    return text


def _bracketed(factor: str) -> str:
    return f"({factor})" if factor.startswith("−") else factor


def _pair(values: Iterator[float], digits: int = 2) -> str:
    return f"({', '.join(number(value, digits) for value in values)})"
