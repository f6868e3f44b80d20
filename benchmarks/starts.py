"""Time the first result of two spawned workers with a task of parlab, against one with a builtin.

    python benchmarks/starts.py [--rounds 25]

Each measurement is a fresh interpreter, which has imported the task before the clock runs, so that the difference is
what the workers import.
"""

import subprocess
import sys
from collections.abc import Callable

from side_by_side import Goal, Section, in_rounds, main, ratio, shown, table

MOST = 1.15
GOAL = "primes"
CODE = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
{first}
started_s = time.perf_counter()
with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
    executor.submit(task, item).result()
    print(time.perf_counter() - started_s)
"""
FIRST = {  # name: how task and item are made
    "builtin": "task, item = abs, -1",
    "hello": "from parlab.workloads.hello import print_number as task; item = 1",
    "primes": "from parlab.workloads.primes import count_primes as task; item = (2, 3)",
    "skewed": "from parlab.workloads.skewed import WORKLOAD; task, item = WORKLOAD.task, (2, 3)",
    "numpy alone": "import numpy; task, item = numpy.sign, -1",
    "payload": "import numpy; from parlab.workloads.payload import add_up as task; item = numpy.zeros(1)",
}


def first_result(name: str) -> Callable[[], float]:
    """Return a function that starts two workers in a new interpreter and says how long the first result took."""

    def run() -> float:
        command = [sys.executable, "-c", CODE.format(first=FIRST[name])]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
        return float(printed.stdout.splitlines()[-1])

    return run


def section(rounds: int = 25) -> Section:
    """Measure and answer."""
    found = in_rounds({name: first_result(name) for name in FIRST}, rounds)
    middle = {name: f"{sorted(values)[len(values) // 2] * 1e3:.1f}" for name, values in found.items()}
    rows = [[name, middle[name], shown(ratio(found, name, "builtin"), 3)] for name in FIRST if name != "builtin"]
    rows = [["builtin (`abs`)", middle["builtin"], "1"], *rows]
    goal = Goal(f"first result with parlab's {GOAL} over a builtin's", ratio(found, GOAL, "builtin"), MOST, digits=3)
    heads = ["task", "first result, ms", "over the builtin's"]
    return Section(
        "First result of two spawned workers", "python benchmarks/starts.py", (table(heads, rows),), (goal,), NOTES
    )


NOTES = """
From the making of the executor to the first result, in an interpreter of its own for each measurement. A task of a
workload makes its worker import that module, `parlab` and `parlab.workloads`, and nothing heavy (a test holds it).
`payload` works on arrays, so its workers import numpy; the row `numpy alone` shows that this is nearly all of it.
"""


if __name__ == "__main__":
    main("starts", __doc__)
