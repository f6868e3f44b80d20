"""Matrix products, against the matrix's own values."""

import numpy as np
import pytest

from parlab.workloads.matmul import PRODUCTS, SIDE, WORKLOAD, combine, items, multiply


@pytest.fixture(scope="module")
def own_values() -> np.ndarray:
    """The eigenvalues of the first task's matrix."""
    (seed,) = items(1, seed=3)
    return np.linalg.eigvals(np.random.default_rng(seed).standard_normal((SIDE, SIDE)) / np.sqrt(SIDE))


def test_the_trace_is_that_of_the_eigenvalues(own_values: np.ndarray) -> None:
    """The trace of a power is the sum of the eigenvalues' powers, which no product was needed for."""
    (seed,) = items(1, seed=3)
    assert (own_values ** (PRODUCTS + 1)).sum().real == pytest.approx(multiply(seed), rel=1e-9)


def test_powers_neither_grow_nor_vanish(own_values: np.ndarray) -> None:
    """No eigenvalue is much beyond 1, so that no task meets infinities or denormal numbers, which take longer."""
    assert 0.9 < np.abs(own_values).max() < 1.2


def test_the_seed_decides() -> None:
    """The same seed gives the same items and the same trace; a larger size begins with them; others differ."""
    assert items(4, 5) == items(8, 5)[:4]
    assert multiply(items(1, 5)[0]) == multiply(items(1, 5)[0])
    assert multiply(items(1, 5)[0]) != multiply(items(1, 6)[0])
    every = [one for seed in range(3) for one in items(WORKLOAD.count("large"), seed)]
    assert len(every) == len(set(every))


def test_the_answer_is_the_sum() -> None:
    """The traces are added up; answers may differ by the digits that another order of a product's sums rounds."""
    assert -1.25 == combine([0.5, 0.25, -2.0])
    assert 0 < WORKLOAD.tolerance <= 1e-9
