"""A whole sweep: rounds, brackets, the file it leaves, going on after a stop, and the end of everything it started."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import tasks
from sweeps import BOUND_S, alive, bench, measure, private_folders, supervisor_of, trials_in, wait_until

import parlab
from parlab.analysis.summary import summarise
from parlab.errors import InputError, TaskError, WrongAnswerError
from parlab.results import Results, read

NAPS_S = (0.02, 0.5, 3.0)  # on a busy machine whoever looks at processes looks seldom, and may miss short tasks


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, list[dict]]:
    return measure(tmp_path_factory.mktemp("sweep") / "out.jsonl", items=range(20), rounds=2)


def test_every_configuration_once_a_round(finished: tuple[Results, list[dict]]) -> None:
    """Two serial trials and each backend at each worker count, in both rounds."""
    results, _ = finished
    for number in range(2):
        counts = Counter((trial.backend, trial.workers) for trial in results.records if trial.round == number)
        work = {(backend, workers): 1 for backend in ("threads", "processes") for workers in (1, 2)}
        assert {**work, ("serial", 1): 2} == {key: n for key, n in counts.items() if key[0] != "ceiling"}


def test_serial_trials_open_and_close_a_round(finished: tuple[Results, list[dict]]) -> None:
    """The first and the last trial of each round are the plain loop."""
    results, _ = finished
    for number in range(2):
        ordered = sorted((trial.position, trial.role) for trial in results.records if trial.round == number)
        assert ["serial", "serial"] == [ordered[0][1], ordered[-1][1]]


def test_the_file_tells_all(finished: tuple[Results, list[dict]]) -> None:
    """Header, machine, check and frames are there; the sweep ended because its rounds were done."""
    results, _ = finished
    assert ("rounds", "tasks:double", 20) == (results.ended, results.header.sweep.workload, results.header.check.tasks)
    assert parlab.detect().cores_logical == results.header.machine["cores_logical"]
    assert results.header.check.tracing_s is not None
    assert len(results.records) == len(results.trials)
    traced = sum(trial.tasks for trial in results.records if trial.role != "ceiling")
    assert traced == len(results.spans)


def test_events_say_what_runs_and_how_long_it_takes(finished: tuple[Results, list[dict]]) -> None:
    """Before each trial an event names it; once rounds have begun the time left is known."""
    _, events = finished
    running = [event for event in events if event["event"] == "running"]
    assert {"checking", "round 1", "round 2"} == {event["stage"] for event in running}
    assert all(event["left_s"] is not None for event in running if event["stage"].startswith("round"))


def test_cpu_bound_work_has_a_ceiling_and_waiting_has_none(tmp_path: Path) -> None:
    """A CPU ceiling says nothing about tasks that wait, so it is not measured for them."""
    busy, _ = measure(tmp_path / "busy.jsonl", subject="primes", size="8", backends=["threads"])
    waiting, _ = measure(tmp_path / "nap.jsonl", subject=tasks.nap, items=[0.01] * 4, backends=["threads"])
    roles = [{trial.role for trial in one.records} for one in (busy, waiting)]
    usable = parlab.detect().cores_usable
    assert [usable > 1, False] == ["ceiling" in found for found in roles]


def test_skipped_tasks_are_a_finding(tmp_path: Path) -> None:
    """A task that always fails is named once, and the others are measured."""
    results, _ = measure(tmp_path / "out.jsonl", subject=tasks.refuse_three, items=range(6), on_error="skip")
    (finding,) = [one for one in summarise(results).findings if one.code == "skipped-tasks"]
    assert [3] == finding.evidence["tasks"]


def test_nothing_is_written_when_a_check_fails(tmp_path: Path) -> None:
    """A failing task and a wrong answer are found before the file is begun."""
    with pytest.raises(TaskError, match="Task 3 of 6"):
        measure(tmp_path / "out.jsonl", subject=tasks.refuse_three, items=range(6))
    with pytest.raises(WrongAnswerError):
        measure(tmp_path / "out.jsonl", subject=tasks.in_main_process, items=range(6))
    assert [] == list(tmp_path.iterdir())


def test_a_budget_ends_after_whole_rounds(tmp_path: Path) -> None:
    """At least one round is measured, however small the budget."""
    results, _ = measure(tmp_path / "out.jsonl", items=[1], backends=["threads"], rounds=None, budget_s=0.01)
    assert ("budget", 1) == (results.ended, len(results.complete_rounds))


def test_rounds_end_when_the_speedups_are_known(tmp_path: Path) -> None:
    """Naps hardly vary, so few rounds are enough; asked for more, the file goes on from there, and says until when."""
    path, wanted = tmp_path / "out.jsonl", {"subject": tasks.nap, "items": [0.1] * 2, "backends": ["threads"]}
    results, events = measure(path, **wanted, workers=[2], rounds=None, precision=0.5)
    done = len(results.complete_rounds)
    assert ("precision", 0.5) == (results.ended, results.header.sweep.precision)
    assert done >= 6
    assert all(event["at_most"] for event in events if event.get("stage") in {"round 1", "round 6"})
    again, _ = measure(path, **wanted, workers=[2], rounds=done + 1, precision=0.0001, resume=True)
    assert ("rounds", done + 1, 0.0001) == (again.ended, len(again.complete_rounds), again.header.sweep.precision)
    assert "not-converged" in {finding.code for finding in summarise(again).findings}
    assert results.records == again.records[: len(results.records)]


def test_what_others_took_is_recorded(finished: tuple[Results, list[dict]]) -> None:
    """On Linux every trial of the work says how often its workers lost their core, and what the host took."""
    results, _ = finished
    known = {(trial.steal_s is None, trial.preempted is None) for trial in results.records if trial.role != "ceiling"}
    there = (Path("/proc/stat").exists(), Path("/proc/self/task").exists())
    assert {(not there[0], not there[1])} == known


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not show what other processes hold")
def test_the_checks_say_what_is_held(tmp_path: Path) -> None:
    """The runs before the rounds, which are not timed, show the memory of the loop and of each engine at its widest."""
    workers_seen = {("serial", 1): False, ("threads", 2): False, ("processes", 2): True}
    for nap_s in NAPS_S:
        results, _ = measure(tmp_path / f"{nap_s}.jsonl", subject=tasks.nap, items=[nap_s] * 4)
        seen = {(one.backend, one.workers): one.workers_uss_bytes is not None for one in results.memory}
        if seen == workers_seen:
            break
    assert list(workers_seen.items()) == list(seen.items())
    assert all(one.parent_uss_bytes and one.samples for one in results.memory)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not show what other processes hold")
def test_every_worker_count_says_what_it_holds_if_asked(tmp_path: Path) -> None:
    """--memory runs each configuration once more; those are no trials, and a resumed sweep does not repeat them."""
    everything = [("serial", 1), ("processes", 2), ("processes", 1)]
    for nap_s in NAPS_S:
        path, wanted = tmp_path / f"{nap_s}.jsonl", {"subject": tasks.nap, "items": [nap_s] * 4}
        results, _ = measure(path, memory=True, backends=["processes"], **wanted)
        if everything == [(one.backend, one.workers) for one in results.memory]:
            break
    assert everything == [(one.backend, one.workers) for one in results.memory]
    assert {0} == {trial.round for trial in results.records}
    again, _ = measure(path, backends=["processes"], **wanted, rounds=2, resume=True)
    assert everything == [(one.backend, one.workers) for one in again.memory]
    assert len(again.complete_rounds) == 2


def test_a_lambda_runs_on_loky(tmp_path: Path) -> None:
    """A function by value is measured like any other."""
    results, _ = measure(tmp_path / "out.jsonl", subject=lambda n: n + 1, items=range(4), backends=["loky"])
    assert {"ok"} == {trial.outcome for trial in results.records}


def test_a_lost_trial_is_kept_and_left_out(tmp_path: Path) -> None:
    """A worker that dies once the checks are over costs its trial; the sweep goes on."""
    marks = tmp_path / "marks"
    marks.mkdir()
    wanted = {"subject": tasks.die_in_later_trials, "items": [str(marks)] * 2}
    results, _ = measure(tmp_path / "out.jsonl", backends=["processes"], workers=[2], **wanted)
    outcomes = {trial.role: trial.outcome for trial in results.records if trial.role != "ceiling"}
    assert {"serial": "ok", "parallel": "lost"} == outcomes
    row = summarise(results).rows[1]
    assert (None, 0) == (row.speedup, row.rounds)


def test_resuming_completes_the_rounds(tmp_path: Path) -> None:
    """A file that ends in the middle of a round and of a line is completed, and no trial of before is lost."""
    path = tmp_path / "out.jsonl"
    results, _ = measure(path, items=range(4), rounds=2)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-4]) + lines[-4][:20])  # without end, closing bracket, and half a trial
    assert 1 == len(read(path).complete_rounds)
    kept = read(path).records
    again, _ = measure(path, items=range(4), rounds=None, resume=True)
    assert (2, "rounds", 1) == (len(again.complete_rounds), again.ended, again.session)
    assert kept == again.records[: len(kept)]
    assert len(results.records) < len(again.records)


def test_resuming_can_add_rounds(tmp_path: Path) -> None:
    """More rounds than planned at first are measured into the same file."""
    path = tmp_path / "out.jsonl"
    measure(path, items=range(4), backends=["threads"])
    again, _ = measure(path, items=range(4), backends=["threads"], rounds=3, resume=True)
    assert 3 == len(again.complete_rounds)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"backends": ["loky"]}, "begun with backends"),
        ({"items": range(5)}, "begun with"),
        ({"workers": [3]}, "begun with workers"),
    ],
)
def test_resuming_something_else_is_refused(finished, tmp_path: Path, change: dict, text: str) -> None:
    """Other backends, workers or items than those the file was begun with are refused; the file stays."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(finished[0].path.read_bytes())
    with pytest.raises(InputError, match=text):
        measure(path, **{"items": range(20), "rounds": 2, "resume": True, **change})
    assert finished[0].path.read_bytes() == path.read_bytes()


def test_resuming_on_another_machine_is_refused(finished, tmp_path: Path) -> None:
    """A ratio between two machines is no speedup."""
    path = tmp_path / "out.jsonl"
    text = finished[0].path.read_text().replace('"cpu_model":', '"cpu_model":"abacus","was":', 1)
    path.write_text(text)
    with pytest.raises(InputError, match="another machine or Python: cpu_model was abacus"):
        measure(path, items=range(20), rounds=3, resume=True)


def test_resuming_changed_work_is_refused(tmp_path: Path) -> None:
    """A function that answers differently than when the file was begun is refused; the file stays."""
    module = tmp_path / "changing.py"
    module.write_text("def work(n):\n    return n\n")
    path = tmp_path / "out.jsonl"
    line = [sys.executable, "-m", "parlab", "bench", "changing:work", "--items", "4", "--backends", "threads"]
    line += ["--output", str(path), "--rounds"]
    subprocess.run([*line, "1"], cwd=tmp_path, check=True, capture_output=True, timeout=BOUND_S)
    before = path.read_bytes()
    module.write_text("def work(n):\n    return n + 10000\n")
    done = subprocess.run(
        [*line, "2", "--resume"], cwd=tmp_path, capture_output=True, text=True, timeout=BOUND_S, check=False
    )
    assert 2 == done.returncode
    assert "begun with other work" in done.stderr
    assert before == path.read_bytes()


def test_resuming_needs_no_arguments_again(tmp_path: Path) -> None:
    """Items and keyword arguments of the command line stand in the file."""
    path = tmp_path / "out.jsonl"
    wanted = {"subject": "tasks:add", "backends": ["threads"], "workers": [1]}
    measure(path, **wanted, items_text="4", kwargs={"amount": 2, "more": {"deep": [1]}})
    again, _ = measure(path, subject="tasks:add", backends=None, workers=None, rounds=2, resume=True)
    assert {"amount": 2, "more": {"deep": [1]}} == again.header.sweep.kwargs
    assert 2 == len(again.complete_rounds)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE stands in for a full disk")
def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    """When the file cannot grow any more the error says so, and show reads the whole lines."""
    path = tmp_path / "out.jsonl"
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000)); "
        "from parlab.cli.app import run; sys.exit(run(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", code, "bench", "primes", "--size", "16", "--backends", "threads", "--workers", "1"]
    done = subprocess.run(
        [*line, "--rounds", "50", "--output", str(path)], capture_output=True, text=True, timeout=BOUND_S, check=False
    )
    assert 1 == done.returncode
    assert "cannot be written any more: File too large" in done.stderr
    assert read(path).records


# What follows starts the command itself, kills it in different ways, and looks who is still alive.


@pytest.fixture
def started(tmp_path: Path):
    """A sweep that would take minutes, with its result file, once a few trials have been written."""
    path = tmp_path / "out.jsonl"
    line = ["primes", "--size", "16", "--backends", "pool,processes,loky", "--workers", "2", "--rounds", "200"]
    with bench(tmp_path, *line, "--output", str(path)) as process:
        wait_until(lambda: trials_in(path) > 3)
        yield process, path


@pytest.mark.parametrize("victim", ["command", "supervisor"])
def test_a_killed_sweep_leaves_a_file_and_no_process(started, tmp_path: Path, victim: str) -> None:
    """After kill -9 everything ends, the file is readable, and --resume completes it."""
    process, path = started
    if victim == "command":
        process.kill()
    else:
        supervisor_of(process).kill()
    process.wait(BOUND_S)
    wait_until(lambda: not alive(tmp_path))
    results = read(path)
    done = len(results.complete_rounds)
    assert len(results.records) >= 3
    again = [
        sys.executable,
        "-m",
        "parlab",
        "bench",
        "primes",
        "--output",
        str(path),
        "--resume",
        "--rounds",
        str(done + 1),
    ]
    subprocess.run(again, check=True, capture_output=True, timeout=BOUND_S)
    assert (done + 1, "rounds") == (len(read(path).complete_rounds), read(path).ended)


def test_an_interrupt_keeps_what_is_done(started, tmp_path: Path) -> None:
    """Ctrl-C ends with code 130, says how to go on, shows the finished rounds, and leaves no process."""
    process, path = started
    process.send_signal(signal.SIGINT)
    assert 130 == process.wait(BOUND_S)
    assert [] == alive(tmp_path)
    assert "--resume" in (tmp_path / "log").read_text()
    assert "stopped" == read(path).ended


def test_a_killed_command_leaves_no_folder_of_its_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor ends the trial, and removes what that cannot remove any more."""
    monkeypatch.setenv("PYTHONPATH", str(Path(tasks.__file__).parent), prepend=os.pathsep)
    wanted = ("tasks:wait_with_a_folder", "--items", "1", "--output", str(tmp_path / "out.jsonl"))
    with bench(tmp_path, *wanted) as process:
        wait_until(lambda: len(private_folders(tmp_path)) == 3)  # the items, the logbook, the trial's own
        process.kill()
        wait_until(lambda: not alive(tmp_path))
    assert [] == private_folders(tmp_path)


def test_a_second_sweep_cannot_write_the_same_file(started) -> None:
    """While a sweep runs, --resume on its file is refused."""
    process, path = started
    again = [sys.executable, "-m", "parlab", "bench", "primes", "--output", str(path), "--resume"]
    done = subprocess.run(again, capture_output=True, text=True, timeout=BOUND_S, check=False)
    process.send_signal(signal.SIGINT)
    process.wait(BOUND_S)
    assert 2 == done.returncode
    assert "being written by another sweep" in done.stderr
