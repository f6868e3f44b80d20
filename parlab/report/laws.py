"""Shows what the scaling laws make of each backend, in the words of ``parlab fit``. Fits nothing itself."""

from collections import defaultdict
from collections.abc import Mapping

from parlab.analysis.laws import Fits
from parlab.analysis.scaling import LAWS
from parlab.explained import Section
from parlab.fitted import METHODS, PARAMETER_COLUMNS, TRENDS, outlook, parameter_cells
from parlab.report.words import counted


def law_sections(found: Mapping[str, Fits | str]) -> list[Section]:
    """Return a table for each law that fits a backend, and one without rows for all that the points cannot tell.

    Parameters
    ----------
    found
        By backend, what was fitted, or why nothing was.
    """
    tables, remarks = [], defaultdict(list)
    for backend, fits in found.items():
        if isinstance(fits, str):
            remarks[fits].append(backend)
            continue
        tables += _tables(backend, fits)
        for remark in (*_fractions(fits), *(one.reason for one in fits.refusals.values()), *fits.notes):
            remarks[remark].append(backend)
    notes = [f"{', '.join(backends)}: {remark}" for remark, backends in remarks.items()]  # each reason is said once
    return [*tables, Section("About these points", (), [], notes)] if notes else tables


def _tables(backend: str, fits: Fits) -> list[Section]:
    tables = []
    for one in fits.fits.values():
        promise = outlook(one)
        notes = [promise] if promise else []
        notes += [f"Intervals: {METHODS[one.method]}. Residual: {one.residual:.2g} in speedup.", *one.notes]
        tables.append(Section(f"{backend}: {LAWS[one.law].title}", PARAMETER_COLUMNS, parameter_cells(one), notes))
    return tables


def _fractions(fits: Fits) -> list[str]:
    if not fits.fractions:
        return []
    name = "Gustafson's serial fraction" if fits.points.weak else "Karp-Flatt's serial fraction"
    values = ", ".join(f"{one.value:.4f} with {counted(one.workers, 'worker')}" for one in fits.fractions)
    return [f"{name} is {values}. {TRENDS[fits.trend]}"]
