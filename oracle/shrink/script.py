"""A case as a script of a few lines that needs torch and nothing else.

Whoever maintains torch should not have to install this project to see what is wrong.  The calls are
recorded from the candidate while it runs, so the script shows what was run, attributes and layouts included.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable
from dataclasses import fields
from keyword import iskeyword
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode, resolve_name

from oracle.candidates.torch_autograd import TorchAutograd
from oracle.case import Array, Case
from oracle.counterparts import counterpart
from oracle.judge.verdict import CaseVerdict, Verdict
from oracle.layouts import arrange
from reference.backprop import gradients

LINES = 20
_OWN = re.compile(r"torch|got|inf|nan|y\d+|__\w+|leaf_\w*")  # names that scripts give, and that Python does


def script(
    case: Case, said: CaseVerdict, candidate: TorchAutograd | None = None, calls: int | None = None
) -> str:
    """The script of a failing case.

    Parameters
    ----------
    case : Case
        A case, best a shrunk one.
    said : CaseVerdict
        The verdict on it.
    candidate : TorchAutograd, optional
        Whose functions are called; the default one's where none is given.
    calls : int, optional
        Write no more calls than these, and do not make the last one: it would end this process.

    Returns
    -------
    str
        Python source that prints what torch gives, what the reference gives, and the certified digits of the
        entry that is farthest off.
    """
    role, name = _failing(case, said)
    recorder, wires, leaves = _recorded(case, candidate or TorchAutograd(), calls)
    network = case.architecture
    op = said.op or network.nodes[network.order[-1]].op.name
    run, ends = recorder.lines, bool(recorder.raised)
    if not ends and (role == "gradient" or _raises(said)):
        ends = role == "output"
        run.append(_backward(case, wires, network.differentiable_leaves if ends else (name,)))
    elif not ends:
        run.append(f"got = {wires[name]}.detach()")
    told = [
        'print("torch    ", torch.__version__)',
        f'print("expected ", {_expected(case, role, name)})',
        f'print("certified", {json.dumps(_certified(said), ensure_ascii=False)})',
    ]
    lines = [f"{leaf} = {text}" for leaf, text in leaves.items()]
    if ends:  # what the last call says, or that it ends the process, is what is to be seen
        lines += [*run[:-1], *told, *run[-1:]]
    else:
        lines += [*run, told[0], 'print("got      ", got.tolist())', *told[1:]]
    needed = [word for word in ("inf", "nan") if re.search(rf"\b{word}\b", " ".join(lines))]
    head = [f"# {op}: {said.verdict}, {role} {name}", f"# {_page(op)}", "import torch"]
    head += [f"from math import {', '.join(needed)}"] if needed else []
    return "\n".join([*head, *lines]) + "\n"


def _raises(said: CaseVerdict) -> bool:
    """Whether the candidate did not come to its end."""
    return said.verdict is Verdict.ERROR and not said.tensors and "candidate: computed" not in said.reason


def _backward(case: Case, wires: dict[str, str], leaves: tuple[str, ...]) -> str:
    """The backward pass as source."""
    ends = [wire for wire in case.architecture.outputs if wire in case.architecture.differentiable]
    bars = ", ".join(_literal(case.cotangents[wire], case.layouts[wire]) for wire in ends)
    y = ", ".join(wires[wire] for wire in ends)
    got = "(got,)" if len(leaves) == 1 else "got"
    return f"{got} = torch.autograd.grad([{y}], [{', '.join(map(_variable, leaves))}], [{bars}])"


class _Recorder(TorchFunctionMode):
    """Notes the calls of torch's functions as source; the last of so many is not made."""

    def __init__(self, calls: int | None) -> None:
        super().__init__()
        self.calls = calls
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.alive: list[Any] = []  # so that no identity is used twice
        self.raised = ""

    def name(self, tensor: Any, name: str) -> None:
        """Call a tensor by a name from here on."""
        self.names[id(tensor)] = name
        self.alive.append(tensor)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        text = _call(
            func, [self._text(a) for a in args], {k: self._text(v) for k, v in (kwargs or {}).items()}
        )
        try:
            if len(self.lines) + 1 == self.calls:
                raise _FatalError
            result = func(*args, **(kwargs or {}))
        except Exception as error:
            self.lines.append(text)
            self.raised = type(error).__name__
            raise
        if isinstance(result, torch.Tensor | tuple | list):
            place = f"y{len(self.lines) + 1}"
            self.lines.append(f"{place} = {text}")
            self.name(result, place)
            if not isinstance(result, torch.Tensor):
                for k, each in enumerate(result):
                    self.name(each, f"{place}[{k}]")
        return result

    def _text(self, value: Any) -> str:
        if id(value) in self.names:
            return self.names[id(value)]
        if isinstance(value, list):
            return f"[{', '.join(map(self._text, value))}]"
        if isinstance(value, tuple):
            return f"({', '.join(map(self._text, value))}{',' * (len(value) == 1)})"
        return repr(value)


def _call(func: Callable[..., Any], args: list[str], kwargs: dict[str, str]) -> str:
    name = (resolve_name(func) or f"torch.{func.__name__}").replace("torch.functional.", "torch.")
    if name == "torch.Tensor.__getitem__":
        return f"{args[0]}[{args[1].removeprefix('(').removesuffix(')')}]"
    if name.startswith("torch.Tensor."):
        name, args = f"{args[0]}.{func.__name__}", args[1:]
    return f"{name}({', '.join([*args, *(f'{key}={text}' for key, text in kwargs.items())])})"


class _FatalError(Exception):
    """A call that is not made."""


def _recorded(
    case: Case, candidate: TorchAutograd, calls: int | None
) -> tuple[_Recorder, dict[str, str], dict[str, str]]:
    """The calls; the expression of every wire; and the source of every leaf, by its variable."""
    network, recorder = case.architecture, _Recorder(calls)
    tensors: dict[str | None, Any] = {None: None}
    leaves = {}
    for name, array in case.leaves.items():
        tensors[name] = torch.from_numpy(arrange(array, case.layouts[name]))
        leaves[_variable(name)] = _literal(array, case.layouts[name])
        if name in network.differentiable:
            tensors[name].requires_grad_()
            leaves[_variable(name)] += ".requires_grad_()"
        recorder.name(tensors[name], _variable(name))
    try:
        with recorder:
            for name in network.order:
                node = network.nodes[name]
                function = candidate.functions.get(node.op.name) or counterpart(node.op.name)
                attributes = {f.name: getattr(node.op, f.name) for f in fields(node.op)}
                result = function(*(tensors[wire] for wire in node.inputs), **attributes)
                results = (result,) if isinstance(result, torch.Tensor) else result
                tensors.update(zip(network.wires[name], results, strict=True))
    except Exception as error:  # what torch raises is what the script is to show
        recorder.raised = recorder.raised or type(error).__name__
    wires = {name: recorder.names.get(id(tensor), "") for name, tensor in tensors.items() if name is not None}
    return recorder, wires, leaves


def _variable(leaf: str) -> str:
    """What a leaf is called: by its name, unless that means something else in a script."""
    meant = _OWN.fullmatch(leaf) or iskeyword(leaf) or hasattr(builtins, leaf)
    return f"leaf_{leaf}" if meant else leaf


def _failing(case: Case, said: CaseVerdict) -> tuple[str, str]:
    """Role and name of the tensor that is shown."""
    node: Any = said.certificate.get("node", said.certificate)
    known = {("output", wire) for wire in case.architecture.outputs}
    known |= {("gradient", leaf) for leaf in case.architecture.differentiable_leaves}
    told = [(str(c.get("role")), str(c.get("name"))) for c in (said.certificate, node)]
    told += [(t.role, t.name) for t in said.tensors if t.verdict.fails]
    return next((each for each in told if each in known), ("output", case.architecture.outputs[0]))


def _expected(case: Case, role: str, name: str) -> str:
    """The reference's tensor as source."""
    try:
        outputs, leaves_bar = gradients(case.architecture, case.leaves, case.cotangents)
    except Exception as error:
        return repr(f"{type(error).__name__}: {error}")
    return _numbers(np.asarray((outputs if role == "output" else leaves_bar)[name]))


def _certified(said: CaseVerdict) -> str:
    proof = said.certificate
    if not proof:
        return f"nothing: {' '.join(said.reason.split())[:300]}"
    return f"{proof['role']} {proof['name']} at {proof['entry']}: {proof['truth']}"


def _literal(array: Array, layout: str) -> str:
    """A tensor in its layout, as source."""
    text = f"torch.tensor({_numbers(array)}, dtype=torch.{array.dtype})"
    if layout == "contiguous" or array.ndim == 0 or array.size == 0:
        return text if array.size else f"torch.zeros({array.shape}, dtype=torch.{array.dtype})"
    axes = tuple(range(array.ndim))
    if layout == "transposed":
        return f"{text}.permute({axes[::-1]}).contiguous().permute({axes[::-1]})"
    if layout == "strided":
        return f"{text}.repeat_interleave(2, -1)[..., ::2]"
    if layout == "offset":
        return f"torch.nn.functional.pad({text}.flatten(), (1, 0))[1:].view({array.shape})"
    return f"{text}[:1].expand({array.shape})"


def _numbers(array: Array) -> str:
    return str(array.tolist())


def _page(op: str) -> str:
    return ((counterpart(op).__doc__ or "").split() or [""])[0]
