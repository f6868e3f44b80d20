"""Runs of a simulation whose answer can be trusted: each run has a number, and that number alone decides what it draws.

A task is a batch of runs that follow one another. It gets a model and two numbers, and sends back three sums: so little
travels, however many runs there are. Which worker did a batch, when, and by which engine cannot be seen in the answer.
A run that ends in no number is named and never averaged. The model is the learner's own: any function of a seed that
returns a number. Nothing here starts a process.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np

from parlab.errors import InputError

Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations
_MOST_NAMED = 3
_FEWEST_BATCHES = 2  # before the first look: a width needs a spread
_LARGEST = 1e150  # whose square is still a number

Model = Callable[[np.random.SeedSequence], float]


class Batch(NamedTuple):
    """Runs ``first`` to ``last - 1`` of a model: what travels to a worker. A result beyond ``largest`` is none."""

    model: Model
    seed: int
    first: int
    last: int
    largest: float = _LARGEST


class Lost(NamedTuple):
    """A run that ended in no number, and what it ended in; ``run_seed(seed, run)`` repeats it alone."""

    seed: int
    run: int
    why: str


class Tally(NamedTuple):
    """What is known of a batch: how many runs ended in a number, their sum, their spread, and those that did not.

    Attributes
    ----------
    runs, total
        Of the runs that ended in a number.
    squares
        Sum of their squared distances from their own mean. Sums of plain squares would lose the digits of a small
        spread around a large mean (T. F. Chan, G. H. Golub, R. J. LeVeque, 1983).
    lost
        The others.
    """

    runs: int
    total: float
    squares: float
    lost: tuple[Lost, ...] = ()


class Estimate(NamedTuple):
    """A mean with its 95 % interval, and the number of runs behind it."""

    mean: float
    half_width: float
    runs: int
    left_out: int = 0

    def holds(self, value: float) -> bool:
        """Tell whether the interval holds a value."""
        return abs(self.mean - value) <= self.half_width

    def __str__(self) -> str:
        """Return the mean, half of the interval's width, and the runs."""
        without = f", {self.left_out} left out" if self.left_out else ""
        return f"{self.mean:.3f} ± {self.half_width:.3f} ({self.runs:,} runs{without})"


def run_seed(seed: int, run: int) -> np.random.SeedSequence:
    """Return the seed of one run.

    Parameters
    ----------
    seed
        Of the whole simulation.
    run
        The run's number, from 0.

    Returns
    -------
    numpy.random.SeedSequence
        Equal to ``SeedSequence(seed).spawn(run + 1)[run]``. It is made from its place: ``spawn`` counts what it has
        given out, so to ask the same object twice gives two different answers.
    """
    return np.random.SeedSequence(seed, spawn_key=(run,))


def batches(model: Model, runs: int, runs_per_task: int, seed: int, largest: float = _LARGEST) -> list[Batch]:
    """Cut runs into tasks.

    Parameters
    ----------
    model
        A function of a seed that returns a number; workers must be able to import it.
    runs
        How many in all.
    runs_per_task
        How many one task does; the last one does what is left.
    seed
        Of the whole simulation.
    largest
        How far from zero a result can be at most. A run that was running away when it ended is still a number.

    Raises
    ------
    InputError
        A number of runs is below 1, or ``largest`` is no number above 0 whose square is one.
    """
    for name, number in (("runs", runs), ("runs_per_task", runs_per_task)):
        if number < 1:
            raise InputError(f"{name} cannot be {number!r}: give a whole number from 1 up, for example 100.")
    if not 0 < largest <= _LARGEST:
        raise InputError(f"largest cannot be {largest!r}: give a number above 0 and up to {_LARGEST:g}.")
    ends = [*range(0, runs, runs_per_task), runs]
    return [Batch(model, seed, first, last, largest) for first, last in pairwise(ends)]


def run(batch: Batch) -> Tally:
    """Do the runs of one task, whatever becomes of each.

    Parameters
    ----------
    batch
        Which runs of which model.

    Returns
    -------
    Tally
        A run that raises, or whose result is no finite number or too large, is named in it with the reason, and the
        others go on.
    """
    values, lost = [], []
    for number in range(batch.first, batch.last):
        try:
            value = float(batch.model(run_seed(batch.seed, number)))
        except Exception as problem:  # a learner's model can raise anything
            lost.append(Lost(batch.seed, number, f"{type(problem).__name__}: {problem}"))
            continue
        if isfinite(value) and abs(value) <= batch.largest:
            values.append(value)
        else:
            lost.append(Lost(batch.seed, number, f"{value:.3g}"))
    return tally(values, lost)


def tally(values: Sequence[float], lost: Sequence[Lost] = ()) -> Tally:
    """Sum up the results of one batch."""
    total = added(values)
    mean = total / len(values) if values else 0.0
    return Tally(len(values), total, added((value - mean) ** 2 for value in values), tuple(lost))


def added(numbers: Iterable[float]) -> float:
    """Add numbers one after the other, as a loop does.

    Python's own ``sum`` carries the rounding errors along from version 3.12 on, and so gives other last digits.
    """
    total = 0.0
    for number in numbers:
        total += number
    return total


def estimate(tallies: Iterable[Tally], *, leave_out: bool = False) -> Estimate:
    """Join tallies, one after the other as they are given, into a mean with its 95 % interval.

    Parameters
    ----------
    tallies
        In the order of the tasks, if the last digit is to be the same every time.
    leave_out
        Take the mean without the runs that are lost. It then tells of the others alone: a run that ran away was not
        one like any other.

    Returns
    -------
    Estimate
        The interval is that of the central limit theorem: it wants some hundreds of runs, more for a skewed model.

    Raises
    ------
    InputError
        Runs were lost, and nobody said to leave them out; or fewer than two runs ended in a number.
    """
    known = list(tallies)
    lost = [one for each in known for one in each.lost]
    runs = sum(each.runs for each in known)
    if lost and not leave_out:
        raise InputError(_of_lost(lost, runs + len(lost)))
    if runs < 2:
        because = f" The first ended in {lost[0].why}." if lost else ""
        raise InputError(f"{runs} runs ended in a number, and an interval takes two at least.{because}")
    mean = added(each.total for each in known) / runs
    around = added(each.squares + each.runs * (each.total / each.runs - mean) ** 2 for each in known if each.runs)
    return Estimate(mean, Z * sqrt(around / (runs - 1) / runs), runs, len(lost))


def _of_lost(lost: Sequence[Lost], runs: int) -> str:
    named = ", ".join(f"run {one.run} ({one.why})" for one in lost[:_MOST_NAMED])
    more = f" and {len(lost) - _MOST_NAMED:,} more" if len(lost) > _MOST_NAMED else ""
    first = lost[0]
    choice = ", or give leave_out=True and say so" if len(lost) < runs else ""
    return (
        f"{len(lost):,} of {runs:,} runs ended in no number: {named}{more}. Repeat one alone: "
        f"model(streams.run_seed({first.seed}, {first.run})). Mend the model{choice}."
    )


def until(tallies: Iterable[Tally], half_width: float) -> list[Tally]:
    """Take tallies as they are given until the interval is narrow enough.

    Parameters
    ----------
    tallies
        In the order of the tasks, if the answer is to be the same on every machine.
    half_width
        Half of the interval's width that is narrow enough. It is looked at after each tally from the second on; lost
        runs are left out.

    Returns
    -------
    list of Tally
        Those that were taken: all of them, where none was enough.

    Raises
    ------
    InputError
        The width is not above zero.
    """
    if not half_width > 0:
        raise InputError(f"half_width cannot be {half_width!r}: give a number above 0, for example 0.1.")
    taken: list[Tally] = []
    for one in tallies:
        taken.append(one)
        enough = len(taken) >= _FEWEST_BATCHES and sum(each.runs for each in taken) > 1
        if enough and estimate(taken, leave_out=True).half_width <= half_width:
            break
    return taken


def growing(tallies: Sequence[Tally]) -> list[Estimate]:
    """Return what was known after 1, 2, 4, … tallies, and after all of them."""
    counts = [2**power for power in range(len(tallies).bit_length()) if 2**power < len(tallies)]
    return [estimate(tallies[:count], leave_out=True) for count in [*counts, len(tallies)]]


def experiments(model: Model, times: int, runs: int, runs_per_task: int, seed: int) -> list[Batch]:
    """Cut the runs of several experiments into tasks, one experiment after the other; each has the next seed.

    Parameters and errors are those of ``batches``; ``groups`` parts the tallies again.
    """
    return [one for number in range(times) for one in batches(model, runs, runs_per_task, seed + number)]


def groups(tallies: Sequence[Tally], count: int) -> list[list[Tally]]:
    """Part the tallies of several experiments.

    Raises
    ------
    InputError
        They cannot be parted into so many groups of the same size.
    """
    if count < 1 or len(tallies) % count:
        raise InputError(f"{len(tallies)} tallies cannot be parted into {count} groups of the same size.")
    size = len(tallies) // count
    return [list(tallies[size * number : size * (number + 1)]) for number in range(count)]
