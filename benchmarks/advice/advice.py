"""Is the advice right? Each finding is provoked, what it advises is done, and the gain is measured side by side.

usage: advice.py [CODE …]        from the folder benchmarks/advice; without codes all of them, about ten minutes

Before and after take turns, six times. A gain is the time before over the time after in one turn; the table gives the
median over the turns with its 95 % interval (order statistics). It prints the table of ``README.md``.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import advised
import numpy as np

import parlab
from parlab.results.intervals import Estimate, median_interval
from parlab.workloads import payload, primes, skewed, triad

if TYPE_CHECKING:
    from parlab.records import Finding

TURNS = 6  # the fewest with an interval
CORES = parlab.detect().cores_usable
WORKERS = max(2, min(CORES, 4))
BURN = "import time\nend = time.time() + 600\nwhile time.time() < end: pass"


@dataclass(frozen=True)
class Case:
    """One finding: how it is provoked, and what its advice makes of it."""

    code: str
    work: str  # what is measured
    done: str  # what was done, in the words of the advice
    before: Callable[[], parlab.View]
    after: Callable[[Mapping[str, Any]], parlab.View]  # gets the finding's evidence
    compared: str = "time"  # "time", "all in" with start-up, or "width" of the interval


def measured(subject: Any, items: Any = None, backend: str = "processes", workers: int = WORKERS, **more: Any) -> Any:
    """Measure one configuration in one round, unless told otherwise."""
    more.setdefault("rounds", 1)
    return parlab.speedup(subject, items, backends=[backend], workers=[workers], progress=False, **more)


def longest_first() -> list[tuple[int, int]]:
    """Return the uneven ranges in the order that the advice wants."""
    return sorted(skewed.items(64), key=lambda bounds: bounds[0] - bounds[1])


@contextmanager
def files() -> Iterator[list[str]]:
    """Write the blocks of ``payload`` into files; they are removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, block in enumerate(payload.items(8)):
            path = Path(folder) / f"{number}.bin"
            np.asarray(block).tofile(path)
            paths.append(str(path))
        yield paths


def read_by_workers(_evidence: Mapping[str, Any]) -> Any:
    """Let workers read the blocks from files that they map into memory."""
    with files() as paths:
        return measured(advised.add_up_file, paths)


def _pools(pools: int) -> float:
    work = primes.items(16) * 5
    share = len(work) // pools
    start_s = time.perf_counter()
    for number in range(pools):
        with parlab.pool(WORKERS) as pool:
            pool.map(primes.count_primes, work[number * share : (number + 1) * share])
    return time.perf_counter() - start_s


def beside_others() -> Any:
    """Measure while other programs compute on every core."""
    others = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(CORES)]  # noqa: S603  # our own line
    try:
        return measured("primes", size=32, rounds=8)
    finally:
        for other in others:
            other.kill()
            other.wait()


CASES = (
    Case(
        "tasks-too-short",
        "2,000 tasks of 20 to 30 us",
        "the chunk size that was advised",
        lambda: measured(advised.tiny, range(2_000)),
        lambda evidence: measured(advised.tiny, range(2_000), chunksize=evidence["chunksize"] or 64),
    ),
    Case(
        "few-chunks",
        "`primes` in one chunk",
        "the chunk size that was advised",
        lambda: measured("primes", size=64, chunksize=64),
        lambda evidence: measured("primes", size=64, chunksize=evidence["advised"]),
    ),
    Case(
        "imbalance",
        "`skewed`, the longest task last",
        "the longest tasks first",
        lambda: measured(primes.count_primes, skewed.items(64)),
        lambda _: measured(primes.count_primes, longest_first()),
    ),
    Case(
        "big-payloads",
        "`payload`, 4 MiB a task",
        "workers read the data, only its name is sent",
        lambda: measured("payload", size=8),
        read_by_workers,
    ),
    Case(
        "oversubscribed",
        f"`matmul`, {CORES} BLAS threads a worker",
        "the BLAS threads that were advised",
        lambda: measured("matmul", size=12, blas_threads=max(2, CORES)),
        lambda evidence: measured("matmul", size=12, blas_threads=evidence["advised"]),
    ),
    Case(
        "memory-bound",
        "`triad`, three arrays of 12 MB",
        "finish a block that fits the caches before the next",
        lambda: measured("triad", size=24),
        lambda _: measured(advised.stream_in_blocks, triad.items(24)),
    ),
    Case(
        "more-workers-than-cores",
        f"`primes` on {4 * CORES} workers",
        f"as many workers as cores, {CORES}",
        lambda: measured("primes", size=64, workers=4 * CORES),
        lambda evidence: measured("primes", size=64, workers=evidence["cores"]),
        "all in",
    ),
    Case(
        "gil-bound",
        "`primes` on threads",
        "processes",
        lambda: measured("primes", size=64, backend="threads"),
        lambda _: measured("primes", size=64),
    ),
    Case(
        "io-bound",
        f"`download` on {WORKERS} threads",
        "four times as many threads",
        lambda: measured("download", size=32, backend="threads"),
        lambda _: measured("download", size=32, backend="threads", workers=4 * WORKERS),
    ),
    Case(
        "noisy-machine",
        "`primes` beside other programs, 8 rounds",
        "close the other programs",
        beside_others,
        lambda _: measured("primes", size=32, rounds=8),
        "width",
    ),
    Case(
        "not-converged",
        "`primes`, 6 rounds",
        "18 rounds",
        lambda: measured("primes", size=32, rounds=6, precision=0.005, budget_s=60),
        lambda _: measured("primes", size=32, rounds=18, precision=0.005, budget_s=180),
        "width",
    ),
)


def main() -> None:
    """Measure the cases that were asked for, and print the table."""
    wanted = sys.argv[1:]
    unknown = set(wanted) - {case.code for case in CASES} - {"startup-dominates"}
    if unknown:
        sys.exit(f"Unknown finding {min(unknown)!r}. Allowed: {', '.join(case.code for case in CASES)}.")
    print("| finding | the work | what was done | found | gain | 95 % interval |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        if not wanted or case.code in wanted:
            found, gains = turns(case)
            show(case.code, case.work, case.done, f"{found} of {TURNS}", gains)
    if not wanted or "startup-dominates" in wanted:
        in_pools()


def turns(case: Case) -> tuple[int, list[float]]:
    """Let before and after take turns; return how often the finding was told, and the gains.

    What is advised is taken from the first time that it was told: a turn before that is done again. There are no gains
    where it is not told on this machine.
    """
    found, gains, evidence = 0, [], None
    for _ in range(2 * TURNS):
        before = case.before()
        told = evidence_of(before, case.code)
        evidence = evidence or told
        if evidence is not None:
            found += told is not None
            gains.append(figure(before, case.compared) / figure(case.after(evidence), case.compared))
        if len(gains) == TURNS:
            return found, gains
    return found, []


def in_pools() -> None:
    """Measure pools by hand: a sweep starts new workers for each trial, which is what the advice is against."""
    telling = [evidence_of(measured("primes", size=16), "startup-dominates") for _ in range(TURNS)]
    gains = [_pools(pools=5) / _pools(pools=1) for _ in range(TURNS)]
    found = f"{sum(one is not None for one in telling)} of {TURNS}"
    show("startup-dominates", "`primes` in five pools", "the same work in one pool", found, gains)


def evidence_of(view: parlab.View, code: str) -> Mapping[str, Any] | None:
    """Return the evidence of a finding, if it was told."""
    told: list[Finding] = [finding for finding in view.findings if finding.code == code]
    return told[0].evidence if told else None


def figure(view: parlab.View, compared: str) -> float:
    """Return what is compared: less is better."""
    row = next(row for row in view.summary.rows if row.backend != "serial")
    if compared == "width":
        estimate = Estimate(row.speedup or 0.0, row.speedup_low, row.speedup_high, row.rounds)
        return estimate.width or float("nan")
    trials = [trial for trial in view.results.records if trial.role == "parallel"]
    times = [trial.elapsed_s if compared == "all in" else trial.map_s for trial in trials]
    return median(taken_s for taken_s in times if taken_s is not None)


def show(code: str, work: str, done: str, found: str, gains: list[float]) -> None:
    """Print a row of the table."""
    if not gains:
        print(f"| `{code}` | {work} | {done} | not on this machine | – | – |", flush=True)  # noqa: RUF001
        return
    one = median_interval(gains)
    print(f"| `{code}` | {work} | {done} | {found} | {one.median:.2f} | {one.low:.2f} to {one.high:.2f} |", flush=True)


if __name__ == "__main__":
    main()
