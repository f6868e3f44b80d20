"""Sweeps whose truth is known, for predictions: tasks that wait, an engine that costs what it is told to."""

from dataclasses import replace

import numpy as np
from builders import ceiling, make_results
from traces import loop, traced

from parlab.analysis.queueing import play
from parlab.records import Trial
from parlab.results import Results

GAP_S = 0.002  # what a message costs


def lane_of(walls_s, gap_s: float = GAP_S) -> list[tuple[float, float]]:
    """Put tasks one behind the other, a message's cost before each."""
    ends = np.cumsum(np.asarray(walls_s) + gap_s)
    return [(end - wall, end) for end, wall in zip(ends.tolist(), np.asarray(walls_s).tolist(), strict=True)]


def trial_of(walls_s, *, workers: int = 1, share: float = 0.0, gap_s: float = GAP_S, sent=None, **fields) -> Trial:
    """Make a traced trial: worker by worker, every n-th task."""
    lanes = [lane_of(walls_s[place::workers], gap_s) for place in range(workers)]
    cpu_s = [share * (finished - started) for lane in lanes for started, finished in lane]
    map_s = max(lane[-1][1] for lane in lanes)
    usual = {"open_s": 0.1 * workers, "close_s": 0.0, "backend": "processes", **fields}
    # Tasks are numbered worker by worker in the helper, and by their item here, so that rounds can be compared.
    task = [number for place in range(workers) for number in range(place, len(walls_s), workers)]
    return traced(map_s, lanes, trial=usual, cpu_s=cpu_s, task=task, chunk=task, sent_bytes=[sent] * len(task))


def sweep_of(rounds, counts=(1,), *, share: float = 0.0, ceilings=None, slowdown=None, sent=None, **more) -> Results:
    """Make a sweep: a round for each row of task times; with n workers tasks take ``slowdown[n]`` times as long."""
    trials = []
    for number, walls_s in enumerate(rounds):
        row = np.asarray(walls_s)
        bracket = loop(*row.tolist())
        between = [
            trial_of(row * (slowdown or {}).get(workers, 1.0), workers=workers, share=share, sent=sent)
            for workers in counts
        ]
        between += [ceiling(value, workers) for workers, value in (ceilings or {}).items()]
        trials += [replace(one, round=number, position=place) for place, one in enumerate((bracket, *between, bracket))]
    sweep = {"backends": ("processes",), "workers": tuple(counts), "tasks": len(rounds[0]), **more}
    return make_results(trials, sweep=sweep)


def noisy_rounds(chance: np.random.Generator, rounds: int, tasks: int = 24) -> np.ndarray:
    """Draw task times: the same items in every round, rounds that differ by 4 %, single tasks by 10 %."""
    item_s = chance.lognormal(-4, 0.6, size=tasks)
    return item_s * chance.lognormal(0, 0.04, size=(rounds, 1)) * chance.lognormal(0, 0.1, size=(rounds, tasks))


def true_time_s(walls_s, workers: int, parent_share: float) -> float:
    """Play the truth: of each message's cost, the parent does this share itself."""
    share, gap_s = np.array([parent_share]), np.array([GAP_S])
    return float(play(np.asarray(walls_s)[None, :], workers, share * gap_s, (1 - share) * gap_s).elapsed_s[0])
