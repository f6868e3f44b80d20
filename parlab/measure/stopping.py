"""Decides when a sweep knows enough: whether every speedup's interval is as narrow as was asked for. Never measures.

Looking at the data again and again, and stopping when they look good, costs coverage: a few rounds that agree by
luck end the sweep too early. So the interval is taken at a higher confidence than it is called by, both here and where
it is shown: ``results.intervals.STOPPED_CONFIDENCE``, which takes about three rounds more than 95 %. The simulation,
``benchmarks/coverage.py``, calls this module; ``benchmarks/coverage.md`` has its table and what else was tried.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil

from parlab.records import Configuration, Trial
from parlab.results.intervals import STOPPED_CONFIDENCE, median_interval
from parlab.results.ratios import brackets, map_s, ratios, same_work


def settled(values: Sequence[float], precision: float, confidence: float = STOPPED_CONFIDENCE) -> bool:
    """Tell whether a speedup is known well enough.

    Parameters
    ----------
    values
        Its ratios, one for each round.
    precision
        How far an end of the interval may lie from the median, as a share of it.
    confidence
        Of the interval. Another one is for the simulation that proves this one.
    """
    width = median_interval(values, confidence).width if values else None
    return width is not None and width <= precision


class Watch:
    """Follows the speedups of a sweep while it runs. It keeps one number for each trial and no trial.

    Parameters
    ----------
    wanted
        The configurations that must be known; others have no interval of their own.
    precision
        How far the ends of their intervals may lie from the median.
    """

    def __init__(self, wanted: Iterable[Configuration], precision: float) -> None:
        self.wanted = [one for one in wanted if one.role == "parallel"]
        self.precision = precision
        self._found: dict[Configuration, list[float]] = defaultdict(list)

    def add(self, trials: Iterable[Trial]) -> None:
        """Take the ratios from the trials of one round or more; rounds that are not whole give none."""
        usable = [trial for trial in trials if trial.outcome == "ok"]
        serial = brackets(usable)
        for one in self.wanted:
            mine = [trial for trial in usable if trial.configuration == one and same_work(trial, serial)]
            self._found[one] += ratios(mine, serial, map_s).values()

    @property
    def settled(self) -> bool:
        """True when every speedup is known well enough; never where there is none."""
        return bool(self.wanted) and all(settled(self._found[one], self.precision) for one in self.wanted)

    def rounds_left(self) -> int | None:
        """Guess how many rounds are missing; None while there are too few to tell.

        The interval of a median gets narrower with the square root of the number of rounds.
        """
        guesses = []
        for one in self.wanted:
            values = self._found[one]
            width = median_interval(values, STOPPED_CONFIDENCE).width if values else None
            if width is None:
                return None
            needed = ceil(len(values) * (width / self.precision) ** 2)
            guesses.append(max(0, needed - len(values)))
        return max(guesses, default=None)
