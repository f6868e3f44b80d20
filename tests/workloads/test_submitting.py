"""The tasks of the notebook about futures, and what follows a future, under every start method of this system."""

import multiprocessing
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
from future_tasks import wait_until_there

from parlab.errors import InputError
from parlab.workloads import accidents, submitting

GET_S = 60.0
NAPS = [(number, 0.0) for number in range(5)]
LONG = [(number, 0.1) for number in range(9)]

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def test_a_late_square_is_a_square(context: BaseContext) -> None:
    """It sleeps and squares, in a worker as anywhere."""
    with ProcessPoolExecutor(2, context) as executor:
        assert 49 == executor.submit(submitting.late_square, 7, 0.0).result(GET_S)


@pytest.mark.parametrize("way", ["map", "as_completed"])
def test_results_are_watched(context: BaseContext, way: str) -> None:
    """Every nap arrives once, after its end and no earlier than the one before; map keeps the order of the items."""
    with ProcessPoolExecutor(2, context) as executor:
        came = submitting.watch(executor, way, NAPS)
    assert list(range(5)) == sorted(one.task for one in came)
    assert all(0 <= one.began_s <= one.ended_s <= one.arrived_s for one in came)
    assert sorted(one.arrived_s for one in came) == [one.arrived_s for one in came]
    if way == "map":
        assert list(range(5)) == [one.task for one in came]


def test_another_way_is_refused() -> None:
    """A name that is no way to watch is refused with those that are, before anything runs."""
    with pytest.raises(InputError, match="'submit'.*as_completed"):
        submitting.watch(None, "submit", NAPS)  # type: ignore[arg-type]


def test_a_life_has_its_moments_in_order(context: BaseContext) -> None:
    """Submitted, running, begun, ended, done: each future has all five, in this order, and none was cancelled."""
    with ProcessPoolExecutor(2, context) as executor:
        lives = submitting.follow(executor, NAPS)
    assert list(range(5)) == [one.task for one in lives]
    for one in lives:
        assert not one.cancelled
        assert 0 <= one.submitted_s <= one.done_s
        assert one.running_s <= one.began_s <= one.ended_s <= one.done_s


def test_cancel_reaches_what_is_pending(context: BaseContext) -> None:
    """As the notebook says: the first one is done, the last are cancelled, and no cancelled one was ever begun."""
    with ProcessPoolExecutor(1, context) as executor:
        lives = submitting.follow(executor, LONG, cancel=True)
    cancelled = [one for one in lives if one.cancelled]
    assert 1 <= len(cancelled) <= 8
    assert not lives[0].cancelled
    assert {(None, None, None)} == {(one.running_s, one.began_s, one.ended_s) for one in cancelled}
    assert all(one.submitted_s <= one.done_s for one in cancelled)


def test_threads_have_no_queue_in_between() -> None:
    """With threads too, every future is followed to its end: when the first is done, two run, and all others wait."""
    with ThreadPoolExecutor(2) as executor:
        lives = submitting.follow(executor, [(0, 0.1), *((number, 3.0) for number in range(1, 9))], cancel=True)
    assert list(range(9)) == [one.task for one in lives]
    assert {False, True} == {one.cancelled for one in lives}
    assert all(one.cancelled for one in lives[3:])


def test_it_cancels_what_it_may_when_the_first_is_done_early() -> None:
    """The first one may be done before all are submitted: then all are cancelled that are pending afterwards."""
    with ThreadPoolExecutor(1) as executor:
        followed = submitting._Followed(cancel=True)
        followed.submit(executor, (0, 0.0))
        followed._all[0].future.result(GET_S)
        held = threading.Event()
        blocked = executor.submit(held.wait, GET_S)
        followed.submit(executor, (1, 0.0))
        followed.all_submitted()
        held.set()
        assert blocked.result(GET_S)
    assert [False, True] == [one.cancelled for one in followed.lives()]


class Waiting(Executor):
    """An executor that does the warming up, and then nothing any more."""

    def submit(self, function, /, *arguments, **named):
        return Future()

    def map(self, function, *items, timeout=None, chunksize=1):
        return iter(())


def test_what_never_ends_is_not_followed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A future that is never done ends the waiting with a word, and not the learner's patience."""
    monkeypatch.setattr(submitting, "_WAIT_S", 0.05)
    with pytest.raises(TimeoutError, match="not over after"):
        submitting.follow(Waiting(), NAPS)


def test_an_error_brings_the_workers_traceback(context: BaseContext) -> None:
    """It names the task's function and file without a folder, and ends with the error."""
    with ProcessPoolExecutor(2, context) as executor:
        error = executor.submit(accidents.raise_at_three, 3).exception(GET_S)
    lines = submitting.worker_traceback(error).splitlines()
    assert "Traceback (most recent call last):" == lines[0]
    assert "ValueError: 3 is not welcome" == lines[-1]
    assert any(line.startswith('  File "accidents.py", line ') and "raise_at_three" in line for line in lines)
    assert not any("/" in line or "\\" in line for line in lines)


def test_an_error_from_here_has_no_workers_traceback() -> None:
    """An error that has not travelled gives an empty text."""
    assert "" == submitting.worker_traceback(ValueError("here"))


def test_a_callback_comes_from_the_executors_thread(context: BaseContext, tmp_path: Path) -> None:
    """As the notebook says: before the end another thread calls back, after it the one that adds the callback."""
    called: list[threading.Thread] = []

    def note(future: Future) -> None:
        called.append(threading.current_thread())

    with ProcessPoolExecutor(1, context) as executor:
        future = executor.submit(wait_until_there, str(tmp_path / "go"))
        future.add_done_callback(note)
        (tmp_path / "go").touch()
    future.add_done_callback(note)
    first, second = called
    assert first is not second
    assert second is threading.current_thread()


def test_a_timeout_ends_nothing(context: BaseContext, tmp_path: Path) -> None:
    """As the notebook says: who gives up waiting gets the result later, for the block has waited for it."""
    with ProcessPoolExecutor(1, context) as executor:
        future = executor.submit(wait_until_there, str(tmp_path / "go"))
        with pytest.raises(TimeoutError):
            future.result(0.0)
        (tmp_path / "go").touch()
    assert future.done()
    assert future.result(0)


def test_as_completed_holds_up_nobody() -> None:
    """What has ended comes while a task still runs that waits for it to come."""
    arrived = threading.Event()
    with ThreadPoolExecutor(2) as executor:
        slow, quick = executor.submit(arrived.wait, GET_S), executor.submit(abs, -1)
        for future in as_completed([slow, quick], GET_S):
            if future is quick:
                arrived.set()
        assert slow.result(0)


def test_workers_load_little() -> None:
    """Workers import this module: no executor, which only the parent needs, and no chart comes along."""
    code = (
        "import sys, parlab.workloads.submitting, parlab.workloads.accidents; "
        "print({'concurrent.futures', 'parlab.plots', 'numpy'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=GET_S, check=True)
    assert "set()" == told.stdout.strip()
