"""The readers that are fuzzed, each as a function of bytes: it reads them as its file, and does what the commands do.

Whatever the bytes are, a reader and the commands behind it either work, or raise an error of parlab's own. The first
letter of some inputs says as what the rest is to be read.
"""

import contextlib
import io
import json
import os
import shutil
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import typer

from parlab.errors import ParlabError

Reader = Callable[..., None]  # of bytes; ``every=True`` carries out all that is done with them


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that is gone afterwards."""
    memory = Path("/dev/shm")  # noqa: S108  # there, bringing a file to the disk takes no time
    place = Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def ours(act: Callable[..., object], *given: Any, **named: Any) -> Any:
    """Call something; our own errors, and a command's exit code, are answers. Each says something."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            return act(*given, **named)
    except ParlabError as refusal:
        if not str(refusal).strip():
            raise AssertionError(f"{type(refusal).__name__} says nothing") from refusal
    except typer.Exit:
        pass
    return None


def some(acts: Sequence[Callable[[], object]], data: bytes, count: int, *, every: bool) -> None:
    """Carry out as many of the acts, always the same for the same bytes; all of them would take too long."""
    chance = zlib.crc32(data)
    for number, act in enumerate(acts):
        if every or (number - chance) % len(acts) < count:
            ours(act)


@contextlib.contextmanager
def _sweep(data: bytes) -> Iterator[tuple[Any, Path, str]]:
    """Write and read a result file: what it holds (None: it was refused), its folder, and its name."""
    from parlab.results import read

    with folder() as place:
        file = place / "results.jsonl"
        file.write_bytes(data)
        yield ours(read, file), place, str(file)


def results(data: bytes, *, every: bool = False) -> None:
    """Result files: the commands that read one, save those that draw."""
    from parlab.analysis.exploring import measured_points
    from parlab.analysis.improvement import improvement
    from parlab.analysis.points import engines
    from parlab.analysis.summary import summarise
    from parlab.cli import planning, reading

    with _sweep(data) as (found, place, name):
        if found is None:
            return
        acts: list[Callable[[], object]] = [
            lambda: reading.show(name),
            lambda: reading.show(name, as_json=True),
            lambda: reading.explain(name),
            lambda: reading.explain(name, as_json=True),
            lambda: reading.fit(name),
            lambda: reading.fit(name, as_json=True),
            lambda: reading.compare(name, name, fail_if_slower="10%"),
            lambda: reading.compare(name, name, as_json=True),
            lambda: planning.plan(name),
            lambda: planning.plan(name, as_json=True, workers="1,64", far=True, calibration=name),
            lambda: (found.trials, found.spans),
            lambda: improvement(found, found),
            lambda: [measured_points(found, summarise(found), backend) for backend in engines(found)],
            *(
                partial(reading.export, name, output=place / f"table.{ending}", what=what)
                for what in ("trials", "spans", "rows")
                for ending in ("csv", "parquet")
            ),
        ]
        some(acts, data, 2, every=every)


def pictures(data: bytes, *, every: bool = False) -> None:
    """Result files again: a chart, the report and the view of a notebook, which take long."""
    from parlab.cli import reading
    from parlab.notebook.view import View
    from parlab.plots.kinds import KINDS

    with _sweep(data) as (found, place, name):
        if found is None:
            return
        acts: list[Callable[[], object]] = [
            *(partial(reading.plot, name, output=place / "chart.png", kind=kind) for kind in sorted(KINDS)),
            lambda: reading.report(name, output=place / "report.html"),
            lambda: (repr(View.of(found)), View.of(found)._repr_html_()),
            lambda: View.of(found).explain()._repr_html_(),
        ]
        some(acts, data, 1, every=every)
    _close_figures()


def _close_figures() -> None:
    from matplotlib import pyplot as plt

    plt.close("all")


def points(data: bytes, *, every: bool = False) -> None:
    """Tables of points: every way to fit them."""
    from parlab.analysis.laws import fit_all, read_points
    from parlab.cli import reading
    from parlab.plots.laws import law_chart

    with folder() as place:
        file = place / "points.csv"
        file.write_bytes(data)
        for weak in (None, True, False):
            found = ours(read_points, file, weak=weak)
            if found is None:
                return
            ours(reading.fit, str(file), weak=weak)
            ours(reading.fit, str(file), weak=weak, as_json=True)
        if every or zlib.crc32(data) % 16 == 0:
            ours(law_chart(fit_all(found), "processes", _summary()).canvas.draw)
            _close_figures()


_FEW = 1_000  # items that are packed as well


@cache
def _summary() -> Any:
    from parlab.analysis.summary import summarise
    from parlab.results import read

    return summarise(read("recorded:primes-2-cores"))


_ENDINGS = {b"c": ".csv", b"j": ".jsonl", b"n": ".ndjson"}


def items(data: bytes, *, every: bool = False) -> None:
    """What --items names: c, j and n are files of that kind; else the text itself. Functions have their own tests."""
    from parlab.measure import payload
    from parlab.workloads.items import parse_items
    from parlab.workloads.reference import looks_like_function

    with folder() as place, contextlib.chdir(place):
        if ending := _ENDINGS.get(data[:1]):
            (place / f"items{ending}").write_bytes(data[1:])
            found = ours(parse_items, f"items{ending}")
        else:
            text = os.fsdecode(data[1:])  # as a command line gives it
            found = None if looks_like_function(text) else ours(parse_items, text)
        if found is not None and len(found) < _FEW and (made := ours(payload.write, payload.Payload(found))):
            payload.remove(str(made[0]))


def purchases(data: bytes, *, every: bool = False) -> None:
    """The customer's own purchases: c is CSV, else Parquet; they are cut into partitions and summed up."""
    from parlab.workloads import customers

    with folder() as place:
        file = place / ("sales.csv" if data[:1] == b"c" else "sales.parquet")
        file.write_bytes(data[1:])

        def report() -> None:
            with customers.provide(2, 0, str(file)) as partitions:
                customers.combine([customers.tally(one) for one in customers.items(2, place=partitions)])

        ours(report)


def photographs(data: bytes, *, every: bool = False) -> None:
    """Pictures of the user's own: a thumbnail, what a contact sheet shows, and whether a chart may be replaced."""
    from parlab.plots.albums import sheet_chart
    from parlab.plots.files import is_ours
    from parlab.workloads.photos import Photo, decoded, make_thumbnail

    with folder() as place:
        file = place / "photo.jpg"
        file.write_bytes(data)
        ours(make_thumbnail, Photo(str(file)))
        ours(decoded, Photo(str(file)), data, shrunk=True)
        ours(is_ours, file)
        if every or zlib.crc32(data) % 64 == 0:
            ours(sheet_chart([file]).canvas.draw)
            _close_figures()


def notebooks(data: bytes, *, every: bool = False) -> None:
    """Notebooks and the note of what was given (m): a learner may have edited each of them."""
    from parlab.learn import copies
    from parlab.learn.contents import lessons
    from parlab.learn.stubs import learners_copy, without_solutions

    name = "00_fuzzed.ipynb"
    with folder() as place:
        if data[:1] == b"m":
            (place / copies.MANIFEST).write_bytes(data[1:])
            given = ours(copies._read_manifest, place)
            ours(copies._place, place, name, "{}", given)
            (place / name).write_bytes(data[1:])
            ours(copies._place, place, name, "[]", given)
            ours(copies._write, place / copies.MANIFEST, json.dumps({"format": 1, "files": given}))
            return
        (place / name).write_bytes(data)
        ours(lessons, place)
        text = data.decode(errors="replace")
        copy = ours(learners_copy, text, name)
        if copy is not None:
            ours(copies._place, place, "01_copy.ipynb", copy, {})
        ours(without_solutions, text)


def progress(data: bytes, *, every: bool = False) -> None:
    """The file in which a learner's progress is kept: nothing is ever raised for it."""
    from parlab.learn import store, table

    with folder() as place:
        (place / store.MANIFEST).write_text("{}", encoding="utf-8")
        (place / store.FILE).write_bytes(data)
        store._memory.clear()
        store._said.clear()
        found = store.Store.of(place)
        shown = table._table(found)
        shown._repr_html_().encode()
        if every or zlib.crc32(data) % 16 == 0:
            repr(shown).encode()
        json.dumps(shown.as_json(), allow_nan=False)
        again = found.tried("01-together", passed=True).hinted("01-together").answered("01-order", 1).guessed("x", 1.5)
        assert again.progress.exercises["01-together"].passed is not None
        assert not store.Store.of(place).notes


def texts(data: bytes, *, every: bool = False) -> None:
    """What is written behind options, in lines of magics, and as names."""
    from parlab import backends, options
    from parlab.learn.contents import find_lesson
    from parlab.learn.predicting import Prediction
    from parlab.learn.quizzing import quiz
    from parlab.notebook import magics, speedup_line
    from parlab.report import checked_author

    text = os.fsdecode(data)
    for parse in (options.parse_names, options.parse_workers, options.parse_kwargs):
        ours(parse, text)
    for parse_option in (
        options.parse_count,
        options.parse_duration,
        options.parse_share,
        options.parse_slowdown,
        options.parse_bytes,
    ):
        ours(parse_option, "--option", text)
    if text.partition(":")[0] in backends._HOMES or every:  # plug-ins are sought on the disk
        ours(backends.get, text)
    if every or zlib.crc32(data) % 64 == 0:
        ours(find_lesson, text)  # reads the whole course
    ours(quiz, text)
    ours(Prediction, text, 2)
    ours(checked_author, text)
    ours(magics._checked_name, text)
    ours(magics._checked_text, "fuzzed", text)
    ours(_speedup_line, speedup_line, text)


def _speedup_line(speedup_line: Any, text: str) -> None:
    """Read a line of %speedup as far as it goes without measuring."""
    words, given = speedup_line._split(text)
    for name, value in given.items():
        speedup_line._OPTIONS[name](f"--{name}", value)
    for word in words:
        ours(speedup_line._subject, word, {"f": len}, alone=False)
        ours(speedup_line._items, word, {"items": [1]})


_MACHINE = (
    "proc/self/cgroup",
    "proc/self/mountinfo",
    "proc/stat",
    "proc/cpuinfo",
    "proc/7/task/7/status",
    "sys/fs/cgroup/cpu.max",
    "sys/fs/cgroup/memory.max",
    "sys/fs/cgroup/memory.current",
    "sys/fs/cgroup/memory.stat",
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us",
)


def machine(data: bytes, *, every: bool = False) -> None:
    """The files in which Linux tells of the machine, with a line of == between: nothing is ever raised for them."""
    from parlab.machine import cgroup, cores, detection
    from parlab.machine.pressure import Pressure

    with folder() as root:
        for name, content in zip(_MACHINE, data.split(b"\n==\n"), strict=False):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        cgroup.memory_limit(root)
        cgroup.memory_headroom(root)
        last = data.rpartition(b"\n==\n")[2].decode(errors="replace")
        cores.count(root, {"PARLAB_CORES": last, "SLURM_CPUS_PER_TASK": last, "PYTHON_CPU_COUNT": last})
        detection._cpu_model(root)
        Pressure.read((7,), root).until(Pressure.read((7,), root))


def notes(data: bytes, *, every: bool = False) -> None:
    """What our own processes write while they work; one that is killed leaves half of it. Nothing is ever raised."""
    from parlab import dumps, logbook
    from parlab.learn import probes
    from parlab.notebook import relay

    with folder() as place:
        dumps.parse(data.decode(errors="replace"))
        (place / "7-8.page").write_bytes(data)
        logbook.read(place)
        (place / probes.WORKERS).mkdir()
        (place / probes.WORKERS / "7-8").write_bytes(data)
        probes.calls(place)
        (place / "worker 1.lines").write_bytes(data)
        relay.lines(place, "worker 1")


def messages(data: bytes, *, every: bool = False) -> None:
    """Lines between the processes of a sweep: a bad one is a ValueError, which says what is wrong with it."""
    from parlab.codec import decode, loads
    from parlab.learn.records import Run
    from parlab.measure.job import Job, Measured, Order, Provided
    from parlab.records import Sweep

    for kind in (Job, Order, Measured, Provided, Sweep, Run):
        with contextlib.suppress(ValueError):
            decode(kind, loads(data))


READERS: Mapping[str, Reader] = {
    one.__name__: one
    for one in (
        results,
        pictures,
        points,
        items,
        purchases,
        photographs,
        notebooks,
        progress,
        texts,
        machine,
        notes,
        messages,
    )
}
