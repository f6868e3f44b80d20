"""Hold two workloads against the ceiling, the speedup of independent copies of a loop that shares nothing.

    python benchmarks/ceiling.py [--rounds 9]

Ceiling and speedup are measured in the same rounds; their ratio is taken inside each.
"""

import sys

from side_by_side import Goal, Section, main, shown, table

import parlab
from parlab.results import Results
from parlab.results.intervals import Estimate, median_interval
from parlab.results.ratios import brackets, ceilings, map_s, ratios, usable_trials

WORKLOADS = ("photos", "simulation")
BACKENDS = ("pool", "processes")
WORKERS = 2
LEAST = 0.95


def shares(results: Results, backend: str) -> tuple[Estimate, Estimate, Estimate]:
    """Return speedup, ceiling, and speedup over ceiling, each over the rounds."""
    trials = usable_trials(results)
    mine = [one for one in trials if one.role == "parallel" and one.backend == backend and one.workers == WORKERS]
    speedups, highest = ratios(mine, brackets(trials), map_s), ceilings(trials).get(WORKERS)
    if highest is None:
        sys.exit(
            "No ceiling was measured: this machine has one core, or is so busy that tasks waited most of the time."
        )
    common = [speedups[key] / highest[key] for key in speedups if key in highest]
    return tuple(map(median_interval, (list(speedups.values()), list(highest.values()), common)))  # type: ignore[return-value]


def section(rounds: int = 9) -> Section:
    """Measure and answer."""
    rows, goals = [], []
    for workload in WORKLOADS:
        view = parlab.speedup(
            workload, workers=[WORKERS], backends=BACKENDS, rounds=rounds, chunksize=1, progress=False
        )
        for backend in BACKENDS:
            speedup, ceiling, share = shares(view.results, backend)
            found = [*(shown(one, 3) for one in (speedup, ceiling, share)), f"{speedup.median / WORKERS:.3f}"]
            rows.append([workload, backend, *found])
            text = f"speedup over ceiling, {workload}, {backend}, {WORKERS} workers"
            goals.append(Goal(text, share, LEAST, at_least=True, digits=3))
    heads = ["workload", "backend", "speedup", "ceiling", "speedup / ceiling", "speedup / workers"]
    title, tables = "Speedup against the ceiling", (table(heads, rows),)
    return Section(title, "python benchmarks/ceiling.py", tables, tuple(goals), NOTES)


NOTES = """
Size `small`, one task a message, tracing on. The ceiling has neither dispatch nor an idle tail: with few long tasks
the last one leaves workers without work, and that is part of what is missing; `parlab explain` shows which part is
which. Where there are as many workers as cores, the parent has no core for itself, and takes from theirs what it needs
to send and to receive; the copies of the ceiling need no parent. One copy alone is measured right before and right
after all run together; where it runs slower alone than beside others, the ceiling is above the number of workers, and
no work can come near it: see the last column then.
"""


if __name__ == "__main__":
    main("ceiling", __doc__)
