"""Fits one law to numbers: bounded non-linear least squares, t-intervals, and a bootstrap over rounds.

It knows nothing of files and says nothing to people. What comes out is the estimate and a cloud of parameters that the
data allow as well; whoever asks for an interval of anything (a parameter, a prediction, the peak) takes it from there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from parlab.analysis.scaling import Array, Law
from parlab.results.intervals import CONFIDENCE

SEED = 1967  # any number; a fixed one gives the same intervals each time
RESAMPLES = 400  # well under 2 s on a slow core for the USL, and beyond the tail that 6 rounds need, 1 in 400
DRAWS = 4000  # the 2.5 % quantile of so many is off by about a fortieth of the interval
_FRACTIONS = (0.01, 0.2, 0.8)  # where the search begins, so that it does not end in a local minimum
_TOLERANCE = 1e-12
_SINGULAR = 1e-7  # a direction in which the curve changes this much less than in another one cannot be told


@dataclass(frozen=True, slots=True)
class Problem:
    """A law and the points that it shall follow."""

    law: Law
    workers: Array
    values: Array
    scale_is_one: bool  # the throughput of one worker is 1 by definition, and no unknown

    @property
    def unknowns(self) -> int:
        """How many numbers are sought."""
        return len(self.law.unknowns) + (not self.scale_is_one)

    def curve(self, parameters: Array, workers: Array) -> Array:
        """Return the law's values; with many sets of parameters, one row for each set."""
        sets = np.atleast_2d(parameters)
        columns = [sets[:, [place]] for place in range(len(self.law.unknowns))]
        scale = 1.0 if self.scale_is_one else sets[:, [-1]]
        return np.asarray(scale * self.law.shape(workers, *columns)).reshape((*np.shape(parameters)[:-1], -1))

    def slopes(self, parameters: Array) -> Array:
        """Return the derivatives: a row for each point, a column for each unknown."""
        fractions = parameters[: len(self.law.unknowns)]
        scale = 1.0 if self.scale_is_one else parameters[-1]
        columns = [scale * slope for slope in self.law.slopes(self.workers, *fractions)]
        if not self.scale_is_one:
            columns.append(self.law.shape(self.workers, *fractions))
        return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True)
class Solution:
    """What a fit found.

    Attributes
    ----------
    parameters
        The fractions in the order of the law, then the throughput of one where that was sought.
    low, high
        Ends of the 95 % interval of each parameter, before they are cut off at the parameters' bounds.
    cloud
        Parameters that the data allow as well, one set a row, within the bounds.
    tail
        The share of the cloud that is left out on each side of a 95 % interval.
    """

    parameters: Array
    low: Array
    high: Array
    cloud: Array = field(repr=False)
    tail: float

    def interval(self, values: Array) -> tuple[Array, Array]:
        """Return the ends of the 95 % interval of something that was computed for each set of the cloud."""
        with np.errstate(invalid="ignore"):  # infinite values, such as a peak that is nowhere, are in order
            low = np.quantile(values, self.tail, axis=0, method="lower")
            high = np.quantile(values, 1 - self.tail, axis=0, method="higher")
        return low, high


def least_squares(problem: Problem, starts: Iterable[Array] | None = None) -> Array:
    """Return the parameters, within their bounds, with the smallest sum of squared residuals.

    Fractions lie between 0 and 1, the throughput of one above 0. The search begins at several places.
    """
    from scipy.optimize import least_squares as minimise

    # In units of the best throughput a worker reached, so that any unit of the table gives numbers around 1.
    unit = 1.0 if problem.scale_is_one else float(np.max(problem.values / problem.workers))
    scaled = Problem(problem.law, problem.workers, problem.values / unit, problem.scale_is_one)
    highest = np.where(np.arange(problem.unknowns) < len(problem.law.unknowns), 1.0, np.inf)
    attempts = [
        minimise(
            lambda parameters: scaled.curve(parameters, scaled.workers) - scaled.values,
            _inside(start / _units(problem, unit)),
            jac=scaled.slopes,
            bounds=(np.zeros(problem.unknowns), highest),
            method="dogbox",  # ends exactly on a bound
            x_scale="jac",
            ftol=_TOLERANCE,
            xtol=_TOLERANCE,
            gtol=_TOLERANCE,
        )
        for start in (_starts(problem, unit) if starts is None else starts)
    ]
    return np.asarray(min(attempts, key=lambda attempt: float(attempt.cost)).x * _units(problem, unit))


def _units(problem: Problem, unit: float) -> Array:
    return np.where(np.arange(problem.unknowns) < len(problem.law.unknowns), 1.0, unit)


def _inside(start: Array) -> Array:
    """Move a start off the bounds, where the search could not see which way to go."""
    moved = np.clip(start, 1e-9, None)
    return np.where(start >= 1, np.minimum(moved, 1.0), moved)


def _starts(problem: Problem, unit: float) -> list[Array]:
    scale = [] if problem.scale_is_one else [unit]
    if len(problem.law.unknowns) == 1:
        return [np.array([fraction, *scale]) for fraction in _FRACTIONS]
    widest = float(np.max(problem.workers))
    # A coherency of 1 / n^2 lets the throughput of n workers peak at n.
    return [np.array([fraction, part / widest**2, *scale]) for fraction in _FRACTIONS for part in (0.1, 10.0)]


def fit_points(problem: Problem, measured: int) -> Solution | None:
    """Fit bare points: t-intervals from the curve's slopes at the estimate.

    The intervals are those of non-linear least squares (D. M. Bates and D. G. Watts, "Nonlinear Regression Analysis and
    Its Applications", 1988, section 2.3): estimate +- t x standard error, t with points - unknowns degrees of freedom.
    A parameter on a bound gets the interval around the bound, cut off there: the best value without bounds lies beyond,
    so this is wider than needed, never narrower. The other intervals allow for it moving freely, which is wider too.

    Parameters
    ----------
    problem
        With more points than unknowns.
    measured
        How many of the points are measurements, and not 1 by definition.

    Returns
    -------
    Solution or None
        None where different parameters give the same curve.
    """
    from scipy.stats import t

    estimate = least_squares(problem)
    slopes, residuals = problem.slopes(estimate), problem.curve(estimate, problem.workers) - problem.values
    lengths = np.linalg.norm(slopes, axis=0)
    if not np.all(lengths > 0):
        return None
    _, singular, rotation = np.linalg.svd(slopes / lengths, full_matrices=False)
    if singular[-1] < _SINGULAR * singular[0]:
        return None
    freedom = measured - problem.unknowns
    deviation = np.sqrt(np.sum(residuals**2) / freedom)
    root = deviation * (rotation.T / singular) / lengths[:, None]  # its square is the covariance
    reach = t.ppf((1 + CONFIDENCE) / 2, freedom) * np.linalg.norm(root, axis=1)
    random = np.random.default_rng(SEED)
    spread = np.sqrt(random.chisquare(freedom, (DRAWS, 1)) / freedom)
    cloud = estimate + random.standard_normal((DRAWS, problem.unknowns)) @ root.T / spread
    return Solution(estimate, estimate - reach, estimate + reach, _bounded(problem, cloud), (1 - CONFIDENCE) / 2)


def _bounded(problem: Problem, cloud: Array) -> Array:
    highest = np.where(np.arange(problem.unknowns) < len(problem.law.unknowns), 1.0, np.inf)
    return np.clip(cloud, 0.0, highest)


def fit_rounds(problem: Problem, rounds: Array) -> Solution:
    """Fit the medians over rounds; intervals by a bootstrap that draws whole rounds and fits their medians again.

    A round is drawn with all its worker counts, so what they share (the same serial time) stays shared. Percentiles of
    a bootstrap are too narrow for few rounds; they are taken as far out as the t distribution asks for (T. C.
    Hesterberg, "What Teachers Should Know About the Bootstrap", 2015: the expanded percentile interval).

    Parameters
    ----------
    problem
        Its values are the medians over all rounds.
    rounds
        A row for each round that has every worker count, a column for each count.
    """
    from scipy.stats import norm, t

    estimate = least_squares(problem)
    count = len(rounds)
    drawn = np.random.default_rng(SEED).integers(count, size=(RESAMPLES, count))
    medians, places = np.unique(np.median(rounds[drawn], axis=1), axis=0, return_inverse=True)
    refits = [
        least_squares(Problem(problem.law, problem.workers, values, problem.scale_is_one), [estimate])
        for values in medians
    ]
    cloud = np.array(refits)[places.reshape(-1)]
    tail = float(norm.cdf((count / (count - 1)) ** 0.5 * t.ppf((1 - CONFIDENCE) / 2, count - 1)))
    found = Solution(estimate, estimate, estimate, cloud, tail)
    low, high = found.interval(cloud)
    return Solution(estimate, np.minimum(low, estimate), np.maximum(high, estimate), cloud, tail)
