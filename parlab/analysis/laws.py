"""Fits the scaling laws to points, with intervals, and says why where the points cannot tell. Prints and draws nothing.

``fit`` and ``fit_all`` take the ``Points`` that ``points_of`` took from a sweep or ``read_points`` from a table.
Two choices hold everywhere. Amdahl's and Gustafson's laws are about speedup, which is 1 at one worker by definition:
there the serial fraction is the only unknown. From throughput, the throughput of one worker is sought as well, as the
USL always does. And a law is fitted only where there are more worker counts that inform it than it has unknowns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from parlab import units
from parlab.analysis.fitting import Problem, Solution, fit_points, fit_rounds
from parlab.analysis.fractions import SerialFraction, Trend, serial_fractions, trend_of
from parlab.analysis.points import Points, points_of, read_points
from parlab.analysis.scaling import LAWS, THROUGHPUT_OF_ONE, USL, Array, Law, peak
from parlab.errors import unknown_choice
from parlab.results.intervals import FEWEST_ROUNDS

__all__ = ["Band", "Fit", "Fits", "Parameter", "Points", "Refusal", "SerialFraction", "fit", "fit_all", "points_of",
           "read_points"]  # fmt: skip

Method = Literal["t-interval", "bootstrap of rounds"]

FARTHEST = 4.0  # measurement.md, rule 11
_WIDEST = 0.95  # a share is between 0 and 1: an interval as wide as this says next to nothing
_MISSED = 0.1  # a law that is off by more than a tenth, beyond the noise, is not this program's law
_ON_BOUND = 1e-9
_NO_PEAK = 1e-6  # the coherency costs less than this share at the most workers measured: rounding, not a peak


@dataclass(frozen=True, slots=True)
class Parameter:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Band:
    """What a law says of a worker count, in the unit of the points, with the 95 % interval of the curve there."""

    workers: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A law that was not fitted, or whose fit says nothing, and why: a sentence for a person."""

    law: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A law with the parameters that fit the points best."""

    law: str
    parameters: dict[str, Parameter]
    residual: float  # root mean square of the residuals, in units of speedup
    peak_workers: float | None  # USL: where throughput is highest; None without a coherency, and for the other laws
    peak_low: float | None  # ends of its 95 % interval; the upper one is None where there may be no peak
    peak_high: float | None
    method: Method
    notes: tuple[str, ...]  # what a reader of the parameters must know, such as one that sits on a bound
    largest_workers: int  # the most that were measured
    _problem: Problem = field(repr=False, compare=False)
    _solution: Solution = field(repr=False, compare=False)

    def band(self, workers: Sequence[float], limit: float = FARTHEST) -> list[Band]:
        """Predict with the law: its value and 95 % interval at each worker count.

        The interval is that of the curve, as the parameters' intervals are: it is not the spread of single runs.

        Parameters
        ----------
        workers
            From 1 up. Counts beyond ``limit`` times the largest measured one are left out of the answer.
        limit
            How far an extrapolation may go. The default is 4; ask for more by name, and say so where you show it.

        Returns
        -------
        list of Band
            In the order of ``workers``.

        Raises
        ------
        ValueError
            A worker count is under 1 or not finite.
        """
        if not all(1 <= count < float("inf") for count in workers):
            raise ValueError("worker counts are finite numbers from 1 up")
        asked = np.array([float(count) for count in workers if count <= limit * self.largest_workers])
        if not len(asked):
            return []
        values = self._problem.curve(self._solution.parameters, asked)
        low, high = self._solution.interval(self._problem.curve(self._solution.cloud, asked))
        low, high = np.minimum(low, values), np.maximum(high, values)
        return [Band(*map(float, one)) for one in zip(asked, values, low, high, strict=True)]

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints for this law."""
        found = {name: asdict(parameter) for name, parameter in self.parameters.items()}
        place = {"peak_workers": self.peak_workers, "peak_low": self.peak_low, "peak_high": self.peak_high}
        return {
            "parameters": found,
            **(place if self.law == USL.name else {}),
            "residual": self.residual,
            "method": self.method,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Fits:
    """Everything that the points say about the laws."""

    points: Points
    fits: dict[str, Fit]
    refusals: dict[str, Refusal]
    fractions: tuple[SerialFraction, ...]  # empty for throughput without a row for one worker
    trend: Trend  # of the fractions
    notes: tuple[str, ...]  # about the points

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``parlab fit --json`` prints."""
        return {
            **{name: found.as_json() for name, found in self.fits.items()},
            "karp_flatt": {"trend": self.trend, "values": [asdict(one) for one in self.fractions]},
            "refused": {name: refusal.reason for name, refusal in self.refusals.items()},
            "notes": list(self.notes),
        }


def fit_all(points: Points, laws: Iterable[str] | None = None) -> Fits:
    """Fit several laws to the same points.

    Parameters
    ----------
    points
        Of one backend, or of anybody's table.
    laws
        Names out of ``usl``, ``amdahl``, ``gustafson``; None for all.

    Raises
    ------
    InputError
        There is no law of such a name.
    """
    found = [fit(points, law) for law in (LAWS if laws is None else laws)]
    fractions = serial_fractions(points)
    return Fits(
        points,
        {one.law: one for one in found if isinstance(one, Fit)},
        {one.law: one for one in found if isinstance(one, Refusal)},
        fractions,
        trend_of(fractions),
        _notes_on(points),
    )


def fit(points: Points, law: str) -> Fit | Refusal:
    """Fit a law to points.

    Intervals come from a bootstrap over the rounds where there are at least 6 whole rounds, and otherwise from the
    points' scatter about the curve (t-intervals).

    Parameters
    ----------
    points
        Of one backend, or of anybody's table.
    law
        ``usl``, ``amdahl`` or ``gustafson``.

    Returns
    -------
    Fit or Refusal
        A refusal where the law is not about this kind of scaling, or the points cannot tell its parameters.

    Raises
    ------
    InputError
        There is no law of such a name.
    """
    if law not in LAWS:
        raise unknown_choice("law", law, LAWS)
    form = LAWS[law]
    workers, values = np.array(points.workers, float), np.array(points.values, float)
    problem = Problem(form, workers, values, points.is_speedup and form.scale_is_one_for_speedup)
    if reason := _wrong_kind(form, points) or _too_few(problem):
        return Refusal(law, reason)
    by_rounds = len(points.rounds) >= FEWEST_ROUNDS
    solution = fit_rounds(problem, np.array(points.rounds)) if by_rounds else fit_points(problem, _measured(problem))
    if solution is None:
        return Refusal(law, f"{form.title}: different parameters give the same curve at these worker counts.")
    if reason := _too_wide(problem, solution):
        return Refusal(law, reason)
    notes = (*_bound_notes(problem, solution.parameters), *_misses(points, problem, solution))
    return _fit(problem, solution, "bootstrap of rounds" if by_rounds else "t-interval", notes)


def _wrong_kind(law: Law, points: Points) -> str | None:
    if points.weak is not None and ("weak" if points.weak else "strong") not in law.kinds:
        given, meant = ("grew", "stays the same") if points.weak else ("stayed the same", "grows with the workers")
        return f"{law.title} is about work that {meant}; here the work {given}."
    if law.kinds == ("weak",) and points.weak is None and points.column == "elapsed_s":
        return (
            f"{law.title} needs to know how much work was done in each time: --weak says that it grew with the workers."
        )
    return None


def _too_few(problem: Problem) -> str | None:
    law, unknowns = problem.law, problem.unknowns
    informing = int(np.sum(problem.workers > 1)) if problem.scale_is_one else len(problem.workers)
    if informing > unknowns:
        return None
    names = ", ".join(_words(name) for name in _names(problem))
    above = " above 1" if problem.scale_is_one else ""
    return (
        f"{law.title} has {unknowns} unknown{'s' * (unknowns > 1)} ({names}), so it needs at least {unknowns + 1} "
        f"worker counts{above}; these points have {informing}. Measure more worker counts."
    )


def _measured(problem: Problem) -> int:
    """Count the points that are measurements: a speedup of exactly 1 at one worker is a definition."""
    by_definition = problem.scale_is_one & (problem.workers == 1) & (problem.values == 1)
    return int(np.sum(~by_definition))


def _names(problem: Problem) -> tuple[str, ...]:
    return problem.law.unknowns + (() if problem.scale_is_one else (THROUGHPUT_OF_ONE,))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _too_wide(problem: Problem, solution: Solution) -> str | None:
    for name, low, high in zip(_names(problem), solution.low, solution.high, strict=True):
        if name == THROUGHPUT_OF_ONE:
            vague, allowed = low <= 0, "be near 0"
        else:
            vague, allowed = high - low >= _WIDEST, "be almost anything between 0 and 1"
        if vague:
            return (
                f"{problem.law.title}: the points cannot tell the {_words(name)}. It may {allowed}: its 95 % interval "
                f"goes from {low:.2g} to {high:.2g}. Measure more worker counts, or with less noise."
            )
    return None


def _fit(problem: Problem, solution: Solution, method: Method, notes: tuple[str, ...]) -> Fit:
    names, estimate = _names(problem), solution.parameters
    shares = len(problem.law.unknowns)
    low = np.maximum(solution.low, 0.0)
    high = np.where(np.arange(problem.unknowns) < shares, np.minimum(solution.high, 1.0), solution.high)
    ends = zip(names, estimate, low, high, strict=True)
    residuals = problem.curve(estimate, problem.workers) - problem.values
    scale = 1.0 if problem.scale_is_one else float(estimate[-1])
    top, top_low, top_high = _peak(problem, solution)
    return Fit(
        law=problem.law.name,
        parameters={name: Parameter(*map(float, rest)) for name, *rest in ends},
        residual=float(np.sqrt(np.mean(residuals**2))) / scale,
        peak_workers=top,
        peak_low=top_low,
        peak_high=top_high,
        method=method,
        notes=notes,
        largest_workers=int(problem.workers[-1]),
        _problem=problem,
        _solution=solution,
    )


def _peak(problem: Problem, solution: Solution) -> tuple[float | None, float | None, float | None]:
    if problem.law is not USL:
        return None, None, None
    least = _NO_PEAK / float(problem.workers[-1]) ** 2

    def of(parameters: Array) -> Array:
        return peak(parameters[..., 0], np.where(parameters[..., 1] > least, parameters[..., 1], 0.0))

    top = float(of(solution.parameters))
    if top == float("inf"):
        return None, None, None
    low, high = map(float, solution.interval(of(solution.cloud)))
    return top, min(low, top), None if high == float("inf") else max(high, top)


def _bound_notes(problem: Problem, estimate: Array) -> Iterable[str]:
    for name, value in zip(problem.law.unknowns, estimate, strict=False):
        if value <= _ON_BOUND:
            if name == "coherency":
                yield "The coherency is at its bound, 0: no sign that throughput falls again with more workers."
            else:
                yield (
                    f"The {_words(name)} is at its bound, 0: the points rise as fast as the workers, or faster "
                    "(superlinear), which this law cannot say."
                )
        elif value >= 1 - _ON_BOUND:
            yield f"The {_words(name)} is at its bound, 1: more workers gain nothing at all."


def _misses(points: Points, problem: Problem, solution: Solution) -> Iterable[str]:
    """Say where a law goes past what was measured: a bootstrap's intervals know the noise, not a law that is wrong."""
    curve = problem.curve(solution.parameters, problem.workers)
    worst, where = _MISSED, None
    for workers, law, known in zip(points.workers, curve, points.estimates, strict=False):
        outside = known.low is not None and known.high is not None and not known.low <= law <= known.high
        if outside and abs(law / known.median - 1) > worst:
            worst, where = abs(law / known.median - 1), (workers, law, known)
    if where is not None:
        workers, law, known = where
        yield (
            f"The points do not follow this law: with {workers} workers it says {law:.3g}, measured were "
            f"{known.median:.3g} ({known.low:.3g} to {known.high:.3g}). Its numbers then explain nothing."
        )


def _notes_on(points: Points) -> tuple[str, ...]:
    notes = []
    if points.estimates and len(points.rounds) < FEWEST_ROUNDS:
        notes.append(f"Under {FEWEST_ROUNDS} whole rounds: the intervals come from the medians' scatter about the law.")
    if points.cores is not None and (beyond := [count for count in points.workers if count > points.cores]):
        notes.append(
            f"More workers than the {units.count(points.cores, 'usable core')} ({', '.join(map(str, beyond))}): there "
            "a law describes the machine's cores, not the program."
        )
    return tuple(notes)
