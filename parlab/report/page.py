"""Puts a sweep into one HTML page. Every text goes through one gate, is cleaned and escaped.

The page holds no script and loads nothing, and a policy in its head tells browsers to refuse both.
"""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from parlab.errors import harmless
from parlab.explained import Section, sections
from parlab.report.command import command, hindrances
from parlab.report.content import gather
from parlab.report.files import GENERATOR
from parlab.report.hardware import machine_rows
from parlab.report.headline import headline
from parlab.report.laws import law_sections
from parlab.report.method import method
from parlab.report.pictures import pictures
from parlab.report.story import checked_author
from parlab.report.words import counted, plain
from parlab.tables import COLUMNS, summary_cells

if TYPE_CHECKING:
    from jinja2 import Template

    from parlab.analysis.summary import Summary
    from parlab.report.story import Story
    from parlab.results import Results

_SEVERITIES = {"warning": "Warning", "info": "Note"}
_MOST_FAILURES = 10
_LEGEND = (  # the words of README's "What the numbers mean"
    ("time", "the work alone, median over rounds: workers started, warmed up, not yet closed"),
    ("speedup", "the plain loop's time over that, taken inside each round, then the median over rounds"),
    ("95 % interval", "of the speedup, from order statistics, so without assuming a distribution; from 6 rounds on"),
    ("÷n", "efficiency: speedup over workers"),
    ("÷ceil", "speedup over the ceiling: what this machine gives to independent processes that share nothing"),
    ("start-up", "until every worker had answered"),
    ("all in", "speedup with start-up and shut-down"),
)


def page(
    results: "Results", summary: "Summary | None" = None, *, author: str = "", story: "Story | None" = None
) -> str:
    """Return the report of a sweep as HTML.

    Parameters
    ----------
    results
        A sweep, finished or cut off.
    summary
        Of the same sweep, where it is there already.
    author
        Whose report it is; nothing is said where it is empty.
    story
        What the author tells about a function of theirs; a part of its own, before the findings.

    Returns
    -------
    str
        A whole document; the same for the same results. All charts that can be drawn are in it.

    Raises
    ------
    InputError
        The author's name cannot stand in it.
    """
    author = checked_author(author)
    content = gather(results, summary)
    drawn, missing = pictures(content)
    header = results.header
    return _template().render(
        generator=GENERATOR,
        summary=content.summary,
        when=_when(header.created),
        file=None if results.path is None else results.path.name,
        version=header.parlab,
        headline=headline(content.summary),
        findings=_findings(content.summary),
        measured=_measured(content.summary),
        legend=_LEGEND,
        pictures=drawn,
        missing=missing,
        explanation=content.explanation if isinstance(content.explanation, str) else "",
        sections=[] if isinstance(content.explanation, str) else list(sections(content.explanation)),
        laws=law_sections(content.fits),
        failures=_failures(results),
        machine=machine_rows(header, content.summary.gil),
        method=method(results, content.summary),
        command=command(header.sweep),
        hindrances=hindrances(header.sweep),
        author=author,
        story=story,
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("parlab.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _printable(value: Any) -> Any:
    """Replace control characters, among them those that turn the direction of writing; HTML made by us stays."""
    return harmless(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _when(created: str) -> str:
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return plain(created)
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".strip()


def _findings(summary: "Summary") -> list[dict[str, Any]]:
    """List the findings, warnings first, as a page shows them."""
    ranked = sorted(summary.findings, key=lambda one: one.severity != "warning")
    return [
        {
            "severity": _SEVERITIES.get(one.severity, plain(one.severity)),
            "warning": one.severity == "warning",
            "title": one.code.replace("-", " "),
            "message": one.message,
            "advice": one.advice,
            "evidence": [(name.replace("_", " "), plain(value)) for name, value in one.evidence.items()],
            "notebook": one.notebook,
        }
        for one in ranked
    ]


def _measured(summary: "Summary") -> Section:
    rounds = counted(summary.rounds, "complete round")
    notes = []
    if summary.weak:
        notes = ["Weak scaling: speedup is tasks a second over those of the plain loop (scaled speedup)."]
    return Section(f"{summary.title}, {rounds}", COLUMNS, summary_cells(summary), notes)


def _failures(results: "Results") -> Section | None:
    """List tasks that failed, each once with how often it did."""
    found: dict[tuple[int, str, str], int] = {}
    for trial in results.records:
        for one in trial.failures:
            key = (one.task, one.item, one.error)
            found[key] = found.get(key, 0) + 1
    if not found:
        return None
    rows = [[str(task), plain(item), plain(error), str(times)] for (task, item, error), times in found.items()]
    notes = [f"{len(rows) - _MOST_FAILURES} more are in the result file."] if len(rows) > _MOST_FAILURES else []
    return Section("Each failure once", ("task", "item", "error", "trials"), rows[:_MOST_FAILURES], notes)
