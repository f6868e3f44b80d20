"""The tasks of the checks about messages."""

import pickle
from copy import deepcopy
from queue import SimpleQueue

import pytest

from parlab.learn import probes, probes_talking
from parlab.learn.claims_talking import TRAVELLED_ONCE
from parlab.learn.probes import Call
from parlab.learn.records import Run
from parlab.learn.registry import find


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was loaded and nothing is kept."""
    monkeypatch.setattr(probes, "_loaded", [])
    monkeypatch.setattr(probes_talking, "_kept", [])


def test_a_worker_ends_at_none() -> None:
    """Numbers before it are squared, what lies behind it stays."""
    inbox: SimpleQueue = SimpleQueue()
    outbox: SimpleQueue = SimpleQueue()
    for number in (3, 1, None, 5):
        inbox.put(number)
    probes_talking.square_until_none(inbox, outbox)
    assert [(3, 9), (1, 1)] == [outbox.get_nowait(), outbox.get_nowait()]
    assert 5 == inbox.get_nowait()


def test_a_list_is_more_than_a_pipe_holds() -> None:
    """64 KiB are the most that a system's pipe is known to hold unasked."""
    queue: SimpleQueue = SimpleQueue()
    probes_talking.send_list(queue, 3)
    found = queue.get_nowait()
    assert 3 * probes_talking.VALUES_AN_ITEM == len(found)
    assert len(pickle.dumps(found)) > 65_536


def test_a_table_counts_its_arrivals() -> None:
    """Each time it is rebuilt from a message counts as once loaded; it is still the same table."""
    table = probes_talking.Table({1: 101})
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(table))))
    assert {1: 101} == again == deepcopy(table)
    assert 3 == len(probes._loaded)


def test_a_table_must_be_kept_before_it_is_looked_at() -> None:
    """Without it there is an error; with it the price; and only the table can be kept."""
    with pytest.raises(LookupError, match="no table is kept"):
        probes_talking.price(1)
    with pytest.raises(TypeError, match=r"got a list where the table belongs"):
        probes_talking.keep([1])
    probes_talking.keep(probes_talking.Table({1: 101}))
    assert 101 == probes_talking.price(1)


@pytest.mark.parametrize(
    ("processes", "loads", "fault"),
    [((1, 2), 1, None), ((1, 2), 2, "again"), ((1, 2, 3), 1, "everywhere")],
)
def test_how_often_the_table_travelled(processes: tuple[int, ...], loads: int, fault: str | None) -> None:
    """Once to each of two workers is right; again with a task, or to more processes, is not."""
    calls = tuple(Call(number, process, process, 0.0, 1.0, loads) for number, process in enumerate(processes))
    assert TRAVELLED_ONCE.find(find("06-send-once"), Run("spawn", "returned", calls=calls)) == fault
