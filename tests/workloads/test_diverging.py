"""The particle between two valleys: where it stays, and when Euler's method loses it."""

import math

import numpy as np

from parlab.workloads import streams
from parlab.workloads.diverging import STEP, TIME, careful_particle, particle, path


def test_a_path_follows_the_equation() -> None:
    """Each place is the one before, plus the step's drift and its push."""
    seed = streams.run_seed(14, 0)
    pushes = np.random.default_rng(seed).normal(0.0, 0.6 * STEP**0.5, round(TIME / STEP))
    places = path(seed)
    assert [0.0, pushes[0]] == places[:2]
    for before, after, push in zip(places, places[1:], pushes, strict=False):
        assert math.isclose(after, before + STEP * (before - before**3) + push, rel_tol=1e-9)


def test_long_steps_lose_some_runs_and_short_ones_none() -> None:
    """So the exhibit shows something, and its cure is one."""
    long, short = (
        [streams.run(one) for one in streams.batches(model, 2000, 500, 14, largest=100)]
        for model in (particle, careful_particle)
    )
    lost = [one for each in long for one in each.lost]
    assert 5 <= len(lost) <= 100
    assert any(one.why == "nan" for one in lost)
    assert all(not each.lost for each in short)


def test_a_lost_run_can_be_repeated_alone() -> None:
    """Its number gives the same path again: it ends as far away."""
    tallies = [streams.run(one) for one in streams.batches(particle, 500, 100, 14, largest=100)]
    for one in (lost for each in tallies for lost in each.lost):
        assert one.why == f"{particle(streams.run_seed(one.seed, one.run)):.3g}"
