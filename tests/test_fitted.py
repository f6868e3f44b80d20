"""A fitted law is said in words that a learner can use: what each number is, and what more workers would bring."""

from dataclasses import replace
from typing import get_args

import pytest

from parlab.analysis.fractions import Trend
from parlab.analysis.laws import Parameter, Points, fit_all
from parlab.fitted import PARAMETER_COLUMNS, TRENDS, outlook, parameter_cells

COUNTS = (1, 2, 4, 6, 8, 10)
FITS = fit_all(Points(COUNTS, (1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557), "throughput", weak=False)).fits


def test_each_number_has_its_meaning() -> None:
    """A row for each parameter, with an interval and a sentence."""
    rows = parameter_cells(FITS["usl"])
    assert ["contention", "coherency", "throughput of one"] == [row[0] for row in rows]
    assert {len(PARAMETER_COLUMNS)} == {len(row) for row in rows}
    assert ["0.0200", "0.0200 to 0.0200", "share of the work that waits in line for something shared"] == rows[0][1:]


def test_a_peak_within_beyond_and_too_far() -> None:
    """Beyond what was measured is said, and a peak that is too far away has no number."""
    usl = FITS["usl"]
    assert "Throughput is highest at about 7 workers (7 to 7)." == outlook(usl)
    assert (outlook(replace(usl, largest_workers=4)) or "").endswith("(7 to 7), beyond what was measured.")
    assert "too far to tell" in (outlook(replace(usl, largest_workers=1)) or "")
    assert "7 or nowhere" in (outlook(replace(usl, peak_high=None)) or "")
    assert outlook(replace(usl, peak_workers=None)) is None


@pytest.mark.parametrize(
    ("serial", "told"),
    [
        (Parameter(0.1, 0.05, 0.2), "However many workers there are: at most 10 times as fast as one (5 to 20)."),
        (Parameter(0.1, 0.0, 0.2), "However many workers there are: at most 10 times as fast as one (5 to far more)."),
        (Parameter(0.0005, 0.0, 0.2), None),
    ],
)
def test_a_limit(serial: Parameter, told: str | None) -> None:
    """Amdahl's law names the most that is to be had; a limit of thousands is no news."""
    assert told == outlook(replace(FITS["amdahl"], parameters={"serial_fraction": serial}))


def test_every_trend_has_words() -> None:
    """Whatever trend a serial fraction has, there is a sentence for it."""
    assert set(get_args(Trend)) == set(TRENDS)
