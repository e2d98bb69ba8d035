"""Ten million parameters, by the reference and by torch: time and memory, and the verdict.

Each side runs in a process of its own, since a peak of memory is a process's: `python -m bench.millions
reference float64` is such a process.  Memory is counted from before the run, when the values are there and
a small network has already set up what a library keeps for good; in sizes of the parameters.  Time is the
processor's, since two processes cannot take turns.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from bench.backward import drawn
from reference.architecture import Architecture
from reference.backprop import gradients
from reference.layers import dense_network, layers
from reference.ops.activation.sigmoid import Sigmoid
from reference.ops.loss.cross_entropy import CrossEntropy

WIDTHS = (784, 2048, 2048, 2048, 10)
BATCH, JUDGED = 256, 8
REPEATS = 11
SIDES = ("reference", "torch")
Values = dict[str, NDArray[Any]]


def network(batch: int, widths: tuple[int, ...] = WIDTHS) -> Architecture:
    """The network: 10,020,874 parameters with the widths above."""
    return dense_network((batch, widths[0]), widths[1:], Sigmoid(), CrossEntropy(), logits=True)


def table() -> None:
    """Print time and memory of both sides, and the verdict."""
    count = network(BATCH).parameters
    print(f"{count:,} parameters ({'-'.join(map(str, WIDTHS))}, sigmoid), all gradients\n")
    print(f"{'batch ' + str(BATCH):12}" + "".join(f"{side:>12}{'peak memory':>24}" for side in SIDES))
    for dtype in ("float64", "float32"):
        line = f"{dtype:12}"
        for side in SIDES:
            found = _measured(side, dtype)
            size = count * np.dtype(dtype).itemsize
            memory = f"{found['bytes'] / 2**20:.0f} MiB ({found['bytes'] / size:.2f} ×)"
            line += f"{found['seconds'] * 1e3:>9.0f} ms{memory:>24}"
        print(line, flush=True)
    for dtype in ("float64", "float32"):
        print(f"judged, batch {JUDGED}, {dtype}: {verdict(dtype)}", flush=True)


def verdict(dtype: str, batch: int = JUDGED) -> str:
    """What the oracle says of the two sides, in one line."""
    from oracle.candidates.torch_autograd import TorchAutograd
    from oracle.case import Case
    from oracle.judge.judge import judge

    net = network(batch)
    values = drawn(net, dtype)
    layouts = dict.fromkeys((*values, "l"), "contiguous")
    start = time.perf_counter()
    found = judge(Case(net, dtype, values, {"l": np.ones((), dtype)}, layouts), TorchAutograd(), sample=False)
    seconds = time.perf_counter() - start
    entries = sum(tensor.elements for tensor in found.tensors)
    return f"{found.verdict}, {len(found.tensors)} tensors, {entries:,} entries, {seconds:.0f} s"


def _measured(side: str, dtype: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.millions", side, dtype]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    run = subprocess.run(command, env=os.environ | one_thread, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def _by_reference(net: Architecture, values: Values) -> Callable[[], object]:
    one = {"l": np.ones((), values["x"].dtype)}
    return lambda: gradients(net, values, one)


def _by_torch(net: Architecture, values: Values) -> Callable[[], object]:
    """What a user of torch would write; for the same leaves as the reference's."""
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(value) for name, value in values.items()}
    floating = [tensors[name].requires_grad_() for name in net.differentiable_leaves]
    chain = layers(net)

    def run() -> object:
        a = tensors["x"]
        for layer in chain:
            z = F.linear(a, tensors[layer.weight], tensors[str(layer.bias)])
            a = torch.sigmoid(z) if layer.a != layer.z else z
        return torch.autograd.grad(F.cross_entropy(a, tensors["t"]), floating)

    return run


def side(name: str, dtype: str, widths: tuple[int, ...] = WIDTHS) -> dict[str, float]:
    """Median processor seconds of one side, in this process, and bytes at its peak beyond the start's."""
    write = {"reference": _by_reference, "torch": _by_torch}[name]
    for small in (True, False):
        net = network(BATCH, (8, 8, 8) if small else widths)
        run = write(net, drawn(net, dtype))
        if small:
            run()
    start = psutil.Process().memory_info().rss
    times = []
    for _ in range(REPEATS):
        before = time.process_time()
        result = run()
        times.append(time.process_time() - before)
        del result
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"seconds": float(np.median(times)), "bytes": float(max(peak - start, 0))}


if __name__ == "__main__":
    print(json.dumps(side(*sys.argv[1:3])))
