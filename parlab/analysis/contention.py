"""Says how much longer tasks take because others run beside them: measured, by a law, or as far as the machine tells.

In order of trust: worker counts whose spans were measured; the Universal Scalability Law through the throughput inside
their tasks; how much slower independent copies of pure computing get on this machine (the ceiling). Beyond all of them
an extrapolation is drawn between "no worse than the last" and "as much worse again with each worker". It adds up no
dispatch: that is in no task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from parlab.analysis.laws import Fit, fit
from parlab.analysis.points import Points
from parlab.analysis.traces import Numbers, Traced, trace_of
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.results.intervals import median_interval
from parlab.results.ratios import RoundKey

# Tasks that fill the memory's bandwidth are slower side by side than the ceiling says, which is of pure computing. The
# workload that is made to do so, triad, was so by 1.6 with 2 workers and by 1.8 with 16 on the recorded machines.
_BEYOND_THE_CEILING = 2.0
_SIGMAS = 2 * 1.959964  # a 95 % interval of a normal distribution, in standard deviations


@dataclass(frozen=True, slots=True)
class Contention:
    """By which factor tasks are longer, by worker count, relative to ``base`` workers."""

    base: int
    measured: Mapping[int, tuple[float, ...]]  # of spans, round by round; without the base
    machine: Mapping[int, tuple[float, ...]]  # of the ceiling; empty for work that waits
    cpu_share: float  # of the tasks' time at the base
    cores: int | None  # that the workers share; None: one for each
    law: Fit | None = None  # of the throughput inside tasks
    machine_law: Fit | None = None  # of the ceiling
    one_line: bool = False  # threads: those that wait stand in one line, for the GIL, so each more is behind all others

    @property
    def reach(self) -> int:
        """The most workers that something was measured with."""
        return max((self.base, *self.measured, *self.machine))

    def draw(self, chance: np.random.Generator, draws: int, workers: int) -> Numbers:
        """Draw the factor for a worker count: its uncertainty is in the draws.

        Where there are fewer cores than workers, tasks are as slow as so many workers make them, and then share the
        cores: the time of all cannot be less than their CPU time over the cores.
        """
        if self.cores is None:
            return self._beside(chance, draws, workers)
        shared = workers * self.cpu_share / self.cores
        if self.cpu_share < CPU_BOUND_SHARE:  # what was measured with many workers has shared the cores already
            return np.maximum(self._beside(chance, draws, workers), shared)
        return self._beside(chance, draws, self._beside_each_other(workers)) * max(1.0, shared)

    def _beside_each_other(self, workers: int) -> int:
        """Return how many can compute at the same moment; those that wait do not compute."""
        busy = self.cpu_share >= CPU_BOUND_SHARE
        return min(workers, self.cores) if busy and self.cores is not None else workers

    def source(self, workers: int) -> str:
        """Say what the factor of a worker count rests on, before cores are shared."""
        workers = self._beside_each_other(workers)
        last = max((self.base, *self.measured))
        if workers == self.base or workers in self.measured:
            return "measured"
        if workers < last:
            return "between measured"
        if self.law is not None:
            return "law"
        top = max((1, *self.machine))
        if workers <= top:
            return "ceiling"
        return "widened" if max(last, top) > 1 and (self.measured or self.machine) else "assumed"

    def _beside(self, chance: np.random.Generator, draws: int, workers: int) -> Numbers:
        known = {self.base: (1.0,), **self.measured}
        last = max(known)
        if workers <= last:
            return _between(chance, draws, known, workers)
        if not self.measured and self.cpu_share < CPU_BOUND_SHARE:
            return self._of_waiting(chance, draws, workers)
        if self.law is not None:
            return _by_law(chance, draws, self.law, self.base, workers)
        factor = _between(chance, draws, known, last)
        top = max((last, *self.machine))
        if self.machine and top > last:
            reached = min(workers, top)
            factor, last = factor * self._machine_beside(chance, draws, last, reached), reached
            if not self.measured:
                # Most draws are near the ceiling, a few near the worst: a cube leaves half of them under an eighth of
                # the way. Nobody is slower than if all took turns.
                worst = np.minimum(_BEYOND_THE_CEILING, np.maximum(workers / factor, 1.0))
                factor = factor * worst ** (chance.uniform(size=draws) ** 3)
        if workers > last > 1:
            most = (workers - 1) / (last - 1)
            growth = chance.uniform(most if self.one_line else 1.0, most, size=draws)
            factor = 1 + (factor - 1) * np.where(factor > 1, growth, 1.0)
        return factor

    def _machine_beside(self, chance: np.random.Generator, draws: int, before: int, workers: int) -> Numbers:
        """Draw by which factor copies of pure computing are slower than with fewer ``before``."""
        if self.machine_law is not None:
            worse = _by_law(chance, draws, self.machine_law, before, workers)
        else:
            known = {1: (1.0,), **self.machine}
            worse = _between(chance, draws, known, workers) / _between(chance, draws, known, before)
        return np.maximum(worse, 1.0)

    def _of_waiting(self, chance: np.random.Generator, draws: int, workers: int) -> Numbers:
        """Draw how much longer tasks take that mostly wait, where only the base was measured.

        Their CPU time may pass beside that of others, or one after the other: under the GIL, or in the one server that
        all of them ask. At worst all come in step, and each stands behind half of the others.
        """
        most = max(1 + self.cpu_share * (workers - self.base) / 2, workers * self.cpu_share)
        return 1 + chance.uniform(size=draws) * (max(most, 1.0) - 1)


def contention_of(
    base: Traced,
    others: Sequence[Traced],
    ceilings: Mapping[int, Mapping[RoundKey, float]],
    *,
    cores: int | None,
    one_line: bool = False,
) -> Contention:
    """Collect what a sweep says.

    Parameters
    ----------
    base
        The configuration whose spans are drawn from.
    others
        More of the same engine that may be used.
    ceilings
        Of the same sweep, by worker count; empty where they say nothing of this work.
    cores
        As many as the workers will share; None for one each.
    one_line
        Whether the workers share an interpreter.
    """
    walls = {one.configuration.workers: _walls(one) for one in (base, *others)}
    alone, measured = base.configuration.workers, {}
    for workers, found in walls.items():
        common = [key for key in found if key in walls[alone]]
        if workers != alone and common:
            measured[workers] = tuple(found[key] / walls[alone][key] for key in common)
    machine = {
        workers: tuple(workers / value for value in found.values())
        for workers, found in ceilings.items()
        if workers > 1 and found
    }
    rounds = _common({alone: walls[alone], **{workers: walls[workers] for workers in measured}})
    law = _law([tuple(count * row[alone] / row[count] for count in sorted(row)) for row in rounds], (alone, *measured))
    copies = _common(ceilings) if machine else []
    machine_law = _law([(1.0, *(row[count] for count in sorted(machine))) for row in copies], (1, *machine))
    return Contention(alone, measured, machine, cpu_share_of(base), cores, law, machine_law, one_line)


def cpu_share_of(one: Traced) -> float:
    """Return CPU time over wall time of all tasks: near 0 for work that waits; 1 where the CPU clock does not tell."""
    traces = [trace for pair in one.pairs if (trace := trace_of(pair.trial)) is not None]
    shares = [
        float(trace.cpu_s.sum() / wall_s)
        for trace in traces
        if trace.cpu_s is not None and (wall_s := float(trace.wall_s.sum())) > 0
    ]
    return min(1.0, median(shares)) if shares else 1.0


def _walls(one: Traced) -> dict[RoundKey, float]:
    """Return the mean time of a task, by round."""
    traces = {pair.trial.round_key: trace_of(pair.trial) for pair in one.pairs}
    found = {key: float(trace.wall_s.mean()) for key, trace in traces.items() if trace is not None}
    return {key: wall_s for key, wall_s in found.items() if wall_s > 0}


def _common(found: Mapping[int, Mapping[RoundKey, float]]) -> list[dict[int, float]]:
    """List the rounds that have a value for each worker count."""
    keys = sorted(set.intersection(*(set(values) for values in found.values())))
    return [{count: values[key] for count, values in found.items()} for key in keys]


def _law(rounds: Sequence[tuple[float, ...]], counts: Sequence[int]) -> Fit | None:
    """Fit the USL to throughput, round by round; None where the points cannot tell."""
    if len(counts) < 2 or not rounds:
        return None
    columns = [list(column) for column in zip(*rounds, strict=True)]
    points = Points(
        workers=tuple(sorted(counts)),
        values=tuple(median(column) for column in columns),
        column="throughput",
        rounds=tuple(rounds),
        estimates=tuple(median_interval(column) for column in columns),
    )
    found = fit(points, "usl")
    return found if isinstance(found, Fit) else None


def _between(chance: np.random.Generator, draws: int, known: Mapping[int, Sequence[float]], workers: int) -> Numbers:
    """Draw the median of the rounds (bootstrap) where it was measured; between two counts, on the line through both."""
    counts = sorted(known)
    medians = np.array([_medians(chance, draws, known[count]) for count in counts])
    if workers <= counts[0]:
        return np.asarray(medians[0])
    right = next(place for place, count in enumerate(counts) if count >= workers)
    share = (workers - counts[right - 1]) / (counts[right] - counts[right - 1])
    return np.asarray((1 - share) * medians[right - 1] + share * medians[right])


def _medians(chance: np.random.Generator, draws: int, values: Sequence[float]) -> Numbers:
    many = np.asarray(values, float)
    return np.asarray(np.median(many[chance.integers(len(many), size=(draws, len(many)))], axis=1))


def _by_law(chance: np.random.Generator, draws: int, law: Fit, base: int, workers: int) -> Numbers:
    """Draw from the law's interval: normal on the logarithm, on each side as wide as the interval is there."""
    # Whoever asks has said how far it may go.
    at, start = (law.band([float(count)], limit=float("inf"))[0] for count in (workers, base))
    below, above = (abs(np.log(end / at.value)) * 2 / _SIGMAS for end in (max(at.low, 1e-9), at.high))
    step = chance.standard_normal(draws)
    throughput = at.value * np.exp(step * np.where(step < 0, below, above))
    factor: Numbers = workers / throughput * start.value / base
    return factor
