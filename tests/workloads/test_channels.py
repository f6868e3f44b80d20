"""Messages through pipes, queues and managers come back, are timed, and nobody stays, under every start method."""

import multiprocessing
import os
from multiprocessing.context import BaseContext
from queue import SimpleQueue

import pytest

from parlab.errors import InputError, ParlabError
from parlab.workloads import channels

WAIT_S = 60.0

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def test_each_channel_has_each_size_once_a_round(context: BaseContext) -> None:
    """Names and sizes stand in the order given, with one time for each round; afterwards no child is left."""
    times = channels.message_times(context, sizes=[10, 100_000], rounds=2)
    assert list(channels.CHANNELS) == list(times)
    assert {(10, 100_000)} == {tuple(sizes) for sizes in times.values()}
    assert all(len(taken) == 2 and min(taken) > 0 for sizes in times.values() for taken in sizes.values())
    assert [] == multiprocessing.active_children()


def test_what_is_sent_comes_back() -> None:
    """Every message, in order, until one is None."""
    inbox: SimpleQueue = SimpleQueue()
    outbox: SimpleQueue = SimpleQueue()
    for message in (b"a", b"", "c", None, "never read"):
        inbox.put(message)
    channels.send_back(inbox, outbox)
    assert [b"a", b"", "c"] == [outbox.get_nowait() for _ in range(outbox.qsize())]


def test_a_pipe_is_served_from_its_other_end() -> None:
    """The child's side of the pipe answers until it is told to end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    ours.send("hello")
    ours.send(None)
    channels.send_back_by_pipe(theirs)
    assert ours.poll(WAIT_S)
    assert "hello" == ours.recv()


def test_an_unknown_channel_is_refused_before_anything_starts() -> None:
    """The error names those that there are."""
    with pytest.raises(InputError, match=r"'Post'.*SimpleQueue"):
        channels.message_times(None, ["Pipe", "Post"])  # type: ignore[arg-type]


def gone(answer, *_plan) -> None:
    os._exit(3)


def test_a_process_that_is_gone_is_an_error_and_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures ends without a word: the learner reads what to do."""
    monkeypatch.setattr(channels, "_send_times", gone)
    with pytest.raises(ParlabError, match="is gone"):
        channels.message_times(multiprocessing.get_context("spawn"))
    assert [] == multiprocessing.active_children()


def test_an_answer_that_never_comes_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its seconds the process that measures is killed, and those that it has started end with it."""
    monkeypatch.setattr(channels, "_DEADLINE_S", 0.0)
    with pytest.raises(ParlabError, match="had not come back"):
        channels.message_times(multiprocessing.get_context("spawn"), ["Queue"])
    assert [] == multiprocessing.active_children()
