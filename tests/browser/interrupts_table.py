"""Makes ``benchmarks/interrupts.md`` from what ``make interrupts`` has seen: what was stopped, how, what happened."""

import platform
import textwrap
from datetime import UTC, date, datetime
from typing import Any

import psutil
from interrupt_cases import FACES, GOES_ON, NOTEBOOKS

WAYS = ("stop button", "restart", "closed tab", "Ctrl-C twice", "SIGTERM", "SIGKILL")
OF_NOTEBOOKS = WAYS[:2]
FAILED, NOT_TRIED = "**FAILS**", "–"
WIDTH = 115
NOTED_S = 0.5  # less is the page's own haste

ABOUT = """
What runs in a notebook is stopped in JupyterLab, in a real Chromium; `make interrupts` makes this file. A number is the
seconds from the click, or the signal, until nobody lived on: kernels and what JupyterLab keeps aside. After *cell*
stands when the cell ended, where that was over half a second later. A number stands for a
test that passed: the next cell answers (stop button, restart), no child lives, /dev/shm and the temporary folder are as
before, and the rounds that were complete are in the result file where one was asked for.

*Closed tab*: the kernel lives on by design, and a sweep in it goes on to its end: {goes_on}. The number is what it
takes to shut the kernel down then. *Ctrl-C twice*, *SIGTERM* and *SIGKILL* are sent to the server.
A `+` and a number count files of a killed kernel that the next start of parlab removed, which is looked at, too.

A dash was not tried yet, for want of time on the machine, or is not tried at all: of a notebook's cells only the
longest is restarted. Of raw patterns under *SIGKILL* stands how many processes *live on* two seconds after the kernel
is gone, Python's own helpers among them; they are ended by hand then. Plain multiprocessing watches no parent, and
parlab does not change that.
"""


def as_markdown(seen: list[Any]) -> str:
    """Lay it out; of two runs of the same case the later one counts."""
    results = {(title, way): told for title, way, told in seen}
    faces, lessons = [one.title for one in FACES.values()], [one.title for one in NOTEBOOKS]
    lines = ["# Interrupts", ""]
    about = ABOUT.strip().format(goes_on=_goes_on(results))
    for paragraph in (*about.split("\n\n"), _where(results)):
        lines += [*textwrap.wrap(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    lines += ["## Faces of parlab, and raw patterns", "", *_table("what runs", faces, WAYS, results), ""]
    lines += ["## Long cells of the notebooks", "", *_table("notebook and cell", lessons, OF_NOTEBOOKS, results), ""]
    lines += ["## What the learner reads after the stop button", "", *_messages([*faces, *lessons], results)]
    return "\n".join(lines) + "\n"


def _goes_on(results: dict[Any, Any]) -> str:
    told = results.get((GOES_ON, "closed tab"), NOT_TRIED)
    if told == NOT_TRIED:
        return "not tried yet"
    return FAILED if told is None else f"all {told['rounds']} rounds, and the tab that is opened again can use them"


def _where(results: dict[Any, Any]) -> str:
    days = sorted({told["day"] for told in results.values() if told}) or [f"{datetime.now(UTC):%Y-%m-%d}"]
    shown = " and ".join(f"{date.fromisoformat(day):%d %B %Y}" for day in dict.fromkeys((days[0], days[-1])))
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    release = ".".join(platform.release().split("-")[0].split(".")[:2])
    failed = sum(told is None for told in results.values())
    machine = f"Python {platform.python_version()}, {cores} cores, {memory:.0f} GiB, {platform.system()} {release}"
    return f"{machine}, {shown}, with other work on the machine. {len(results)} places tried, {failed} failed."


def _table(what: str, titles: Any, ways: tuple[str, ...], results: dict[Any, Any]) -> list[str]:
    rows = [f"| {what} | {' | '.join(ways)} |", "| --- |" + " --- |" * len(ways)]
    for title in titles:
        cells = [_cell(results.get((title, way), NOT_TRIED)) for way in ways]
        rows.append(f"| {title.replace('|', '/')} | {' | '.join(cells)} |")
    return rows


def _cell(told: Any) -> str:
    if told is None:
        return FAILED
    if told == NOT_TRIED:
        return NOT_TRIED
    if told.get("stay"):
        return f"{told['stay']} live on"
    extra = f" + {told['swept']}" if told.get("swept") else ""
    presses = f", pressed {told['presses']} times" if told.get("presses", 1) > 1 else ""
    later = told.get("ended_s", 0) > told["took_s"] + NOTED_S
    ended = f", cell {told['ended_s']:.1f}" if later else ""
    return f"{told['took_s']:.1f}{ended}{extra}{presses}"


def _messages(titles: list[str], results: dict[Any, Any]) -> list[str]:
    rows = ["| what runs | lines in red | message |", "| --- | --- | --- |"]
    for title in titles:
        told = results.get((title, WAYS[0]))
        if told:
            message = f"`{told['message']}`" if told["message"] else "none: the cell ends, and goes on with what it has"
            rows.append(f"| {title.replace('|', '/')} | {told['lines']} | {message.replace('|', '/')} |")
    return rows
