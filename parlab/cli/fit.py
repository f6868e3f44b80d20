"""Carries out ``parlab fit``: reads points or a result file, fits the laws, prints tables a learner can read."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.laws import FARTHEST, Fit, Fits, fit_all, points_of, read_points
from parlab.analysis.points import engines
from parlab.analysis.scaling import LAWS, THROUGHPUT_OF_ONE
from parlab.cli.output import print_json
from parlab.errors import InputError, unknown_choice
from parlab.results import Results, read
from parlab.results.recorded import PREFIX
from parlab.tables import NOT_KNOWN, console, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_MEANINGS = {
    "contention": "share of the work that waits in line for something shared",
    "coherency": "share that each pair of workers spends agreeing with each other",
    "serial_fraction": "share of the work that one worker does alone while the others wait",
    THROUGHPUT_OF_ONE: "what one worker gets done, in the unit of the points",
}
_HARDLY_SERIAL = 0.001  # a limit of a thousand times and more is no news
_METHODS = {
    "t-interval": "from the scatter of the points about the law (t)",
    "bootstrap of rounds": "from drawing the rounds again (bootstrap)",
}
_TRENDS = {
    "rising": "It rises: not a fixed serial part holds the workers back, but overhead that grows with their number.",
    "flat": "It stays the same: a serial part of the work explains these points.",
    "falling": "It falls: more workers do relatively better. Caches can do that, or a slow first point.",
    "unclear": "These points cannot tell whether it rises or stays the same.",
}


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
        out.print(f"\n{name}, count by count. {_TRENDS[fits.trend]}")
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
        cells = [str(workers), _digits(value), *(_digits(band[place].value) for band in bands)]
        table.add_row(*cells, *([shares.get(workers, NOT_KNOWN)] if fits.fractions else []))
    return table


def _print_fit(out: "Console", one: Fit) -> None:
    out.print(f"\n[bold]{LAWS[one.law].title}[/bold]")
    table = _table()
    for heading in ("", "value", "95 % interval", "what it is"):
        table.add_column(heading, justify="left" if heading in ("", "what it is") else "right")
    for name, parameter in one.parameters.items():
        form = _digits if name == THROUGHPUT_OF_ONE else _share
        interval = f"{form(parameter.low)} to {form(parameter.high)}"
        table.add_row(name.replace("_", " "), form(parameter.value), interval, _MEANINGS[name])
    out.print(table)
    out.print(f"residual {one.residual:.2g} in speedup · intervals: {_METHODS[one.method]}", style="dim")
    if sentence := _outlook(one):
        out.print(sentence)
    for note in one.notes:
        out.print(note)


def _outlook(one: Fit) -> str | None:
    if one.law == "amdahl" and (serial := one.parameters["serial_fraction"]).value > _HARDLY_SERIAL:
        most = f"{1 / serial.low:.3g}" if serial.low > _HARDLY_SERIAL else "far more"
        return (
            f"However many workers there are: at most {1 / serial.value:.3g} times as fast as one "
            f"({1 / serial.high:.3g} to {most})."
        )
    if one.peak_workers is None:
        return None
    if one.peak_workers > FARTHEST * one.largest_workers:
        return f"If throughput has a peak, then beyond {FARTHEST:g} times the workers measured: too far to tell."
    beyond = "" if one.peak_workers <= one.largest_workers else ", beyond what was measured"
    end = "or nowhere" if one.peak_high is None else f"to {one.peak_high:.3g}"
    return f"Throughput is highest at about {one.peak_workers:.3g} workers ({one.peak_low:.3g} {end}){beyond}."


def _table() -> "Table":
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _share(value: float) -> str:
    return f"{value:.4f}" if value >= 0.001 or value == 0 else f"{value:.1e}"
