"""Stream through memory: the triad a = b + s * c, after J. D. McCalpin's STREAM benchmark (1995).

There is hardly anything to compute, so the speed is that of the memory, which all cores share: the speedup stops where
the memory's bandwidth is spent, on many machines long before the cores are.
"""

import threading
from collections.abc import Sequence

import numpy as np

from parlab.workloads.base import Workload

NUMBERS = 1_500_000  # 12 MB an array; three of them are more than a core's share of most caches
PASSES = 6
# numpy does it in two steps: read c, write a; then read a, read b, write a.
BYTES_PER_TASK = 5 * 8 * NUMBERS * PASSES

_own = threading.local()  # arrays are made once a worker: fresh memory costs page faults, not bandwidth


def stream(factor: float) -> float:
    """Compute a = b + factor * c some times over.

    Parameters
    ----------
    factor
        The scalar of the triad.

    Returns
    -------
    float
        The last element of a. It depends on the factor alone.
    """
    a, b, c = _arrays()
    for _ in range(PASSES):
        np.multiply(c, factor, out=a)
        np.add(a, b, out=a)
    return float(a[-1])


def _arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return this worker's three arrays; threads must not write into each other's."""
    if not hasattr(_own, "arrays"):
        _own.arrays = np.zeros(NUMBERS), np.linspace(0.0, 1.0, NUMBERS), np.linspace(1.0, 2.0, NUMBERS)
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray] = _own.arrays
    return arrays


def items(size: int, seed: int = 0) -> list[float]:
    """Return one factor for each task."""
    return [1.0 + (seed % 1_000 + number) / 1_024 for number in range(size)]


def combine(values: Sequence[float]) -> float:
    """Add up what the tasks returned, in the order of the items."""
    return sum(values)


WORKLOAD = Workload(
    name="triad",
    title="Memory bandwidth (STREAM triad)",
    teaches="Cores share one memory: when its bandwidth is spent, more workers gain nothing.",
    bound="memory",
    sizes={"small": 40, "large": 1_000},
    items=items,
    task=stream,
    combine=combine,
)
