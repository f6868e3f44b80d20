"""Learns from spans how long tasks take, and draws runs that might have been. It knows no engine and no queue.

A task's time has three parts: what its item needs, which is the same in every round; how fast the round was as a whole;
and what is left, which is noise. Drawn are rounds, and the noise of a round from a random task on: noise that came to
neighbours together stays together, so stragglers are as clustered as they were. That a few rounds know the usual round
only roughly is drawn too (Student's t on the logarithms). The plain loop has done the same tasks in the same rounds;
where it was faster or slower at them, nobody knows which of the two comes again, so all between them is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parlab.analysis.traces import Numbers, Trace

_SHORTEST_S = 1e-9  # no clock tells less; a ratio of two zeros is no number

_MOST_DOUBT = 7.0  # a thousandfold: with two rounds that differ much, Student's t goes to where no number is


@dataclass(frozen=True, slots=True)
class TaskTimes:
    """How long the same tasks took, round by round."""

    item_s: Numbers  # what each task needs in a usual round
    level: Numbers  # how slow each round was, around 1
    noise: Numbers  # what is left, as a factor: of the shape (rounds, tasks)
    loop: Numbers  # how long the tasks took in the plain loop of each round, over how long they took here

    @property
    def spread(self) -> float:
        """The standard deviation of the logarithm of the rounds' levels; 0 where there is only one round."""
        return float(np.log(self.level).std(ddof=1)) if len(self.level) > 1 else 0.0

    def draw(self, chance: np.random.Generator, draws: int, tasks: int) -> Numbers:
        """Draw runs.

        Parameters
        ----------
        chance
            Whence the chance comes.
        draws
            How many runs.
        tasks
            How many tasks a run has. As many as were measured are these, in their order; another number is drawn
            from them, because nothing is known of the others.

        Returns
        -------
        numpy.ndarray
            Seconds, of the shape (draws, tasks).
        """
        rounds, known = self.noise.shape
        chosen = chance.integers(rounds, size=draws)
        level = self.level[chosen] * self.loop[chosen] ** chance.uniform(size=draws)
        if rounds > 1:
            doubt = self.spread / np.sqrt(rounds) * chance.standard_t(rounds - 1, size=draws)
            level = level * np.exp(np.clip(doubt, -_MOST_DOUBT, _MOST_DOUBT))
        item_s = self.item_s if tasks == known else self.item_s[chance.integers(known, size=(draws, tasks))]
        places = (chance.integers(known, size=draws)[:, None] + np.arange(tasks)) % known
        return np.asarray(level[:, None] * item_s * self.noise[chosen[:, None], places])


def task_times(traces: Sequence[Trace], loop_task_s: Sequence[float]) -> TaskTimes:
    """Take task times apart.

    Parameters
    ----------
    traces
        One for each round, of the same engine and worker count; at least one. Only tasks that all of them have count.
    loop_task_s
        How long a task took in the plain loop of each of these rounds, on average.
    """
    common = sorted(set.intersection(*(set(trace.task.tolist()) for trace in traces)))
    wall_s = np.array([_in_order(trace, common) for trace in traces])
    totals = wall_s.sum(axis=1)
    level = totals / np.exp(np.log(totals).mean())
    alike = wall_s / level[:, None]
    item_s = np.median(alike, axis=0)
    rounds = len(traces)
    # A median of few rounds lies near each of them: what is left is smaller than the noise, by this on average.
    noise = (alike / item_s) ** (np.sqrt(rounds / (rounds - 1)) if rounds > 1 else 1.0)
    loop = np.maximum(loop_task_s, _SHORTEST_S) / wall_s.mean(axis=1)
    return TaskTimes(item_s, level, noise, loop)


def _in_order(trace: Trace, tasks: Sequence[float]) -> list[float]:
    found = dict(zip(trace.task.tolist(), np.maximum(trace.wall_s, _SHORTEST_S).tolist(), strict=True))
    return [found[task] for task in tasks]
