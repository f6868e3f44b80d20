"""The functions that the notebooks start as processes, under every start method of this system."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest

from parlab.workloads import lessons
from parlab.workloads.primes import count_primes

JOIN_S = 60.0

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def sent(context: BaseContext, target, *arguments) -> list:
    """What one child sends, when it has ended well."""
    queue = context.SimpleQueue()
    assert [0] == lessons.run_all([context.Process(target=target, args=(queue, *arguments))], JOIN_S)
    return lessons.received(queue)


def test_a_value_is_sent(context: BaseContext) -> None:
    """What goes into the queue in the child comes out in the parent."""
    assert [{"answer": 42}] == sent(context, lessons.send, {"answer": 42})


def test_a_value_is_sent_after_a_nap(context: BaseContext) -> None:
    """A nap of no time changes nothing about what is sent."""
    assert ["late"] == sent(context, lessons.nap_then_send, 0, "late")


def test_a_nap_ends_well(context: BaseContext) -> None:
    """Napping needs no queue and ends with exit code 0."""
    assert [0] == lessons.run_all([context.Process(target=lessons.nap, args=(0,))], JOIN_S)


def test_a_child_knows_its_number(context: BaseContext) -> None:
    """The number that the child sends is the one that its parent knows it by, and not the parent's own."""
    queue = context.SimpleQueue()
    child = context.Process(target=lessons.send_process_number, args=(queue,))
    assert [0] == lessons.run_all([child], JOIN_S)
    assert [child.pid] == lessons.received(queue)
    assert os.getpid() != child.pid


def test_squares_tell_who_made_them(context: BaseContext) -> None:
    """Every number comes back with its square and the number of the process that squared it."""
    queue = context.SimpleQueue()
    children = [context.Process(target=lessons.send_square, args=(queue, number)) for number in (1, 2, 3)]
    assert [0, 0, 0] == lessons.run_all(children, JOIN_S)
    rows = sorted(lessons.received(queue))
    assert [(1, 1), (2, 4), (3, 9)] == [row[:2] for row in rows]
    assert [child.pid for child in children] == [row[2] for row in rows]


def test_a_count_reports_when_it_ran(context: BaseContext) -> None:
    """The report carries its number, and a beginning and an end in this order on a clock that the parent shares."""
    before_s = time.time()
    [(number, began_s, ended_s)] = sent(context, lessons.count_and_report, 7, (1_000_000, 1_000_100))
    assert 7 == number
    assert before_s <= began_s <= ended_s <= time.time()


def test_a_count_does_real_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Primes are counted in the range that was given."""
    counted = []
    monkeypatch.setattr("parlab.workloads.primes.count_primes", lambda bounds: counted.append(count_primes(bounds)))
    lessons.count_and_report(multiprocessing.get_context("spawn").SimpleQueue(), 1, (2, 10))
    assert [4] == counted


def test_an_error_ends_a_child_with_1(context: BaseContext, capfd: pytest.CaptureFixture[str]) -> None:
    """An error that nobody catches gives exit code 1 and prints its text, without a line of code or a folder."""
    assert [1] == lessons.run_all([context.Process(target=lessons.raise_error, args=("on purpose",))], JOIN_S)
    printed = capfd.readouterr().err
    assert "File" not in printed
    if context.get_start_method() != "forkserver":  # its server may have started before this test watches
        assert "ValueError: on purpose" in printed


@pytest.mark.parametrize("code", [0, 3])
def test_a_child_leaves_with_its_own_code(context: BaseContext, code: int) -> None:
    """The code that is given to ``sys.exit`` is the child's exit code."""
    assert [code] == lessons.run_all([context.Process(target=lessons.leave, args=(code,))], JOIN_S)


def test_stretches_end_where_time_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps below a millisecond belong together; a gap of a millisecond or more parts two stretches."""
    ticks = [0.0, 0.0005, 0.001, 0.006, 0.0065, 0.0075, 0.0076, 0.02]
    monkeypatch.setattr(lessons.time, "perf_counter", iter(ticks).__next__)
    assert [(0.0, 0.001), (0.006, 0.0065), (0.0075, 0.0076), (0.02, 0.02)] == lessons.stretches_at_work(0.01)


def test_stretches_without_a_gap_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs all the time has a single stretch, from the first moment to the last."""
    monkeypatch.setattr(lessons.time, "perf_counter", iter([0.0, 0.0004, 0.0008, 0.0012]).__next__)
    assert [(0.0, 0.0012)] == lessons.stretches_at_work(0.001)


def test_codes_come_in_the_order_of_the_processes(context: BaseContext) -> None:
    """Exit codes stand in the order in which processes were given, whichever ends first."""
    codes = [2, 0, 3]
    children = [context.Process(target=lessons.leave, args=(code,)) for code in codes]
    assert codes == lessons.run_all(children, JOIN_S)


def test_who_does_not_end_is_killed(context: BaseContext) -> None:
    """A child that is still running after the wait is gone when ``run_all`` returns, and its code is not 0."""
    child = context.Process(target=lessons.nap, args=(3600,))
    [code] = lessons.run_all([child], wait_s=0.01)
    assert code not in (0, None)
    assert [] == multiprocessing.active_children()


def test_an_interrupt_leaves_no_child(context: BaseContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop button of a notebook, pressed while processes are joined, ends those processes."""
    join = BaseProcess.join

    def press_stop(process, timeout):
        monkeypatch.setattr(BaseProcess, "join", join)
        raise KeyboardInterrupt

    monkeypatch.setattr(BaseProcess, "join", press_stop)
    with pytest.raises(KeyboardInterrupt):
        lessons.run_all([context.Process(target=lessons.nap, args=(3600,))])
    assert [] == multiprocessing.active_children()


def test_an_empty_queue_gives_nothing(context: BaseContext) -> None:
    """Nothing sent is an empty list, at once."""
    assert [] == lessons.received(context.SimpleQueue())


def test_a_script_is_run() -> None:
    """What a program prints on either stream and its exit code come back; its file is gone."""
    done = lessons.run_script("import sys\nprint(__file__)\nprint('wrong', file=sys.stderr)\nsys.exit(3)", JOIN_S)
    assert (3, "wrong\n") == (done.returncode, done.stderr)
    assert done.stdout.strip().endswith("script.py")
    assert not Path(done.stdout.strip()).exists()


def test_a_script_may_print_any_bytes() -> None:
    """Bytes that are no text are shown as what they are not, and do not hide the rest."""
    done = lessons.run_script(r"import sys; sys.stdout.buffer.write(b'\xff there')", saved=False)
    assert (0, "\N{REPLACEMENT CHARACTER} there", "") == (done.returncode, done.stdout, done.stderr)


def test_a_script_that_is_not_saved_has_no_file() -> None:
    """Without a file nobody can import what the program defines, as with a notebook cell."""
    done = lessons.run_script("print(__name__, '__file__' in globals())", JOIN_S, saved=False)
    assert (0, "__main__ False\n") == (done.returncode, done.stdout)


ENDLESS = """
import json, multiprocessing, os, time
from pathlib import Path

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(3600,))
    child.start()
    draft = Path(PLACE + ".draft")
    draft.write_text(json.dumps([os.getpid(), child.pid]))
    draft.rename(PLACE)
    time.sleep(3600)
"""


def test_a_script_past_its_deadline_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline ends the program and what that started; here it comes as soon as both are there."""
    place = tmp_path / "numbers.json"
    communicate = subprocess.Popen.communicate

    def both_there(process, timeout):
        monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
        late_s = time.monotonic() + JOIN_S
        while not place.exists() and time.monotonic() < late_s:
            time.sleep(0.01)
        return process.communicate(timeout=timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", both_there)
    with pytest.raises(subprocess.TimeoutExpired):
        lessons.run_script(ENDLESS.replace("PLACE", repr(str(place))), timeout_s=0.01)
    assert [] == [number for number in json.loads(place.read_text()) if is_alive(number)]


def is_alive(number: int) -> bool:
    """Whether a process is more than a zombie, when it has had time to end."""
    late_s = time.monotonic() + JOIN_S
    while time.monotonic() < late_s:
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            return False
        time.sleep(0.01)
    return True


def test_the_module_is_light() -> None:
    """A fresh interpreter that imports it loads neither psutil nor numpy nor ``multiprocessing``."""
    code = "import sys, json, parlab.workloads.lessons; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=JOIN_S, check=True)
    assert set() == {"multiprocessing", "numpy", "psutil"} & set(json.loads(done.stdout))
