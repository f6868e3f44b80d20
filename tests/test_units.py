"""Numbers with their units, as people read them."""

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


def test_counts() -> None:
    """One of something, and several."""
    assert ["1 worker", "2 workers", "0 workers"] == [units.count(number, "worker") for number in (1, 2, 0)]
