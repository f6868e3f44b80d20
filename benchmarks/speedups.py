"""Hold ``parlab.speedup`` against a loop by hand, and what it needs against pyperf and hyperfine.

    python benchmarks/speedups.py [--rounds 12]

The task counts itself: each execution, whoever calls it and why, adds a byte to a file. Precision is the same for all:
the interval of the median ratio (``parlab.results.intervals``) within 5 % of it, looked at after every pair of values.
"""

import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from by_hand import ITEMS, WORKERS, serial
from side_by_side import HERE, INSTALL, SEED, Goal, Section, main, needed, shown, table
from small_tasks import COUNTED, counted

import parlab
from parlab.machine.detection import default_start_method
from parlab.measure.stopping import settled
from parlab.results.intervals import Estimate, median_interval
from parlab.results.ratios import brackets, map_s, ratios, usable_trials

PRECISION = 0.05
MOST_PAIRS = 30  # of values of the other tools; what is not known then is said
HYPERFINE = "hyperfine is not installed. On Debian and Ubuntu: apt-get install hyperfine; elsewhere see its own page."
STEP_PROCESSES = 2  # of pyperf, at a time


@dataclass
class Spent:
    """What a tool needed until it knew the ratio."""

    tool: str
    ratio: Estimate
    known: bool
    runs: float  # executions of the task over the number of items: how often the whole work was done
    seconds: float


@contextmanager
def counting() -> Iterator[Callable[[], float]]:
    """Count executions: the function that is yielded says how often the whole work has been done."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "count"
        path.touch()
        os.environ[COUNTED] = str(path)
        try:
            yield lambda: path.stat().st_size / len(ITEMS)
        finally:
            del os.environ[COUNTED]


def speedup_ratios(rounds: int | None) -> list[float]:
    """Measure with parlab; return the speedup of each round. Without rounds it stops by itself when it knows enough."""
    more = {"rounds": rounds} if rounds else {"precision": PRECISION, "budget_s": 90.0}
    view = parlab.speedup(
        "small_tasks:counted",
        ITEMS,
        workers=[WORKERS],
        backends=["pool"],
        progress=False,
        **more,
    )
    trials = usable_trials(view.results)
    mine = [trial for trial in trials if trial.role == "parallel"]
    return list(ratios(mine, brackets(trials), map_s).values())


def loop_ratios(rounds: int) -> list[float]:
    """Measure as one would by hand: both in every round, in random order, in one pool that is warm."""
    chance, found = random.Random(SEED), []  # noqa: S311  # an order, no secret
    with multiprocessing.get_context(default_start_method()).Pool(WORKERS) as pool:

        def parallel() -> list[int]:
            return pool.map(counted, ITEMS, chunksize=1)

        parallel()
        for _ in range(rounds):
            taken_s = {}
            for call in chance.sample([serial, parallel], 2):
                started_s = time.perf_counter()
                call()
                taken_s[call] = time.perf_counter() - started_s
            found.append(taken_s[serial] / taken_s[parallel])
    return found


def with_parlab() -> Spent:
    """Let parlab stop when it knows the speedup."""
    started_s = time.perf_counter()
    with counting() as runs:
        found = speedup_ratios(None)
        spent = runs()
    return Spent("parlab", median_interval(found), settled(found, PRECISION), spent, time.perf_counter() - started_s)


def with_pyperf() -> Spent:
    """Let pyperf measure loop and pool, two of its processes at a time, until the ratio is known."""
    needed("pyperf", INSTALL)
    started_s, values = time.perf_counter(), {"serial": list[float](), "parallel": list[float]()}
    with counting() as runs, TemporaryDirectory() as folder:
        found: list[float] = []
        while not settled(found, PRECISION) and len(found) < MOST_PAIRS:
            for how, known in values.items():
                path = Path(folder) / f"{how}-{len(known)}.json"
                options = ["--quiet", "--processes", str(STEP_PROCESSES), "--output", str(path), "--pyperf", how]
                loops = ["--loops", "1"] if known else []  # calibrated once
                run(sys.executable, str(HERE / "by_hand.py"), *loops, *options)
                known.extend(values_in(json.loads(path.read_text(encoding="utf-8"))))
            found = [a / b for a, b in zip(values["serial"], values["parallel"], strict=False)]
        spent = runs()
    return Spent("pyperf", median_interval(found), settled(found, PRECISION), spent, time.perf_counter() - started_s)


def values_in(measured: dict) -> list[float]:  # type: ignore[type-arg]  # JSON
    """Return the values of a file of pyperf, in the order in which they were measured."""
    return [value for one in measured["benchmarks"][0]["runs"] for value in one.get("values", [])]


def with_hyperfine() -> Spent:
    """Let hyperfine measure two commands with as few runs as suffice: its fewest are two at a time here."""
    if shutil.which("hyperfine") is None:
        sys.exit(HYPERFINE)
    started_s = time.perf_counter()
    with counting() as runs, TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        times: list[list[float]] = [[], []]
        found: list[float] = []
        while not settled(found, PRECISION) and len(found) < MOST_PAIRS:
            commands = [f"{sys.executable} {HERE / 'by_hand.py'} {how}" for how in ("serial", "parallel")]
            count = "6" if not found else "2"  # below six pairs there is no interval
            run("hyperfine", "--shell=none", "--style=none", "--runs", count, "--export-json", str(path), *commands)
            for known, one in zip(times, json.loads(path.read_text(encoding="utf-8"))["results"], strict=True):
                known.extend(one["times"])
            found = [a / b for a, b in zip(*times, strict=True)]
        spent = runs()
    return Spent("hyperfine", median_interval(found), settled(found, PRECISION), spent, time.perf_counter() - started_s)


def run(*command: str) -> None:
    """Run a command in silence; what it wrote is shown when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stdout[-500:]}{done.stderr[-1500:]}")


def same_median(rounds: int) -> tuple[str, Goal]:
    """Measure by hand before and after parlab, so that a drift is shared; return the table and the goal."""
    half = loop_ratios(rounds // 2)
    ours = median_interval(speedup_ratios(rounds))
    hand = median_interval(half + loop_ratios(rounds - rounds // 2))
    rows = [["parlab.speedup", shown(ours, 3)], ["loop by hand", shown(hand, 3)]]
    both = table(["how", f"speedup, {WORKERS} workers, {rounds} rounds"], rows)
    apart = Estimate(abs(hand.median / ours.median - 1), None, None, rounds)
    allowed = max(ours.width or 0.0, hand.width or 0.0)
    text = "how far the loop's median is from parlab's, in %; the wider of the two intervals says how far it may"
    return both, Goal(text, apart, round(allowed, 3), digits=1, scale=100)


def section(rounds: int = 12) -> Section:
    """Measure and answer."""
    both, goal = same_median(rounds)
    spent = [with_parlab(), with_pyperf(), with_hyperfine()]
    better = min(spent[1:], key=lambda one: (not one.known, one.runs))
    doubt = "".join(f"; {one.tool} was not there yet" for one in (spent[0], better) if not one.known)
    share = Estimate(spent[0].runs / better.runs, None, None, 1)
    goals = (goal, Goal(f"runs parlab needs over those of {better.tool}{doubt}", share, 0.5))
    return Section("Speedups, and what they take", "python benchmarks/speedups.py", (both, costs(spent)), goals, NOTES)


def costs(spent: Sequence[Spent]) -> str:
    """Write the table of what each tool needed."""
    heads = ["tool", "runs of the whole work", "pairs", "seconds", "ratio", f"known to {PRECISION:.0%}"]
    return table(
        heads,
        [
            [
                one.tool,
                f"{one.runs:.1f}",
                str(one.ratio.count),
                f"{one.seconds:.0f}",
                shown(one.ratio, 3),
                "yes" if one.known else "no",
            ]
            for one in spent
        ],
    )


NOTES = """
A run is one execution of all items, serial or parallel. parlab's have everything in them: the check of the answers
(one run of the loop, one of the engine), in every round two loops around one parallel run, and a task for each worker
to warm up. The ceiling, which parlab measures in each round, is in the seconds and not in the runs. So a round takes
three runs where a pair of values takes two, and no tool has an interval from fewer than six pairs: where the machine
is quiet and six are enough for all, parlab needs one and a half times what two commands need, and the check on top,
and cannot need half. What the second loop buys is that a machine that changes within a round is seen, and half of the
change cancelled; what the check buys is that a wrong answer is no speedup.

hyperfine measures whole commands: its ratio has the interpreter's and the pool's start in it and is another number.
It begins here with six runs of each command, without warm-up, where its own default is ten or more. pyperf calibrates
once, warms up once in each of its processes and takes three values in each; it begins here with two processes for
each side, where its default is 20, which would be 160 runs. Neither stops by itself at a precision: that is done for
them here. Values of both come one side after the other and are paired by their order.
"""


if __name__ == "__main__":
    main("speedups", __doc__)
