"""One model of speedup with six costs, to be explored: what it says of any number of workers. Draws and says nothing.

The time of the plain loop is 1. With n workers the same work takes::

    shared(n) = max((1 + contention (n - 1) + coherency n (n - 1)) / n, longest_share)
    time(n)   = startup_share + (serial_fraction + (1 - serial_fraction) shared(n)) / pace

So each cost on its own is a law that has a name; the scaling laws are computed in ``parlab.analysis.scaling``:

- ``serial_fraction`` alone: G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing
  capabilities", 1967. For work that grows with the workers: J. L. Gustafson, "Reevaluating Amdahl's law", 1988.
- ``contention`` and ``coherency`` alone: N. J. Gunther, "Guerrilla Capacity Planning", 2007. They slow down what is
  shared out; who works alone waits for nobody.
- ``longest_share``: the longest task's share of what can be shared out. No schedule ends before its longest task does
  (R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", 1969). It is the best case; a schedule may do worse.
- ``startup_share``: paid once, whatever the number of workers, as they start side by side. It is what the measuring
  core adds to the time of ``map``: elapsed = open + map + close.
- ``pace``: what one worker gets done, over the plain loop; the throughput of one in ``parlab fit``. Under 1, sending
  tasks and answers costs that much.

Work that grows with the workers is ``serial_fraction + (1 - serial_fraction) n``, in more tasks of the same length: the
longest of them then never keeps the others waiting. Each worker gets the same share, so the time is::

    scaled time(n) = startup_share
                     + (serial_fraction + (1 - serial_fraction) (1 + contention (n - 1) + coherency n (n - 1))) / pace
"""

from dataclasses import dataclass, fields
from math import ceil, floor, isfinite
from statistics import median

import numpy as np

from parlab.analysis.laws import Fit, Points, fit_all, points_of
from parlab.analysis.scaling import GUSTAFSON, THROUGHPUT_OF_ONE, USL, Array, peak
from parlab.analysis.summary import Summary
from parlab.errors import InputError
from parlab.records import Configuration
from parlab.results import Results
from parlab.results.ratios import usable_trials

_HIGHEST = {"startup_share": 100.0, "pace": 10.0}  # all others are shares of something, up to 1
_LOWEST = {"pace": 0.01}
_NOWHERE = 1e6  # a peak at so many workers is none
_CLEARLY = 0.5
_EQUAL = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Best:
    """Where the same work is fastest.

    Attributes
    ----------
    workers
        The fewest that reach it; None where more workers always help.
    speedup
        There; without a best count the limit that is never reached, which may be infinite.
    falls
        Whether more workers make it slower again, in the end.
    waits
        Whether it is the longest task that ends it: somewhat more workers then neither help nor harm.
    """

    workers: int | None
    speedup: float
    falls: bool
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """Six costs of working together, each off by default; see the module for the formula and its sources.

    Raises
    ------
    InputError
        A value is no number, or outside of what is allowed.
    """

    serial_fraction: float = 0.0
    contention: float = 0.0
    coherency: float = 0.0
    startup_share: float = 0.0  # of the plain loop's time
    longest_share: float = 0.0  # of what can be shared out; 0: no task is long enough to be waited for
    pace: float = 1.0

    def __post_init__(self) -> None:
        """Hold every value to its range."""
        for one in fields(self):
            value = getattr(self, one.name)
            low, high = _LOWEST.get(one.name, 0.0), _HIGHEST.get(one.name, 1.0)
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not number or not isfinite(value) or not low <= value <= high:
                raise InputError(f"{one.name} must be a number from {low:g} to {high:g}, not {value!r:.40}.")

    def strong(self, workers: Array | float) -> Array:
        """Return the speedup over the plain loop, of the same work, for each worker count from 1 up."""
        counts = np.asarray(workers, float)
        shared = np.maximum(1 / USL.shape(counts, self.contention, self.coherency), self.longest_share)
        time = self.startup_share + (self.serial_fraction + (1 - self.serial_fraction) * shared) / self.pace
        return np.asarray(1 / time)

    def scaled(self, workers: Array | float) -> Array:
        """Return the scaled speedup: how much more work gets done in a time than by the plain loop, where it grows."""
        counts = np.asarray(workers, float)
        shared = (1 - self.serial_fraction) * counts / USL.shape(counts, self.contention, self.coherency)
        time = self.startup_share + (self.serial_fraction + shared) / self.pace
        return np.asarray(GUSTAFSON.shape(counts, self.serial_fraction) / time)

    def best(self) -> Best:
        """Find the whole number of workers with which the same work is fastest, or the limit that it comes near to."""
        if self.serial_fraction == 1:
            return Best(1, float(self.strong(1.0)), falls=False)
        highest = float(peak(np.array(self.contention, float), np.array(self.coherency, float)))
        tops = [top for top in (self._enough(), highest) if top < _NOWHERE]
        if not tops:
            rest = (1 - self.serial_fraction) * self.contention
            time = self.startup_share + (self.serial_fraction + rest) / self.pace
            return Best(None, 1 / time if time > 0 else float("inf"), falls=False)
        counts = sorted({whole for top in tops for whole in (max(1, floor(top)), max(1, ceil(top)))})
        speedups = [float(self.strong(float(count))) for count in counts]
        place = next(place for place, one in enumerate(speedups) if one >= max(speedups) * _EQUAL)
        falls = highest < _NOWHERE
        alone = 1 / float(USL.shape(counts[place], self.contention, self.coherency))
        waits = not falls or alone * _EQUAL <= self.longest_share  # without a peak nothing else ends it
        return Best(counts[place], speedups[place], falls=falls, waits=waits)

    def _enough(self) -> float:
        """Return how many workers get all the rest done while the longest task runs; infinite where none do.

        The smaller root of coherency n^2 + (contention - coherency - longest_share) n + (1 - contention) = 0.
        """
        half, rest = (self.longest_share + self.coherency - self.contention) / 2, 1 - self.contention
        inside = half * half - self.coherency * rest
        return rest / (half + inside**0.5) if half > 0 and inside >= 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a learner measured, for putting it beside the model's curves.

    Attributes
    ----------
    backend
        Whose points they are.
    points
        Of ``map`` alone, as laws are fitted to.
    with_startup
        The same with opening and closing the engine.
    ceiling
        The machine's own speedup by worker count; empty where it was not measured.
    serial_s
        Median time of the plain loop.
    startup_s
        Median time of opening and closing the engine, at the most workers measured; None where it is not known.
    summary
        Of the same sweep, for headings.
    """

    backend: str
    points: Points
    with_startup: Points
    ceiling: dict[int, float]
    serial_s: float
    startup_s: float | None
    summary: Summary

    def shown(self, model: Model) -> Points:
        """Return the points that a model speaks about: with start-up as soon as the model has one."""
        return self.with_startup if model.startup_share > 0 else self.points


def measured_points(results: Results, summary: Summary, backend: str) -> Measured:
    """Take what is put beside the curves from a sweep.

    Parameters
    ----------
    results, summary
        A sweep and what ``summarise`` made of it.
    backend
        As the sweep was given it.

    Raises
    ------
    InputError
        The sweep has no such backend, or no complete round of it.
    """
    points = points_of(results, backend)
    rows = [row for row in summary.rows if row.backend == backend]
    serial_s = next((row.median_s for row in summary.rows if row.backend == "serial"), None)
    if not points.workers or not serial_s:
        message = f"There are no points of {backend!r} to put beside the curves: no round was completed."
        raise InputError(f"{message} Measure with workers=[1, 2, 4], or explore without a view.")
    return Measured(
        backend=backend,
        points=points,
        with_startup=points_of(results, backend, with_startup=True),
        ceiling={row.workers: row.ceiling for row in rows if row.ceiling is not None},
        serial_s=serial_s,
        startup_s=_startup_s(results, backend, points.workers[-1]),
        summary=summary,
    )


def _startup_s(results: Results, backend: str, workers: int) -> float | None:
    configuration = Configuration("parallel", backend, workers)
    trials = [trial for trial in usable_trials(results) if trial.configuration == configuration]
    both = [(trial.elapsed_s, trial.map_s) for trial in trials]
    times = [whole - alone for whole, alone in both if whole is not None and alone is not None]
    return median(times) if times else None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted law as a model.

    Attributes
    ----------
    model
        With the law's costs; all others are off. The points are of ``map`` alone, so there is no start-up in it.
    fit
        The law, with intervals.
    notes
        What must be known about the points.
    """

    model: Model
    fit: Fit
    notes: tuple[str, ...]


def fitted_model(points: Points) -> Fitted:
    """Fit the laws that these points can tell, and return the one that misses them least as a model.

    Amdahl's law, or Gustafson's where the work grew, is tried beside the USL, which has two unknowns more and follows
    noise more easily: it is taken where its squared distance, over the degrees of freedom left, is less than half.

    Raises
    ------
    InputError
        The points cannot tell any law; the text says why for each.
    """
    found = fit_all(points, ("gustafson" if points.weak else "amdahl", USL.name))
    if not found.fits:
        raise InputError(" ".join(refusal.reason for refusal in found.refusals.values()))
    best = min(found.fits.values(), key=lambda one: _variance(one, len(points.workers)))
    known = {name: parameter.value for name, parameter in best.parameters.items()}
    pace = min(max(known.pop(THROUGHPUT_OF_ONE, 1.0), _LOWEST["pace"]), _HIGHEST["pace"])
    return Fitted(Model(**known, pace=pace), best, found.notes)


def _variance(fit: Fit, count: int) -> float:
    worth = 1.0 if fit.law == USL.name else _CLEARLY
    scale = fit.parameters[THROUGHPUT_OF_ONE].value if THROUGHPUT_OF_ONE in fit.parameters else 1.0
    return worth * float((fit.residual * scale) ** 2 / (count - len(fit.parameters)))
