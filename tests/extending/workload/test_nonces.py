"""Searching digests, against a search that reads them as hexadecimal text."""

from hashlib import blake2b

import pytest

from parlab.workloads.nonces import NUMBERS_PER_TASK, combine, find_nonce, items


def found_by_text(seed: int, start: int, stop: int) -> list[int]:
    """Search in another way: all digests as text, and those whose text begins with four noughts."""
    texts = {nonce: blake2b(f"{seed}:{nonce}".encode(), digest_size=8).hexdigest() for nonce in range(start, stop)}
    return [nonce for nonce, text in texts.items() if text[:4] == "0000"]


@pytest.mark.parametrize("seed", [0, 7])
def test_the_smallest_of_each_range_is_found(seed: int) -> None:
    """Of a range with some, the first; of one without, nothing."""
    found = [found_by_text(*item) for item in items(20, seed)]
    assert any(found)
    assert [min(one, default=None) for one in found] == [find_nonce(item) for item in items(20, seed)]


def test_the_end_does_not_belong_to_the_range() -> None:
    """A number is found where the range begins with it, and not where the range ends with it."""
    nonce = next(number for number in map(find_nonce, items(40)) if number is not None)
    assert nonce == find_nonce((0, nonce, nonce + 1))
    assert find_nonce((0, nonce - 1, nonce)) is None


def test_the_ranges_touch() -> None:
    """They follow one another without gap or overlap, and fewer of them are the first ones."""
    ranges = items(10, seed=3)
    assert [0, *(stop for _, _, stop in ranges)] == [*(start for _, start, _ in ranges), 10 * NUMBERS_PER_TASK]
    assert ranges[:4] == items(4, seed=3)


def test_the_answer_is_what_was_found() -> None:
    """Ranges without a result leave no gap."""
    assert [5, 9] == combine([None, 5, None, 9])
