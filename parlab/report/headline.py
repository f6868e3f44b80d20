"""Says what came of a sweep in a few plain sentences, and no more than its intervals allow. Works nothing out."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from parlab.report.words import counted, crew, enumerated
from parlab.results.intervals import FEWEST_ROUNDS
from parlab.tables import seconds

if TYPE_CHECKING:
    from parlab.analysis.summary import Row, Summary

_SOONER = 0.05  # of the speedup: start-up that costs less is no news
_MOST_PEERS = 4


def headline(summary: "Summary") -> list[str]:
    """Return the result as sentences, the most important first.

    Parameters
    ----------
    summary
        Of a sweep, finished or not, with engines or without.
    """
    engines = [row for row in summary.rows if row.backend != "serial"]
    known = [row for row in engines if row.speedup is not None]
    if not summary.rounds:
        return ["There is no result yet: no round is complete. Go on with --resume."]
    if not engines:
        return [_loop(summary), "Only the plain loop was measured, so there is no speedup to tell."]
    if not known:
        return [_loop(summary), "No backend came through a complete round, so there is no speedup to tell."]
    best = max(known, key=lambda row: row.speedup or 0.0)
    return [_best(best, summary), *_peers(best, known), *_startup(best), *_doubts(summary)]


def _loop(summary: "Summary") -> str:
    loop = next((row for row in summary.rows if row.backend == "serial"), None)
    taken = "not known" if loop is None else seconds(loop.median_s)
    return f"The plain loop takes {taken}, the median of {counted(summary.rounds, 'round')}."


def _best(best: "Row", summary: "Summary") -> str:
    """Name the highest speedup, as certain as its interval is."""
    who, times = crew(best.backend, best.workers), f"{best.speedup:.2f}"
    here = "on that machine" if summary.label else "here"
    what = (
        f"{times} times as many tasks a second as the plain loop"
        if summary.weak
        else f"{times} times as fast as the plain loop"
    )
    if best.speedup_low is None or best.speedup_high is None:
        begin = f"Highest so far: {who}, {what}."
        few = f"That is of {counted(best.rounds, 'round')}; an interval takes {FEWEST_ROUNDS}, so it may be chance."
        return f"{begin} {few}"
    interval = f"({best.speedup_low:.2f} to {best.speedup_high:.2f})"
    if best.speedup_low > 1:
        return f"Best {here}: {who}, {what} {interval}."
    if best.speedup_high < 1:
        return f"Nothing was faster than the plain loop {here}. Nearest came {who}: {what} {interval}."
    return f"No gain is certain {here}: {who} came out highest, {what}, but its interval {interval} holds 1."


def _peers(best: "Row", known: Sequence["Row"]) -> Iterator[str]:
    """Name those whose intervals reach into that of the best: these rounds do not tell them apart."""
    low = best.speedup_low
    near = [
        row for row in known if row is not best and low is not None and row.speedup_high and row.speedup_high >= low
    ]
    near.sort(key=lambda row: -(row.speedup or 0.0))
    names = [f"{crew(row.backend, row.workers)} ({row.speedup:.2f})" for row in near]
    if len(names) > _MOST_PEERS:
        names[_MOST_PEERS:] = [f"{len(names) - _MOST_PEERS} more"]
    if names:
        yield f"These may be just as fast, since their intervals reach into its own: {enumerated(names)}."


def _startup(best: "Row") -> Iterator[str]:
    total, speedup = best.speedup_with_startup, best.speedup or 0.0
    if total is None or total > (1 - _SOONER) * speedup:
        return
    yield f"With start-up and shut-down counted it is {total:.2f} times as fast."
    if total <= 1 < speedup:
        yield "For work as short as this the workers cost more than they bring."


def _doubts(summary: "Summary") -> Iterator[str]:
    warnings = sum(finding.severity == "warning" for finding in summary.findings)
    if warnings:
        yield f"{counted(warnings, 'warning')} below {'says' if warnings == 1 else 'say'} what to doubt."
