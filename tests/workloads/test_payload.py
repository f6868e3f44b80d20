"""Big arguments for tiny work."""

import pickle

import numpy as np
import pytest

from parlab.workloads.payload import BYTES_PER_ITEM, add_up, combine, items


@pytest.mark.parametrize("values", [b"", b"\0", b"\1\2\3", b"\xff" * 1_000])
def test_all_bytes_are_added_up(values: bytes) -> None:
    """The sum is that of plain Python, and does not overflow a byte."""
    assert sum(values) == add_up(np.frombuffer(values, dtype=np.uint8))


def test_a_block_is_added_up() -> None:
    """The same for a real block, by counting how often each value stands in it."""
    (block,) = items(1, seed=4)
    counts = np.bincount(block, minlength=256)
    assert sum(value * int(count) for value, count in enumerate(counts)) == add_up(block)


def test_a_block_is_4_mib_and_travels_whole() -> None:
    """That many bytes are pickled for each task, and they are random: packing them would gain nothing."""
    (block,) = items(1)
    assert 4 * 1024**2 == BYTES_PER_ITEM == block.nbytes
    assert BYTES_PER_ITEM <= len(pickle.dumps(block)) < BYTES_PER_ITEM + 1_000
    assert 256 == len(np.unique(block))


def test_the_seed_decides() -> None:
    """The same seed gives the same blocks, a larger size begins with them; other seeds and blocks differ."""
    two, three, other = items(2, 5), items(3, 5), items(2, 6)
    assert all((one == same).all() for one, same in zip(two, three, strict=False))
    assert (two[0] != other[0]).any()
    assert (two[0] != two[1]).any()


def test_the_answer_is_the_sum() -> None:
    """Sums of blocks are added up, beyond 32 bits too."""
    assert 2**40 + 6 == combine([1, 2**40, 5])
