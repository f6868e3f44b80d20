"""Compares the engines of one sweep with each other, and says of each what its rounds support.

The engines of a sweep were measured in the same rounds, so each is held against the best one inside of its rounds, as a
speedup is taken. Whoever cannot be told apart from the best is as good, as far as anybody knows. All intervals of a
sweep hold together with the confidence that one has elsewhere (O. J. Dunn, "Multiple comparisons among means", 1961),
because an engine is chosen from the whole row. Nothing here knows an engine by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log2
from typing import Literal

from parlab import units
from parlab.errors import InputError
from parlab.results import Results
from parlab.results.intervals import Estimate, confidence_for, median_interval
from parlab.results.ratios import (
    RoundKey,
    brackets,
    elapsed_s,
    map_s,
    order,
    ratios,
    same_work,
    usable_trials,
)

Word = Literal["best", "among the best", "helps less", "no gain seen", "slower", "too few rounds"]
ByRound = Mapping[RoundKey, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rounds of a sweep support about one engine.

    Attributes
    ----------
    engine, workers
        What was measured.
    word
        ``"best"`` or ``"among the best"``: none is better, as far as can be told. ``"helps less"``: faster than the
        plain loop, slower than the best. ``"no gain seen"``: not told apart from the plain loop. ``"slower"``: than the
        plain loop.
    speedup
        Over the plain loop, with an interval where there are enough rounds.
    to_best
        Its speed over that of the engine with the highest median, inside rounds; None for that engine itself.
    rounds_needed
        How many rounds this word takes.
    """

    engine: str
    workers: int
    word: Word
    speedup: Estimate
    to_best: Estimate | None
    rounds_needed: int


def judge(results: Results, workers: int, *, with_startup: bool = False) -> tuple[Verdict, ...]:
    """Judge the engines of a sweep at one worker count.

    Parameters
    ----------
    results
        The sweep; complete rounds alone count.
    workers
        Which of its worker counts.
    with_startup
        Count opening and closing the engine; otherwise the work alone.

    Returns
    -------
    tuple of Verdict
        In the order of the sweep; engines without a complete round are missing.

    Raises
    ------
    InputError
        No engine has a complete round at this worker count.
    """
    usable = usable_trials(results)
    serial = brackets(usable)
    time_of = elapsed_s if with_startup else map_s
    found = {}
    for one in order(results):
        trials = [trial for trial in usable if trial.configuration == one and same_work(trial, serial)]
        if one.workers == workers and (speedups := ratios(trials, serial, time_of)):
            found[one.backend] = speedups
    if not found:
        counts = ", ".join(map(str, sorted(set(results.header.sweep.workers)))) or "none"
        message = f"No engine of this sweep has a complete round with {units.count(workers, 'worker')}."
        raise InputError(f"{message} It was to measure these counts: {counts}.")
    return verdicts(found, workers, confidence_for(results.header.sweep.precision))


def verdicts(
    speedups: Mapping[str, ByRound], workers: int, confidence: float = confidence_for(None)
) -> tuple[Verdict, ...]:
    """Judge engines by what each round gave.

    Parameters
    ----------
    speedups
        For each engine its speedup over the plain loop, by round; at least one each.
    workers
        At which they were measured.
    confidence
        Of all words together.
    """
    comparisons = 2 * len(speedups) - 1  # each with the plain loop, and all but one with the best
    each = 1 - (1 - confidence) / comparisons
    needed = ceil(log2(2 / (1 - each)))  # then the smallest and the largest value are the interval
    over_loop = {name: median_interval(list(rounds.values()), each) for name, rounds in speedups.items()}
    best = max(over_loop, key=lambda name: over_loop[name].median)
    beside = {name: _to_best(speedups[name], speedups[best], each) for name in speedups if name != best}
    words = {name: _word(over_loop[name], beside.get(name)) for name in speedups}
    alone = list(words.values()).count("among the best") == 1
    return tuple(
        Verdict(
            name,
            workers,
            "best" if alone and words[name] == "among the best" else words[name],
            over_loop[name],
            beside.get(name),
            needed,
        )
        for name in speedups
    )


def _to_best(own: ByRound, best: ByRound, confidence: float) -> Estimate | None:
    """Compare two engines in the rounds that both have."""
    shares = [own[key] / best[key] for key in own if key in best]
    return median_interval(shares, confidence) if shares else None


def _word(over_loop: Estimate, to_best: Estimate | None) -> Word:
    if over_loop.low is None or over_loop.high is None or (to_best is not None and to_best.high is None):
        return "too few rounds"
    if over_loop.high < 1:
        return "slower"
    if over_loop.low <= 1:
        return "no gain seen"
    return "helps less" if to_best is not None and (to_best.high or 0.0) < 1 else "among the best"
