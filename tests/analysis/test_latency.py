"""Two numbers from points: latency and bandwidth."""

import pytest

from parlab.analysis.latency import Cost, cost, message_s, typical_s
from parlab.errors import InputError

SIZES = (100, 10_000, 1_000_000)


def test_the_two_numbers_are_found_again() -> None:
    """Points made from a latency and a bandwidth give them back, whatever slow ones there are."""
    made = Cost(50e-6, 2e9)
    times = {size: [1.0, message_s(made, size), 2.0, message_s(made, size)] for size in SIZES}
    found = cost(times)
    assert (found.latency_s, found.bytes_a_second) == (pytest.approx(50e-6), pytest.approx(2e9))


def test_a_quarter_is_faster_than_what_is_typical() -> None:
    """Neither a lucky time nor the slow half decides; a single one stands for itself."""
    assert 2.0 == typical_s([90.0, 1.0, 2.0, 3.0, 80.0])
    assert 7.0 == typical_s([7.0])


def test_small_messages_count_as_much_as_large_ones() -> None:
    """The large message is 20 % off the law: the latency stays within 20 % too, though its share of it is tiny."""
    made = Cost(50e-6, 1e9)
    times = {size: [message_s(made, size)] for size in SIZES}
    times[1_000_000] = [1.2 * times[1_000_000][0]]
    assert cost(times).latency_s == pytest.approx(50e-6, rel=0.2)


def test_neither_number_is_below_zero() -> None:
    """Times that fall with the size, as noise can make them, show no bandwidth; those that begin at 0 no latency."""
    falling = cost({100: [2e-4], 1_000_000: [1e-4]})
    assert float("inf") == falling.bytes_a_second
    assert 0 < falling.latency_s
    assert message_s(falling, 1_000_000) == falling.latency_s
    assert 0 == cost({1000: [1e-6], 1_000_000: [5e-3]}).latency_s


def test_two_numbers_need_two_sizes() -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match="two sizes"):
        cost({100: [1e-4]})
