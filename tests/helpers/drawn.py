"""Made-up summaries for tests of charts and tables."""

from typing import Any

from parlab.analysis.summary import Row, Summary
from parlab.records import Finding

MACHINE = {"cores_physical": 2, "cores_usable": 2, "cores_quota": None, "python": "3.13.0", "cpu_model": "Abacus"}


def row(backend: str, workers: int, **fields: Any) -> Row:
    speedup = 0.9 * workers
    usual = {
        "rounds": 7,
        "median_s": 1 / workers,
        "speedup": speedup,
        "speedup_low": 0.95 * speedup,
        "speedup_high": 1.05 * speedup,
        "speedup_with_startup": 0.8 * workers,
        "efficiency": 0.9,
        "ceiling": 0.97 * workers,
        "startup_s": 0.05,
    }
    return Row(backend=backend, workers=workers, **{**usual, **fields})


def finding(message: str = "It is noisy.", advice: str = "Take more rounds.") -> Finding:
    return Finding("noisy-machine", message, advice)


def summary(rows, *, workload="primes", machine=MACHINE, findings=(), rounds=7) -> Summary:
    shares = {(one.backend, one.workers): one.speedup / one.ceiling for one in rows if one.speedup and one.ceiling}
    return Summary(workload, machine, tuple(rows), tuple(findings), rounds, "rounds", shares)
