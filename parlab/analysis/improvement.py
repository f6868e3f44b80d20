"""Says whether a program became faster: the fastest configuration before against the fastest after, with an interval.

``comparison`` compares two sweeps of the same work, row by row. Here the work is the same only in what comes out: the
task, its items, the engine or the chunks may have changed, since that is what an improvement is. So times are compared,
and no speedups, whose plain loop may have changed as well. Nothing is measured here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Literal

from parlab.analysis.comparison import Side, busy_cores, sides_of
from parlab.analysis.differences import INTERPRETER, differences
from parlab.analysis.shifts import Ratio, fewest_rounds, ratio_of
from parlab.errors import InputError
from parlab.records import Configuration
from parlab.results import Results
from parlab.results.intervals import confidence_for

Verdict = Literal["faster", "slower", "no difference", "too few rounds"]


@dataclass(frozen=True, slots=True)
class Improvement:
    """One program against a later one.

    Attributes
    ----------
    before, after
        The fastest configuration of each that is no plain loop.
    before_s, after_s
        Their times for all tasks: medians over rounds, workers started and warmed up.
    ratio
        After over before, with its interval.
    with_startup
        The same with start-up and shut-down; None where a file lacks them.
    judged
        ``"pace"``: times in steps of the calibration loop, so that a slower hour of the machine goes out; ``"time"``
        where a file lacks the pace.
    rounds
        Before and after.
    needed
        How many rounds both sides need for an interval.
    verdict
        What the interval supports.
    """

    before: Configuration
    after: Configuration
    before_s: float
    after_s: float
    ratio: Ratio
    with_startup: Ratio | None
    judged: Literal["pace", "time"]
    rounds: tuple[int, int]
    needed: int
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """The result in words, no more certain than its interval."""
        value, low, high = self.ratio.value, self.ratio.low, self.ratio.high
        if low is None or high is None:
            few = (
                f"Too few rounds to tell: {self.rounds[0]} before, {self.rounds[1]} after, and it takes {self.needed}."
            )
            return f"{few} So far it takes {value:.2f} times as long as before."
        interval = f"{value:.2f} times as long as before ({low:.2f} to {high:.2f})"
        if self.verdict == "faster":
            return f"Faster, and the rounds support it: it takes {interval}."
        if self.verdict == "slower":
            return f"Slower, and the rounds support it: it takes {interval}."
        return f"No difference that these rounds support: it takes {interval}."


def improvement(before: Results, after: Results) -> Improvement:
    """Hold a later sweep against an earlier one of the same machine.

    Parameters
    ----------
    before, after
        Sweeps of the same problem; that their answers are the same is up to whoever measured.

    Raises
    ------
    InputError
        They come from different machines, or one has no engine with a complete round.
    """
    found = differences(before, after)
    machine = [one.name for one in found if one.kind == "machine"]
    if machine:
        raise InputError(
            f"The two sweeps come from different machines ({', '.join(machine)}), so their times say nothing about the "
            "change. Measure both on one machine."
        )
    busy = busy_cores(before, after)
    sides = [_engines(results, busy, word) for results, word in ((before, "before"), (after, "after"))]
    first, second = (min(side, key=lambda one: median(side[one].time_s)) for side in sides)
    a, b = sides[0][first], sides[1][second]
    base = max(confidence_for(one.header.sweep.precision) for one in (before, after))
    confidence = 1 - (1 - base) / (len(sides[0]) * len(sides[1]))  # the fastest was chosen among these
    paced = bool(a.steps and b.steps) and not any(one.name in INTERPRETER for one in found)
    ratio = ratio_of(a.steps, b.steps, confidence) if paced else ratio_of(a.time_s, b.time_s, confidence)
    return Improvement(
        before=first,
        after=second,
        before_s=median(a.time_s),
        after_s=median(b.time_s),
        ratio=ratio,
        with_startup=ratio_of(a.elapsed_s, b.elapsed_s, confidence) if a.elapsed_s and b.elapsed_s else None,
        judged="pace" if paced else "time",
        rounds=(len(a.time_s), len(b.time_s)),
        needed=fewest_rounds(confidence),
        verdict=_verdict(ratio),
    )


def _engines(results: Results, busy: Mapping[Configuration, float], word: str) -> dict[Configuration, Side]:
    found = {one: side for one, side in sides_of(results, busy).items() if one.role == "parallel"}
    if not found:
        raise InputError(f"The sweep {word} has no engine with a complete round. Measure one, such as processes.")
    return found


def _verdict(ratio: Ratio) -> Verdict:
    if ratio.low is None:
        return "too few rounds"
    if ratio.below_one:
        return "faster"
    return "slower" if ratio.above_one else "no difference"
