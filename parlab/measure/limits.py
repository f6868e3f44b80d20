"""Says when a sweep ends: after how many rounds, after what time, at what precision. Numbers only; it runs nothing."""

from dataclasses import dataclass
from numbers import Integral, Real

from parlab.errors import InputError
from parlab.records import Sweep

DEFAULT_ROUNDS = 7  # from 6 rounds on the median has a 95 % interval
DEFAULT_PRECISION = 0.05  # measurement.md, rule 3; about 25 rounds at 6 % noise
DEFAULT_BUDGET_S = 300.0  # about 30 rounds of a small workload with seven trials; nobody waits for hours by surprise
LEAST_PRECISION, LARGEST_PRECISION = 1e-4, 0.5  # below, no clock of a shared machine tells; above, nothing is said


@dataclass(frozen=True, slots=True)
class Limits:
    """The first of the three that is reached ends a sweep; None is no limit."""

    rounds: int | None
    budget_s: float | None
    precision: float | None


def limits(rounds: float | None, budget_s: float | None, precision: float | None) -> Limits:
    """Complete what was said with what was not.

    Rounds alone are measured exactly. A budget alone is spent, or ends early at the usual precision. A precision alone
    has the usual budget. Nothing at all gives the usual number of rounds.

    Parameters
    ----------
    rounds
        How many at most.
    budget_s
        Seconds.
    precision
        How far an interval's ends may lie from the median, as a share: 0.05 for 5 %.

    Raises
    ------
    InputError
        One of them is out of its range.
    """
    _check(rounds, budget_s, precision)
    if rounds is None and budget_s is None:
        if precision is None:
            return Limits(DEFAULT_ROUNDS, None, None)
        return Limits(None, DEFAULT_BUDGET_S, precision)
    if rounds is None and precision is None:
        precision = DEFAULT_PRECISION
    return Limits(None if rounds is None else int(rounds), budget_s, precision)


def continued(plan: Sweep, rounds: int | None, budget_s: float | None, precision: float | None) -> Limits:
    """Say when a resumed sweep ends: what is said now goes before what its file says.

    A precision makes the file's number of rounds void, which was most likely reached; rounds make its precision void.
    """
    _check(plan.rounds, plan.budget_s, plan.precision)  # a file may come from anybody
    said = limits(rounds, budget_s, precision)
    if rounds is None and budget_s is None and precision is None:
        return Limits(plan.rounds, plan.budget_s, plan.precision)
    if precision is not None:
        usual_s = said.budget_s if plan.budget_s is None or budget_s is not None else plan.budget_s
        return Limits(said.rounds, usual_s, precision)
    if rounds is not None:
        return Limits(said.rounds, plan.budget_s if budget_s is None else budget_s, None)
    return Limits(plan.rounds, budget_s, plan.precision)


def _check(rounds: float | None, budget_s: float | None, precision: float | None) -> None:
    whole("rounds", rounds)
    positive("budget_s", budget_s)
    if precision is not None and not (_is_number(precision) and LEAST_PRECISION <= precision <= LARGEST_PRECISION):
        allowed = f"give a share from {LEAST_PRECISION} to {LARGEST_PRECISION}, such as 0.05 for 5 %."
        raise InputError(f"precision cannot be {precision!r}: {allowed}")


def positive(what: str, number: float | None) -> float | None:
    """Return a number above 0, or None.

    Raises
    ------
    InputError
        It is anything else.
    """
    if number is not None and not (_is_number(number) and 0 < number < float("inf")):
        raise InputError(f"{what} cannot be {number!r:.80}: give a number above 0.")
    return number


def whole(what: str, number: float | None) -> int | None:
    """Return a whole number from 1 up, or None.

    Raises
    ------
    InputError
        It is anything else.
    """
    if number is not None and not (is_whole(number) and number >= 1):
        raise InputError(f"{what} cannot be {number!r:.80}: give a whole number from 1 up.")
    return None if number is None else int(number)


def is_whole(number: object) -> bool:
    """Tell whether this counts something: a whole number, also numpy's, but neither a text nor True."""
    return isinstance(number, Integral) and not isinstance(number, bool)


def _is_number(number: object) -> bool:
    return isinstance(number, Real) and not isinstance(number, bool)
