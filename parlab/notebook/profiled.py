"""Profiles a plain loop before anything is made parallel: how much can be shared out, and does it compute or wait.

It runs in this process, where the stop button ends it, twice: once by the clocks alone, and once under ``cProfile``,
whose counting makes small functions look slower than they are. So times come from the first run, shares from the
second. It starts no worker and changes nothing.
"""

import cProfile
import pstats
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import PurePath
from typing import Any

from parlab.analysis.noise import CPU_BOUND
from parlab.explained import Section
from parlab.learn.own import made
from parlab.machine import detect
from parlab.machine.detection import crowding
from parlab.tables import seconds
from parlab.trace import shown

WAITS = 0.5  # a loop that computes for less than this share of its time waits for something else
OWN_THREADS = 1.1  # more CPU time than time: the task brings threads of its own
CROWDED = 1.5  # programs for each core: who has no core waits as well; a sweep of one's own leaves a load of about 1
_BOUNDS = (2, 4, 8)
_LINES = 5
_NO_LINES = (
    "Which functions it calls is not known: another profiler is at work, or the second run found all in a cache."
)
_FAR = 1_000  # a limit beyond is none


@dataclass(frozen=True, slots=True)
class Line:
    """A function of the profile: name, calls, and its share of the loop, without what it calls itself."""

    name: str
    calls: int
    share: float


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """What a plain program does.

    Attributes
    ----------
    tasks
        How many items there are.
    items_s
        How long it takes to make them, in one process in any case.
    loop_s, cpu_s
        How long the plain loop takes, and how much CPU time it uses meanwhile, seconds.
    load
        How many programs wanted each core meanwhile, at least one; None where nobody asked.
    lines
        The functions that take most, the largest share first; empty where another profiler was at work, or a cache.
    """

    tasks: int
    items_s: float
    loop_s: float
    cpu_s: float
    lines: tuple[Line, ...]
    load: float | None = None

    @property
    def parallel_share(self) -> float:
        """The share of the program that can be shared out: the loop, of the loop and the making of the items."""
        total_s = self.items_s + self.loop_s
        return self.loop_s / total_s if total_s > 0 else 0.0

    def bound(self, workers: float) -> float:
        """Return how many times as fast the program can become at best (G. M. Amdahl, 1967); also for ``math.inf``."""
        rest = 1 - self.parallel_share
        return 1 / (rest + self.parallel_share / workers) if rest or workers != float("inf") else float("inf")

    @property
    def busy(self) -> float:
        """CPU time over time of the loop: about 1 where it computes, about 0 where it waits."""
        return self.cpu_s / self.loop_s if self.loop_s > 0 else 0.0

    @property
    def sentences(self) -> list[str]:
        """What follows from the numbers, for a person."""
        bounds = ", ".join(f"{self.bound(workers):.2f} with {workers}" for workers in _BOUNDS)
        most = self.bound(float("inf"))
        limit = f"{most:.3g} with any number" if most < _FAR else "far more with more"
        return [
            *([] if self.lines else [_NO_LINES]),
            self._kind(),
            f"The loop is {self.parallel_share:.1%} of the program; the rest makes the items, in one process.",
            f"So the whole program can become at best {bounds} workers, and {limit} (Amdahl).",
        ]

    def _kind(self) -> str:
        share = f"{self.busy:.0%} of the loop's time is CPU time"
        if self.busy > OWN_THREADS:
            return f"It computes with threads of its own: {share}. Limit these before you add workers."
        if self.busy >= CPU_BOUND:
            return f"It computes: {share}. Python code needs processes for that."
        if self.load is not None and self.load > CROWDED:
            return (
                f"Only {share}, but others wanted the cores, too. Look again on a quiet machine: does it really wait?"
            )
        if self.busy < WAITS:
            return f"It waits: {share}. Threads can wait together, and more of them than there are cores."
        return f"It computes and waits: {share}. Measure threads and processes."

    def section(self) -> Section:
        """Return it as a table with sentences, for a notebook and a report."""
        rows = [[line.name, f"{line.calls:,}", f"{line.share:.0%}"] for line in self.lines]
        title = f"The plain loop: {self.tasks:,} items, {seconds(self.loop_s)}"
        return Section(title, ("function", "calls", "own share"), rows, self.sentences)

    def __repr__(self) -> str:
        """Show it as text."""
        title, columns, rows, notes = self.section()
        width = max([len(row[0]) for row in rows] or [0]) + 2
        lines = [f"{name:{width}}{calls:>12}{share:>8}" for name, calls, share in rows]
        table = [f"{columns[0]:{width}}{columns[1]:>12}{'share':>8}", *lines, ""] if rows else []
        return "\n".join([title, "", *table, *notes])

    def _repr_html_(self) -> str:
        """Show it in a notebook; every text is escaped."""
        return as_html(self.section())


def as_html(section: Section) -> str:
    """Show a table with its sentences in a notebook; every text is escaped."""
    text = StringIO()
    text.write(f"<h4>{escape(section.title)}</h4>")
    if section.rows:
        head = "".join(f"<th>{escape(name)}</th>" for name in section.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in section.rows)
        text.write(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    text.write("".join(f"<p>{escape(note)}</p>" for note in section.notes))
    return text.getvalue()


def profile(work: Callable[[Any], Any], make_items: Callable[[], Iterable[Any]] | Iterable[Any]) -> Profile:
    """Run ``[work(item) for item in make_items()]`` twice, and say where the time is.

    Parameters
    ----------
    work
        A function of one item.
    make_items
        A function without arguments that returns the items, or the items.
    """
    begun, items = time.perf_counter(), made(make_items)
    made_s = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), time.process_time()
    for item in items:
        with_item(work, item)
    loop_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    crowd = crowding(detect().cores_usable)
    return Profile(len(items), made_s, loop_s, cpu_s, _lines(work, made(make_items)), crowd)


def with_item(work: Callable[[Any], Any], item: Any) -> None:
    """Call a task here; what it raises is let through, with a note that says for which item."""
    try:
        work(item)
    except NotImplementedError:
        raise
    except Exception as problem:
        problem.add_note(f"It was raised for the item {shown(item)}, which a task gets as its only argument.")
        raise


def _lines(work: Callable[[Any], Any], items: Iterable[Any]) -> tuple[Line, ...]:
    profiler = cProfile.Profile()
    try:
        profiler.enable()
    except ValueError:  # since Python 3.12 there is one at a time, and a debugger or a coverage tool may be it
        return ()
    try:
        for item in items:
            work(item)
    finally:
        profiler.disable()
    found: Any = pstats.Stats(profiler).get_stats_profile()
    known = {name: one for name, one in found.func_profiles.items() if "_lsprof" not in name}
    total_s = sum(one.tottime for one in known.values()) or 1.0
    ranked = sorted(known.items(), key=lambda pair: -pair[1].tottime)[:_LINES]
    return tuple(Line(_named(name, one), int(str(one.ncalls).partition("/")[0]), one.tottime / total_s)
                 for name, one in ranked)  # fmt: skip


def _named(name: str, one: Any) -> str:
    """Name a function by its file, and no folder of this machine."""
    file = PurePath(str(one.file_name)).name
    return name.strip("<>{}") if file in ("~", "") else f"{file}: {name}"
