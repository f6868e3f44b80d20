"""Predicts how long a sweep's work would take with worker counts that were not measured, each with its band.

A run is put together from what was measured: how long the tasks take (``tasktimes``), how much longer beside others
(``contention``), what a message and a start cost (``dispatching``); and the engine's queue is played with them
(``queueing``). Many runs are put together so, each from other rounds and with other values of what is not known for
sure; the band holds 90 % of them. So it is the band of one more run, not of a mean. Nothing here is measured.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from parlab.analysis.contention import Contention
from parlab.analysis.dispatching import Dispatch
from parlab.analysis.queueing import Played, in_messages, play
from parlab.analysis.tasktimes import TaskTimes
from parlab.analysis.traces import Numbers
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.results.intervals import Estimate

CONFIDENCE = 0.9
DRAWS = 400
_FEWEST_DRAWS = 100
_MOST_MESSAGES = 4_000_000  # of all draws together: beyond, fewer runs are drawn


@dataclass(frozen=True, slots=True)
class Band:
    """The median of the runs that were drawn, and the ends between which 90 % of them lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is predicted of one worker count, and what was measured there, if anything.

    Attributes
    ----------
    map_s, elapsed_s
        The work itself; with opening and closing the engine. None where the engine's start is not known.
    slowdown
        How much longer a task takes than with the workers that the spans are of.
    slowdown_source
        What that rests on: ``"measured"``, ``"between measured"``, ``"law"``, ``"ceiling"``, ``"widened"`` or
        ``"assumed"``.
    losses
        Shares of workers x time: ``contention``, ``dispatch``, ``tail``; the rest is work.
    beyond
        Whether there are more workers than any spans are of.
    """

    workers: int
    tasks: int
    map_s: Band
    speedup: Band
    startup_s: Band | None
    elapsed_s: Band | None
    slowdown: Band
    slowdown_source: str
    losses: dict[str, float]
    beyond: bool
    measured_s: Estimate | None  # of the work itself
    used: bool  # its trials are part of what the prediction rests on
    hit: bool | None  # whether the measured median lies in the band; None where nothing was measured

    @property
    def largest_loss(self) -> str | None:
        """Name what takes most beside work; None where nothing takes a twentieth."""
        name = max(self.losses, key=lambda one: self.losses[one])
        return name if self.losses[name] >= 0.05 else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Predictions for one engine, and all that they rest on."""

    workload: str
    engine: str
    source: str  # whose spans the task times are of
    source_workers: int
    rounds: int
    tasks_measured: int
    chunksize: int
    weak: bool
    cores: int | None  # that the workers share; None: one for each
    usable_cores: int | None  # of the machine that was measured
    cpu_share: float
    message_s: float
    dispatch_origin: str
    reach: int  # the most workers that something was measured with
    predictions: tuple[Prediction, ...]
    notes: tuple[str, ...]
    origin: str | None = None  # where and when a recorded sweep was measured
    confidence: float = CONFIDENCE

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``parlab plan --json`` prints."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Model:
    """All that a run is put together from."""

    times: TaskTimes
    contention: Contention
    dispatch: Dispatch
    loop_task_s: Numbers  # of the plain loop for each task, one for each round


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs that were put together, an entry for each."""

    map_s: Numbers
    startup_s: Numbers | None
    speedup: Numbers
    slowdown: Numbers
    losses: dict[str, float]


def runs_of(model: Model, workers: int, tasks: int, chunksize: int, seed: int) -> Runs:
    """Put runs together for one worker count.

    Parameters
    ----------
    model
        What was measured.
    workers, tasks, chunksize
        Of the run that is asked for.
    seed
        The same seed gives the same runs.
    """
    chance = np.random.default_rng([seed, workers])
    draws = max(_FEWEST_DRAWS, min(DRAWS, _MOST_MESSAGES * chunksize // max(1, tasks)))
    task_s = model.times.draw(chance, draws, tasks)
    slowdown = model.contention.draw(chance, draws, workers)
    costs = model.dispatch.draw(chance, draws, chunksize)
    work_s = in_messages(task_s * slowdown[:, None], chunksize)
    # Packing is computing: it gets slower beside others as tasks do that compute.
    packing = slowdown if model.contention.cpu_share >= CPU_BOUND_SHARE else np.ones(draws)
    played = play(work_s, workers, costs.sending_s * packing, costs.travelling_s * packing)
    map_s = played.elapsed_s + costs.around_s
    startup_s = model.dispatch.draw_startup(chance, draws, workers)
    loop_s = tasks * model.loop_task_s[chance.integers(len(model.loop_task_s), size=draws)]
    losses = _losses(played, workers, map_s, slowdown)
    return Runs(map_s, startup_s, loop_s / map_s, slowdown, losses)


def predicted(runs: Runs, workers: int, tasks: int, **more: Any) -> Prediction:
    """Sum runs up; ``more`` are the fields of ``Prediction`` that runs do not have."""
    elapsed_s = None if runs.startup_s is None else runs.map_s + runs.startup_s
    measured: Estimate | None = more["measured_s"]
    band = band_of(runs.map_s)
    return Prediction(
        workers=workers,
        tasks=tasks,
        map_s=band,
        speedup=band_of(runs.speedup),
        startup_s=None if runs.startup_s is None else band_of(runs.startup_s),
        elapsed_s=None if elapsed_s is None else band_of(elapsed_s),
        slowdown=band_of(runs.slowdown),
        losses=runs.losses,
        hit=None if measured is None else band.low <= measured.median <= band.high,
        **more,
    )


def band_of(values: Numbers) -> Band:
    """Return the median, and the ends of what 90 % lie between, half of the rest on each side."""
    outside = (1 - CONFIDENCE) / 2
    low, value, high = np.quantile(values, [outside, 0.5, 1 - outside])
    return Band(float(value), float(low), float(high))


def counts_of(asked: Sequence[int], measured: Sequence[int]) -> list[int]:
    """List what is shown: what was asked for, and what was measured, because the two can be held side by side."""
    return sorted({*asked, *measured})


def _losses(played: Played, workers: int, map_s: Numbers, slowdown: Numbers) -> dict[str, float]:
    area_s = workers * map_s
    around_s = workers * (map_s - played.elapsed_s)
    found = {
        "contention": played.work_s * (1 - 1 / slowdown),
        "dispatch": played.dispatch_s + around_s,
        "tail": played.tail_s,
    }
    return {name: float(np.median(lost_s / area_s)) for name, lost_s in found.items()}
