"""What is stopped in the middle: each face of parlab, each raw pattern of the lessons, and notebooks' long cells.

A case is data: cells that come before, the cell that takes long, how to know that it is under way, and what is read
below it afterwards.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from slices import cells_needed_by

from parlab.errors import ResultFileError
from parlab.learn.contents import course_folder, find_lesson
from parlab.results import read

TASKS = """%%workers my_tasks
import time
from pathlib import Path

def wait(number, folder="."):
    Path(folder, f"busy-{number}").touch()
    time.sleep(600)

def count(number):
    return sum(range(30_000 + number))

def count_noted(number):
    with Path("calls").open("a") as calls:
        calls.write(".")
    return count(number)

def wait_in_order(task, items):
    Path("busy-0").touch()
    time.sleep(600)

def work(item):
    return count(item)

def make_items():
    return list(range(8))
"""
LOAD = "%load_ext parlab\nimport multiprocessing, parlab\nfrom parlab import learn"
RESULTS = "kept.jsonl"
SWEEP = f'my_tasks.count, range(8), workers=[2], backends=["processes"], rounds=500, output="{RESULTS}"'
Moment = Callable[[Path], bool]


def two_are_busy(folder: Path) -> bool:
    return len(list(folder.glob("busy-*"))) >= 2


def one_is_busy(folder: Path) -> bool:
    return any(folder.glob("busy-*"))


def trials_are_done(folder: Path) -> bool:
    try:
        return bool(read(folder / RESULTS).complete_rounds)
    except ResultFileError:  # it is not there yet, or its first line is not whole
        return False


def many_calls(folder: Path) -> bool:
    path = folder / "calls"
    return path.exists() and path.stat().st_size > 80  # ten trials of eight tasks: more than one round


def at_once(folder: Path) -> bool:
    return True


@dataclass(frozen=True)
class Case:
    """Something that takes long.

    Attributes
    ----------
    title
        For the table.
    cell
        The cell that is stopped.
    says
        What is to be read after the stop button: a regular expression.
    moment
        When it is under way.
    before
        Cells that are run before.
    button
        A button of the widget that the cell shows, which starts it; the cell itself has ended then.
    over
        What the widget says when it was stopped by itself.
    keeps
        Whether the result file must hold the trials that were finished.
    most_lines
        Of what is shown red.
    wait_s
        How long the cell runs before it is stopped, after its moment.
    presses
        How often the stop button must be pressed, at most: plain Python's executor has its workers take the next task.
    again
        Whether it can be run again in the same kernel after it was stopped.
    plain
        Whether it is plain multiprocessing, whose processes watch no parent and may outlive a kernel that is killed.
    strict
        Whether no semaphore may be left, not even one that a variable of the notebook may still hold.
    """

    title: str
    cell: str
    says: str
    moment: Moment = two_are_busy
    before: tuple[str, ...] = (LOAD, TASKS, "import my_tasks")
    button: str = ""
    over: str = ""
    keeps: bool = False
    most_lines: int = 3
    wait_s: float = 0.2
    presses: int = 1
    strict: bool = True
    again: bool = True
    plain: bool = False


RAW = {
    "a raw Process": "context = multiprocessing.get_context({method!r})\n"
    "children = [context.Process(target=wait, args=(n,)) for n in (1, 2)]\n"
    "for child in children:\n    child.start()\nfor child in children:\n    child.join()",
    "a raw Pool": "with multiprocessing.get_context({method!r}).Pool(2) as pool:\n    pool.map(wait, [1, 2, 3])",
    "a raw ProcessPoolExecutor": "from concurrent.futures import ProcessPoolExecutor\n"
    "with ProcessPoolExecutor(2, multiprocessing.get_context({method!r})) as executor:\n"
    "    list(executor.map(wait, [1, 2, 3]))",
}
STOPPED_IN = r"KeyboardInterrupt: stopped in line \d"
MANY = 200
GOES_ON = "a sweep behind a closed tab"
METHODS = ("forkserver", "spawn", "fork")

FACES = {
    "speedup": Case(
        "`parlab.speedup`",
        f"view = parlab.speedup({SWEEP})\nprint('ended:', view.results.ended)",
        "ended: stopped",
        trials_are_done,
        keeps=True,
        most_lines=0,
    ),
    "speedup-first": Case(
        "`parlab.speedup`, before its first trial",
        "parlab.speedup(my_tasks.wait, range(4), workers=[2], backends=['processes'])",
        "Stopped before the first trial had finished: nothing was measured",
        one_is_busy,
    ),
    "magic": Case(
        "`%speedup`",
        "count, items = my_tasks.count_noted, range(8)\n"
        "view = %speedup count items --workers 2 --backends processes --rounds 500\n"
        "print('ended:', view.results.ended)",
        "ended: stopped",
        many_calls,
        most_lines=0,
    ),
    "deadline": Case(
        "`%%deadline`",
        "%%deadline 300\nimport multiprocessing, my_tasks\n"
        "with multiprocessing.get_context('spawn').Pool(2) as pool:\n    pool.map(my_tasks.wait, [1, 2, 3])",
        "Stopped: everything that the cell had started is gone",
    ),
    "pool": Case(
        "`parlab.pool`",
        "with parlab.pool(2) as pool:\n    pool.map(my_tasks.wait, [1, 2, 3])",
        "Stopped: 0 of 3 tasks were done, and the workers are gone",
    ),
    "submit": Case(
        "`parlab.pool`, `submit`",
        "with parlab.pool(2) as pool:\n    calls = [pool.submit(my_tasks.wait, n) for n in (1, 2, 3)]\n"
        "    [call.result() for call in calls]",
        STOPPED_IN,
    ),
    "bug": Case(
        "`parlab.bug`",
        "print('begun')\nparlab.bug('never-comes-back')",
        "Stopped: everything that the program had started is gone",
        at_once,
        before=(LOAD,),
        wait_s=1.5,
    ),
    "script-bug": Case(
        "`parlab.bug`, a script",
        "parlab.bug('the-last-line-hangs')",
        "Stopped",
        at_once,
        before=(LOAD,),
        wait_s=1.5,
    ),
    "check": Case(
        "`learn.check`",
        "learn.check('02-wait-together', my_tasks.wait_in_order, deadline_s=300)",
        "Stopped",
        one_is_busy,
    ),
    "project": Case(
        "`parlab.Project`",
        "project = parlab.Project('my_tasks')\n"
        f"view = project.measure({SWEEP.partition('range(8), ')[2]})\nprint('ended:', view.results.ended)",
        "ended: stopped",
        trials_are_done,
        keeps=True,
        most_lines=0,
    ),
    "cluster": Case(
        "a Dask cluster, at work",
        "here = str(Path.cwd())  # its workers are at home elsewhere\n"
        "client.gather(client.map(my_tasks.wait, [1, 2, 3], folder=here))",
        STOPPED_IN,
        before=(
            LOAD,
            TASKS,
            "import my_tasks\nfrom pathlib import Path\nfrom dask.distributed import Client",
            "from parlab.notebook.cluster import Cluster",
            "cluster = Cluster(workers=2)\nclient = Client(cluster.address)\nclient.upload_file('my_tasks.py')",
        ),
        again=False,  # nobody can stop a task that a Dask worker has begun: the workers stay busy with the old ones
    ),
    "cluster-start": Case(
        "a Dask cluster that starts",
        "cluster = Cluster(workers=2)",
        "Stopped",
        at_once,
        before=(LOAD, "from parlab.notebook.cluster import Cluster"),
        wait_s=0.7,
    ),
    "panel": Case(
        "`BenchmarkPanel`",
        f"panel = parlab.BenchmarkPanel({SWEEP})\npanel",
        "",
        trials_are_done,
        button="Start",
        over="Cancelled after",
        keeps=True,
        most_lines=0,
    ),
    "panel-run": Case(
        "`BenchmarkPanel.run`",
        f"panel = parlab.BenchmarkPanel({SWEEP})\nview = panel.run()\nprint('ended:', view.results.ended)",
        "ended: stopped",
        trials_are_done,
        keeps=True,
        most_lines=0,
    ),
    "explorer": Case(
        "`ScalingExplorer`, beside a cell that waits",
        "import time\nfrom pathlib import Path\ndisplay(explorer)\nPath('busy-0').touch()\ntime.sleep(600)",
        STOPPED_IN,
        one_is_busy,
        before=(LOAD, 'explorer = parlab.ScalingExplorer(parlab.View.read("recorded:download-2-cores"))'),
    ),
    "monitor": Case(
        "`CpuMonitor`, live",
        "import time\nfrom pathlib import Path\nmonitor = parlab.CpuMonitor(seconds=600)\ndisplay(monitor)\n"
        "Path('busy-0').touch()\ntime.sleep(600)",
        STOPPED_IN,
        one_is_busy,
        before=(LOAD,),
        wait_s=1.5,
    ),
    "monitor-block": Case(
        "`CpuMonitor`, around a sweep",
        f"with parlab.CpuMonitor() as monitor:\n    view = parlab.speedup({SWEEP})\n"
        "print('ended:', view.results.ended, monitor.running)",
        "ended: stopped False",
        trials_are_done,
        keeps=True,
        most_lines=0,
    ),
    **{
        f"{name.split()[-1].lower()}-{method}": Case(
            f"{name}, {method}",
            pattern.format(method=method).replace("wait", "my_tasks.wait"),
            STOPPED_IN,
            most_lines=MANY,  # each of its processes says that it was stopped, too
            presses=3 if "Executor" in name else 1,
            plain=True,
        )
        for name, pattern in RAW.items()
        for method in METHODS
    },
}


@dataclass(frozen=True)
class Long:
    """A long cell of a committed notebook.

    Attributes
    ----------
    number
        The notebook's.
    begins
        A text that stands in this cell alone.
    wait_s
        When it is stopped: about the middle of what it took alone on two cores.
    longest
        Whether it is the notebook's longest, which is restarted, too.
    presses
        See ``Case``.
    module
        A text of one more cell that must have run before: it makes a module that the others name only in a string.
    """

    number: str
    begins: str
    wait_s: float
    longest: bool = True
    presses: int = 1
    module: str = ""

    @property
    def title(self) -> str:
        """For the table."""
        return f"{self.number}: `{self.begins[:40]}`"

    @property
    def nickname(self) -> str:
        """A short name for tests and pictures."""
        return "-".join(re.findall(r"[a-z0-9]+", self.begins.lower()))[:24].strip("-")


NOTEBOOKS = (
    Long("00", "copies = sorted({1, 2, cores, 2 * cores})", 2.5),
    Long("01", 'DAEMON = """', 1),
    Long("01", "naps = [(queue, 0.4 * (5 - number), number)", 0.8, longest=False),
    Long("02", 'waiting = parlab.speedup("download"', 4),
    Long("02", '"asyncio, one thread": lambda', 1, longest=False),
    Long("03", "%%deadline 4", 2.5),
    Long("03", 'starts.start_times(["nothing", "numpy"], rounds=5)', 0.6, longest=False),
    Long("04", "def measured(task, some, chunk)", 4),
    Long("04", "waits = [number / 2000 for number in range(1, 41)]", 2.5, longest=False),
    Long("05", "outcomes = aftermath.side_by_side", 0.9),
    Long("05", "uneven = [(0, 0.45)", 0.7, longest=False, presses=3),
    Long("06", "%%deadline 5", 2.5),
    Long("06", 'sent = parlab.speedup("payload"', 1.5, longest=False),
    Long("07", "%%deadline 5", 2.5),
    Long("07", 'learn.check("07-last-seat", sold)', 0.8, longest=False),
    Long("08", "times = transfers.times_by_size(pool)", 0.5),
    Long("09", "workers=[1, 2], backends=ba", 8),
    Long("10", '"memory": measured("triad", size=16)', 4),
    Long("11", '"download", size=32, workers=[1, 2, 4, 8, 16]', 4),
    Long("11", "rounds = phases.speedups(counts, alone_s=0.03", 2, longest=False),
    Long("12", '"photos", size=max(8, len(jobs) // 6)', 7),
    Long("12", "few = whole[:16]", 2, longest=False),
    Long("12", 'kept = album.jobs("kept")', 1.5, longest=False, presses=3),
    Long("13", '"customers", size=len(parts)', 8),
    Long("13", "cuts = {count: files.by_customer", 5, longest=False),
    Long("14", 'weak = parlab.speedup("simulation"', 6),
    Long("14", 'ways = [("serial", 1), ("threads", 2)', 2, longest=False),
    Long("15", 'cause = "too many threads"', 5),
    Long("15", "with parlab.CpuMonitor() as monitor", 5, longest=False),
    Long("16", "here = engines.available()", 10),
    Long("17", 'engines = ["processes", "dask"', 6),
    Long("17", "cluster = Cluster(workers=2)", 1, longest=False),
    Long("18", 'before = project.measure("before"', 6, module="%%workers my_function"),
)


def sources_of(number: str) -> list[str]:
    """Return a committed notebook's code cells: with the solutions."""
    notebook = nbformat.read(course_folder() / find_lesson(number).file, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def as_case(one: Long) -> Case:
    """Make a case of a cell of the course: it needs the cells before it, and no others."""
    sources = sources_of(one.number)
    (place,) = [at for at, source in enumerate(sources) if one.begins in source]
    wanted = [place, *(at for at, source in enumerate(sources) if one.module and one.module in source)]
    needed = {need for at in wanted for need in cells_needed_by(sources, at)} | set(wanted[1:])
    before = tuple(sources[at] for at in sorted(needed))
    return Case(
        one.title,
        sources[place],
        "",
        at_once,
        before,
        most_lines=MANY,
        wait_s=one.wait_s,
        presses=one.presses,
        strict=False,
    )
