"""Puts an explanation into tables of words, for a terminal of 80 columns and for notebooks. It works nothing out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rich.markup import escape as escape_markup
from rich.table import Table
from rich.text import Text

from parlab import units
from parlab.analysis.areas import MEANINGS, WORDS, Area
from parlab.analysis.gil import waits_for_gil
from parlab.errors import harmless
from parlab.tables import NOT_KNOWN, as_markup, printable, seconds, size

if TYPE_CHECKING:
    from rich.console import Console

    from parlab.analysis.explanation import Explanation

_WORTH_A_WORD = 0.02  # a loss under this share of the area is not named in a sentence

_THREADS_WAIT = (
    "Nothing is sent to threads, and what they wait for, the parent or the GIL, cannot be told apart: where their "
    "tasks compute it is mostly the GIL."
)


class Section(NamedTuple):
    """A table with its title above and what its words mean below."""

    title: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    notes: list[str]


def print_explanation(out: "Console", explanation: "Explanation") -> None:
    """Print an explanation to a terminal."""
    out.print(f"[bold]Where the time went: {printable(explanation.workload)}[/bold]")
    if explanation.origin:
        out.print(f"[bold yellow]{printable(explanation.origin)}[/bold yellow]")
    for section in sections(explanation):
        out.print()
        out.print(f"[bold]{escape_markup(section.title)}[/bold]")
        if section.rows:
            out.print(_table(section))
        for note in section.notes:
            grid = Table.grid()
            grid.add_row("  ", Text(harmless(note), style="dim"))
            out.print(grid)


def as_html(explanation: "Explanation") -> str:
    """Return an explanation as HTML for a notebook; every text is escaped."""
    origin = f"<p><strong>{as_markup(explanation.origin)}</strong></p>" if explanation.origin else ""
    parts = [f"<h4>Where the time went: {as_markup(explanation.workload)}</h4>{origin}"]
    for section in sections(explanation):
        names = [
            name.replace("-\n", "") for name in section.columns
        ]  # cut for a terminal; a browser breaks lines itself
        head = "".join(f"<th>{as_markup(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{as_markup(cell)}</td>" for cell in row) + "</tr>" for row in section.rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if section.rows else ""
        notes = "".join(f"<li>{as_markup(note)}</li>" for note in section.notes)
        parts.append(f"<h5>{as_markup(section.title)}</h5>{table}<ul>{notes}</ul>")
    return "".join(parts)


def sections(explanation: "Explanation") -> Iterator[Section]:
    """Cut an explanation into tables: the work, the whole trial, efficiencies, break-even, what travelled, memory."""
    yield _work(explanation)
    yield _whole(explanation)
    yield _pop(explanation)
    yield _break_even(explanation)
    yield _traffic(explanation)
    yield _memory(explanation)


def _table(section: Section) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, title in enumerate(section.columns):
        table.add_column(title, justify="right" if place else "left", overflow="fold", vertical="bottom")
    for row in section.rows:
        table.add_row(*(printable(cell) for cell in row))
    return table


_INSIDE = {
    "useful": "useful\nwork",
    "inflation": "extra\nCPU time",
    "waiting": "waiting\nin tasks",
    "tasks": "inside\ntasks",
}
_OUTSIDE = {"transfer": "dispatch,\ntransfer", "tail": "idle\ntail"}


def _work(explanation: "Explanation") -> Section:
    areas = {(row.backend, row.workers): row.map for row in explanation.areas}
    columns = {**_inside_columns(list(areas.values())), **_OUTSIDE, "residual": "residual"}
    rows = []
    for (backend, workers), area in areas.items():
        # A row shows the three parts inside tasks or their sum, never both: what stands in it adds up to 100.
        shown = [_percent(area.shares.get(name)) for name in columns]
        rows.append([backend, str(workers), *shown])
    notes = [
        *_sentences(areas),
        "These are of one trial for each row, the one with the median speedup.",
        *(f"{WORDS[name]}: {MEANINGS[name]}." for name in columns),
    ]
    if any(waits_for_gil(*key, explanation.gil) for key in areas):
        notes.append("Nothing is sent to threads: between two tasks they wait for the parent and for the GIL.")
    if explanation.weak:
        notes.append("Weak scaling: useful work is the plain loop's mean CPU time a task, for each task.")
    return Section("The work itself, in % of workers x time", ("backend", "n", *columns.values()), rows, notes)


def _whole(explanation: "Explanation") -> Section:
    areas = {(row.backend, row.workers): row.whole for row in explanation.areas if row.whole is not None}
    columns = {"startup": "start-up\nand close", "tasks": "inside\ntasks", **_OUTSIDE, "residual": "residual"}
    rows = [
        [backend, str(workers), seconds(area.elapsed_s), *(_percent(area.share(name)) for name in columns)]
        for (backend, workers), area in areas.items()
    ]
    notes = [f"{WORDS['startup']}: {MEANINGS['startup']}. Warm-up is in none of these figures."]
    title = "With start-up, in % of workers x time until all is closed"
    return Section(title, ("backend", "n", "time", *columns.values()), rows, notes)


def _inside_columns(areas: list[Area]) -> dict[str, str]:
    """Show the three parts inside tasks where any trial tells them apart, and their sum where one does not."""
    split = any(area.useful_s is not None for area in areas)
    whole = any(area.useful_s is None for area in areas)
    return {name: title for name, title in _INSIDE.items() if (whole if name == "tasks" else split)}


def _sentences(areas: dict[tuple[str, int], Area]) -> Iterator[str]:
    """Say for the widest of each backend what took most beside useful work, and where the parts cannot be trusted."""
    widest = {backend: (workers, area) for (backend, workers), area in areas.items()}
    for backend, (workers, area) in widest.items():
        name = area.largest_loss(_WORTH_A_WORD)
        count = units.count(workers, "worker")
        if name is not None:
            yield f"{backend}, {count}: the largest loss is {WORDS[name]}, {area.losses[name]:.0%} of the time."
        elif area.useful_s is not None:
            yield f"{backend}, {count}: no loss takes more than {_WORTH_A_WORD:.0%} of the time."
    for (backend, workers), area in areas.items():
        if not area.adds_up:
            yield f"{backend}, n = {workers}: the residual is large, so do not build on this row."


def _pop(explanation: "Explanation") -> Section:
    columns = (
        "backend",
        "n",
        "load\nbalance",
        "x communi-\ncation",
        "= parallel",
        "x computation\nscaling",
        "= global",
    )
    rows = []
    for row in explanation.pop:
        one = row.metrics
        shares = (one.load_balance, one.communication_efficiency, one.parallel_efficiency)
        more = (one.computation_scaling, one.global_efficiency)
        rows.append([row.backend, str(row.workers), *(_percent(share) for share in (*shares, *more))])
    notes = [
        "In %: the metrics of the POP Centre of Excellence; from 80 on they are taken as good.",
        "Useful time is the wall time of a worker's tasks, waiting included.",
        "load balance: mean useful time of the workers over the largest.",
        "communication: the largest useful time over the time of the work.",
        "computation scaling: useful time of the plain loop over that of all workers.",
        "Below 100 the same tasks take longer side by side.",
    ]
    return Section("Efficiencies", columns, rows, notes)


def _break_even(explanation: "Explanation") -> Section:
    columns = ("backend", "n", "cost of a\nmessage", "cost of\na task", "half\nefficient", "your\ntask", "chunk\nsize")
    rows, reasons, found = [], [], explanation.break_even
    for one in found:
        chunk = NOT_KNOWN if one.chunksize is None else str(one.chunksize)
        times = (one.cost.message_cost_s, one.cost.task_cost_s, one.duration_s, one.task_s)
        rows.append([one.backend, str(one.workers), *map(seconds, times), chunk])
        if one.reason is not None:
            reasons.append(f"{one.backend}, n = {one.workers}: no chunk size is given: {one.reason}.")
    notes = [
        "cost of a message: how long a worker is idle for each one, waiting for the parent too.",
        "cost of a task: what each task in it adds.",
        "half efficient: a task of that duration, sent alone, takes as long as it costs to send.",
        "chunk size: the smallest that brings your tasks to 90 % and leaves each worker 4 chunks.",
        "Dispatch and transfer are the only loss that this counts.",
        *([_THREADS_WAIT] if any(waits_for_gil(one.backend, one.workers, explanation.gil) for one in found) else []),
        *reasons,
    ]
    return Section("How short a task may be", columns, rows, notes)


def _traffic(explanation: "Explanation") -> Section:
    columns = ("backend", "n", "sent", "received", "packing", "unpacking")
    rows = [
        [one.backend, str(one.workers), size(one.sent_bytes), size(one.received_bytes), *map(seconds, times)]
        for one in explanation.traffic
        if one.known and (times := (one.pickle_s, one.unpickle_s))
    ]
    if not rows:
        return Section("What travels with a task", columns, [], ["Bytes and packing times are not known here."])
    notes = ["For each task, item and result, both sides together. Where workers share memory nothing is packed."]
    return Section("What travels with a task", columns, rows, notes)


def _memory(explanation: "Explanation") -> Section:
    columns = ("backend", "n", "parent", "all\nworkers", "largest\nworker", "together,\nwith shared", "looks")
    title = "Memory at its peak"
    if not explanation.memory:
        return Section(title, columns, [], ["It was not looked at here."])
    rows = [
        [
            one.backend,
            str(one.workers),
            *map(size, (one.parent_uss_bytes, one.workers_uss_bytes, one.largest_worker_uss_bytes, one.together_bytes)),
            str(one.samples),
        ]
        for one in explanation.memory
    ]
    notes = [
        "What each has for itself (USS), in a run that was not timed; threads hold theirs in the parent.",
        "with shared: their share of what they hold together as well (PSS).",
        "looks: how often, every 10 ms at most. A shorter peak is not seen.",
        "Other worker counts: measure with --memory.",
    ]
    return Section(title, columns, rows, notes)


def _percent(share: float | None) -> str:
    return NOT_KNOWN if share is None else f"{share * 100:.1f}".replace("-0.0", "0.0")
