"""Lays the sheets of a class over one another: crowds of the same hardware, who stands out, what was foretold."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from parlab.analysis.collecting import Collected, Learner, LeftOut
from parlab.analysis.crowds import Crowd, crowds_of, hardware_of
from parlab.analysis.standing_out import Outlier, outliers_of
from parlab.units import count

if TYPE_CHECKING:
    from parlab.analysis.sheets import Facts


@dataclass(frozen=True, slots=True)
class Dot:
    """One learner's guess, and what was measured."""

    learner: Learner
    guess: float
    measured: float


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a class foretold of one topic."""

    topic: str
    dots: tuple[Dot, ...]
    open: int  # guessed, and not measured yet


@dataclass(frozen=True, slots=True)
class Classroom:
    """Everything that a wall shows.

    Attributes
    ----------
    learners, left_out
        The sheets that are used, and the files that are not.
    crowds
        By work, the largest first, and in it by hardware, the largest first.
    outliers
        The farthest first.
    guesses
        In the order of the course.
    kin
        Facts about machines with the same processor and other cores.
    """

    learners: tuple[Learner, ...]
    left_out: tuple[LeftOut, ...]
    crowds: tuple[Crowd, ...]
    outliers: tuple[Outlier, ...]
    guesses: tuple[Guesses, ...]
    kin: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {
            "learners": [{"label": one.label, "file": one.file, "rounds": one.sheet.rounds} for one in self.learners],
            "crowds": [_crowd_as_json(one) for one in self.crowds],
            "outliers": [_outlier_as_json(one) for one in self.outliers],
            "predictions": [_guesses_as_json(one) for one in self.guesses],
            "left_out": [asdict(one) for one in self.left_out],
        }


def _crowd_as_json(one: Crowd) -> dict[str, Any]:
    return {
        "work": asdict(one.work),
        "hardware": asdict(one.hardware),
        "learners": [each.label for each in one.learners],
        "points": [asdict(middle) for middle in one.middles],
        "ceilings": one.ceilings,
    }


def _outlier_as_json(one: Outlier) -> dict[str, Any]:
    return {
        "learner": one.learner.label,
        "file": one.learner.file,
        "backend": one.middle.backend,
        "workers": one.middle.workers,
        "speedup": one.speedup,
        "median": one.middle.median,
        "differences": one.differences,
    }


def _guesses_as_json(one: Guesses) -> dict[str, Any]:
    dots = [{"learner": dot.learner.label, "guess": dot.guess, "measured": dot.measured} for dot in one.dots]
    return {"topic": one.topic, "open": one.open, "dots": dots}


def lay_over(collected: Collected) -> Classroom:
    """Lay sheets over one another.

    Parameters
    ----------
    collected
        What was read; a class of one and an empty one are fine.
    """
    crowds = crowds_of(collected.learners)
    return Classroom(
        learners=collected.learners,
        left_out=collected.left_out,
        crowds=crowds,
        outliers=tuple(outlier for crowd in crowds for outlier in outliers_of(crowd)),
        guesses=tuple(_guesses(collected.learners)),
        kin=tuple(_kin(collected.learners)),
    )


def _guesses(learners: Sequence[Learner]) -> Iterator[Guesses]:
    """Gather predictions by topic. A learner who hands in two sweeps has the same predictions in both sheets.

    What was measured with a fraction is not equal by chance: such a pair counts once. Whole numbers do come twice.
    """
    dots: dict[str, list[Dot]] = defaultdict(list)
    waiting: Counter[str] = Counter()
    seen: set[tuple[str, float, float]] = set()
    for one in learners:
        for each in one.sheet.predictions:
            if each.measured is None:
                waiting[each.topic] += 1
                continue
            key = (each.topic, each.guess, each.measured)
            if each.measured % 1 and key in seen:
                continue
            seen.add(key)
            dots[each.topic].append(Dot(one, each.guess, each.measured))
    for topic in sorted({*dots, *waiting}):
        yield Guesses(topic, tuple(dots[topic]), waiting[topic])


def _kin(learners: Sequence[Learner]) -> Iterator[str]:
    """Say which processors are there with several numbers of usable cores, and what limits the smaller ones."""
    cores: dict[str, dict[int, list[Facts]]] = defaultdict(lambda: defaultdict(list))
    for one in learners:
        hardware = hardware_of(one.sheet.machine)
        cores[hardware.cpu][hardware.cores].append(one.sheet.machine)
    for cpu, found in sorted(cores.items()):
        most = max(found)
        for fewer in sorted(set(found) - {most}):
            why = Counter(one.cores_limited_by for one in found[fewer] if one.cores_limited_by).most_common(1)
            decided = f", decided by {why[0][0]}" if why else ""
            yield f"{cpu}: {count(len(found[fewer]), 'sheet')} with {fewer} usable of {most} cores{decided}."
