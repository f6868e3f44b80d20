"""The tasks and claims of the exercises about futures: who raises, who ends a worker, and who was innocent."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest

from parlab.learn import probes, probes_futures, registry
from parlab.learn.claims_futures import INNOCENT, WHOSE
from parlab.learn.probes_futures import BAD, square_or_end, square_or_raise
from parlab.learn.records import Run

END_S = 60.0
ITEMS = list(probes.ITEMS)


def test_one_item_raises() -> None:
    """The others are squared."""
    assert [item * item for item in ITEMS if item != BAD] == [square_or_raise(item) for item in ITEMS if item != BAD]
    with pytest.raises(ValueError, match=f"{BAD} is not welcome"):
        square_or_raise(BAD)


@pytest.mark.parametrize(("item", "code"), [(BAD, 1), (ITEMS[0], 0)])
def test_one_item_ends_its_worker(item: int, code: int) -> None:
    """And no other does."""
    child = multiprocessing.get_context("spawn").Process(target=square_or_end, args=(item,))
    child.start()
    child.join(END_S)
    assert code == child.exitcode


def test_it_does_not_end_the_learners_own_process() -> None:
    """A loop and a thread get an error instead, with the reason."""
    with pytest.raises(RuntimeError, match="leave it to a worker"):
        square_or_end(BAD)
    with ThreadPoolExecutor(1) as threads, pytest.raises(RuntimeError, match="leave it to a worker"):
        threads.submit(square_or_end, BAD).result(END_S)


def test_two_are_at_work_before_the_bad_one() -> None:
    """Its place in the items leaves two to meet before, and some to be lost behind it."""
    assert 2 <= ITEMS.index(BAD) < len(ITEMS) - 2
    assert probes_futures.BAD != probes.LAST


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({str(item): item * item for item in ITEMS}, None),
        (dict(zip(map(str, ITEMS), [item * item for item in ITEMS[::-1]], strict=True)), "mixed"),
        ({str(item): item for item in ITEMS}, "wrong"),
        ({}, "wrong"),
        ([item * item for item in ITEMS], "wrong"),
    ],
)
def test_whose_result(answer, fault: str | None) -> None:
    """Right values beside wrong items are told from wrong values, and from what is no dict."""
    found = registry.find("05-whose-result")
    assert fault == WHOSE.find(found, Run("spawn", "returned", answers=[answer], kinds=("dict",)))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ([49, 9, "lost", 1, 64, 4], None),
        ([49, 9, "lost", "lost", "lost", 4], "innocent"),
        (["lost"] * 6, "innocent"),
        ([49, 9, 1, 64, 4], "wrong"),
        ([49, 9, 81, 1, 64, 4], "wrong"),
        (None, "open"),
    ],
)
def test_who_is_innocent(answer, fault: str | None) -> None:
    """More than one that is lost is told from any other wrong answer."""
    found = registry.find("05-innocent")
    kind = "list" if answer else "NoneType"
    assert fault == INNOCENT.find(found, Run("spawn", "returned", answers=[answer], kinds=(kind,)))
