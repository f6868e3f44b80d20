"""Numbers with their units, as people read them."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from parlab import units


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0.0, "0"),
        (2.0, "2 s"),
        (3_600.0, "3600 s"),
        (0.9994, "999 ms"),
        (0.9999, "1000 ms"),
        (1.5e-3, "1.5 ms"),
        (12.34e-6, "12.3 us"),
        (-0.25, "-250 ms"),
    ],
)
def test_durations(value_s: float, text: str) -> None:
    """Three digits in the largest unit that leaves one before the point; what is negative stays so."""
    assert text == units.duration(value_s)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1.5 * (1 << 20), "1.5 MiB"),
        (1012 << 20, "1012 MiB"),
        (5 << 30, "5 GiB"),
        (7 << 40, "7 TiB"),
    ],
)
def test_sizes(amount: float, text: str) -> None:
    """Powers of 1024, and bytes below one of them."""
    assert text == units.size(amount)


_SEVERAL = {  # modules that say a number of cores which cannot be 1, or is no whole one
    "causes.py", "classroom.py", "doctor.py", "hardware.py", "notebook_00.py", "standing_out.py",
}  # fmt: skip


def test_no_text_says_one_cores() -> None:
    """Machines with one core are common, in containers most of all: ``units.count`` writes how many there are."""
    plural = re.compile(r" ((usable|logical|physical) )?cores\b")
    found = set()
    for path in Path(units.__file__).parent.rglob("*.py"):
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value, behind in pairwise(text.values if isinstance(text, ast.JoinedStr) else []):
                is_said = isinstance(behind, ast.Constant) and plural.match(behind.value)
                if isinstance(value, ast.FormattedValue) and is_said:
                    found.add(path.name)
    assert _SEVERAL == found


def test_counts() -> None:
    """One of something, and several."""
    assert ["1 worker", "2 workers", "0 workers"] == [units.count(number, "worker") for number in (1, 2, 0)]
