"""A queue with a fast producer and a slow consumer: all messages arrive, and times keep the order of things."""

import multiprocessing
import os
from multiprocessing.context import BaseContext

import pytest

from parlab.errors import ParlabError
from parlab.workloads import backlog

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


@pytest.mark.parametrize("maxsize", [0, 2])
def test_every_message_is_put_and_taken(context: BaseContext, maxsize: int) -> None:
    """Both times of each, in their order, never taken before put; with a limit, no more wait than it allows."""
    flow = backlog.watch_queue(context, maxsize, messages=6, make_s=0.0, use_s=0.001)
    assert (6, 6) == (len(flow.put_s), len(flow.taken_s))
    assert sorted(flow.put_s) == flow.put_s
    assert sorted(flow.taken_s) == flow.taken_s
    assert all(put <= taken for put, taken in zip(*flow, strict=True))
    if maxsize:
        assert all(taken <= put for taken, put in zip(flow.taken_s, flow.put_s[maxsize:], strict=False))
    assert [] == multiprocessing.active_children()


def test_times_that_cannot_be_are_mended() -> None:
    """The first is noted as put after it was taken; the third as put before there was room: both become possible."""
    flow = backlog.in_order([1.0, 2.0, 3.0, 9.0], [0.5, 4.0, 5.0, 10.0], maxsize=1)
    assert [0.5, 2.0, 3.0, 9.0] == flow.put_s
    assert [0.5, 3.0, 5.0, 10.0] == flow.taken_s


def test_without_a_limit_any_number_may_wait() -> None:
    """All are put before the first is taken, and nothing is changed."""
    assert ([1.0, 2.0], [3.0, 4.0]) == tuple(backlog.in_order([1.0, 2.0], [3.0, 4.0]))


def begun_and_gone(_inbox, outbox, _use_s) -> None:
    outbox.put("here")
    outbox.close()
    outbox.join_thread()
    os._exit(3)


def test_a_consumer_that_is_gone_is_an_error_and_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes anything out: after its seconds the producer says so, and does not wait for the pipe to be read."""
    monkeypatch.setattr(backlog, "use_slowly", begun_and_gone)
    monkeypatch.setattr(backlog, "_ANSWER_S", 0.2)
    with pytest.raises(ParlabError, match="is gone"):
        backlog.watch_queue(multiprocessing.get_context("spawn"), maxsize=1)
    assert [] == multiprocessing.active_children()
