"""One trial process: what runs in it, what it says when something goes wrong, and that nothing of it stays."""

import json
import math
import os
import pickle
import queue
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import tasks

from parlab import backends
from parlab.errors import InputError, TaskError, TrialError, WrongAnswerError
from parlab.measure import payload
from parlab.measure import trial as trials
from parlab.measure.child import STOP, StoppedError, TrialTimeoutError
from parlab.measure.job import Measured, Order
from parlab.measure.payload import Payload
from parlab.measure.runner import TrialLostError, run_trial
from parlab.records import SPAN_COLUMNS, Configuration, Sweep
from parlab.temporary import private_folder

SERIAL = Configuration("serial", "serial", 1)
DEADLINE_S = 60.0


def run(
    function,
    items,
    backend="processes",
    workers=2,
    *,
    deadline_s=DEADLINE_S,
    inbox=None,
    expected=None,
    check=True,
    **more,
) -> Measured:
    """Run one trial of a task function, in the way the supervisor does; skip where the engine cannot run here."""
    reason = backends.get(backend).availability()
    if reason is not None:
        pytest.skip(reason)
    name = f"{function.__module__}:{function.__qualname__}"
    role = "serial" if backend == "serial" else "parallel"
    sweep = Sweep(name, None, len(items), (backend,), (workers,), 1, None, **more)
    path, _ = payload.write(Payload(items))
    configuration = Configuration(role, backend, workers)
    order = Order(sweep, configuration, os.getpid(), sys.path, str(path), expected=expected, check=check)
    try:
        with private_folder() as folder:
            order = replace(order, logbook=str(folder))
            return run_trial(order, deadline_s, inbox or queue.SimpleQueue())
    finally:
        payload.remove(str(path))


def late(function, items, backend, workers, begun: str, **more) -> str:
    """Run what never ends; a busy machine takes a while to begin it, so the deadline grows until that is said."""
    for deadline_s in (3, 12, 48):
        with pytest.raises(TrialTimeoutError) as caught:
            run(function, items, backend, workers, deadline_s=deadline_s, **more)
        if begun in str(caught.value):
            break
    return str(caught.value)


@pytest.fixture(autouse=True)
def _nothing_left():
    """No process of a trial outlives it; a zombie is not alive."""
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    yield
    alive = [one for one in psutil.Process().children(recursive=True) if _is_ours(one) and one.pid not in before]
    assert [] == alive


def _is_ours(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "parlab.measure" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "backend", ["serial", "threads", "pool", "processes", "processes:spawn", "processes:fork", "interpreters", "loky"]
)
def test_a_trial_measures(backend: str) -> None:
    """Every engine gives its three times, one span a task, and a digest of the answer."""
    workers = 1 if backend == "serial" else 2
    measured = run(tasks.double, list(range(12)), backend, workers)
    assert 12 == measured.tasks
    assert all(time_s is not None and time_s >= 0 for time_s in (measured.open_s, measured.map_s, measured.close_s))
    assert workers == len(measured.crew)
    assert measured.spans is not None
    assert list(SPAN_COLUMNS) == list(measured.spans)
    assert list(range(12)) == sorted(measured.spans["task"])
    assert measured.fingerprint is not None


@pytest.mark.parametrize("backend", ["threads", "pool", "processes", "loky", "interpreters"])
def test_spans_are_in_order(backend: str) -> None:
    """Each task is submitted, started, finished and received in that order, on one clock."""
    spans = run(tasks.nap, [0.002] * 8, backend).spans
    assert spans is not None
    for row in zip(*(spans[name] for name in ("submitted_s", "started_s", "finished_s", "received_s")), strict=True):
        assert list(row) == sorted(row)
        assert row[0] >= 0


def test_chunks_are_numbered() -> None:
    """With four tasks a message, every span names the message that carried it."""
    spans = run(tasks.double, list(range(10)), chunksize=4).spans
    assert spans is not None
    assert {task: task // 4 for task in range(10)} == dict(zip(spans["task"], spans["chunk"], strict=True))


def test_tracing_off_is_the_bare_engine() -> None:
    """Without tracing there are no spans, and the same answer."""
    bare, traced = (run(tasks.double, list(range(6)), trace=trace) for trace in (False, True))
    assert bare.spans is None
    assert bare.fingerprint == traced.fingerprint


@pytest.mark.parametrize("backend", ["pool", "processes", "processes:spawn", "loky", "interpreters"])
def test_workers_import_little(backend: str, tmp_path: Path) -> None:
    """A worker loads its task's module and parlab's worker side: no frames, no charts, no trial, no numpy."""
    run(tasks.write_modules, [str(tmp_path / "modules.json")], backend, 1, verify=False)
    loaded = set(json.loads((tmp_path / "modules.json").read_text()))
    heavy = {"pandas", "matplotlib", "scipy", "numpy", "rich", "typer"}
    assert set() == loaded & heavy
    ours = {name for name in loaded if name.startswith("parlab")}
    allowed = {"parlab.backends.meeting", "parlab.backends.worker", "parlab.codec", "parlab.errors", "parlab.records"}
    entry = {"parlab", "parlab.backends", "parlab.measure", "parlab.measure.trial_entry", "parlab.trace"}
    entry |= {"parlab.capture", "parlab.logbook", "parlab.nesting", "parlab.parcels", "parlab.messages"}
    assert set() == ours - allowed - entry


@pytest.mark.parametrize("backend", ["serial", "threads", "processes", "processes:spawn", "loky", "interpreters"])
def test_blas_threads_are_limited_alike(backend: str, tmp_path: Path) -> None:
    """The plain loop and every worker have the same limit on BLAS threads."""
    path = tmp_path / "variables.json"
    run(tasks.write_blas_variables, [str(path)], backend, 1, blas_threads=3, verify=False)
    assert {"3"} == set(json.loads(path.read_text()).values())


@pytest.mark.parametrize("backend", ["serial", "threads", "pool", "processes", "loky", "interpreters"])
def test_a_failing_task_is_named(backend: str) -> None:
    """The error names the task, its item, what it raised, and shows the line in the worker."""
    with pytest.raises(TaskError, match=r"Task 3 of 6, item 3, raised ValueError: no threes") as caught:
        run(tasks.refuse_three, list(range(6)), backend, 1 if backend == "serial" else 2)
    assert 'raise ValueError("no threes")' in str(caught.value)
    assert "trace.py" not in str(caught.value)
    assert str(caught.value).endswith("\n\nTo measure without the tasks that fail: --on-error skip.")


@pytest.mark.parametrize("backend", ["threads", "pool", "processes", "loky", "interpreters"])
def test_a_failing_task_can_be_skipped(backend: str) -> None:
    """With on_error "skip" the others count, and the failure is kept."""
    measured = run(tasks.refuse_three, list(range(6)), backend, on_error="skip")
    assert [3] == [failure.task for failure in measured.failures]
    assert measured.spans is not None
    assert "error" == dict(zip(measured.spans["task"], measured.spans["outcome"], strict=True))[3]


def test_if_every_task_fails_nothing_is_skipped() -> None:
    """An answer made of nothing is no answer."""
    with pytest.raises(TaskError, match="no threes") as caught:
        run(tasks.refuse_three, [3, 3], on_error="skip")
    assert "--on-error" not in str(caught.value)


@pytest.mark.parametrize(
    ("items", "more"),
    [([3], {}), ([1, 3], {"trace": False}), ([1, 3], {"weak": True})],
    ids=["one task", "not traced", "weak"],
)
def test_skipping_is_offered_only_where_it_can_be(items: list[int], more: dict) -> None:
    """Nothing would be left of one task, and --no-trace and --weak go with no skipping."""
    with pytest.raises(TaskError, match="no threes") as caught:
        run(tasks.refuse_three, items, "threads", **more)
    assert "--on-error" not in str(caught.value)


@pytest.mark.parametrize("backend", ["serial", "threads", "processes", "pool", "loky", "interpreters"])
def test_sys_exit_in_a_task_is_its_error(backend: str) -> None:
    """A task that calls sys.exit fails; it does not end the worker."""
    with pytest.raises(TaskError, match="SystemExit: 3"):
        run(tasks.exit_quietly, [1, 2], backend, 1 if backend == "serial" else 2)


@pytest.mark.parametrize("backend", ["processes", "processes:spawn", "processes:fork", "loky"])
def test_a_task_that_kills_its_worker_is_found_out(backend: str) -> None:
    """The executor blames everybody; we name the task, say how it ended, and hint at memory."""
    with pytest.raises(TrialLostError, match=r"Task 3 of 6, item 3, ended its worker.*lost\(SIGKILL\).*memory"):
        run(tasks.kill_own_worker, list(range(6)), backend, verify=False)


@pytest.mark.parametrize("backend", ["processes", "processes:spawn", "processes:fork", "loky"])
def test_all_others_are_done_when_one_kills_its_worker(backend: str) -> None:
    """With on_error "skip" five of six tasks count, and the span of the sixth says how it ended."""
    measured = run(tasks.kill_own_worker, list(range(6)), backend, verify=False, on_error="skip")
    assert [(3, True, "lost(SIGKILL)")] == [(one.task, one.lost, one.error) for one in measured.failures]
    assert measured.spans is not None
    ends = dict(zip(measured.spans["task"], measured.spans["outcome"], strict=True))
    assert {**dict.fromkeys(range(6), "ok"), 3: "lost(SIGKILL)"} == ends
    assert 3 in measured.rerun


@pytest.mark.parametrize("backend", ["processes", "loky"])
def test_a_worker_that_is_killed_once_is_nobodys_fault(backend: str, tmp_path: Path) -> None:
    """A task whose worker died, and that runs well alone, has not failed; it is listed as run again."""
    mark = tmp_path / "mark"
    items = [(number, str(mark)) for number in range(6)]
    measured = run(tasks.kill_own_worker_once, items, backend, verify=False, on_error="skip")
    assert () == measured.failures
    assert 3 in measured.rerun


def test_a_killed_worker_of_a_pool_ends_at_the_deadline() -> None:
    """multiprocessing.Pool waits for ever for a lost task; the trial does not, and names it."""
    text = late(tasks.kill_own_worker, list(range(6)), "pool", 2, "begun: 3 (its worker was gone)", verify=False)
    assert re.search(r"deadline of \d+ s.*--deadline.*begun: 3 \(its worker was gone\).*use processes", text), text


@pytest.mark.parametrize("backend", ["serial", "threads", "processes", "pool", "loky", "interpreters"])
def test_an_endless_task_ends_at_the_deadline(backend: str) -> None:
    """Whatever engine waits for it, the trial and its workers are ended, and the task is named."""
    begun = "Tasks that had been begun: 0"
    assert begun in late(tasks.sleep_for_ever, [1, 2], backend, 1 if backend == "serial" else 2, begun)


@pytest.mark.parametrize(("backend", "workers"), [("processes", 7), ("serial", 1)])
def test_a_late_trial_that_began_no_task_may_still_have_been_starting(backend: str, workers: int) -> None:
    """Fewer workers are the way out then; the plain loop has none that start."""
    with pytest.raises(TrialTimeoutError) as caught:
        run(tasks.sleep_for_ever, [1, 2], backend, workers, deadline_s=0.001)
    text = "No task is known to have begun: 7 workers may still have been starting"
    assert (backend == "processes") == (text in str(caught.value))
    assert "had been begun" not in str(caught.value)


def test_a_late_trial_leaves_no_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended in the middle and cannot remove it; the sweep may go on for hours."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    begun = tmp_path / "begun"
    for deadline_s in (3, 12, 48):  # a busy machine takes a while to begin
        with pytest.raises(TrialTimeoutError):
            run(tasks.wait_with_a_folder, [str(begun)], "serial", 1, deadline_s=deadline_s)
        if begun.exists() and begun.read_text():
            break
    folder = Path(begun.read_text())
    assert (tmp_path, False) == (folder.parent, folder.exists())


def test_a_crash_of_the_trial_itself_is_told() -> None:
    """A segmentation fault in the plain loop is named by its signal and its task."""
    with pytest.raises(TrialLostError, match=r"SIGSEGV(.|\n)*begun: 0"):
        run(tasks.crash, [1], "serial", 1)


def test_an_unpicklable_result_is_a_task_error() -> None:
    """The plain loop can have such a result, a process cannot send it."""
    with pytest.raises(TaskError, match="pickle|local object"):
        run(tasks.unpicklable_result, [1], "processes", 1, verify=False)


def test_printing_disturbs_nobody() -> None:
    """Megabytes on standard output are not taken for results, and do not block."""
    assert 3 == run(tasks.print_much, [1, 2, 3]).tasks


@pytest.mark.parametrize("backend", ["serial", "threads", "processes", "interpreters"])
def test_standard_input_is_empty(backend: str) -> None:
    """A task that reads input gets the end of the file at once, never an order of ours."""
    assert run(tasks.read_input, [1], backend, 1).fingerprint == run(tasks.empty_text, [1], backend, 1).fingerprint


@pytest.mark.parametrize("backend", ["processes", "pool", "loky"])
def test_a_wrong_answer_is_an_error(backend: str) -> None:
    """A task that answers differently in a worker is found out before anything is timed."""
    right = run(tasks.in_main_process, [1, 2], "serial", 1).fingerprint
    with pytest.raises(
        WrongAnswerError, match=r"another answer than the plain loop: \[False, False\], not \[True, True\]"
    ):
        run(tasks.in_main_process, [1, 2], backend, expected=right)


def test_a_random_task_is_told_apart_from_a_wrong_backend() -> None:
    """Where two plain loops differ, the task is to blame, and --no-verify is the way out."""
    first = run(tasks.clock, [1], "serial", 1).fingerprint
    with pytest.raises(WrongAnswerError, match=r"plain loop before it.*--no-verify"):
        run(tasks.clock, [1], "threads", 1, expected=first)
    assert run(tasks.clock, [1], "threads", 1, expected=first, verify=False).tasks == 1


def test_a_wrong_answer_is_found_in_a_timed_trial_too() -> None:
    """Verification does not end with the checks before the rounds."""
    right = run(tasks.in_main_process, [1], "serial", 1).fingerprint
    with pytest.raises(WrongAnswerError):
        run(tasks.in_main_process, [1], "processes", 1, expected=right, check=False)


def test_items_of_an_unknown_class() -> None:
    """Items whose class the trial cannot import are refused with what to do."""
    with pytest.raises(InputError, match="Item 0 cannot be rebuilt.*Define its class in a module"):
        run(tasks.double, [tasks.homeless_item()])


def test_stop_ends_a_trial_at_once() -> None:
    """When the face says stop, the trial ends, and the word stays for whoever asks next."""
    inbox: queue.SimpleQueue = queue.SimpleQueue()
    inbox.put(STOP)
    with pytest.raises(StoppedError):
        run(tasks.sleep_for_ever, [1], inbox=inbox)
    assert STOP == inbox.get_nowait()


def test_the_ceiling_is_a_ratio_of_independent_copies() -> None:
    """The figure is positive and finite for two."""
    order = Order(
        Sweep("hello", "1", 1, (), (2,), 1, None), Configuration("ceiling", "ceiling", 2), os.getpid(), sys.path
    )
    measured = run_trial(order, DEADLINE_S, queue.SimpleQueue())
    assert measured.ceiling is not None
    assert 0 < measured.ceiling < math.inf
    assert measured.pace is not None
    assert 1_000 < measured.pace < 1e12
    assert 2 == len(measured.crew)


def test_a_trial_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the interpreter itself fails, the error shows what it printed."""
    monkeypatch.setattr("parlab.measure.runner.ENTRY", "parlab.measure.no_such_module")
    with pytest.raises(TrialError, match=r"exit code 1 before it had a result(.|\n)*no_such_module"):
        run(tasks.double, [1])


@pytest.mark.parametrize("backend", ["pool", "processes", "interpreters"])
def test_one_bad_result_is_one_bad_task(backend: str) -> None:
    """A result that cannot travel fails its own task, and none of those that came in the same message."""
    measured = run(tasks.bad_result_of_one, list(range(6)), backend, on_error="skip", chunksize=3, verify=False)
    assert [1] == [failure.task for failure in measured.failures]


@pytest.mark.parametrize("backend", ["serial", "threads", "processes", "interpreters"])
def test_sys_exit_is_a_task_error_without_tracing_too(backend: str) -> None:
    """The bare engine's SystemExit does not end the trial without a word."""
    with pytest.raises(TaskError, match="SystemExit: 3"):
        run(tasks.exit_quietly, [1], backend, 1, trace=False)


def test_an_error_that_is_only_named_like_ours_keeps_its_traceback() -> None:
    """A user's own class InputError is a task's error like any other."""
    with pytest.raises(TaskError, match=r"Task 0 of 1, item 1, raised InputError: mine(.|\n)*in raise_own_input_error"):
        run(tasks.raise_own_input_error, [1])


def test_the_loop_stops_at_the_first_failure(tmp_path: Path) -> None:
    """Nobody waits for a thousand tasks to hear that the fourth has failed."""
    place = tmp_path / "count"
    with pytest.raises(TaskError, match="Task 1 of 4"):
        run(tasks.count_then_fail, [str(place)] * 4, "serial", 1)
    assert 3 == len(place.read_text())  # the warm-up, and two tasks


@pytest.mark.parametrize("backend", ["pool", "processes", "loky", "interpreters"])
def test_what_travels_is_weighed_and_timed(backend: str) -> None:
    """Items and results are as large as their bytes, each task's own, and packing and unpacking took some time."""
    items = [b"x" * size for size in (10, 100_000)]
    spans = run(tasks.first_half, items, backend).spans
    assert spans is not None
    by_task = {task: place for place, task in enumerate(spans["task"])}
    for task, item in enumerate(items):
        place = by_task[task]
        assert len(pickle.dumps(item, pickle.HIGHEST_PROTOCOL)) == spans["sent_bytes"][place]
        assert len(pickle.dumps(item[: len(item) // 2], pickle.HIGHEST_PROTOCOL)) == spans["received_bytes"][place]
        assert spans["pickle_s"][place] > 0
        assert spans["unpickle_s"][place] > 0


@pytest.mark.parametrize("backend", ["serial", "threads"])
def test_what_does_not_travel_weighs_nothing(backend: str) -> None:
    """Where workers see the same objects, sizes and pickling are not known, which is not the same as zero."""
    spans = run(tasks.double, list(range(4)), backend, 1).spans
    assert spans is not None
    for name in ("sent_bytes", "received_bytes", "pickle_s", "unpickle_s"):
        assert [None] * 4 == spans[name]


def test_a_failed_task_has_no_result_to_weigh() -> None:
    """What was sent is known, what would have come back is not."""
    spans = run(tasks.refuse_three, list(range(5)), "processes", on_error="skip").spans
    assert spans is not None
    place = spans["task"].index(3)
    assert (True, None) == (spans["sent_bytes"][place] > 0, spans["received_bytes"][place])
    assert None not in [size for task, size in zip(spans["task"], spans["received_bytes"], strict=True) if task != 3]


@pytest.mark.parametrize("backend", ["serial", "threads"])
def test_a_trial_notes_the_gil_after_imports_and_after_the_work(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked twice: an extension that a task imports late can switch the GIL on in a build that can do without."""
    answers = iter([False, True])
    monkeypatch.setattr(trials, "gil_enabled", lambda: next(answers))
    monkeypatch.setattr(trials.nesting, "enter_worker", lambda _scope: None)  # this process is none
    sweep = Sweep("hello", "4", 4, ("threads",), (1,), 1, None)
    order = Order(sweep, Configuration("serial" if backend == "serial" else "parallel", backend, 1), os.getpid(), [])
    measured = trials.carry_out(order)
    assert (False, True) == (measured.gil_before, measured.gil_after)
