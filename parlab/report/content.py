"""Gathers what a report shows of a sweep, each part worked out once. What cannot be worked out has its reason."""

from dataclasses import dataclass

from parlab.analysis.explanation import Explanation, explain
from parlab.analysis.laws import Fits, fit_all, points_of
from parlab.analysis.points import engines
from parlab.analysis.summary import Summary, summarise
from parlab.errors import InputError
from parlab.records import Configuration
from parlab.results import Results


@dataclass(frozen=True, slots=True)
class Content:
    """A sweep and what the layers below say of it."""

    results: Results
    summary: Summary
    explanation: Explanation | str  # or why there is none
    fits: dict[str, Fits | str]  # by backend


def gather(results: Results, summary: Summary | None = None) -> Content:
    """Work out everything that a report shows.

    Parameters
    ----------
    results
        A sweep, finished or cut off, traced or not.
    summary
        Of the same sweep, where it is there already.
    """
    summary = summary or summarise(results)
    return Content(results, summary, _explanation(results, summary), _fits(results))


def widest(content: Content) -> Configuration | None:
    """Return the configuration that charts of a single one show; None where there is the plain loop alone."""
    from parlab.plots import chosen

    try:
        return chosen(content.summary)
    except InputError:
        return None


def _explanation(results: Results, summary: Summary) -> Explanation | str:
    try:
        return explain(results, summary.origin)
    except InputError as nothing:
        return str(nothing)


def _fits(results: Results) -> dict[str, Fits | str]:
    found: dict[str, Fits | str] = {}
    for backend in engines(results):
        try:
            found[backend] = fit_all(points_of(results, backend))
        except InputError as nothing:
            found[backend] = str(nothing)
    return found
