"""`python -m reference`: a page of 80 columns, a drawing, and one line for what is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from reference.__main__ import main
from reference.worked_drawing import drawing
from reference.worked_network import solve
from reference.worked_page import WIDTH, page

ROOT = Path(__file__).parent.parent.parent


def numbers(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in re.findall(r"−?\d+\.\d+", text)]


def test_the_command_prints_the_page_in_80_columns() -> None:
    run = subprocess.run([sys.executable, "-m", "reference"], cwd=ROOT, capture_output=True, check=True)
    assert run.stdout.decode() == page() + "\n"
    assert max(map(len, page().splitlines())) == WIDTH == 80


def test_the_page_shows_what_figure_7_prints_and_every_derivative() -> None:
    text = page()
    for j, a in zip("₁₂₃₄₅₆", ("0.98", "0.12", "0.86", "0.11", "0.62", "0.83"), strict=True):
        assert f"a{j} = σ(z{j}) = {a}" in text
    carried = text[text.index("of layer 1") : text.index("3  BACKWARD")]
    assert numbers(carried) == [1, -1, 0.98, 0.12, 0.86, 0.11]
    found = solve()
    derivatives = [(f"∂l/∂z{j} = ", found.dl_dz[f"z{k}"][i]) for j, k, i in _neurons()]
    derivatives += [(f"∂l/∂a{j} = ", found.dl_da[f"a{k}"][i]) for j, k, i in _neurons()]
    for told, value in derivatives:
        line = next(line for line in text.splitlines() if line.startswith(f"  {told}"))
        assert numbers(line)[-1] == round(value, 4)
    table = text[text.index("4  GRADIENT") : text.index("5  GRADIENT")].splitlines()[3:-1]
    shown = [numbers(line)[2:] for line in table]
    assert [entry for row in shown for entry in row] == [
        round(float(value), 4)
        for k in (1, 2, 3)
        for row in range(2)
        for value in (found.dl_dw[f"w{k}"][row, 0], found.dl_dw[f"b{k}"][row], found.dl_dw[f"w{k}"][row, 1])
    ]


def _neurons() -> list[tuple[str, int, int]]:
    return [(j, 1 + number // 2, number % 2) for number, j in enumerate("₁₂₃₄₅₆")]


def test_the_loss_on_the_page_falls() -> None:
    losses = numbers(page().splitlines()[-1])
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == round(float(solve().values["l"]), 4)


def test_the_drawing_is_svg_with_the_same_numbers_in_light_and_dark(tmp_path: Path) -> None:
    assert main(["--svg", str(tmp_path / "worked.svg")]) == 0
    text = (tmp_path / "worked.svg").read_text("utf-8")
    assert text == drawing()
    assert "prefers-color-scheme: dark" in text
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    found = solve()
    for j, k, i in _neurons():
        assert f"a{j} = {found.values[f'a{k}'][i]:.2f}" in words
        assert f"∂l/∂z{j} = {found.dl_dz[f'z{k}'][i]:.4f}".replace("-", "−") in words
        assert f"σ′ = {found.gain[f'z{k}'][i]:.4f}" in words


@pytest.mark.parametrize("arguments", [["--svg"], ["--sv", "x"], ["worked"], ["-x"]])
def test_wrong_flags_are_told_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("python -m reference: ")


@pytest.mark.parametrize(("file", "why"), [("no/worked.svg", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_written_is_told_in_one_line(
    file: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--svg", str(tmp_path / file)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"python -m reference: {tmp_path / file}: {why}")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m reference | head -n 1"
    run = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == page().splitlines()[0] + "\n"
    assert run.stderr == ""
