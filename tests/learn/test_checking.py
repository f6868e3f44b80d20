"""A check says what is right, what is wrong and what to do; it never hangs, raises, or runs anything in the kernel."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from living import lives

from parlab import segments
from parlab.codec import dumps, encode
from parlab.errors import AnswerError, InputError
from parlab.learn import check, checking, guard, watching
from parlab.learn.claims import PROCESSES, same
from parlab.learn.job import Job
from parlab.learn.records import Run
from parlab.learn.registry import checks, find
from parlab.machine import detection

BOUND_S = 60
GONE_S = 60

SHARE_OUT = """import multiprocessing
def share_out(task, items):
    with multiprocessing.Pool(2) as pool:
        return pool.map(task, items)
"""

STUCK = """import multiprocessing

def wait_for_ever(queue):
    queue.get()

def share_out(task, items):
    queue = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=wait_for_ever, args=(queue,))
    process.start()
    process.join()
"""

FAILING_CHILD = """import multiprocessing

def divide(number):
    return 1 / number

def share_out(task, items):
    process = multiprocessing.Process(target=divide, args=(0,))
    process.start()
    process.join()
    return []
"""

SPIN = "def share_out(task, items):\n    while True:\n        pass\n"

SEGMENT = """import multiprocessing
from multiprocessing.shared_memory import SharedMemory

def share_out(task, items):
    segment = SharedMemory(create=True, size=100)
    segment.close()
    with multiprocessing.Pool(2) as pool:
        return pool.map(task, items)
"""

EXECUTOR = """import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def share_out(task, items):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        return list(executor.map(task, items))
"""

OWN_POOL = """import parlab

def share_out(task, items):
    with parlab.pool(2) as pool:
        return pool.map(task, items)
"""

FORK_ONLY = """import multiprocessing

known = []

def with_known(pair):
    return pair[0](pair[1]) if known else 0

def share_out(task, items):
    if multiprocessing.get_start_method() == "forkserver":
        known.append(1)
        with multiprocessing.Pool(2) as pool:
            return pool.map(task, items)
    known.append(1)
    with multiprocessing.Pool(2) as pool:
        return pool.map(with_known, [(task, item) for item in items])
"""


def test_where_everybody_was_when_the_deadline_came(written) -> None:
    """An answer that never ends is ended; the stack of every process is said in the learner's words."""
    result = late(written(STUCK, "share_out"), "a process that it started")
    assert "late" == result.fault
    assert re.search(r"\b(3|12|48) seconds", result.advice)
    text = "\n".join(result.lines)
    assert "your function's process: line 10, in share_out: process.join()" in text
    assert "waits in join() for a process to end" in text
    assert "a process that it started (1): line 4, in wait_for_ever: queue.get()" in text


def test_a_loop_that_never_ends(written) -> None:
    """Such a loop is found by its line, and nothing is said of waiting."""
    result = late(written(SPIN, "share_out"), "share_out")
    assert ("late", True) == (result.fault, "while True:" in result.lines[0] or "pass" in result.lines[0])


def late(function, place: str):
    """Check what never ends; on a busy machine it takes a while to get to the place where it never ends."""
    for deadline_s in (3, 12, 48):
        result = check("04-share-out", function, deadline_s=deadline_s)
        if place in "\n".join(result.lines):
            break
    return result


@pytest.mark.skipif(os.name != "posix", reason="on Windows a segment goes with its last user")
def test_a_segment_that_is_not_unlinked(written) -> None:
    """It is found, told, and removed."""
    before = names()
    result = check("04-share-out", written(SEGMENT, "share_out"), deadline_s=BOUND_S)
    assert "segment" == result.fault
    assert "unlink()" in result.advice
    assert set() == names() - before


def names() -> set[str]:
    return {path.name for path in segments.FOLDER.glob("psm_*")}


@pytest.mark.parametrize("text", [EXECUTOR, OWN_POOL], ids=["executor with a context", "parlab.pool"])
def test_other_right_ways_pass(text, written) -> None:
    """Whoever chooses a context, or parlab's own pool, is right as well."""
    result = check("04-share-out", written(text, "share_out"), deadline_s=BOUND_S)
    assert result.passed, repr(result)


def test_right_under_one_start_method_alone(written) -> None:
    """The text names the start method under which it is wrong."""
    if watching.methods() == ("spawn",):
        pytest.skip("there is only one here")
    result = check("04-share-out", written(FORK_ONLY, "share_out"), deadline_s=BOUND_S)
    assert "wrong" == result.fault
    assert result.advice.startswith("Under forkserver all is right, and under spawn it is not.")


ODD = {
    "asks the user": ("input()", "raised", "EOFError"),
    "prints without end": ("for _ in range(100_000): print('flood')", "printed", "return hands it"),
    "a huge number": ("return 10**100_000", "wrong", "huge number"),
    "a list that holds itself": ("found = []; found.append(found); return found", "wrong", "would be right"),
    "a set": ("return {1}", "wrong", "<set>"),
    "not a number": ("return [float('nan')]", "wrong", "nan"),
    "an error that cannot be said": ("raise Silent", "raised", "Silent"),
    "an error that is no Exception": ("raise Stop", "raised", "Stop"),
    "an error of many lines": ("raise ValueError('line\\n' * 10_000)", "raised", "ValueError"),
    "closes the output": ("sys.stdout.close(); os.close(1); os.close(2)", ("open", "printed"), ""),
    "kills itself": ("os.kill(os.getpid(), 9)", "lost", "exit code"),
    "recurses": ("return share_out(task, items)", "raised", "RecursionError"),
    "a thread that stays": ("threading.Thread(target=time.sleep, args=(60,)).start(); return 1", "wrong", ""),
    "changes the folder": ("os.chdir('/'); return 1", "wrong", ""),
    "forgets the environment": ("os.environ.clear(); return task(1)", "wrong", ""),
}
SILENT = """import os, sys, threading, time

class Silent(Exception):
    def __str__(self):
        raise ValueError

class Stop(BaseException):
    pass

def share_out(task, items):
    """


def test_odd_answers_are_told_like_any_other(written) -> None:
    """Whatever a function does, the check ends with a word about it, and nothing of it stays."""
    answers = [written(SILENT + body + "\n", "share_out") for body, _, _ in ODD.values()]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda answer: check("04-share-out", answer, deadline_s=BOUND_S), answers))
    for (what, (_, fault, words)), result in zip(ODD.items(), results, strict=True):
        assert "not yet" == result.state, what
        assert result.fault in ((fault,) if isinstance(fault, str) else fault), f"{what}\n{result}"
        assert words in repr(result), what
        assert len(repr(result)) < 4_000, what


def test_an_error_in_a_child_is_shown(written) -> None:
    """A child's error does not reach its parent, and can be the reason: its last lines are shown."""
    result = check("04-share-out", written(FAILING_CHILD, "share_out"), deadline_s=BOUND_S)
    assert "worker" == result.fault
    assert "ZeroDivisionError" in result.lines[-1]


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        ("with context.Pool(2) as pool:\n        return pool.map(task, items)", "name", "no variable and no import"),
        ("results = results\n    return results", "raised", "UnboundLocalError"),
        (
            "executor = ProcessPoolExecutor(2); return executor.submit(task(items[0])).result()",
            "called",
            "submit(task, item) lets a worker call it",
        ),
        ("return [None + item for item in items]", "raised", "TypeError"),
    ],
)
def test_what_many_run_into_is_explained(body, fault, words, written, monkeypatch) -> None:
    """A variable of the notebook, and a call where a function should be handed over."""
    monkeypatch.setattr(watching, "_WANTED", watching.methods()[:1])
    text = f"from concurrent.futures import ProcessPoolExecutor\ndef share_out(task, items):\n    {body}\n"
    result = check("04-share-out", written(text, "share_out"), deadline_s=BOUND_S)
    assert fault == result.fault
    assert words in result.advice
    assert result.lines


def test_a_module_that_cannot_be_imported(written, folder) -> None:
    """Somebody has changed the file, and the text says what importing it gives."""
    answer = written(SHARE_OUT, "share_out")
    Path(f"{answer.__module__}.py").write_text("raise ValueError('half done')\n", encoding="utf-8")
    result = check("04-share-out", answer)
    assert "import" == result.fault
    assert "ValueError" in result.advice
    assert "half done" in result.advice


def test_a_cells_function_is_refused() -> None:
    """Nothing is started, and the three ways out are named."""
    result = check("04-share-out", lambda *_: [])
    assert "refused" == result.state
    assert "Three ways out" in result.advice
    assert "%%workers" in repr(result)


@pytest.mark.parametrize("answer", [None, ...])
@pytest.mark.parametrize("name", ["04-share-out", "01-exit-codes"])
def test_an_open_exercise_is_not_yet(name, answer) -> None:
    """What stands for "not done" is no error and no try."""
    result = check(name, answer)
    assert ("not yet", "open") == (result.state, result.fault)
    assert "still open" in result.advice


def test_the_stub_of_a_learners_copy_is_not_even_called(written, monkeypatch) -> None:
    """No process is needed to see that nobody has begun."""
    monkeypatch.setattr(watching, "runs", None)
    stub = written("def share_out(task, items):\n    raise NotImplementedError('your code here')\n", "share_out")
    result = check("04-share-out", stub)
    assert ("not yet", "open") == (result.state, result.fault)
    assert "still open" in result.advice


def test_a_value_where_a_function_is_asked_for_and_the_other_way_round() -> None:
    """Both are told in words."""
    assert "without parentheses" in check("04-share-out", [1]).advice
    assert "Call it first" in check("01-exit-codes", len).advice


def test_a_function_of_python_itself() -> None:
    """It can be imported, and is told how the check calls it."""
    assert "share_out(task, items)" in check("04-share-out", len).advice


def test_a_guard_that_comes_too_late_is_no_error(written, monkeypatch) -> None:
    """On a machine that stands still the answer is "not yet", and the machine is named."""
    monkeypatch.setattr(watching, "_MARGIN_S", -BOUND_S)
    result = check("04-share-out", written(SHARE_OUT, "share_out"), deadline_s=BOUND_S)
    assert ("not yet", "late") == (result.state, result.fault)
    assert "busy meanwhile" in repr(result)


@pytest.mark.parametrize(("answer", "state"), [(..., "not yet"), ([0, 0, 0, 0], "not yet"), (None, "not yet")])
def test_what_is_not_passed_can_be_made_an_error(answer, state) -> None:
    """A cell that gives a mark ends with ``require()``: it raises for a wrong and for an open answer, in words."""
    with pytest.raises(AnswerError, match=f"01-exit-codes: {state}. Its check must say passed"):
        check("01-exit-codes", answer).require()


def test_a_refused_answer_and_a_right_one_are_told_apart() -> None:
    """A function that cannot travel has not passed either; nothing happens when the answer is right."""
    with pytest.raises(AnswerError, match="04-share-out: refused"):
        check("04-share-out", lambda task, items: [task(item) for item in items]).require()
    assert check("01-exit-codes", [0, 1, 3, -15]).require() is None


def test_an_unknown_name_is_refused_with_the_list() -> None:
    """The nearest name is suggested."""
    with pytest.raises(InputError, match="Did you mean '01-exit-codes'"):
        check("01-exitcodes", 1)


def test_the_text_of_a_passed_check_is_the_same_each_time(written) -> None:
    """No time, no number of a process, no folder: nbval can compare it."""
    answer = written(SHARE_OUT, "share_out")
    first, second = (check("04-share-out", answer, deadline_s=BOUND_S) for _ in range(2))
    assert first.passed
    assert (repr(first), first._repr_html_()) == (repr(second), second._repr_html_())
    assert str(Path.cwd()) not in first._repr_html_()


def test_what_a_learner_writes_is_escaped(written) -> None:
    """An error text or an answer with tags stays text."""
    answer = written("def share_out(task, items):\n    raise ValueError('<script>')\n", "share_out")
    result = check("04-share-out", answer)
    assert "raised" == result.fault
    assert "line 2, in share_out" in repr(result)
    assert "<script>" in result.advice
    assert "<script>" not in result._repr_html_()


def test_a_busy_machine_is_said_where_it_can_be_the_reason(written, monkeypatch) -> None:
    """With a deadline passed, the load is named; with a plain wrong answer it is no excuse."""
    late = Run("spawn", "late", busy="others took cores from this machine")
    monkeypatch.setattr(watching, "runs", lambda *_: [late])
    assert "busy meanwhile: others took cores" in repr(check("04-share-out", len))
    wrong = Run("spawn", "returned", answers=[[1]], kinds=("list",), busy="others took cores from this machine")
    monkeypatch.setattr(watching, "runs", lambda *_: [wrong])
    assert "busy" not in repr(check("04-share-out", len))


def test_claims_after_the_first_fault_are_not_looked_at() -> None:
    """A late run says nothing of its answer."""
    claim, fault = checking._judge(find("04-share-out"), Run("spawn", "late"))
    marks = dict(checking._marks(find("04-share-out"), claim))
    assert "late" == fault
    assert ["no", *["open"] * (len(PROCESSES) - 1)] == list(marks.values())


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to one process")
def test_an_interrupt_ends_everything(written) -> None:
    """The stop button in the middle of a check raises KeyboardInterrupt, and no process lives on (see conftest)."""
    answer = written(STUCK, "share_out")
    before = set(psutil.Process().children(recursive=True))
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it

    def press() -> None:
        wait_for(lambda: len(set(psutil.Process().children(recursive=True)) - before) >= 4)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        check("04-share-out", answer, deadline_s=BOUND_S)
    presser.join()
    signal.signal(signal.SIGINT, kept)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_kernel_leaves_nothing(folder: Path) -> None:
    """When the process that checks is killed, its guard ends the runs, all their workers, and the folders."""
    (folder / "stuck.py").write_text(STUCK, encoding="utf-8")
    code = "import stuck; from parlab.learn import check; check('04-share-out', stuck.share_out, deadline_s=60)"
    kernel = subprocess.Popen([sys.executable, "-c", code], cwd=folder)
    wait_for(lambda: len(psutil.Process(kernel.pid).children(recursive=True)) >= 5)
    family = psutil.Process(kernel.pid).children(recursive=True)
    kernel.send_signal(signal.SIGKILL)
    kernel.wait()
    wait_for(lambda: not any(map(lives, family)), GONE_S)


def wait_for(true, bound_s: float = BOUND_S) -> None:
    deadline = time.monotonic() + bound_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (6.0, 36**0.5, True),
        (0.1 + 0.2, 0.3, True),
        (2, 2.0, True),
        ([[1.6], 2], [[1.6000000000000003], 2], True),
        (1.6, 1.61, False),
        (10**15, 10**15 + 1, False),
        (10**400, 1.0, False),
        ("1.0", 1.0, False),
        ([1.0], [1.0, 2.0], False),
        ([1.0], 1.0, False),
        (None, 0.0, False),
    ],
)
def test_numbers_may_differ_in_their_last_digits(one, other, expected) -> None:
    """There are several right ways to compute a number with a point; whole numbers and texts are equal or not."""
    assert expected is same(one, other)
    assert expected is same(other, one)


def test_another_way_to_the_geometric_mean_is_right(written) -> None:
    """``statistics.geometric_mean`` goes through logarithms, and differs from the square root in its last digit."""
    text = (
        "from statistics import geometric_mean, median\n"
        "def median_speedup(serial_s, parallel_s):\n"
        "    return median(geometric_mean(two) / one for two, one in zip(serial_s, parallel_s))\n"
    )
    assert check("09-median-speedup", written(text, "median_speedup")).passed


def test_a_stub_is_not_asked_for_its_return(written) -> None:
    """Who has not begun has forgotten nothing; the stub of the learner's copy says so by its error."""
    result = check(
        "09-too-good", written("def speedup(serial_s, parallel_s):\n    raise NotImplementedError\n", "speedup")
    )
    assert "open" == result.fault
    assert "It returned nothing" not in repr(result)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("00-usable-cores", "2", "The answer is one number, and this is a text."),
        ("00-usable-cores", [2], "The answer is one number, and this is a list."),
        ("00-usable-cores", {}, "The answer is one number, and this is a dict."),
        ("00-usable-cores", {2}, "The answer is one number, and this is a set."),
        ("01-exit-codes", "0, 1, 3, -15", "The answer is a list of 4."),
        (
            "03-who-knows",
            {"fork": 2, "forkserver": 1, "spawn": 1},
            "The answer is a list of 3, and this is a dict. Give its values alone, in order.",
        ),
        ("01-exit-codes", (0, 1, 3, -9), "Of its 4 parts, 3 are right."),
        ("01-exit-codes", (0, 9, 9, 9), "Of its 4 parts, 1 is right."),
    ],
)
def test_a_value_of_another_form_is_told_its_form(name, answer, words) -> None:
    """A right number in quotes is not called wrong without a reason."""
    assert check(name, answer).advice.endswith(words)


@pytest.mark.parametrize("answer", [[2, 10, 11, 12], (12, 11, 10, 2)])
def test_possible_ends_are_right_in_any_order(answer) -> None:
    """The numbers were asked for."""
    assert check("07-possible-ends", answer).passed


@pytest.mark.parametrize("answer", [{2, 10, 11, 12}, [2, 10, 11, 12, 12], [2, 10, 11, "12"], "2"])
def test_other_ends_are_wrong(answer) -> None:
    """What is no list of these four numbers."""
    assert "is not right" in check("07-possible-ends", answer).advice


def test_more_programs_than_cores_make_a_check_patient(monkeypatch) -> None:
    """By as much as each core is wanted, and within bounds; where nobody knows the load, a check waits as usual."""
    loads = iter((0.0, 2.0, 6.0, 100.0, None))
    monkeypatch.setattr(detection, "load_average", lambda: next(loads))
    assert [1.0, 1.0, 3.0, 4.0, 1.0] == [guard.patience(cores=2) for _ in range(5)]


def test_no_wrong_answer_is_excused_by_a_busy_machine() -> None:
    """Load makes an answer late, or lets one worker do all. It makes no value wrong."""
    advice = [claim.advice for one in checks().values() for claim in one.claims if "wrong" in claim.advice]
    assert advice
    assert set() == {fault for faults in advice for fault in faults} & set(checking._DOUBTFUL_WHEN_BUSY)


def test_warnings_of_the_resource_tracker_are_not_shown() -> None:
    """They come from ending everything at the deadline, name folders of the machine, and help no learner."""
    printed = "mine\n/x/resource_tracker.py:254: UserWarning: leaked\n  warnings.warn('resource_tracker: '\n"
    assert ["It printed:", "mine"] == list(checking._lines(Run("spawn", "late", printed=printed)))


class Mute:
    """An answer that nobody can look at."""

    def __repr__(self) -> str:
        raise OSError

    def __eq__(self, other: object) -> bool:
        raise OSError

    __hash__ = None  # type: ignore[assignment]


VALUES = [
    Mute(),
    [Mute()],
    {1: 2},
    {"supported": False},
    {"supported": False, "told": "so", 1: 2},
    10**5000,
    "{x}",
    b"",
]


@pytest.mark.parametrize("name", [one.name for one in checks().values() if not one.calls])
def test_no_value_stops_a_check(name: str) -> None:
    """Whatever is given where a value is asked for, the check says a word about it."""
    assert {"not yet"} == {check(name, value).state for value in VALUES}


def test_a_run_that_cannot_be_started_leaves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second run fails to start, the first is ended."""
    job = Job("01-start-and-join", "module:function", (), "", ("fork", "spawn"), 1, 1.0)
    ended = []

    class Line:
        take_standard_streams = classmethod(lambda cls: cls())
        read_line = staticmethod(lambda: dumps(encode(job)).encode())
        when_closed = staticmethod(lambda _act: None)

    class Started:
        def __init__(self, _job: Job, method: str, _inbox: object) -> None:
            if method == "spawn":
                raise OSError("no more processes")
            self.method = method

        def end(self) -> None:
            ended.append(self.method)

    monkeypatch.setattr(guard, "Channel", Line)
    monkeypatch.setattr(guard, "_Watched", Started)
    with pytest.raises(OSError, match="no more processes"):
        guard.main()
    assert ["fork"] == ended
