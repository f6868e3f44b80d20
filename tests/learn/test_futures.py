"""The tasks and claims of the exercises about futures: who raises, who ends a worker, and who was innocent."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from parlab.learn import probes, probes_futures, registry
from parlab.learn.claims_futures import INNOCENT, WHOSE
from parlab.learn.probes_futures import BAD, ERRORS, square_or_end, square_or_raise
from parlab.learn.records import Run
from parlab.workloads import lessons

END_S = 60.0
ITEMS = list(probes.ITEMS)


def test_two_items_raise() -> None:
    """Errors of two types, so that a name that is always the same is wrong; the others are squared."""
    good = [item for item in ITEMS if item not in ERRORS]
    assert [item * item for item in good] == [square_or_raise(item) for item in good]
    assert (len(ITEMS) - 2, 2) == (len(good), len(set(ERRORS.values())))
    for item, kind in ERRORS.items():
        with pytest.raises(kind, match=f"^{item} is not welcome$"):
            square_or_raise(item)


@pytest.mark.parametrize(("item", "code"), [(BAD, 1), (ITEMS[0], 0)])
def test_one_item_ends_its_worker(item: int, code: int) -> None:
    """And no other does."""
    text = (
        "import multiprocessing\n"
        "from parlab.learn.probes_futures import square_or_end\n"
        "if __name__ == '__main__':\n"
        f"    child = multiprocessing.get_context('spawn').Process(target=square_or_end, args=({item},))\n"
        "    child.start()\n"
        f"    child.join({END_S})\n"
        "    print(child.exitcode)\n"
    )
    assert f"{code}" == lessons.run_script(text).stdout.strip()


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
        ([[item, item * item] for item in sorted(ITEMS)], None),
        ([[item, other * other] for item, other in zip(sorted(ITEMS), ITEMS, strict=True)], "mixed"),
        ([[item, item * item] for item in ITEMS], "order"),
        ([[item, item] for item in sorted(ITEMS)], "wrong"),
        ([[item, item * item, 0] for item in sorted(ITEMS)], "wrong"),
        ([], "empty"),
        ([item * item for item in ITEMS], "wrong"),
        ({"7": 49}, "wrong"),
    ],
)
def test_whose_result(answer, fault: str | None) -> None:
    """Right values beside wrong items are told from wrong values, from another order, and from what is no pair."""
    found = registry.find("05-whose-result")
    assert fault == WHOSE.find(found, Run("spawn", "returned", answers=[answer], kinds=(type(answer).__name__,)))


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
