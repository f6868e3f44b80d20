"""Finds curves that stand out from a crowd, and names what is different there.

It names differences and claims no cause: that a machine ran on battery and that it was slower are two facts. Where a
crowd is too small to say what is usual, nothing is called unusual.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from parlab.analysis.collecting import Learner
from parlab.analysis.crowds import FEWEST_LEARNERS, Crowd, Middle
from parlab.analysis.noise import MAD_FACTOR, OUTLIER_SCORE, OUTLIER_SHARE
from parlab.analysis.sheets import Facts, Spot
from parlab.units import count

# The score is that of outliers between rounds (parlab.analysis.noise). Of nine values of a normal distribution one goes
# beyond it in 15 of 100 crowds (simulated); hence a value must also lie a tenth away from the median, and its own 95 %
# interval must not reach it.
_MOST = 2 / 3  # of the others: what so many share is usual
_RARE = 1 / 3
_BUSY = 0.5  # threads that wanted to run before the sweep, for each usable core


@dataclass(frozen=True, slots=True)
class Outlier:
    """A curve far from those of its crowd."""

    learner: Learner
    crowd: Crowd
    middle: Middle  # where it is farthest
    speedup: float
    differences: tuple[str, ...]  # what is unusual about the machine or the sweep; none where nothing is known

    @property
    def sentence(self) -> str:
        """Say it in one or two sentences."""
        one = self.middle
        where = f"{one.backend} with {count(one.workers, 'worker')}"
        text = (
            f"{self.learner.label}: {where} {self.speedup:.2f}, and the median of {one.learners} is {one.median:.2f}."
        )
        if not self.differences:
            return f"{text} Nothing in the sheet is different from the others: measure again."
        return f"{text} Different there: {'; '.join(self.differences)}."


def outliers_of(crowd: Crowd) -> list[Outlier]:
    """Find curves far from the others by the modified Z-score of their points (Iglewicz and Hoaglin, 1993).

    Returns
    -------
    list of Outlier
        One for each learner, where the curve is farthest; none where the crowd is too small.
    """
    farthest: dict[int, tuple[float, Middle, Spot]] = {}
    for middle in crowd.middles:
        for share, learner, spot in _far(crowd, middle):
            if share > farthest.get(learner.number, (0.0,))[0]:
                farthest[learner.number] = (share, middle, spot)
    others = [one for one in crowd.learners if one.number not in farthest]
    found = []
    for learner in crowd.learners:
        if learner.number in farthest:
            share, middle, spot = farthest[learner.number]
            found.append((share, Outlier(learner, crowd, middle, spot.speedup, tuple(_differences(learner, others)))))
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])]


def _far(crowd: Crowd, middle: Middle) -> Iterator[tuple[float, Learner, Spot]]:
    """Yield who is far from the middle at one point, and by which share of it."""
    known = [(one, spot) for one in crowd.learners if (spot := _spot(one, middle)) is not None]
    if len(known) < FEWEST_LEARNERS:
        return
    spread = median(abs(spot.speedup - middle.median) for _, spot in known)
    for one, spot in known:
        away = abs(spot.speedup - middle.median)
        reaches = spot.low is not None and spot.high is not None and spot.low <= middle.median <= spot.high
        if away > OUTLIER_SHARE * middle.median and MAD_FACTOR * away > OUTLIER_SCORE * spread and not reaches:
            yield away / middle.median, one, spot


def _spot(learner: Learner, middle: Middle) -> Spot | None:
    for curve in learner.sheet.curves:
        if curve.backend == middle.backend:
            return next((spot for spot in curve.points if spot.workers == middle.workers), None)
    return None


def _differences(learner: Learner, others: Sequence[Learner]) -> Iterator[str]:
    """Name what is unusual about one machine and its sweep, beside those whose curves are usual."""
    machines = [one.sheet.machine for one in others]
    mine = learner.sheet.machine
    for look, say in _FACTS:
        usual = _usual([look(one) for one in machines])
        if usual is not None and look(mine) not in (None, usual[0]):
            yield from filter(None, [say(look(mine), usual[0])])
    if _is_busy(mine) and sum(map(_is_busy, machines)) <= _RARE * len(machines):
        yield f"{mine.load:.1f} threads wanted to run before the sweep, so other programs were at work"
    codes = Counter(code for one in others for code in one.sheet.findings)
    rare = [code for code in learner.sheet.findings if codes[code] <= _RARE * len(others)]
    if rare:
        yield f"findings that few others have: {', '.join(rare)}"


def _usual(values: Sequence[Any]) -> tuple[Any] | None:
    """Return what most have, which may be that nothing is known; None where there is no such value."""
    first = Counter(values).most_common(1)
    return (first[0][0],) if first and first[0][1] >= _MOST * len(values) else None


def _is_busy(machine: Facts) -> bool:
    return machine.load is not None and machine.load > _BUSY * machine.cores_usable


def _yes(text: str) -> Callable[[Any, Any], str]:
    return lambda value, _usual: text if value is True else ""


def _other(what: str) -> Callable[[Any, Any], str]:
    return lambda value, usual: f"{what} {value} (the others: {'none' if usual is None else usual})"


def _less_memory(value: int, usual: int | None) -> str:
    return f"{value} GiB of memory (the others: {usual})" if usual is not None and value < usual else ""


_FACTS: tuple[tuple[Callable[[Facts], Any], Callable[[Any, Any], str]], ...] = (
    (lambda one: one.on_battery, _yes("it ran on battery")),
    (lambda one: one.power_saver, _yes("the processor is told to save power")),
    (lambda one: one.virtual, _yes("a virtual machine")),
    (lambda one: one.wsl, _yes("Windows Subsystem for Linux")),
    (lambda one: one.container, _other("container")),
    (lambda one: one.cores_quota, lambda value, _usual: f"a CPU quota of {value:g} cores"),
    (lambda one: one.cores_limited_by, _other("cores limited by")),
    (lambda one: one.cores_physical, _other("physical cores:")),
    (lambda one: one.memory_gib, _less_memory),
    (lambda one: one.start_method, _other("workers started by")),
    (lambda one: ".".join(one.python.split(".")[:2]), _other("Python")),
    (lambda one: one.gil_enabled, lambda value, _usual: f"the GIL is {'on' if value else 'off'}"),
    (lambda one: one.system, _other("system")),
)
