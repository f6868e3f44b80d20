"""Describes a channel by two numbers, which the learner's own points give: latency and bandwidth. Measures nothing."""

from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import NamedTuple

import numpy as np

from parlab.errors import InputError


class Cost(NamedTuple):
    """A channel in two numbers."""

    latency_s: float  # what every message takes, however small
    bytes_a_second: float  # how fast a large one flows


def cost(times: Mapping[int, Sequence[float]]) -> Cost:
    """Describe a channel by two numbers: a message takes ``latency_s + bytes / bytes_a_second``.

    Parameters
    ----------
    times
        Of one channel: for each size in bytes the seconds that a message took.

    Returns
    -------
    Cost
        For which the squared errors at the typical times, each relative to its time, add up to the least: small
        messages count as much as large ones. Neither number is below 0.

    Raises
    ------
    InputError
        There are not two sizes.
    """
    from scipy.optimize import nnls

    if len(times) < 2:
        raise InputError("Two numbers need two sizes of messages or more. Give a small one and a large one.")
    sizes = np.array(list(times), dtype=float)
    seconds = np.array([typical_s(taken) for taken in times.values()])
    unknowns = np.column_stack((1 / seconds, sizes / seconds))
    scale = np.linalg.norm(unknowns, axis=0)
    latency_s, byte_s = nnls(unknowns / scale, np.ones(len(sizes)))[0] / scale
    return Cost(float(latency_s), float(1 / byte_s) if byte_s else float("inf"))


def typical_s(taken: Sequence[float]) -> float:
    """Return the lower quartile: a quarter of the times is shorter.

    Other programs only make a message slower. So this feels them less than a median does, and is still no lucky case.

    Parameters
    ----------
    taken
        Times, in seconds; at least one.
    """
    return quantiles(taken, n=4, method="inclusive")[0] if len(taken) > 1 else taken[0]


def message_s(found: Cost, size: float) -> float:
    """Return the time that the two numbers give for a message, in seconds.

    Parameters
    ----------
    found
        What ``cost`` has returned.
    size
        Bytes.
    """
    return found.latency_s + size / found.bytes_a_second
