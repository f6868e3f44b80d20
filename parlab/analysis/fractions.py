"""The serial fraction that each worker count shows by itself, and what its trend says. A look at points, not a fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from parlab.analysis.points import Points
from parlab.analysis.scaling import karp_flatt, scaled_fraction

Trend = Literal["rising", "flat", "falling", "unclear"]

_FLAT = 0.001  # serial fractions that change by less than a thousandth of the work
_FLAT_SHARE = 0.1  # or by less than a tenth of themselves
_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class SerialFraction:
    """Karp and Flatt's serial fraction of one worker count; of work that grew, Gustafson's of that count.

    The interval is that of the speedup over the rounds, turned into a fraction; None for bare points.
    """

    workers: int
    value: float
    low: float | None
    high: float | None


def serial_fractions(points: Points) -> tuple[SerialFraction, ...]:
    """Give the serial fraction that each worker count shows by itself (Karp and Flatt, 1990).

    Returns
    -------
    tuple of SerialFraction
        For each count above 1. Empty for throughput without a row for one worker: there is no speedup.
    """
    speedups = points.speedups
    if speedups is None:
        return ()
    formula = scaled_fraction if points.weak else karp_flatt
    found = []
    for place, (workers, speedup) in enumerate(zip(points.workers, speedups, strict=True)):
        if workers > 1:
            known = points.estimates[place] if points.estimates else None
            # A high speedup is a low fraction.
            low = None if known is None or known.high is None else formula(workers, known.high)
            high = None if known is None or known.low is None else formula(workers, known.low)
            found.append(SerialFraction(workers, formula(workers, speedup), low, high))
    return tuple(found)


def trend_of(fractions: Sequence[SerialFraction]) -> Trend:
    """Tell whether serial fractions rise with the workers: overhead grows; or stay: a part of the work is serial.

    With intervals, those of the fewest and the most workers must not overlap. Bare points need three counts, and a
    straight line through them whose slope is not 0 by a t-test at 5 %. (For the USL the slope is the coherency.)
    """
    if len(fractions) < 2:
        return "unclear"
    first, last = fractions[0], fractions[-1]
    values = [one.value for one in fractions]
    change = max(values) - min(values)
    if change <= max(_FLAT, _FLAT_SHARE * abs(sum(values) / len(values))):
        return "flat"
    if first.low is not None and first.high is not None and last.low is not None and last.high is not None:
        return "rising" if last.low > first.high else "falling" if last.high < first.low else "unclear"
    if len(fractions) < 3:
        return "unclear"
    from scipy.stats import linregress

    line = linregress([one.workers for one in fractions], values)
    if not line.pvalue < _CHANCE:
        return "unclear"
    return "rising" if line.slope > 0 else "falling"
