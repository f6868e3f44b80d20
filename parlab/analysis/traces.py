"""Makes the spans of a trial ready to reckon with, and picks the trials that are worth it. It judges nothing.

Result files may come from anybody, so what stands in the columns is checked here, where it is first used.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parlab.errors import ResultFileError
from parlab.records import Configuration, Trial
from parlab.results import Results
from parlab.results.ratios import RoundKey, brackets, map_s, order, ratios, same_work, usable_trials

Numbers = NDArray[np.float64]

_LARGEST = 1e12  # seconds or counts; thirty thousand years is no measurement, and its squares would overflow


@dataclass(frozen=True, slots=True)
class Trace:
    """The tasks of one trial that have times, one entry a task, in the order of the file. Times count from map's start.

    Attributes
    ----------
    cpu_s
        None where the CPU clock does not tell for each of them.
    chunk
        Which message carried the task; in a plain loop each task is one of its own.
    untimed
        How many tasks have no times: they ended their workers.
    """

    task: Numbers
    worker: Numbers
    chunk: Numbers
    started_s: Numbers
    finished_s: Numbers
    cpu_s: Numbers | None
    untimed: int

    @property
    def wall_s(self) -> Numbers:
        """How long each task took, from its start to its end."""
        return self.finished_s - self.started_s

    @property
    def messages(self) -> int:
        """How many messages carried the tasks."""
        return len(np.unique(self.chunk))

    @property
    def last_start_s(self) -> float:
        """When the last message began: from then on there is nothing left to give to a worker that is free.

        Tasks that wait in a message which another worker has begun are that worker's: no idle one can get them.
        """
        _, place = np.unique(self.chunk, return_inverse=True)
        first = np.full(place.max() + 1, np.inf)
        np.minimum.at(first, place, self.started_s)
        return float(first.max())


@dataclass(frozen=True, slots=True)
class Pair:
    """A traced trial of an engine, and the traced plain loops of its round."""

    trial: Trial
    serial: tuple[Trial, ...]
    speedup: float


@dataclass(frozen=True, slots=True)
class Traced:
    """One configuration's traced trials, by speedup: all of them went well and did the work of their rounds' loops."""

    configuration: Configuration
    pairs: tuple[Pair, ...]

    @property
    def typical(self) -> Pair:
        """The pair that stands for all rounds: the one with the median speedup.

        It is one real trial, so all that is said of it is of one piece: parts add up, products hold, and a timeline
        shows the same. By its speedup, and not by its time, it is typical on both sides of the ratio, and it is the
        number in the table that it explains. Of an even number it is the lower one of the middle two.
        """
        return self.pairs[(len(self.pairs) - 1) // 2]


def traced(results: Results) -> list[Traced]:
    """List the configurations that have traced trials: engines in the order of the sweep, each by worker count.

    Only trials that went well count, in rounds with both serial brackets, with the same work as these.
    """
    usable = [trial for trial in usable_trials(results) if trial.spans is not None]
    serial = brackets(usable)
    loops: dict[RoundKey, list[Trial]] = defaultdict(list)
    for trial in usable:
        if trial.role == "serial":
            loops[trial.round_key].append(trial)
    found = []
    for configuration in order(results):
        trials = [trial for trial in usable if trial.configuration == configuration and same_work(trial, serial)]
        speedups = ratios(trials, serial, map_s)
        pairs = [
            Pair(trial, tuple(loops[trial.round_key]), speedups[trial.round_key])
            for trial in trials
            if trial.round_key in speedups
        ]
        if pairs:
            pairs.sort(key=lambda pair: (pair.speedup, pair.trial.round_key))
            found.append(Traced(configuration, tuple(pairs)))
    return found


def all_workers_known(trial: Trial, trace: Trace) -> bool:
    """Tell whether the spans show all that the workers did: none was lost or replaced, and no task without times."""
    return not trace.untimed and not trial.rerun and len(trial.crew) <= trial.workers


def trace_of(trial: Trial) -> Trace | None:
    """Return the trace of a trial; None when it has none, or no task in it has times.

    Raises
    ------
    ResultFileError
        What stands in its spans cannot be numbers, or no times at all.
    """
    if not trial.spans:
        return None
    spans = {name: _numbers(trial, name) for name in ("task", "worker", "chunk", "started_s", "finished_s", "cpu_s")}
    timed = ~np.isnan(spans["started_s"]) & ~np.isnan(spans["finished_s"])
    if not timed.any():
        return None
    kept = {name: column[timed] for name, column in spans.items()}
    chunk = np.where(np.isnan(kept["chunk"]), -1 - np.arange(len(kept["chunk"])), kept["chunk"])
    cpu_s = None if np.isnan(kept["cpu_s"]).any() else kept["cpu_s"]
    untimed = int(len(timed) - timed.sum())
    return Trace(kept["task"], kept["worker"], chunk, kept["started_s"], kept["finished_s"], cpu_s, untimed)


def column(trial: Trial, name: str) -> Numbers:
    """Return one numeric column of a trial's spans, with NaN for None; empty when there are no spans.

    Raises
    ------
    ResultFileError
        What stands in it cannot be numbers.
    """
    return _numbers(trial, name) if trial.spans else np.empty(0)


def _numbers(trial: Trial, name: str) -> Numbers:
    values: Sequence[Any] = (trial.spans or {})[name]
    try:
        found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        if found.ndim == 1 and not (np.abs(found) > _LARGEST).any():
            return found
    except (TypeError, ValueError, OverflowError):
        pass
    where = f"session {trial.session}, round {trial.round}, {trial.configuration.label}"
    message = f"The spans of one trial ({where}) hold something in {name!r} that is no time and no count."
    raise ResultFileError(f"{message} Restore the file, or measure again.")
