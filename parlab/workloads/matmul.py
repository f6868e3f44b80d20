"""Multiply matrices: the work that BLAS, the library under numpy, already spreads over the cores by itself.

With one BLAS thread a process (parlab's default, ``--blas-threads``) workers help. With more, workers and the threads
of their libraries compete for the same cores: oversubscription.
"""

from collections.abc import Sequence

import numpy as np

from parlab.workloads.base import Workload

SIDE = 512  # rows and columns; two factors and a product of 2 MiB each
PRODUCTS = 4  # 2 x 512^3 floating-point operations each


def multiply(seed: int) -> float:
    """Raise a random matrix to a power, one product after the other.

    Parameters
    ----------
    seed
        Makes the matrix of shape (512, 512): normal numbers, scaled so that its powers neither grow nor vanish.

    Returns
    -------
    float
        The trace of the power. Another number of BLAS threads may round it differently in the last digits.
    """
    step = np.random.default_rng(seed).standard_normal((SIDE, SIDE)) / np.sqrt(SIDE)
    power = step
    for _ in range(PRODUCTS):
        power = power @ step
    return float(np.trace(power))


def items(size: int, seed: int = 0) -> list[int]:
    """Return one seed for each task."""
    return [seed * 1_000_003 + number for number in range(size)]


def combine(values: Sequence[float]) -> float:
    """Add up the traces, in the order of the items."""
    return sum(values)


WORKLOAD = Workload(
    name="matmul",
    title="Matrix products (BLAS)",
    teaches="BLAS brings threads of its own: workers x BLAS threads beyond the cores is slower.",
    bound="cpu",
    sizes={"small": 24, "large": 1_024},
    items=items,
    task=multiply,
    combine=combine,
    tolerance=1e-9,
)
