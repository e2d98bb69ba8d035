"""Matrix products of balls, through `arb_mat`.

Making an `arb_mat` of an array of objects costs about ten multiplications an entry, so each matrix of a
stack is converted once, however often broadcasting uses it.
"""

from __future__ import annotations

import math

import numpy as np
from flint import arb_mat

from oracle.numbers.balls_run import Objects


def matrix_products(left: Objects, right: Objects) -> Objects:
    """Products of two stacks of matrices, whose leading axes broadcast."""
    if right.ndim == 2:  # one matrix for all rows
        product = _product(_matrix(left.reshape(math.prod(left.shape[:-1]), left.shape[-1])), _matrix(right))
        return product.reshape(*left.shape[:-1], right.shape[1])
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    products = np.empty((math.prod(batch), left.shape[-2], right.shape[-1]), object)
    for entry, (one, other) in enumerate(zip(_stack(left, batch), _stack(right, batch), strict=True)):
        products[entry] = _product(one, other)
    return products.reshape(*batch, *products.shape[1:])


def _stack(stack: Objects, batch: tuple[int, ...]) -> list[arb_mat]:
    """A matrix for each place of the batch."""
    count = math.prod(stack.shape[:-2])
    matrices = [_matrix(matrix) for matrix in stack.reshape(count, *stack.shape[-2:])]
    places = np.broadcast_to(np.arange(count).reshape(stack.shape[:-2]), batch)
    return [matrices[place] for place in places.reshape(-1).tolist()]


def _matrix(entries: Objects) -> arb_mat:
    rows, columns = entries.shape
    return arb_mat(rows, columns, entries.reshape(-1).tolist())


def _product(left: arb_mat, right: arb_mat) -> Objects:
    product = np.empty(left.nrows() * right.ncols(), object)
    product[:] = (left * right).entries()
    return product.reshape(left.nrows(), right.ncols())
