"""The model of one line and several machines: its limits, and what it refuses."""

import pytest

from parlab.analysis.sending import speedup_of_sending
from parlab.errors import InputError


def test_nothing_to_send_gives_all_machines() -> None:
    """Then the machines alone count."""
    assert 4 == speedup_of_sending(10, 0, rate_bytes_per_s=1e6, machines=4)


def test_the_line_comes_on_top() -> None:
    """10 s by 4 machines are 2.5 s, and 5 MB at 1 MB/s are 5 s: 10 / 7.5."""
    assert speedup_of_sending(10, 5e6, rate_bytes_per_s=1e6, machines=4) == pytest.approx(10 / 7.5)


def test_it_can_be_slower_than_at_home() -> None:
    """However many machines: the line alone takes longer."""
    assert speedup_of_sending(1, 2e6, rate_bytes_per_s=1e6, machines=1000) < 1


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"compute_s": 0}, "compute_s"),
        ({"compute_s": float("nan")}, "compute_s"),
        ({"sent_bytes": -1}, "sent_bytes"),
        ({"rate_bytes_per_s": 0}, "rate_bytes_per_s"),
        ({"machines": 0}, "machines"),
    ],
)
def test_what_is_no_amount_is_refused(given: dict, word: str) -> None:
    """With its name."""
    usual = {"compute_s": 1, "sent_bytes": 1, "rate_bytes_per_s": 1, "machines": 2}
    with pytest.raises(InputError, match=word):
        speedup_of_sending(**{**usual, **given})
