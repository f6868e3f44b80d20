"""Shape and dtype of an array as numpy will have them, or the reason why they cannot be in shared memory."""

import math
import operator
from typing import Any

import numpy as np

from parlab.errors import InputError

_OBJECTS = (
    "A SharedArray cannot have dtype {dtype}: its elements are only addresses, of Python objects or texts, and mean "
    "nothing in another process. Use a dtype of plain values: a number, bool, datetime64, a text of fixed length such "
    "as 'U20', or a record of these. Or let the objects travel as arguments of tasks."
)


def checked_form(shape: Any, dtype: Any) -> tuple[tuple[int, ...], "np.dtype[Any]"]:
    """Return a shape and a dtype as ``numpy.zeros`` would have them.

    Parameters
    ----------
    shape
        A whole number or a sequence of them.
    dtype
        What numpy takes for a dtype.

    Raises
    ------
    InputError
        Numpy has no such array, or its elements would be addresses.
    """
    try:
        sample = np.empty(0, dtype)  # here numpy makes 'U' a 'U1', and of a subarray more dimensions
    except (TypeError, ValueError) as problem:
        advice = "Give one such as float, 'int32' or bool."
        raise InputError(f"numpy knows no dtype {dtype!r}: {problem}. {advice}") from None
    if sample.dtype.hasobject:
        raise InputError(_OBJECTS.format(dtype=sample.dtype))
    whole = (*_whole_numbers(shape), *sample.shape[1:])
    if math.prod(whole) <= np.iinfo(np.intp).max:  # else no system has so much, and says so
        try:
            np.broadcast_to(np.int8(0), whole)
        except ValueError as problem:
            raise InputError(f"numpy has no arrays of shape {whole}: {problem}.") from None
    return whole, sample.dtype


def _whole_numbers(shape: Any) -> tuple[int, ...]:
    try:
        numbers = tuple(map(operator.index, shape if np.iterable(shape) else (shape,)))
    except TypeError:
        numbers = (-1,)
    if any(number < 0 for number in numbers):
        advice = "Give a whole number from 0 on for each dimension, such as 1000 or (1000, 3)."
        raise InputError(f"A SharedArray cannot have the shape {shape!r}. {advice}")
    return numbers
