"""What programs of their own say about the most memory that they have held."""

from pathlib import Path

import pytest

from parlab.errors import InputError, TrialError
from parlab.workloads import customers, purchase_memory, purchases
from parlab.workloads.purchase_memory import LIBRARIES, ON_TOP, WAYS


def test_one_partition_at_a_time_takes_less_than_all_at_once(tmp_path: Path) -> None:
    """Six partitions, about 650,000 purchases: pandas holds all of them, a worker one at a time."""
    purchases.make(tmp_path, 6, 0)
    held = purchase_memory.peaks(customers.items(6, place=str(tmp_path)))
    assert list(WAYS) == list(held)
    at_once, _, worker = (held[way] for way in WAYS)
    assert at_once[ON_TOP] > 1.2 * worker[ON_TOP] > 0
    assert all(one[LIBRARIES] > 20 for one in held.values())  # a Python without libraries has less


def test_a_peak_stays_when_the_memory_is_given_back() -> None:
    """64 MiB that were written and freed still count."""
    before = purchase_memory.peak_bytes()
    block = bytearray(b"\x01") * (64 << 20)
    del block
    assert purchase_memory.peak_bytes() >= before
    assert purchase_memory.peak_bytes() > 64 << 20


def test_what_cannot_be_summed_up_is_an_error(tmp_path: Path) -> None:
    """A program that fails says why; no partitions, or no workers, are refused before any starts."""
    for partitions, workers in (([], 2), (["a.parquet"], 0)):
        with pytest.raises(InputError, match="at least one partition and one worker"):
            purchase_memory.peaks(partitions, workers)
    with pytest.raises(TrialError, match=r"ended with exit code 1: .*missing\.parquet"):
        purchase_memory.peaks([str(tmp_path / "missing.parquet")])
