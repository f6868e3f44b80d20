"""Puts a plan into a table and sentences, for a terminal of 80 columns and for notebooks. It works nothing out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from parlab import units
from parlab.errors import harmless
from parlab.tables import NOT_KNOWN, as_markup, printable, seconds

if TYPE_CHECKING:
    from rich.console import Console

    from parlab.analysis.sizing import Band, Plan, Prediction

COLUMNS = ("workers", "work", "90 % band", "speedup", "all in", "90 % band", "measured")
_LOSSES = {
    "contention": "tasks that slow each other down",
    "dispatch": "giving out the tasks",
    "tail": "waiting for the last tasks",
}
_SOURCES = {
    "measured": "measured",
    "between measured": "between two measured counts",
    "law": "by the Universal Scalability Law through the measured tasks",
    "ceiling": "by the machine's ceiling",
    "widened": "beyond all that was measured",
    "assumed": "their CPU time beside each other, or in line",
}
_WORTH = 1.02  # tasks that take less than this times as long are not spoken of


def print_plan(out: "Console", plan: "Plan") -> None:
    """Print a plan to a terminal."""
    out.print(f"[bold]{printable(title_of(plan))}[/bold]")
    if plan.origin:
        out.print(f"[bold yellow]{printable(plan.origin)}[/bold yellow]")
    out.print(printable(basis_of(plan)), style="dim")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in plan.predictions:
        table.add_row(*cells_of(row))
    out.print(table)
    for sentence in sentences_of(plan):
        grid = Table.grid()
        grid.add_row("  ", Text(harmless(sentence), style="dim"))
        out.print(grid)


def as_html(plan: "Plan", picture: str = "") -> str:
    """Return a plan as HTML for a notebook, with a picture if there is one; every other text is escaped."""
    origin = f"<p><strong>{as_markup(plan.origin)}</strong></p>" if plan.origin else ""
    head = "".join(f"<th>{as_markup(name)}</th>" for name in COLUMNS)
    body = "".join(
        "<tr>" + "".join(f"<td>{as_markup(cell)}</td>" for cell in cells_of(row)) + "</tr>" for row in plan.predictions
    )
    notes = "".join(f"<li>{as_markup(sentence)}</li>" for sentence in sentences_of(plan))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    basis = f"<p>{as_markup(basis_of(plan))}</p>"
    return f"<h4>{as_markup(title_of(plan))}</h4>{origin}{basis}{table}{picture}<ul>{notes}</ul>"


def title_of(plan: "Plan") -> str:
    """Say what is predicted."""
    return f"Plan: {plan.workload} with {plan.engine}"


def basis_of(plan: "Plan") -> str:
    """Say what it is predicted from."""
    crew = f"{units.count(plan.source_workers, 'worker')} of {plan.source}"
    rounds = units.count(plan.rounds, "round")
    tasks = f"{units.count(plan.tasks_measured, 'task')}{' for each worker' if plan.weak else ''}"
    chunk = "" if plan.chunksize == 1 else f", {plan.chunksize} in a message"
    cost = f"A message costs {seconds(plan.message_s)} ({plan.dispatch_origin})."
    return f"From the spans of {crew}: {tasks}{chunk}, {rounds}. {cost}"


def cells_of(row: "Prediction") -> list[str]:
    """Write a prediction as texts, one for each of ``COLUMNS``."""
    measured = NOT_KNOWN
    if row.measured_s is not None:
        measured = f"{seconds(row.measured_s.median)} {'in' if row.hit else 'out'}"
    return [
        str(row.workers),
        seconds(row.map_s.value),
        span(row.map_s),
        f"{row.speedup.value:.3g}",
        NOT_KNOWN if row.elapsed_s is None else seconds(row.elapsed_s.value),
        NOT_KNOWN if row.elapsed_s is None else span(row.elapsed_s),
        measured,
    ]


def sentences_of(plan: "Plan") -> Iterator[str]:
    """Say what the largest worker count loses most to, how tasks slow down, what is assumed, how to read the table."""
    widest = plan.predictions[-1]
    name = widest.largest_loss
    if name is not None:
        share = f"{widest.losses[name]:.0%}"
        yield f"{units.count(widest.workers, 'worker')}: {share} of their time goes into {_LOSSES[name]}."
    messages = -(-widest.tasks // plan.chunksize)
    if messages < widest.workers:
        yield f"{widest.workers} workers: there are only {units.count(messages, 'message')} to give them."
    slow = widest.slowdown
    if slow.high > _WORTH:
        how = _SOURCES[widest.slowdown_source]
        yield (
            f"{units.count(widest.workers, 'worker')}: a task takes {slow.value:.2f} times as long as with "
            f"{plan.source_workers} ({slow.low:.2f} to {slow.high:.2f}), {how}."
        )
    yield from plan.notes
    yield (
        "work: without start-up; all in: with it. 90 % band: so many of the runs that may be lie in it, as far as the "
        "sweep can tell. measured: its median, in or out of the band of the work."
    )
    if plan.dispatch_origin == "given":
        yield "all in is not known: how long the engine takes to start was not given."


def span(band: "Band") -> str:
    """Write a band, the unit once where both ends have the same: ``"110 to 120 ms"``."""
    low, high = seconds(band.low), seconds(band.high)
    if low.partition(" ")[2] == high.partition(" ")[2]:
        low = low.partition(" ")[0]
    return f"{low} to {high}"
