"""The efficiencies of the POP Centre of Excellence, from the same spans: each between 0 and 1, multiplying upwards.

Their definitions are POP's (POP Centre of Excellence, "POP standard metrics", co-design.pop-coe.eu/metrics).
What "useful" means is ours to say: a worker's useful time is the wall time of its tasks, from start to end of each. So
waiting inside a task is useful here, and is told apart in ``parlab.analysis.areas``. Nothing here is judged.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from parlab.analysis.traces import all_workers_known, trace_of, traced
from parlab.records import Trial
from parlab.results import Results


@dataclass(frozen=True, slots=True)
class Pop:
    """The metrics of one trial of n workers that took the time T.

    ``parallel_efficiency`` is load balance x communication efficiency, ``global_efficiency`` is parallel efficiency x
    computation scaling.
    """

    load_balance: float  # mean useful time of the workers / the largest
    communication_efficiency: float  # the largest useful time / T
    parallel_efficiency: float  # mean useful time / T
    computation_scaling: float  # useful time of the plain loop / that of all workers; weak: for the same work
    global_efficiency: float


@dataclass(frozen=True, slots=True)
class PopRow:
    """One configuration's metrics, in the trial with its median speedup; see ``traces.Traced``."""

    backend: str
    workers: int
    rounds: int
    metrics: Pop

    def as_json(self) -> dict[str, Any]:
        """Return the object that stands in ``--json``, metrics beside their row's names."""
        return {"backend": self.backend, "workers": self.workers, "rounds": self.rounds, **asdict(self.metrics)}


def pop_rows(results: Results) -> list[PopRow]:
    """Return the metrics of each configuration with traced trials.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be times.
    """
    rows = []
    for one in traced(results):
        metrics = metrics_of(one.typical.trial, one.typical.serial)
        if metrics is not None:
            rows.append(PopRow(one.configuration.backend, one.configuration.workers, len(one.pairs), metrics))
    return rows


def metrics_of(trial: Trial, serial: Sequence[Trial]) -> Pop | None:
    """Return the metrics of ``map`` in one trial.

    Parameters
    ----------
    trial
        A traced trial of an engine.
    serial
        The traced plain loops of its round: the reference of computation scaling, averaged. Where the work grows with
        the workers, their useful time is taken as often as the trial has their tasks.

    Returns
    -------
    Pop or None
        None where a worker was lost, where there are no times, or where tasks took no time at all.
    """
    trace = trace_of(trial)
    if trace is None or not trial.map_s or trial.workers < 1 or not all_workers_known(trial, trace):
        return None
    _, place = np.unique(trace.worker, return_inverse=True)
    useful_s = np.bincount(place, weights=trace.wall_s)  # workers without a task are missing, and count in the mean
    total_s, most_s = float(useful_s.sum()), float(useful_s.max())
    reference = [loop.wall_s.mean() * len(trace.task) for one in serial if (loop := trace_of(one)) is not None]
    if most_s <= 0 or total_s <= 0 or not reference:
        return None
    mean_s, scaling = total_s / trial.workers, float(np.mean(reference)) / total_s
    parallel = mean_s / trial.map_s
    return Pop(
        load_balance=mean_s / most_s,
        communication_efficiency=most_s / trial.map_s,
        parallel_efficiency=parallel,
        computation_scaling=scaling,
        global_efficiency=parallel * scaling,
    )
