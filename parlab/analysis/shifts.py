"""How many times as large one sample is as another, with an interval that assumes no distribution. It judges nothing.

For two sweeps whose rounds have nothing to do with each other; inside one sweep ratios are taken inside rounds instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp

import numpy as np
from numpy.typing import NDArray

from parlab.results.intervals import FEWEST_ROUNDS

# Up to here the distribution of U is reckoned exactly, which takes 0.1 s; beyond, the normal one is off by far less
# than anything that can be seen (test_the_normal_approximation_goes_on_where_the_exact_one_ends).
_MOST_EXACT = 100


@dataclass(frozen=True, slots=True)
class Ratio:
    """B over A. The ends are None where there are too few rounds for an interval."""

    value: float
    low: float | None
    high: float | None

    @property
    def above_one(self) -> bool:
        """Whether the interval supports that B is larger."""
        return self.low is not None and self.low > 1

    @property
    def below_one(self) -> bool:
        """Whether the interval supports that B is smaller."""
        return self.high is not None and self.high < 1


def ratio_of(first: Sequence[float], second: Sequence[float], confidence: float) -> Ratio:
    """Return by which factor the second sample is larger: the median of all ratios of one of its values to one of A's.

    This is the Hodges-Lehmann shift of the logarithms with the interval that belongs to the Mann-Whitney test: the ends
    are the k-th smallest and k-th largest of all pairwise ratios, and k comes from the exact distribution of U
    (E. L. Lehmann, "Nonparametrics: Statistical Methods Based on Ranks", 1975, section 2.6; J. L. Hodges and E. L.
    Lehmann, "Estimates of location based on rank tests", 1963). It is exact where the two differ by a factor alone;
    `benchmarks/compare_coverage.md` shows what it does where one is noisier as well.

    Parameters
    ----------
    first, second
        Positive values, one for each round.
    confidence
        Least probability that the interval has the true factor in it.

    Raises
    ------
    ValueError
        A sample is empty.
    """
    if not first or not second:
        raise ValueError("a ratio needs at least one value on both sides")
    differences = np.sort(np.subtract.outer(np.log(second), np.log(first)), axis=None)
    value = exp(float(np.median(differences)))
    outside = pairs_outside(len(first), len(second), confidence)
    if outside is None:
        return Ratio(value, None, None)
    return Ratio(value, exp(differences[outside]), exp(differences[-1 - outside]))


@cache
def pairs_outside(first: int, second: int, confidence: float) -> int | None:
    """Return how many of the pairwise ratios may lie beyond each end; None where there are too few rounds.

    The largest number with P(U <= number) <= (1 - confidence) / 2. Under ``FEWEST_ROUNDS`` on a side it is None at any
    confidence: for a chart with so few rounds nothing is called known either, and rounds that follow each other are
    too alike to stand on three of them.
    """
    if min(first, second) < FEWEST_ROUNDS:
        return None
    tail = (1 - confidence) / 2
    if max(first, second) > _MOST_EXACT:
        from scipy.stats import norm

        spread = (first * second * (first + second + 1) / 12) ** 0.5
        found = int(np.floor(first * second / 2 - 0.5 + norm.ppf(tail) * spread))
    else:
        found = int(np.searchsorted(np.cumsum(_distribution(first, second)), tail, side="right")) - 1
    return found if found >= 0 else None


def fewest_rounds(confidence: float) -> int:
    """Return how many rounds both sides need for an interval of this confidence."""
    return next(count for count in range(FEWEST_ROUNDS, 1_000) if pairs_outside(count, count, confidence) is not None)


def _distribution(first: int, second: int) -> NDArray[np.float64]:
    """Return P(U = 0), P(U = 1), … of the Mann-Whitney statistic for two samples from one distribution without ties.

    The largest of all values belongs to the first sample with probability i / (i + j), and is then larger than all j of
    the second (H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically
    larger", 1947, section 3).
    """
    size = first * second + 1
    column = np.zeros((second + 1, size))
    column[:, 0] = 1.0  # nothing in the first sample: U is 0
    for i in range(1, first + 1):
        for j in range(1, second + 1):
            from_first = np.zeros(size)
            from_first[j:] = column[j, :-j]
            column[j] = (i * from_first + j * column[j - 1]) / (i + j)
    found: NDArray[np.float64] = column[second]
    return found
