"""Carries out ``parlab fit``: reads points or a result file, fits the laws, prints tables a learner can read."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.laws import Fit, Fits, fit_all, points_of, read_points
from parlab.analysis.points import engines
from parlab.analysis.scaling import LAWS
from parlab.cli.output import print_json
from parlab.errors import InputError, unknown_choice
from parlab.fitted import METHODS, PARAMETER_COLUMNS, TRENDS, digits, outlook, parameter_cells
from parlab.results import Results, read
from parlab.results.recorded import PREFIX
from parlab.tables import NOT_KNOWN, console, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def fit(file: str, *, law: str, weak: bool | None, as_json: bool) -> None:
    """Fit laws to a table of points, or to each backend of a result file, and print what came of it.

    Parameters
    ----------
    file
        A CSV file, a parlab result file (its name ends in .jsonl), or ``recorded:NAME``.
    law
        One law, or ``all``.
    weak
        Whether the work of a table grew with the workers; None when nobody said. Result files say so themselves.
    as_json
        Print one JSON object and nothing else.

    Raises
    ------
    InputError
        The file cannot be used, or there is no such law.
    """
    if law != "all" and law not in LAWS:
        raise unknown_choice("law", law, (*LAWS, "all"))
    wanted = None if law == "all" else [law]
    if file.startswith(PREFIX) or Path(file).suffix.lower() == ".jsonl":
        _fit_results(read(file), wanted, weak=weak, as_json=as_json)
        return
    found = fit_all(read_points(file, weak=weak), wanted)
    if as_json:
        print_json(found.as_json())
    else:
        _print_fits(console(), Path(file).name, found)


def _fit_results(results: Results, laws: Sequence[str] | None, *, weak: bool | None, as_json: bool) -> None:
    sweep = results.header.sweep
    if weak is not None and weak != sweep.weak:
        kind = "weak" if sweep.weak else "strong"
        raise InputError(f"The sweep was measured as {kind} scaling; leave --weak and --strong to tables of points.")
    if not engines(results):
        raise InputError("There is nothing to fit: the plain loop alone was measured. Measure with --workers 1,2,4.")
    if not results.complete_rounds:
        raise InputError("There is nothing to fit: no round is complete in this file. Go on with --resume.")
    found = {backend: fit_all(points_of(results, backend), laws) for backend in engines(results)}
    if as_json:
        print_json({"backends": {backend: fits.as_json() for backend, fits in found.items()}})
        return
    out = console()
    for backend, fits in found.items():
        _print_fits(out, f"{sweep.workload}, {backend}", fits)


def _print_fits(out: "Console", title: str, fits: Fits) -> None:
    points = fits.points
    what = "speedup" if points.is_speedup else "throughput"
    kind = {None: "", True: " · weak scaling", False: " · strong scaling"}[points.weak]
    out.print(f"[bold]{printable(title)}[/bold]  {len(points.workers)} worker counts · {what}{kind}")
    out.print(_point_table(fits))
    for one in fits.fits.values():
        _print_fit(out, one)
    for refusal in fits.refusals.values():
        out.print(f"\n[bold]{refusal.law}[/bold] is not fitted. {printable(refusal.reason)}")
    if fits.fractions:
        name = "Gustafson's serial fraction" if points.weak else "Karp-Flatt's serial fraction"
        out.print(f"\n{name}, count by count. {TRENDS[fits.trend]}")
    for note in fits.notes:
        out.print(printable(note), style="dim")
    if points.weak is None and {"amdahl", "gustafson"} <= fits.fits.keys():
        out.print(
            "Amdahl's law is about work that stays the same, Gustafson's about work that grows with the workers. Say "
            "which it was with --strong or --weak.",
            style="dim",
        )
    out.print()


def _point_table(fits: Fits) -> "Table":
    table = _table()
    points = fits.points
    laws = list(fits.fits.values())
    for heading in ("workers", "measured", *(one.law for one in laws)):
        table.add_column(heading, justify="right", no_wrap=True)
    if fits.fractions:
        table.add_column("serial fraction", justify="right", no_wrap=True)
    shares = {one.workers: f"{one.value:.4f}" for one in fits.fractions}
    bands = [one.band([float(workers) for workers in points.workers]) for one in laws]
    for place, (workers, value) in enumerate(zip(points.workers, points.values, strict=True)):
        cells = [str(workers), digits(value), *(digits(band[place].value) for band in bands)]
        table.add_row(*cells, *([shares.get(workers, NOT_KNOWN)] if fits.fractions else []))
    return table


def _print_fit(out: "Console", one: Fit) -> None:
    out.print(f"\n[bold]{LAWS[one.law].title}[/bold]")
    table = _table()
    for heading in PARAMETER_COLUMNS:
        table.add_column(heading, justify="left" if heading in ("", "what it is") else "right")
    for cells in parameter_cells(one):
        table.add_row(*cells)
    out.print(table)
    out.print(f"residual {one.residual:.2g} in speedup · intervals: {METHODS[one.method]}", style="dim")
    if sentence := outlook(one):
        out.print(sentence)
    for note in one.notes:
        out.print(note)


def _table() -> "Table":
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
