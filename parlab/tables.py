"""Prints summaries, diagnoses and lists in a terminal, readable at 80 columns and without colour."""

from collections.abc import Callable, Iterable, Sequence
from html import escape as escape_html
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from parlab import units
from parlab.errors import harmless

if TYPE_CHECKING:
    from parlab.analysis.doctor import Diagnosis
    from parlab.analysis.summary import Row, Summary
    from parlab.records import Finding

_STATUS_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red"}
_NARROW, _WIDEST = 80, 100
COLUMNS = ("backend", "workers", "time", "speedup", "95 % interval", "÷n", "÷ceil", "start-up", "all in")
NOT_KNOWN = "–"  # noqa: RUF001  # an en dash, as in printed tables


def as_markup(text: str, *, quote: bool = True) -> str:
    """Make text from a file ready for HTML: no control characters, no half letters, no markup."""
    return escape_html(harmless(text), quote)


def printable(text: str) -> str:
    """Make text from a file ready for rich: no control characters, no markup."""
    return escape(harmless(text))


def console() -> Console:
    """Make a console as wide as the terminal, up to what is comfortable to read."""
    plain = Console(highlight=False, soft_wrap=False)
    plain.width = min(plain.width, _WIDEST)
    return plain


def as_text(show: Callable[[Console], None]) -> str:
    """Return what a function prints to a console of 80 columns, as a notebook without HTML shows it."""
    text = StringIO()
    show(Console(width=_NARROW, file=text, highlight=False, color_system=None, force_jupyter=False))
    return text.getvalue().rstrip()


def print_summary(out: Console, summary: "Summary", sentences: Iterable[str] = ()) -> None:
    """Print the table of a sweep, sentences that say what came of it, and its findings."""
    rounds = units.count(summary.rounds, "round")
    out.print(f"[bold]{printable(summary.workload)}[/bold]  {rounds}  ·  {printable(summary.place)}")
    if summary.origin:
        out.print(f"[bold yellow]{printable(summary.origin)}[/bold yellow]")
    out.print(_summary_table(summary))
    if summary.weak:
        out.print(
            f"Weak scaling: {units.count(summary.tasks, 'task')} for each worker. "
            "speedup: tasks a second over those\n"
            "of the plain loop (scaled speedup).",
            style="dim",
        )
    out.print(
        "time: the work alone. speedup: over the plain loop, median of rounds, with its\n"
        "95 % interval. ÷n: share of n. ÷ceil: share of what this machine gives to\n"
        "independent processes. all in: speedup with start-up and shut-down.",
        style="dim",
    )
    for one in sentences:
        out.print(printable(one))
    print_findings(out, summary.findings)


def _summary_table(summary: "Summary") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(COLUMNS[0], overflow="fold")
    for title in COLUMNS[1:]:
        table.add_column(title, justify="right", no_wrap=True)
    for cells in summary_cells(summary):
        table.add_row(*map(printable, cells))
    return table


def summary_cells(summary: "Summary") -> list[list[str]]:
    """Write each row of a summary as texts, one for each of ``COLUMNS``; they are not escaped for anything."""
    return [_cells(row, summary.ceiling_shares.get((row.backend, row.workers))) for row in summary.rows]


def _cells(row: "Row", share: float | None) -> list[str]:
    interval = NOT_KNOWN
    if row.speedup_low is not None and row.speedup_high is not None:
        interval = f"{row.speedup_low:.2f} to {row.speedup_high:.2f}"
    return [
        row.backend,
        str(row.workers),
        seconds(row.median_s),
        _number(row.speedup, "{:.2f}"),
        interval,
        _number(row.efficiency, "{:.0%}"),
        _number(share, "{:.0%}"),
        seconds(row.startup_s),
        _number(row.speedup_with_startup, "{:.2f}"),
    ]


def _number(value: float | None, form: str) -> str:
    return NOT_KNOWN if value is None else form.format(value)


def seconds(value: float | None) -> str:
    """Write a duration with three digits and its unit."""
    return NOT_KNOWN if value is None else units.duration(value)


def size(value: float | None) -> str:
    """Write a number of bytes with three digits and its unit."""
    return NOT_KNOWN if value is None else units.size(value)


def print_findings(out: Console, findings: Iterable["Finding"]) -> None:
    """Print each finding and its advice."""
    for finding in findings:
        mark = Text(
            "! " if finding.severity == "warning" else "i ", style="yellow" if finding.severity == "warning" else "cyan"
        )
        grid = Table.grid()
        grid.add_row(mark, Text.assemble(harmless(finding.message), " ", (harmless(finding.advice), "dim")))
        out.print(grid)


def print_diagnoses(out: Console, diagnoses: Iterable["Diagnosis"]) -> None:
    """Print what the doctor found, with the fix under what needs one."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for one in diagnoses:
        text = Text(one.message)
        if one.fix:
            text.append(f"\nfix: {one.fix}", style="bold" if one.status == "fail" else "")
        grid.add_row(Text(one.status, style=_STATUS_STYLES[one.status]), Text(one.name), text)
    out.print(grid)


def print_list(out: Console, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table; names, in the first column, are not broken, because they are copied into commands."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, title in enumerate(titles):
        table.add_column(title, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)
