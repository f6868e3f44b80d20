"""Serial fractions count by count: where they come from, and when a trend is called one."""

import numpy as np
import pytest
from builders import make_results, make_round, parallel

from parlab.analysis.fractions import SerialFraction, serial_fractions, trend_of
from parlab.analysis.points import Points, points_of
from parlab.analysis.scaling import LAWS

COUNTS = (1, 2, 4, 8, 16)


def on(law: str, *shares: float, **fields) -> Points:
    values = LAWS[law].shape(np.array(COUNTS, float), *shares)
    return Points(COUNTS, tuple(map(float, values)), **fields)


# The fraction is 0.5 - 0.02 x workers: 1 / speedup = fraction x (1 - 1 / workers) + 1 / workers.
FALLING = Points(COUNTS, tuple(1 / ((0.5 - 0.02 * n) * (1 - 1 / n) + 1 / n) for n in COUNTS))


@pytest.mark.parametrize(
    ("points", "trend"),
    [
        (on("amdahl", 0.2), "flat"),
        (on("amdahl", 0.0), "flat"),
        (on("usl", 0.02, 0.02), "rising"),
        (FALLING, "falling"),
        (on("gustafson", 0.2), "unclear"),  # judged as work that stays the same
        (on("gustafson", 0.2, weak=True), "flat"),  # judged as what it is
        (Points((1, 2, 4), (1, 1.5, 3.9)), "unclear"),
        (Points((1, 2), (1, 1.5)), "unclear"),
        (Points((2, 4, 8), (1, 2, 3), "throughput"), "unclear"),
    ],
)
def test_trends_of_bare_points(points: Points, trend: str) -> None:
    """Overhead that grows rises, a serial part is flat, and what can be chance is not called a trend."""
    assert trend == trend_of(serial_fractions(points))


def test_throughput_needs_a_row_for_one_worker() -> None:
    """Without it there is no speedup, so no fraction; with it the unit does not matter."""
    assert () == serial_fractions(Points((2, 4), (200.0, 300.0), "throughput"))
    (found,) = serial_fractions(Points((1, 2), (100.0, 150.0), "throughput"))
    assert SerialFraction(2, pytest.approx(1 / 3), None, None) == found


@pytest.mark.parametrize(("noise", "trend"), [(0.01, "rising"), (0.6, "unclear")])
def test_trends_of_a_sweep_need_intervals_apart(noise: float, trend: str) -> None:
    """With rounds, the intervals of the fewest and the most workers must not overlap."""
    random = np.random.default_rng(2)
    speedups = np.array(on("usl", 0.05, 0.01).values)
    trials = []
    for number in range(9):
        times = 2.0 / (speedups * np.exp(noise * random.standard_normal(len(COUNTS))))
        engines = [parallel(float(time), workers=count) for time, count in zip(times, COUNTS, strict=True)]
        trials += make_round(number, (2.0, 2.0), *engines)
    points = points_of(make_results(trials, sweep={"workers": COUNTS, "rounds": 9}), "threads")
    fractions = serial_fractions(points)
    assert [2, 4, 8, 16] == [one.workers for one in fractions]
    assert all(one.low <= one.value <= one.high for one in fractions)
    assert trend == trend_of(fractions)
