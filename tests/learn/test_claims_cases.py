"""What the claims of two cases, photographs and a simulation, say of an answer: from what was seen, without a run."""

import pytest

from parlab.learn import checking, registry
from parlab.learn.claims_images import WENT_ON
from parlab.learn.claims_streams import IN_ORDER, IN_PAIRS
from parlab.learn.records import Run

STOP, SEEDS, MISSING = map(registry.find, ("14-stop-in-order", "14-same-numbers", "12-only-missing"))
RIGHT = [[1, 49], [6, 208]]  # of the squares of 7, 3, 9, 1, 8, 2: the first that is at least 9, and all


def raised(error: str, cause: str = "") -> Run:
    return Run("spawn", "raised", error=error, cause=cause)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ([1, 49], None),
        ([6, 208], "all"),
        ([0, 0], "too far"),
        ([2, 58], "too far"),
        ([1, 9], "arrival"),
        ([2, 90], "arrival"),
        ([3, 14], "sorted"),
        ([0, 49], "wrong"),
        ([1, 50], "wrong"),
        ([10**9, 49], "wrong"),
        ([-1, 9], "wrong"),
        (49, "wrong"),
    ],
)
def test_a_sum_tells_which_results_are_in_it(answer, fault) -> None:
    """Only a sum that results can have when they are added as they come is said to be one."""
    assert fault == IN_ORDER.find(STOP, Run("spawn", "returned", answers=[answer, RIGHT[1]], kinds=("list", "list")))


@pytest.mark.parametrize(
    ("claim", "check", "run", "fault"),
    [
        (WENT_ON, MISSING, raised("OSError: image 9 is broken"), "broken"),
        (WENT_ON, MISSING, raised("StopIteration"), "used up"),
        (WENT_ON, MISSING, raised("NameError: name 'image' is not defined", "name"), "name"),
        (IN_PAIRS, SEEDS, raised("TypeError: drawn() missing 1 required positional argument: 'seed'"), "unpaired"),
        (IN_PAIRS, SEEDS, raised("TypeError: '<=' not supported between instances of 'list' and 'int'"), "unpaired"),
        (IN_PAIRS, SEEDS, raised("ValueError: no seed"), "raised"),
    ],
)
def test_errors_that_many_meet_are_known(claim, check, run, fault) -> None:
    """They have an advice of their own; what is known about any error stays."""
    assert fault == claim.find(check, run)
    assert claim.advice[fault].format(error=run.error)


@pytest.mark.parametrize("check", [MISSING, SEEDS, registry.find("12-wrong-names")], ids=lambda check: check.name)
def test_each_known_mistake_is_one_of_its_own(check) -> None:
    """No two are the same value, and none is right."""
    said = [checking._known(check, checking.plain(one.value)) for one in check.mistakes]
    assert [one.advice for one in check.mistakes] == said
    assert checking._known(check, checking.plain(check.expected)) == ""


@pytest.mark.parametrize("name", ["12-wrong-names", "14-stop-in-order"])
def test_who_waits_for_imap_reads_where_to_look(name: str) -> None:
    """Results that are fetched after the pool's end never come, and the advice about the deadline says so."""
    claim = next(one for one in registry.find(name).claims if one.find(STOP, Run("spawn", "late")) == "late")
    assert "after 20 seconds" in claim.advice["late"].format(deadline_s=20.0)
    assert "inside of it" in claim.advice["late"]


def test_a_function_is_named_and_has_no_address() -> None:
    """The call that went wrong is shown as one writes it."""
    facts = checking._facts(STOP, Run("spawn", "returned", answers=[49, RIGHT[1]]))
    assert "add_until(square, [7, 3, 9, 1, 8, 2], 9) returned" == facts["asked"]
