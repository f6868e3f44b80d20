"""Groups the sheets of a class: the same work on the same hardware, with what is usual there."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from parlab.analysis.collecting import Learner
from parlab.analysis.noise import OUTLIER_ROUNDS
from parlab.analysis.sheets import Facts, Work
from parlab.units import count

FEWEST_LEARNERS = OUTLIER_ROUNDS  # below that a crowd does not know what is usual: see parlab.analysis.standing_out

SHARED = 0.1
_ORNAMENTS = re.compile(r"\((?:R|TM)\)|\bCPU\b|@.*$|\bwith .*Graphics$|\b\d+-Core Processor\b", flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Hardware:
    """What makes machines comparable: the processor and the cores that may be used."""

    cpu: str
    cores: int

    @property
    def name(self) -> str:
        """Say it in a few words."""
        return f"{self.cpu}, {count(self.cores, 'usable core')}"


@dataclass(frozen=True, slots=True)
class Middle:
    """What is usual at one point of a crowd."""

    backend: str
    workers: int
    learners: int
    median: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Learners who measured the same work on the same hardware."""

    work: Work
    hardware: Hardware
    learners: tuple[Learner, ...]
    middles: tuple[Middle, ...]
    ceilings: dict[int, float]  # the median, by worker count

    @property
    def is_judged(self) -> bool:
        """Whether there are enough to say what is unusual."""
        return len(self.learners) >= FEWEST_LEARNERS

    @property
    def highest(self) -> list[Middle]:
        """For each backend the point with the highest median, among those that a tenth of the crowd have."""
        found: dict[str, Middle] = {}
        for one in self.middles:
            best = found.get(one.backend)
            if best is None or (self.is_shared(one), one.median) > (self.is_shared(best), best.median):
                found[one.backend] = one
        return list(found.values())

    def is_shared(self, one: Middle) -> bool:
        """Tell whether a tenth of the crowd have measured a point; what fewer have may be one strange sheet."""
        return one.learners >= SHARED * len(self.learners)


def hardware_of(facts: Facts) -> Hardware:
    """Say what makes a machine comparable with others; marks, rates and spaces in a processor's name do not count."""
    bare = _ORNAMENTS.sub(" ", facts.cpu_model or "")
    return Hardware(" ".join(bare.split()) or f"an unnamed {facts.architecture} processor", facts.cores_usable)


def crowds_of(learners: Sequence[Learner]) -> tuple[Crowd, ...]:
    """Group learners: by work, the largest first, and in it by hardware, the largest first."""
    found: dict[tuple[Work, Hardware], list[Learner]] = defaultdict(list)
    for one in learners:
        found[one.sheet.work, hardware_of(one.sheet.machine)].append(one)
    of_work = Counter(one.sheet.work for one in learners)

    def rank(key: tuple[Work, Hardware]) -> tuple[Any, ...]:
        work, hardware = key
        return -of_work[work], work.title, str(work.size), -len(found[key]), hardware

    return tuple(_crowd(*key, found[key]) for key in sorted(found, key=rank))


def _crowd(work: Work, hardware: Hardware, learners: Sequence[Learner]) -> Crowd:
    points: dict[tuple[str, int], list[float]] = defaultdict(list)
    ceilings: dict[int, list[float]] = defaultdict(list)
    for one in learners:
        for curve in one.sheet.curves:
            for spot in curve.points:
                points[curve.backend, spot.workers].append(spot.speedup)
        for spot in one.sheet.ceilings:
            ceilings[spot.workers].append(spot.speedup)
    middles = [
        Middle(backend, workers, len(known), median(known), min(known), max(known))
        for (backend, workers), known in sorted(points.items())
    ]
    limits = {workers: median(known) for workers, known in sorted(ceilings.items())}
    return Crowd(work, hardware, tuple(learners), tuple(middles), limits)
