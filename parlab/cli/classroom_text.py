"""Prints a class in a terminal of 80 columns: a line for each kind of hardware and backend, then what is to be said."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from parlab.analysis.crowds import FEWEST_LEARNERS, Crowd, Middle
from parlab.errors import harmless
from parlab.tables import NOT_KNOWN, printable
from parlab.units import count

if TYPE_CHECKING:
    from rich.console import Console

    from parlab.analysis.classroom import Classroom

_MOST_CROWDS, _MOST_LINES = 12, 10


def print_classroom(out: "Console", room: "Classroom") -> None:
    """Print what a class has handed in."""
    dots = sum(len(one.dots) for one in room.guesses)
    kinds = len({one.hardware for one in room.crowds})
    hardware = f"{count(kinds, 'kind')} of hardware"
    guessed = f"{dots} guess{'' if dots == 1 else 'es'} measured"
    out.print(f"[bold]The class[/bold]  {count(len(room.learners), 'learner')}  ·  {hardware}  ·  {guessed}")
    for crowd in room.crowds[:_MOST_CROWDS]:
        _print_crowd(out, crowd)
    if len(room.crowds) > _MOST_CROWDS:
        out.print(f"\n{len(room.crowds) - _MOST_CROWDS} smaller crowds are in --json.", style="dim")
    note = "\nFor each backend the worker count with the highest median. speedup: that median."
    out.print(note, style="dim")
    if not any(one.is_judged for one in room.crowds):
        out.print(f"No crowd has {FEWEST_LEARNERS} learners, so nothing can be called unusual.", style="dim")
    _print_list(out, "! ", "yellow", [one.sentence for one in room.outliers])
    _print_list(out, "i ", "cyan", list(room.kin))
    _print_list(out, "x ", "red", [f"left out: {one.file}: {one.reason}" for one in room.left_out])


def _print_crowd(out: "Console", crowd: Crowd) -> None:
    out.print(f"\n{printable(crowd.work.title)}  ·  {count(len(crowd.learners), 'learner')}", soft_wrap=True)
    out.print(f"{printable(crowd.hardware.name)}", style="dim", overflow="fold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("backend", overflow="fold")
    for title in ("workers", "learners", "speedup", "from, to", "ceiling"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in crowd.highest:
        table.add_row(*_cells(one, crowd))
    out.print(table)


def _cells(one: Middle, crowd: Crowd) -> list[str]:
    ceiling = crowd.ceilings.get(one.workers)
    return [
        printable(one.backend),
        str(one.workers),
        str(one.learners),
        f"{one.median:.2f}",
        f"{one.lowest:.2f} to {one.highest:.2f}" if one.learners > 1 else NOT_KNOWN,
        NOT_KNOWN if ceiling is None else f"{ceiling:.2f}",
    ]


def _print_list(out: "Console", mark: str, style: str, sentences: list[str]) -> None:
    for sentence in sentences[:_MOST_LINES]:
        grid = Table.grid()
        grid.add_row(Text(mark, style=style), Text(harmless(sentence), overflow="fold"))
        out.print(grid)
    if len(sentences) > _MOST_LINES:
        out.print(Text(f"  {len(sentences) - _MOST_LINES} more are in --json.", style="dim"))
