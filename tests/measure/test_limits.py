"""When a sweep ends: what was said, and what is usual where nothing was said."""

from dataclasses import replace

import pytest
from builders import SWEEP

from parlab.errors import InputError
from parlab.measure.limits import Limits, continued, limits

PLAN = replace(SWEEP, rounds=7, budget_s=None, precision=None)
TO_FIVE = replace(SWEEP, rounds=None, budget_s=60.0, precision=0.05)


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ((None, None, None), Limits(7, None, None)),
        ((9, None, None), Limits(9, None, None)),
        ((9, 60.0, None), Limits(9, 60.0, None)),
        ((None, 60.0, None), Limits(None, 60.0, 0.05)),
        ((None, None, 0.1), Limits(None, 300.0, 0.1)),
        ((None, 60.0, 0.1), Limits(None, 60.0, 0.1)),
        ((40, None, 0.1), Limits(40, None, 0.1)),
        ((40, 60.0, 0.1), Limits(40, 60.0, 0.1)),
    ],
)
def test_what_is_not_said_is_completed(said: tuple, ends: Limits) -> None:
    """Rounds alone are exact, a budget alone has the usual precision, a precision alone the usual budget."""
    assert ends == limits(*said)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ((0, None, None), "rounds cannot be 0"),
        ((None, float("inf"), None), "budget_s cannot be inf"),
        ((None, None, 0.0), "precision cannot be 0.0: give a share from 0.0001 to 0.5, such as 0.05"),
        ((None, None, -0.05), "precision cannot be -0.05"),
        ((None, None, 5), "precision cannot be 5"),
        ((None, None, float("nan")), "precision cannot be nan"),
    ],
)
def test_what_cannot_be_is_refused(said: tuple, text: str) -> None:
    """The message says what was given and what is allowed, in a new sweep and in a resumed one."""
    with pytest.raises(InputError, match=text):
        limits(*said)
    with pytest.raises(InputError, match=text):
        continued(PLAN, *said)


@pytest.mark.parametrize(
    ("plan", "said", "ends"),
    [
        (PLAN, (None, None, None), Limits(7, None, None)),
        (TO_FIVE, (None, None, None), Limits(None, 60.0, 0.05)),
        (PLAN, (20, None, None), Limits(20, None, None)),
        (TO_FIVE, (20, None, None), Limits(20, 60.0, None)),  # rounds are exact
        (PLAN, (None, 90.0, None), Limits(7, 90.0, None)),
        (TO_FIVE, (None, 90.0, None), Limits(None, 90.0, 0.05)),
        (PLAN, (None, None, 0.02), Limits(None, 300.0, 0.02)),  # its seven rounds are most likely there
        (TO_FIVE, (None, None, 0.02), Limits(None, 60.0, 0.02)),
        (TO_FIVE, (None, 90.0, 0.02), Limits(None, 90.0, 0.02)),
        (TO_FIVE, (30, None, 0.02), Limits(30, 60.0, 0.02)),
    ],
)
def test_a_resumed_sweep(plan, said: tuple, ends: Limits) -> None:
    """What is said now goes before what the file says."""
    assert ends == continued(plan, *said)


def test_a_file_with_a_precision_that_cannot_be() -> None:
    """Files may come from anybody."""
    with pytest.raises(InputError, match="precision cannot be 0.0"):
        continued(replace(PLAN, precision=0.0), None, None, None)
