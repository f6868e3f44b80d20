"""What a benchmark panel shows, as HTML: plain functions, every text escaped, nothing said by colour alone."""

from base64 import b64encode
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError
from parlab.progress import left_of, stage_of
from parlab.report.headline import headline
from parlab.tables import COLUMNS, as_markup, summary_cells

if TYPE_CHECKING:
    from parlab.analysis.summary import Summary
    from parlab.notebook.background import Measurement
    from parlab.notebook.choices import Choices, Own
    from parlab.notebook.view import View

_WITH_FORM = (
    "In JupyterLab it is a form: run the cell, choose, and press Start. A chart grows as rounds come in, and Cancel "
    "keeps what is finished."
)
NO_FORM = "The form needs ipywidgets. Get it with: pip install 'parlab[lab]'"
_WITHOUT_FORM = "Without the form, .run() measures it. The next cell finds the result in .view."
_WIDTH, _HEIGHT = 800, 520  # of a chart, in the page's pixels; the place is kept while a new one is loaded


def description(choices: "Choices", own: "Own | None") -> list[str]:
    """Say what a panel is for, without anything that differs from machine to machine."""
    what = f"the workload {choices.workload}" if own is None else f"the function {own.name}"
    engines = ", ".join(choices.backends)
    form = _WITH_FORM if find_spec("ipywidgets") else NO_FORM
    return [f"It measures how much faster {what} gets with more workers. Backends: {engines}.", form, _WITHOUT_FORM]


def bar(share: float, text: str) -> str:
    """Show how far something is, as the browser's own bar, which screen readers know, with a line of text."""
    percent = round(100 * share)
    shown = f'<progress max="100" value="{percent}" aria-label="Progress" style="width:16em">{percent} %</progress>'
    return f"<div>{shown} {percent} %: {as_markup(text)}</div>"


def said(*sentences: str, alert: bool = False) -> str:
    """Show what a screen reader is to say by itself: at the next pause, or at once."""
    role = 'role="alert"' if alert else 'role="status" aria-live="polite"'
    text = "".join(f'<div style="white-space:pre-wrap;line-height:1.4">{as_markup(one)}</div>' for one in sentences)
    return f"<div {role}>{text}</div>"


@cache
def prepare() -> None:
    """Load, once, what it takes to draw: before anything is timed, because it takes a core for a second."""
    from parlab.notebook.view import View

    chart(View.read("recorded:primes-2-cores"))


def chart(view: "View") -> str:
    """Draw the speedups; the text alternative has the numbers."""
    from parlab.plots import as_png
    from parlab.report.alternatives import speedup_alternative

    try:
        data = b64encode(as_png(view.plot())).decode()
    except InputError as nothing:  # the plain loop alone
        return f"<p>{as_markup(str(nothing))}</p>"
    text = as_markup(speedup_alternative(view.summary), quote=True)
    size = f'width="{_WIDTH}" height="{_HEIGHT}" style="max-width:100%;height:auto"'
    return f'<img alt="{text}" {size} src="data:image/png;base64,{data}">'


def table(summary: "Summary") -> str:
    """Show the numbers and the findings."""
    left, right = 'style="text-align:left"', 'style="text-align:right;padding-left:0.6em"'
    whole = 'style="text-align:right;padding-left:0.6em;white-space:nowrap"'
    head = "".join(
        f'<th scope="col" {right if place else left}>{as_markup(one)}</th>' for place, one in enumerate(COLUMNS)
    )
    rows = ""
    for name, *cells in summary_cells(summary):
        numbers = "".join(f"<td {whole}>{as_markup(cell)}</td>" for cell in cells)
        rows += f'<tr><th scope="row" {left}>{as_markup(name)}</th>{numbers}</tr>'
    found = "".join(
        f"<li>{as_markup(one.message)} <em>{as_markup(one.advice)}</em></li>"
        for one in summary.findings
        if one.code != "stopped"  # that is said above, and its advice is for a file that was kept
    )
    findings = f"<p><strong>Findings</strong></p><ul>{found}</ul>" if found else ""
    caption = (
        "time: the work alone. speedup: over the plain loop, median of the rounds, with its 95 % interval. ÷n: share "
        "of n workers. ÷ceil: share of what this machine gives to independent processes. all in: speedup with start-up."
    )
    return (
        '<div style="line-height:1.4"><div style="overflow-x:auto">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f"<p><small>{as_markup(caption)}</small></p>{findings}</div>"
    )


def under_way(event: dict[str, Any]) -> str:
    """Say what runs, and how long it takes."""
    stage, left = stage_of(event), left_of(event)
    sentence = "Checking the answers before any time is taken" if stage == "checking" else stage.capitalize()
    return f"{sentence}{', ' if left else ''}{left}."


def outcome(measurement: "Measurement", view: "View | None", name: str | None) -> list[str]:
    """Say what came of a measurement, the most important first, and how to go on.

    Parameters
    ----------
    measurement
        Which is over.
    view
        What it has measured; None where no round is complete.
    name
        The panel's name in the notebook, where it has one.
    """
    told = [_ending(measurement)]
    if view is None:
        return [
            *told,
            *(["There is no complete round, so there is no speedup to show."] if not measurement.error else []),
        ]
    called = f"{name}.view" if name else ".view of the panel; give it a name, as in panel = parlab.BenchmarkPanel(…)"
    return [*told, *headline(view.summary), f"The next cell can use the result: {called}"]


def _ending(measurement: "Measurement") -> str:
    done = units.count(measurement.rounds_done, "round")
    if measurement.state == "failed":
        return f"Failed after {done}: {measurement.error}"
    if measurement.state == "cancelled":
        return f"Cancelled after {done}. Nothing of it runs any more, and what was finished is kept."
    return f"Done after {done}."
