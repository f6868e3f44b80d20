"""Valid inputs of each reader, made by the code that writes such files: what fuzzing begins with."""

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from builders import CHECK, FAILURE, HEADER, MOMENT, SPANS, SWEEP, WORKER, ceiling, make_round, parallel, serial
from readers import folder

from parlab.codec import dumps, encode
from parlab.measure.job import Job, Order, Provided
from parlab.records import Configuration, Memory, Trial
from parlab.results.journal import Journal
from parlab.results.schema import Header


def _round(number: int, *, traced: bool = False, session: int = 0) -> list[Trial]:
    more: dict[str, Any] = {"spans": SPANS, "crew": (WORKER,), "tasks": 2} if traced else {}
    trials = make_round(
        number,
        (2.0 + 0.01 * number, 2.02),
        parallel(1.1 + 0.02 * number, **more),
        ceiling(1.9, pace=1e6),
        session=session,
    )
    return [replace(one, **more) if one.role == "serial" else one for one in trials]


def _file(header: Header, trials: list[Trial], *, memory: bool = False, resumed: bool = False) -> bytes:
    with folder() as place:
        path = place / "results.jsonl"
        journal = Journal(path)
        journal.begin(header)
        for trial in trials:
            journal.add(trial)
        if memory:
            journal.add_memory(Memory("parallel", "threads", 2, 10**7, 10**7, 10**6, 10**6, 10**6, 5, 0.01))
        journal.end("rounds", MOMENT)
        if resumed:
            journal.resumed(1, MOMENT, header.sweep)
            for trial in _round(0, session=1):
                journal.add(trial)
            journal.end("budget", MOMENT)
        journal.close()
        return path.read_bytes()


def _header(sweep: Mapping[str, Any] | None = None, check: Mapping[str, Any] | None = None, **own: Any) -> Header:
    return replace(HEADER, sweep=replace(SWEEP, **(sweep or {})), check=replace(CHECK, **(check or {})), **own)


def _results() -> list[bytes]:
    traced = _header({"tasks": 2}, {"tasks": 2, "tracing_s": 1e-6})
    weak = _header({"weak": True, "workers": (1, 2), "tasks": 2}, {"costs": {"2": 1.0, "4": 1.1}})
    wide = _header({"workers": (1, 2, 3, 4), "backends": ("threads", "processes:spawn"), "precision": 0.05})
    many = [
        trial
        for number in range(6)
        for trial in make_round(
            number,
            (4.0, 4.1),
            *(parallel(4.2 / count + 0.05 * count, workers=count) for count in (1, 2, 3, 4)),
            *(parallel(4.4 / count, workers=count, backend="processes:spawn") for count in (1, 2, 3, 4)),
        )
    ]
    failed = parallel(1.0, failures=(FAILURE,), rerun=(3,), outcome="recovered", message="lost", gil_before=True)
    return [
        _file(traced, [one for number in range(2) for one in _round(number, traced=True)], memory=True),
        _file(_header(label={"where": "here", "when": "2026", "by": "us"}), [*_round(0), failed], resumed=True),
        _file(weak, [parallel(1.0, tasks=4), serial(1.0, tasks=2), *_round(0, traced=True)]),
        _file(wide, many),
    ]


def _points() -> list[bytes]:
    return [
        b"workers,speedup\n1,1\n2,1.9\n4,3.5\n8,5.5\n",
        b"workers,throughput,note\n1,100\n2,180,\n4,300,x\n".replace(b"1,100\n", b"1,100,\n"),
        b'\xef\xbb\xbf"workers" , elapsed_s\r\n8.0,1.5e0\r\n4,2.5\r\n2,4.5\r\n1,8\r\n16,1\r\n',
        b"workers,speedup\n1,1\n2,1.5\n4,1.2\n8,0.8\n16,.5\n",
    ]


def _items() -> list[bytes]:
    return [
        b"cpath,size\na.jpg,1\nb.jpg,2\n",
        b'j{"a":1}\n[2]\n"x"\n1.5\nnull\n',
        b"n1\n2\n\n3\n",
        b"t100",
        b"t*.jpg",
        b"tphotos/[a-z]?.png",
        b"titems.csv",
    ]


@cache
def _purchases() -> list[bytes]:
    from datetime import date
    from decimal import Decimal

    import pyarrow as pa
    from pyarrow import parquet

    found = [
        b"ccustomer,date,amount\n1,2024-05-31,12.50\n2,2024-06-01,-3\n1,2024-06-02T10:00:00,0.125\n",
        b"cclient;when\n1;2\n",
        b'cuser,timestamp,total\n"a,b",2024-05-31 10:00:00,7\n,2024-05-30,8\n17850.0,2024-05-30,9\n',
    ]
    amounts: list[Any] = [
        pa.array([1.5, 2.25]),
        pa.array([1, 2]),
        pa.array([Decimal("1.10"), Decimal("2.20")]),
        pa.array(["1", "2.5"]),
    ]
    days = [date(2024, 5, 31), date(2024, 6, 1)]
    customers: list[Any] = [pa.array([1.0, None]), pa.array(["a", "b"]), pa.array([1, 2]), pa.array(["x", None])]
    for customer, amount in zip(customers, amounts, strict=True):
        file = io.BytesIO()
        parquet.write_table(pa.table({"customer": customer, "date": days, "amount": amount}), file)
        found.append(b"p" + file.getvalue())
    return found


@cache
def _photographs() -> list[bytes]:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from parlab.workloads.photos import sample_photograph

    with Image.open(sample_photograph()) as sample:
        small = sample.convert("RGB").resize((24, 20))
    turned, note, found = Image.Exif(), PngInfo(), []
    turned[0x0112] = 6
    note.add_text("Software", "parlab", zip=True)
    note.add_itxt("Comment", "é" * 100, "de", "c", zip=True)
    more: list[tuple[str, dict[str, Any]]] = [
        ("JPEG", {"exif": turned, "comment": b"x", "dpi": (72, 72)}),
        ("JPEG", {"progressive": True, "icc_profile": b"x" * 40}),
        ("MPO", {"save_all": True, "append_images": [small]}),
        ("PNG", {"pnginfo": note, "exif": turned}),
        ("PNG", {"save_all": True, "append_images": [small.rotate(90)]}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate", "exif": turned}),
        ("TIFF", {"compression": "jpeg"}),
        ("WEBP", {"exif": turned, "lossless": True}),
        ("GIF", {"save_all": True, "append_images": [small.rotate(90)]}),
        ("BMP", {}),
        ("EPS", {}),
    ]
    for kind, options in more:
        file = io.BytesIO()
        small.save(file, kind, **options)
        found.append(file.getvalue())
    return found


def _notebooks() -> list[bytes]:
    first = (
        "# Why?\n\nYou can do it.\n\n- **Reading:** 5 minutes. **Practice:** 10 minutes.\n- **Needs:** notebook 00.\n"
    )
    solved = (
        "import os\n### BEGIN SOLUTION\ndef work(item: int) -> int:\n    '''Do it.'''\n    return item\n\nx, y = 1, 2\n"
        "class C:\n    pass\n### END SOLUTION\n"
    )
    inside = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n"
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": first.splitlines(keepends=True)},
        *(
            {
                "cell_type": "code",
                "id": name,
                "metadata": {"execution": {}},
                "source": source,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
                "execution_count": 1,
            }
            for name, source in (("b", solved), ("c", inside), ("d", "%matplotlib inline\n1 + 1"))
        ),
    ]
    page = {"cells": cells, "metadata": {"widgets": {}, "kernelspec": {}}, "nbformat": 4, "nbformat_minor": 5}
    manifest = {"format": 1, "files": {"00_fuzzed.ipynb": "0" * 64, "00_fuzzed.new.ipynb": "1" * 64}}
    return [json.dumps(page).encode(), solved.encode(), inside.encode(), b"m" + json.dumps(manifest).encode()]


def _progress() -> list[bytes]:
    from parlab.learn.store import Exercise, Guess, Progress

    kept = Progress(
        exercises={"01-together": Exercise(2, 1, MOMENT), "04-tail": Exercise(1)},
        quizzes={"01-order": 1},
        predictions={"01-together": Guess(1.5, 2.0), "x": Guess(1.0)},
    )
    return [dumps({"schema": 1, **encode(kept)}).encode(), b'{"schema":1}']


def _texts() -> list[bytes]:
    return [
        b"1,2,4", b"threads,processes:spawn", b"60s", b"1.5h", b"5%", b"0.05", b"500M", b"1.5GiB", b'{"radius": 3}',
        b"dask:tcp://127.0.0.1:8786", b"processes:fork", b"mpi:2", b"loky", b"03", b"01-order", b"01-together",
        b"f items --workers 1,2 --backends threads --rounds 7 --budget=20s --precision 5%", b"f 100 --size 'small'",
        b"tasks", b"def work(x):\n    return x\n", b"Ada Lovelace",
    ]  # fmt: skip


def _machine() -> list[bytes]:
    second = [
        "0::/user.slice/a\n",
        "30 24 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n",
        "cpu  1 2 3 4 5 6 7 8 9\n",
        "processor : 0\nmodel name : Abacus\n",
        "Name: x\nnonvoluntary_ctxt_switches:\t12\n",
        "150000 100000\n",
        "1073741824\n",
        "1000000\n",
        "anon 1\ninactive_file 5000\n",
        "-1\n",
        "8\n",
    ]
    first = [
        "4:cpu,cpuacct:/docker/x\n5:memory:/\n",
        (
            "31 25 0:27 /docker /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
            "32 25 0:28 / /sys/fs/cgroup rw - cgroup cgroup rw,memory\n"
        ),
        *second[2:9],
        "50000\n",
        "100000\n",
    ]
    return ["\n==\n".join(one).encode() for one in (second, first)]


def _notes() -> list[bytes]:
    from parlab.logbook import Page

    with folder() as place:
        page = Page(place / "1-2.page")
        page.begin(3)
        page.add("printed")
        page.close()
        written = (place / "1-2.page").read_bytes()
    return [
        written,
        b'["began", 1, 0.5, 0]\n["ended", 1, 0.7, 0]\n["began", 2, 0.9, 1]\n',
        b'[5000000, "hello"]\n[6000000, "x"]\n',
        b'Thread 0x1 (most recent call first):\n  File "a.py", line 3 in f\n  File "b.py", line ??? in <module>\n',
    ]


def _messages() -> list[bytes]:
    from parlab.learn.records import Run

    job = Job(SWEEP, {"cores_usable": 2}, 2, {"numpy": "2"}, "x.jsonl", resume=False, sys_path=["."])
    order = Order(SWEEP, Configuration("parallel", "threads", 2), 1, ["."])
    records: list[Any] = [job, order, Provided("here", 8), SWEEP, Run("spawn", "late")]
    return [dumps({"event": "measured", **encode(one)}).encode() for one in records]


_MADE: Mapping[str, Callable[[], list[bytes]]] = {
    "results": _results,
    "pictures": _results,
    "points": _points,
    "items": _items,
    "purchases": _purchases,
    "photographs": _photographs,
    "notebooks": _notebooks,
    "progress": _progress,
    "texts": _texts,
    "machine": _machine,
    "notes": _notes,
    "messages": _messages,
}


@cache
def inputs(reader: str) -> tuple[bytes, ...]:
    """Make the valid inputs of a reader."""
    with contextlib.redirect_stdout(io.StringIO()):
        return tuple(_MADE[reader]())


def write(reader: str, place: Path) -> None:
    """Write them into a folder, as a corpus."""
    place.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(inputs(reader)):
        (place / f"valid-{number}").write_bytes(data)
