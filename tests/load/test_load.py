"""parlab under load: much of everything, and too little room. An answer, or our own error; and nothing is left."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from builders import HEADER, make_round, parallel
from running import Ran, parlab
from watching import can_mount

from parlab import backends
from parlab.analysis.summary import summarise
from parlab.results import read
from parlab.results.journal import Journal

ENGINES = [name for name in backends.names() if name not in ("serial", "ray") and not backends.get(name).availability()]
heavy = pytest.mark.heavy_load
mounts = pytest.mark.skipif(not can_mount(), reason="only root can mount a disk of its own")
BOUND_S = 1_800.0
MIB = 1 << 20
LARGEST_PICTURE = 2 * MIB
CGROUP = Path("/sys/fs/cgroup/memory")
groups = pytest.mark.skipif(not os.access(CGROUP, os.W_OK), reason="no control group of memory can be made here")
OWN_ERROR = "parlab: "

# A disk of so many KiB at ./disk, full to the last byte where the second word is "full"; in a mount nobody else sees.
ON_SMALL_DISK = """
mkdir -p disk && mount -t tmpfs -o size=$1k tmpfs disk || exit 97
[ "$2" = full ] && { cat /dev/zero > disk/filler 2>/dev/null; }
shift 2
exec "$@"
"""


def small_disk(kibibytes: int, state: str = "empty") -> tuple[str, ...]:
    return ("unshare", "--mount", "sh", "-c", ON_SMALL_DISK, "sh", str(kibibytes), state)


def sane(ran: Ran) -> str:
    """Hold what is true of every load, and say in a word what came of it."""
    assert ran.code is not None, f"no end after {ran.seconds:.0f} s: {ran.said[-2000:]}"
    assert [] == ran.strays
    assert ran.code == 0 or OWN_ERROR in ran.err, ran.said[-2000:]
    assert "Traceback (most recent call last)" not in ran.err.partition(OWN_ERROR)[0], ran.err
    return "done" if ran.code == 0 else f"refused: {ran.err.partition(OWN_ERROR)[2].split('. ')[0]:.90}"


def sweep(task: str, engine: str, folder: Path, *more: str, workers: int = 2, **options: object) -> Ran:
    line = ("bench", f"load_tasks:{task}", "--backends", engine, "--workers", str(workers), "--rounds", "1")
    return parlab(*line, "--output", "r.jsonl", *more, folder=folder, bound_s=BOUND_S, **options)


# Many trials


def write_journal(path: Path, trials: int) -> None:
    """Write a result file of so many trials, in rounds of four."""
    journal = Journal(path)
    journal.begin(replace(HEADER, sweep=replace(HEADER.sweep, workers=(2, 4))))
    for number in range(trials // 4):
        for trial in make_round(number, (2.0, 2.1), parallel(1.0 + number % 7 / 100), parallel(0.6, workers=4)):
            journal.add(trial)
    journal.end("rounds", HEADER.created)
    journal.close()


def test_ten_thousand_trials_are_read_and_summarised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them counts, and there is one row for each configuration."""
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # ten thousand of them take a while, and prove nothing here
    write_journal(tmp_path / "many.jsonl", 10_000)
    results = read(tmp_path / "many.jsonl")
    assert 10_000 == len(results.records)
    summary = summarise(results)
    assert 2_500 == summary.rounds
    assert [("serial", 1), ("threads", 2), ("threads", 4)] == [(row.backend, row.workers) for row in summary.rows]


@heavy
def test_ten_thousand_trials_make_a_page_of_bounded_size(tmp_path: Path, noted) -> None:
    """Ten times the trials make no larger page: what is shown of them is summed up."""
    sizes = {}
    for trials in (1_000, 10_000):
        write_journal(tmp_path / f"{trials}.jsonl", trials)
        page = f"{trials}.html"
        ran = parlab("report", f"{trials}.jsonl", "-o", page, folder=tmp_path, bound_s=BOUND_S)
        assert "done" == sane(ran)
        sizes[trials] = (tmp_path / page).stat().st_size
        noted(f"report of {trials:,} trials", "–", f"{sizes[trials] / MIB:.1f} MiB", ran)
    assert sizes[10_000] < 1.5 * sizes[1_000]


# Many tasks, workers, bytes


def many_tasks(tasks: int, engine: str, folder: Path, *more: str) -> Ran:
    """Run a sweep, and draw the longest trial's timeline."""
    ran = sweep("same", engine, folder, "--items", str(tasks), *more)
    assert "done" == sane(ran)
    trials = read(folder / "r.jsonl").trials.query("role != 'ceiling'")  # it has tasks of its own
    assert {"ok"} == set(trials["outcome"])
    assert {tasks} == set(trials["tasks"])
    if "--no-trace" not in more:
        line = ("plot", "r.jsonl", "--kind", "timeline", "-o", "timeline.svg")
        assert "done" == sane(parlab(*line, folder=folder, bound_s=BOUND_S))
        assert (folder / "timeline.svg").stat().st_size < LARGEST_PICTURE
    return ran


def test_some_thousand_tasks_in_one_trial(tmp_path: Path) -> None:
    """They are all done, and their timeline is a picture of bounded size."""
    many_tasks(2_000, "threads", tmp_path)


@heavy
@pytest.mark.parametrize("spans", ["spans", "--no-trace"])
@pytest.mark.parametrize("engine", ENGINES)
def test_two_hundred_thousand_tasks_in_one_trial(engine: str, spans: str, tmp_path: Path, noted) -> None:
    """The same with 200,000, with spans and without, on every engine."""
    ran = many_tasks(200_000, engine, tmp_path, *(["--no-trace"] if spans != "spans" else []))
    size = (tmp_path / "r.jsonl").stat().st_size >> 20
    noted(f"200,000 tasks, {'with' if spans == 'spans' else 'without'} spans", engine, f"done, file {size} MiB", ran)


@heavy
@pytest.mark.parametrize("engine", ENGINES)
def test_64_workers_on_two_cores(engine: str, tmp_path: Path, noted) -> None:
    """They start, work and go, or it is said why not."""
    ran = sweep("square", engine, tmp_path, "--items", "256", workers=64)
    noted("64 workers", engine, sane(ran), ran)


@heavy
@pytest.mark.parametrize(
    ("what", "task", "items"),
    [
        ("100,000 items of 1 byte", "length", "one_byte_items"),
        ("2 items of 500 MB", "length", "large_items"),
        ("2 results of 500 MB", "blob", "large_sizes"),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_items_and_results_of_any_size(what: str, task: str, items: str, engine: str, tmp_path: Path, noted) -> None:
    """Each engine gives an answer, or an error of ours, and never waits for ever."""
    ran = sweep(task, engine, tmp_path, "--items", f"load_tasks:{items}")
    noted(what, engine, sane(ran), ran)


# A disk that fills up


@mounts
def test_a_disk_without_room_for_the_first_line(tmp_path: Path) -> None:
    """It is said at once, and no empty file is left that --resume would refuse."""
    ran = sweep("same", "threads", tmp_path, "--items", "3", "--output", "disk/r.jsonl", before=small_disk(4, "full"))
    assert ran.code in (1, 2)
    assert "cannot be written" in ran.said
    assert "--resume" not in ran.said
    assert "finished trials are kept" not in ran.said


@mounts
def test_a_disk_without_room_for_what_a_workload_needs(tmp_path: Path) -> None:
    """The error names the folder and the ways out, and shows no traceback."""
    line = ("bench", "customers", "--backends", "threads", "--workers", "1", "--rounds", "1", "--output", "r.jsonl")
    before = small_disk(200)
    ran = parlab(*line, folder=tmp_path, bound_s=BOUND_S, before=before, variables={"TMPDIR": str(tmp_path / "disk")})
    assert 2 == ran.code, ran.said
    assert "does not fit into the temporary folder" in ran.said
    assert "TMPDIR" in ran.said
    assert "Traceback" not in ran.said


@heavy
@mounts
@pytest.mark.parametrize(
    ("what", "line", "kibibytes"),
    [
        ("chart", ["plot", "r.jsonl", "-o", "disk/chart.png"], 8),
        ("report", ["report", "r.jsonl", "-o", "disk/page.html"], 8),
        ("report midway", ["report", "r.jsonl", "-o", "disk/page.html"], 64),
        ("spans as CSV", ["export", "r.jsonl", "--what", "spans", "-o", "disk/out.csv"], 8),
        ("spans as Parquet", ["export", "r.jsonl", "--what", "spans", "-o", "disk/out.parquet"], 8),
        ("course", ["learn", "disk/course"], 256),
    ],
)
def test_a_disk_that_is_full_for_a_file(what: str, line: list[str], kibibytes: int, tmp_path: Path, noted) -> None:
    """The file is written whole or not at all, and the error names it."""
    sane(sweep("same", "threads", tmp_path, "--items", "2000"))
    ran = parlab(*line, folder=tmp_path, bound_s=BOUND_S, before=small_disk(kibibytes))
    assert 2 == ran.code, ran.said
    assert "cannot be written" in ran.said
    noted(f"full disk: {what}", "–", sane(ran), ran)


FILLING = """
import os
from pathlib import Path
from parlab.learn.store import FILE, MANIFEST, Store
course = Path("disk").resolve()
(course / MANIFEST).write_text("{}")
os.chdir(course)
Store.here().tried("one", passed=True)
whole = Path(FILE).read_bytes()
with open("filler", "wb", buffering=0) as filler:
    try:
        while filler.write(bytes(512)):
            pass
    except OSError:
        pass
first, second = Store.here().tried("two", passed=True), Store.here().tried("two", passed=True)
assert Path(FILE).read_bytes() == whole, "the old progress is gone"
assert "No space left on device" in " ".join(first.notes), first.notes
assert not second.notes, second.notes
assert Store.here().exercise("one").passed and Store.here().exercise("two").passed
assert sorted(os.listdir()) == sorted([MANIFEST, FILE, "filler"]), os.listdir()
"""


@heavy
@mounts
def test_a_disk_that_is_full_for_a_learners_progress(tmp_path: Path) -> None:
    """The old file stays as it was, nothing half lies beside it, it is said once, and the kernel goes on."""
    line = [*small_disk(16), sys.executable, "-P", "-c", FILLING]
    done = subprocess.run(line, capture_output=True, text=True, timeout=BOUND_S, check=False, cwd=tmp_path)
    assert 0 == done.returncode, done.stdout + done.stderr


# Memory that runs out


@contextmanager
def small_memory() -> Iterator[tuple[str, ...]]:
    """Make a control group of 700 MiB; yield the program that starts others in it."""
    group = CGROUP / f"parlab-load-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(700 * MIB))
        yield ("sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh")
    finally:
        group.rmdir()


def holding(mebibytes: int) -> tuple[str, ...]:
    return ("--items", "6", "--kwargs", json.dumps({"mebibytes": mebibytes}), "--no-verify")


@heavy
@groups
@pytest.mark.parametrize("engine", [one for one in ENGINES if one in ("processes", "loky", "threads")])
def test_a_control_group_without_enough_memory(engine: str, tmp_path: Path, noted) -> None:
    """Four tasks at once need more than there is, and one alone does not: memory is named, by whatever was killed."""
    with small_memory() as before:
        ran = sweep("hold", engine, tmp_path, *holding(250), workers=4, before=before)
    noted("700 MiB for 4 x 250 MiB, by control group", engine, sane(ran), ran)
    assert "memory" in ran.said or "need too much" in ran.said
    assert "fewer workers" in ran.said


@heavy
@groups
def test_a_control_group_in_which_the_supervisor_is_killed(tmp_path: Path, noted) -> None:
    """The command says what became of it and names memory, and nobody is left: its trial and workers end as well."""
    with small_memory() as before:
        ran = sweep("hold_at_the_supervisors_cost", "processes", tmp_path, *holding(250), workers=4, before=before)
    noted("700 MiB for 4 x 250 MiB, the supervisor is killed", "processes", sane(ran), ran)
    assert 1 == ran.code, ran.said
    assert "The supervisor was ended by SIGKILL (out of memory? try fewer workers)" in ran.said
    assert ("--resume" in ran.said) == (tmp_path / "r.jsonl").exists()


@heavy
@pytest.mark.parametrize("mebibytes", [300, 400, 1_200])
def test_a_limit_on_addresses(mebibytes: int, tmp_path: Path, noted) -> None:
    """``ulimit -v``: what has no room says so, also where it is the table and the chart after a sweep."""
    options = ("--items", "6", "--kwargs", json.dumps({"mebibytes": 100}))
    ran = sweep("hold", "processes", tmp_path, *options, before=("prlimit", f"--as={mebibytes * MIB}"))
    noted(f"ulimit -v of {mebibytes} MiB", "processes", sane(ran), ran)
    assert ran.code == 0 or "memory" in ran.said.lower()


# A clock that steps

STEPPING = """
import datetime, itertools, time
true_time, true_datetime, steps = time.time, datetime.datetime, itertools.count()
shift = lambda: 3_600.0 * (1 if next(steps) % 2 else -1)
time.time = lambda: true_time() + shift()
class Stepping(true_datetime):
    @classmethod
    def now(cls, tz=None):
        return true_datetime.now(tz) + datetime.timedelta(seconds=shift())
datetime.datetime = Stepping
"""


@heavy
@pytest.mark.parametrize("engine", ENGINES)
def test_a_clock_that_steps_changes_no_time(engine: str, tmp_path: Path) -> None:
    """Back and forward by an hour at every look at it: every duration is what it was, and nothing is ended early."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(STEPPING)
    variables = {"PYTHONPATH": str(tmp_path / "clock")}
    ran = sweep("square", engine, tmp_path, "--items", "8", variables=variables)
    assert "done" == sane(ran), ran.said
    for trial in read(tmp_path / "r.jsonl").records:
        assert "ok" == trial.outcome
        for name in ("open_s", "warm_up_s", "map_s", "close_s"):
            assert 0 <= (getattr(trial, name) or 0) < 1_800, (name, trial)
        spans = trial.spans
        assert spans is None or all(0 <= end - start < 1_800 for start, end in zip(
            spans["started_s"], spans["finished_s"], strict=True))  # fmt: skip


# The soak


@heavy
def test_a_minute_of_soak(tmp_path: Path) -> None:
    """Nothing grows and nothing stays in a minute of random sweeps with random faults (``make soak`` takes longer)."""
    line = [sys.executable, str(Path(__file__).parent / "soak.py"), "--minutes", "1", "--folder", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=BOUND_S, check=False)
    assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
    assert (tmp_path / "soak.png").exists()
