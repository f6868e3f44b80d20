"""Holds a cause that a learner names against the rounds of a sweep, and measures nothing. Several causes may be right.

A part of the workers' time is the largest loss only as far as the rounds tell: where the difference between two parts
is smaller than its interval, both may be named. With too few rounds for an interval, what was largest in any of them
may be. A finding's code may be named where the sweep has that finding. Waiting inside tasks counts in two ways: all of
it, and what the plain loop does not wait as well, since what both wait costs no speedup.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab.analysis.areas import WORDS, WORTH, Area, of_map, of_trial
from parlab.analysis.traces import Traced, trace_of, traced
from parlab.errors import InputError, unknown_choice
from parlab.learn.claims_own import CAUSES, CODES, NONE, PARTS
from parlab.results.intervals import median_interval

if TYPE_CHECKING:
    from parlab.results import Results

Shares = Mapping[str, Sequence[float]]


def evidence(view: Any, cause: Any, *, backend: str | None = None, workers: int | None = None) -> dict[str, Any] | None:
    """Gather what the rounds of a sweep say about a cause, for ``parlab.learn.check``.

    Parameters
    ----------
    view
        What ``parlab.speedup`` returned; None, or what has no ``results``, as long as nothing was measured.
    cause
        One of ``"inflation"``, ``"waiting"``, ``"transfer"``, ``"tail"``, ``"startup"``; ``"none"`` where no part takes
        a tenth of the workers' time; or the code of a finding, such as ``"big-payloads"``. None and ``...`` stand for
        "not named yet".
    backend, workers
        Of which configuration; None for the one with the most workers of the fastest backend, as ``explain`` and the
        charts choose it.

    Returns
    -------
    dict or None
        ``cause``, ``where``, ``supported`` and ``told``, a sentence with the shares; None as long as it is open.

    Raises
    ------
    InputError
        There is no such cause or configuration, or the sweep was not traced.
    """
    results = getattr(view, "results", None)
    if results is None or cause is None or cause is ...:
        return None
    if cause not in CAUSES:
        raise unknown_choice("cause", str(cause), CAUSES)
    one = _chosen(results, view, backend, workers)
    inside, whole = _shares(one)
    codes = {finding.code for finding in view.findings}
    supported, told = _judged(cause, inside, whole, codes)
    if not supported:  # what the plain loop waits as well may be no loss
        beyond, said = _judged(cause, _beyond_the_loop(one, inside), whole, codes)
        supported, told = (True, said) if beyond else (supported, told)
    where = one.configuration.label
    return {"cause": cause, "where": where, "supported": supported, "told": f"{where}: {told}"}


def _chosen(results: "Results", view: Any, backend: str | None, workers: int | None) -> Traced:
    from parlab.plots import chosen

    found = {(one.configuration.backend, one.configuration.workers): one for one in traced(results)}
    wanted = chosen(view.summary, backend, workers)
    if (wanted.backend, wanted.workers) not in found:
        raise InputError(
            f"There are no tasks' times of {wanted.label} in this sweep, so nobody can say what it lost. Measure it "
            "without trace=False."
        )
    return found[wanted.backend, wanted.workers]


def _shares(one: Traced) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return each loss as shares of the rounds: of the work alone, and of the trial with start-up."""
    inside = [area for pair in one.pairs if (area := of_map(pair.trial, pair.serial))]
    whole = [area for pair in one.pairs if (area := of_trial(pair.trial, pair.serial))]
    return _by_part(inside), _by_part(whole)


def _by_part(areas: Sequence[Area]) -> dict[str, list[float]]:
    common = set.intersection(*(set(area.losses) for area in areas)) if areas else set()
    return {name: [area.losses[name] for area in areas] for name in PARTS if name in common}


def _beyond_the_loop(one: Traced, inside: Shares) -> Shares:
    """Return the losses with that waiting alone which the plain loop of the round does not have."""
    waits = []
    for pair in one.pairs:
        area = of_map(pair.trial, pair.serial)
        loops = [trace for trial in pair.serial if (trace := trace_of(trial))]
        if area is None or area.waiting_s is None or area.useful_s is None or not loops:
            return inside
        loop_s = sum(float(trace.wall_s.mean()) for trace in loops) / len(loops) * pair.trial.tasks
        waits.append((area.waiting_s - (loop_s - area.useful_s)) / area.total_s)
    return {**inside, "waiting": waits} if "waiting" in inside else inside


def _judged(cause: str, inside: Shares, whole: Shares, codes: set[str]) -> tuple[bool, str]:
    if cause == NONE:
        return _small(inside)
    if cause in CODES and cause not in codes:
        listed = ", ".join(sorted(codes & set(CODES))) or "none that names a cause"
        return False, f"the sweep has no finding {cause!r}. Findings: {listed}."
    part = CODES.get(cause, cause)
    shares = whole if part == "startup" else inside
    if part not in shares:
        return False, f"what {WORDS[part]} takes could not be measured here."
    largest = max(shares, key=lambda name: median(shares[name]))
    supported = part == largest or _may_be_larger(shares[part], shares[largest])
    text = f"{WORDS[part]} takes {_percent(shares[part])} of the workers' time"
    if supported and part != largest:
        return (
            True,
            f"{text}. {_begun(largest)} takes {_percent(shares[largest])}: the rounds do not tell which is more.",
        )
    if supported:
        return True, f"{text}, and no other loss takes more."
    return False, (
        f"{text}. {_begun(largest)} takes {_percent(shares[largest])}, and that is more in the rounds that you have "
        "measured. Look at the bar once more."
    )


def _small(shares: Shares) -> tuple[bool, str]:
    """Judge "none": that no loss takes what is worth a change."""
    largest = max(shares, key=lambda name: median(shares[name]), default=None)
    if largest is None:
        return False, "what the workers lost could not be measured here."
    low = median_interval(shares[largest]).low
    least = min(shares[largest]) if low is None else low
    text = f"{WORDS[largest]} takes {_percent(shares[largest])} of the workers' time"
    if least < WORTH:
        return True, f"the largest loss, {text}."
    return False, f"{text}: a loss of a tenth or more is worth a change."


def _may_be_larger(named: Sequence[float], largest: Sequence[float]) -> bool:
    """Tell whether the rounds leave it open that the named part is the larger one."""
    behind = [one - other for one, other in zip(largest, named, strict=True)]
    low = median_interval(behind).low
    return (min(behind) if low is None else low) <= 0


def _percent(shares: Sequence[float]) -> str:
    return f"{median(shares):.0%}"


def _begun(part: str) -> str:
    return WORDS[part][:1].upper() + WORDS[part][1:]
