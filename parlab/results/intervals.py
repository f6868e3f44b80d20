"""The statistics that a speedup needs: a median over rounds, and an interval that assumes no distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

CONFIDENCE = 0.95
# Where rounds end because the intervals are narrow, an interval is looked at again and again, and one that is narrow
# by luck ends the sweep. At 95 % it then covers the truth in as few as 93 of 100 simulated sweeps; taken at this
# confidence in 95 to 98, so it is a 95 % interval (benchmarks/coverage.md). 6 rounds reach no more than 0.96875.
STOPPED_CONFIDENCE = 0.968
FEWEST_ROUNDS = 6  # with 5 the range from smallest to largest covers the median 93.75 times in 100, which is under 95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A median with its interval; the ends are None where there are too few values for one."""

    median: float
    low: float | None
    high: float | None
    count: int

    @property
    def width(self) -> float | None:
        """The farther end's distance from the median, as a share of it: 0.05 for 5 %. None without an interval."""
        if self.low is None or self.high is None or self.median <= 0:
            return None
        return max(self.high - self.median, self.median - self.low) / self.median


def confidence_for(precision: float | None) -> float:
    """Return the confidence that makes 95 % intervals of a sweep that stops at this precision, or at none."""
    return CONFIDENCE if precision is None else STOPPED_CONFIDENCE


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Return the median and its distribution-free confidence interval from order statistics.

    The number of values below the true median is binomial with probability one half, whatever the distribution, so the
    k-th smallest and k-th largest value enclose it with a probability that can be looked up (H. A. David and H. N.
    Nagaraja, "Order Statistics", 3rd edition, 2003, section 7.1). The largest k that keeps the confidence is taken.

    Parameters
    ----------
    values
        One for each round.
    confidence
        Least probability that the interval encloses the true median.

    Raises
    ------
    ValueError
        There are no values.
    """
    if not values:
        raise ValueError("a median needs at least one value")
    ordered, count = sorted(values), len(values)
    middle = count // 2
    median = ordered[middle] if count % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    outside = _outside(count, confidence)
    if outside < 0:
        return Estimate(median, None, None, count)
    return Estimate(median, ordered[outside], ordered[count - 1 - outside], count)


@cache  # asked after every round, and the same for every configuration
def _outside(count: int, confidence: float) -> int:
    """Return how many values may lie beyond each end; -1 where there are too few values for an interval.

    The largest number with P(X <= outside) <= (1 - confidence) / 2 for X ~ B(count, 1/2).
    """
    from scipy.stats import binom

    outside = int(binom.ppf((1 - confidence) / 2, count, 0.5))
    return outside - 1 if binom.cdf(outside, count, 0.5) > (1 - confidence) / 2 else outside
