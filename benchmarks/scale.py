"""Show that a result file with a million spans is read, summarised, charted and exported in seconds.

Makes two such files with made-up times, in a temporary folder: many trials of 50,000 tasks, and few of 200,000. Then
runs each step in a fresh process and prints its time and its peak memory, Python's start and all imports included.

    python benchmarks/scale.py [--spans 1000000]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from parlab.records import SPAN_COLUMNS, Sweep, Trial, Worker
from parlab.results import SCHEMA, Check, Header
from parlab.results.journal import Journal

GOAL_S, GOAL_BYTES = 15.0, 1 << 30
TASK_S, DISPATCH_S = 1e-4, 2e-5
KINDS = ("efficiency", "time", "timeline", "break-even", "laws", "startup")
MOMENT = "2026-01-02T03:04:05.678+00:00"
TASKS = (50_000, 200_000)
CHILD = """
import resource, sys
from parlab.cli.app import run
code = run(sys.argv[1:])
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"MEASURED {code} {used.ru_utime + used.ru_stime} {peak}")
"""


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spans", type=int, default=1_000_000)
    spans = parser.parse_args().spans
    with tempfile.TemporaryDirectory(prefix="parlab-scale-") as folder:
        for tasks in TASKS:
            path = Path(folder) / f"{tasks}.jsonl"
            trials = write(path, tasks, spans)
            print(f"\n{trials} trials of {tasks:,} tasks, {trials * tasks:,} spans, {path.stat().st_size >> 20} MiB\n")
            print("| step | seconds | of CPU | MiB | within 15 s and 1 GiB |\n| --- | --- | --- | --- | --- |")
            for name, arguments in steps(path, Path(folder)):
                took_s, cpu_s, peak = measure(arguments)
                kept = "yes" if took_s <= GOAL_S and peak <= GOAL_BYTES else "no"
                print(f"| {name} | {took_s:.1f} | {cpu_s:.1f} | {peak >> 20} | {kept} |", flush=True)


def steps(path: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """List what is measured: commands, as a user would give them."""
    yield "read, summarise, table", ["show", str(path)]
    yield "read, summarise, speedup chart", ["plot", str(path), "-o", str(folder / "speedup.png")]
    yield "explain", ["explain", str(path)]
    for kind in KINDS:
        yield f"chart: {kind}", ["plot", str(path), "--kind", kind, "-o", str(folder / "chart.png")]
    yield "fit", ["fit", str(path)]
    yield "compare with itself", ["compare", str(path), str(path)]
    for ending in ("csv", "parquet"):
        yield f"export spans, {ending}", ["export", str(path), "--what", "spans", "-o", str(folder / f"out.{ending}")]


def measure(arguments: list[str]) -> tuple[float, float, int]:
    """Run a command in a process of its own; return its seconds, those on a CPU, and its peak memory in bytes."""
    began = time.perf_counter()
    line = [sys.executable, "-c", CHILD, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603  # our own commands
    took_s = time.perf_counter() - began
    found = [one for one in done.stdout.splitlines() if one.startswith("MEASURED")]
    if not found or found[0].split()[1] != "0":
        sys.exit(f"{arguments}: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return took_s, float(found[0].split()[2]), int(found[0].split()[3])


def write(path: Path, tasks: int, spans: int) -> int:
    """Write a result file with at least so many spans, as a sweep's journal does; return how many trials it has."""
    rng = np.random.default_rng(1)
    workers = (1, 2, 4)
    rounds = -(-spans // (tasks * (2 + len(workers))))
    sweep = Sweep("primes", str(tasks), tasks, ("processes",), workers, rounds, None)
    machine = {"cores_usable": 4, "python": "3.11"}
    journal = Journal(path)
    journal.begin(Header(SCHEMA, "0.1.0", MOMENT, machine, sweep, {}, Check(tasks, tasks * TASK_S, 1.0, 1e-6, True)))
    for number in range(rounds):
        for place, count in enumerate((0, *workers, 0)):
            journal.add(replace(trial(rng, tasks, count), round=number, position=place))
    journal.end("rounds", MOMENT)
    journal.close()
    return rounds * (2 + len(workers))


def trial(rng: np.random.Generator, tasks: int, workers: int) -> Trial:
    """Make up a trial: 0 workers are the plain loop. Messages of one task, each to the worker that is free first."""
    crew = max(1, workers)
    took = rng.lognormal(np.log(TASK_S), 0.2, tasks)
    gap = DISPATCH_S * rng.lognormal(0, 0.3, tasks) if workers else np.zeros(tasks)
    worker = np.arange(tasks) % crew
    started, finished = np.empty(tasks), np.empty(tasks)
    for one in range(crew):
        mine = worker == one
        finished[mine] = np.cumsum(took[mine] + gap[mine])
        started[mine] = finished[mine] - took[mine]
    columns: dict[str, list[Any]] = {
        "task": list(range(tasks)),
        "chunk": list(range(tasks)) if workers else [None] * tasks,
        "worker": worker.tolist(),
        "started_s": started.round(9).tolist(),
        "finished_s": finished.round(9).tolist(),
        "cpu_s": (took * 0.99).round(9).tolist(),
        "outcome": ["ok"] * tasks,
    }
    if workers:
        times = {"submitted_s": started - gap, "received_s": finished + gap, "pickle_s": gap / 4, "unpickle_s": gap / 5}
        columns |= {name: values.round(9).tolist() for name, values in times.items()}
        columns |= {"sent_bytes": [1000 + one % 97 for one in range(tasks)], "received_bytes": [300] * tasks}
    end = float(finished.max())
    return Trial(
        session=0,
        round=0,
        position=0,
        role="parallel" if workers else "serial",
        backend="processes" if workers else "serial",
        workers=crew,
        start_method="forkserver" if workers else None,
        tasks=tasks,
        open_s=0.1 if workers else 0.0,
        warm_up_s=0.01,
        map_s=end,
        close_s=0.01 if workers else 0.0,
        cpu_s=float(took.sum()) * 0.99,
        ceiling=None,
        outcome="ok",
        message=None,
        fingerprint="abc",
        load=0.1,
        started_at=MOMENT,
        crew=tuple(Worker("here", 10 + one, 10 + one, 0.0, 1e-6) for one in range(crew)),
        spans={name: columns.get(name, [None] * tasks) for name in SPAN_COLUMNS},
    )


if __name__ == "__main__":
    main()
