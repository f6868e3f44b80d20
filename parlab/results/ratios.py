"""Takes ratios inside rounds: a machine that is slow for a while is slow for both sides of a ratio.

Whoever judges a sweep and whoever decides when it may stop take them from here, so that both mean the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import geometric_mean

from parlab.records import Configuration, Trial
from parlab.results.reader import Results

RoundKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Brackets:
    """A round's serial time: the geometric mean of the two trials that open and close it."""

    map_s: float  # also the whole of it: a loop is neither opened nor closed
    tasks: int
    ratio: float  # the slower bracket over the faster
    failed: frozenset[int]  # tasks that were skipped in both; a trial that skipped others did other work


def usable_trials(results: Results) -> list[Trial]:
    """List the trials that give ratios: those that went well, in rounds with both serial brackets."""
    complete = set(results.complete_rounds)
    return [trial for trial in results.records if trial.round_key in complete and trial.outcome == "ok"]


def brackets(trials: Iterable[Trial]) -> dict[RoundKey, Brackets]:
    """Join the two serial trials of each round; rounds without an agreeing pair are left out."""
    pairs: dict[RoundKey, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.role == "serial" and trial.map_s:
            pairs[trial.round_key].append(trial)
    found = {}
    for key, pair in pairs.items():
        failed = {trial.failed_tasks for trial in pair}
        if len(pair) == 2 and len(failed) == 1 and pair[0].tasks == pair[1].tasks:
            times = [trial.map_s or 0.0 for trial in pair]
            found[key] = Brackets((times[0] * times[1]) ** 0.5, pair[0].tasks, max(times) / min(times), failed.pop())
    return found


def same_work(trial: Trial, serial: Mapping[RoundKey, Brackets]) -> bool:
    """Tell whether a trial got the same tasks done as the plain loops of its round."""
    pair = serial.get(trial.round_key)
    return pair is not None and pair.failed == trial.failed_tasks


def ratios(
    trials: Iterable[Trial], serial: Mapping[RoundKey, Brackets], time_of: Callable[[Trial], float | None]
) -> dict[RoundKey, float]:
    """Divide the plain loop's time by each trial's, inside its round.

    Where the work grows with the workers this is the scaled speedup (J. L. Gustafson, "Reevaluating Amdahl's law",
    1988): tasks a second, over those of the plain loop. Where it does not, both have the same tasks.

    Parameters
    ----------
    trials
        Of one configuration, with the same work as the loops of their rounds.
    serial
        What ``brackets`` returned.
    time_of
        Which time of a trial counts, in seconds; trials without one give no ratio.
    """
    times = {trial.round_key: (trial.tasks, taken_s) for trial in trials if (taken_s := time_of(trial))}
    return {
        key: serial[key].map_s / taken_s * (tasks / serial[key].tasks if serial[key].tasks else 1.0)
        for key, (tasks, taken_s) in times.items()
    }


def ceilings(trials: Iterable[Trial]) -> dict[int, dict[RoundKey, float]]:
    """Collect the ceiling of each round by worker count. One copy over itself is 1, and is not measured."""
    found: dict[int, dict[RoundKey, float]] = defaultdict(dict)
    for trial in trials:
        if trial.role == "ceiling" and trial.ceiling:
            found[trial.workers][trial.round_key] = trial.ceiling
            found[1][trial.round_key] = 1.0
    return dict(found)


def paces(trials: Iterable[Trial]) -> dict[int, dict[RoundKey, float]]:
    """Collect how fast the machine itself was in each round: steps a second of all copies together, by their number.

    Of one copy it is the geometric mean of all that the round has.
    """
    found: dict[int, dict[RoundKey, float]] = defaultdict(dict)
    alone: dict[RoundKey, list[float]] = defaultdict(list)
    for trial in trials:
        if trial.role == "ceiling" and trial.ceiling and trial.pace:
            found[trial.workers][trial.round_key] = trial.ceiling * trial.pace
            alone[trial.round_key].append(trial.pace)
    if alone:
        found[1] = {key: geometric_mean(values) for key, values in alone.items()}
    return dict(found)


def map_s(trial: Trial) -> float | None:
    """Return the time of the work alone, which ``speedup`` is about."""
    return trial.map_s


def elapsed_s(trial: Trial) -> float | None:
    """Return the time with opening and closing the engine, which ``speedup_with_startup`` is about."""
    return trial.elapsed_s


def order(results: Results) -> list[Configuration]:
    """List the parallel configurations of a sweep: engines as they were given, each by worker count."""
    sweep = results.header.sweep
    engines = [backend for backend in sweep.backends if backend != "serial"]
    return [Configuration("parallel", backend, workers) for backend in engines for workers in sweep.workers]
