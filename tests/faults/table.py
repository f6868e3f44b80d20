"""Makes the tables of ``make faults``: case by engine, seconds for each start method, and of which day each number is.

What a run has tried goes into a file of results beside the table; places that it has not tried keep their number.
"""

import json
import platform
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cases import CASES, IMPOSSIBLE, Case, why_not
from spots import ENGINES, ENTRANCES, GROUPS, METHODS, OWN, PATIENCE, methods_of, of

NOWHERE, FAILED, SKIPPED = "–", "**FAILS**", "not run"
TABLES = (
    ("Engines of every installation", (*OWN, *ENTRANCES)),
    ("Engines that are extras, or need a newer Python", ENGINES),
)
Results = dict[str, list[Any]]  # by place: what came of it, and the run that tried it


def written(reports: list[Any], path: Path) -> str:
    """Write results and table, those of this run over those of earlier ones; return the table."""
    store = path.with_suffix(".json")
    known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {"runs": [], "places": {}}
    here, number = _run(), len(known["runs"])
    known["runs"].append(here)
    for report in reports:
        properties = dict(report.user_properties)
        known["places"][_name(*properties["fault"])] = [_cell(report, properties.get("seconds")), number]
    known = _tidied(known)
    store.write_text(json.dumps(known, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    text = as_markdown(known["runs"], known["places"])
    path.write_text(text, encoding="utf-8")
    return text


def _name(key: str, group: str, method: str | None) -> str:
    return " ".join(filter(None, (key, group, method)))


def _run() -> dict[str, str]:
    """Say where and when this is."""
    import psutil

    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    machine = f"Python {platform.python_version()}, {cores} cores, {memory:.0f} GiB, {platform.system()} {_kernel()}"
    load = f"a load of {psutil.getloadavg()[1]:.0f} over the last five minutes"
    return {"machine": machine, "day": f"{datetime.now(UTC):%d %B %Y}", "load": load}


def _kernel() -> str:
    return ".".join(platform.release().split("-")[0].split(".")[:2])


def _cell(report: Any, seconds: float | None) -> str:
    if report.skipped:
        return SKIPPED
    return FAILED if report.failed or seconds is None else f"{seconds:.1f}"


def _tidied(known: dict[str, Any]) -> dict[str, Any]:
    """Leave out places that are none any more, and runs of which no number is left."""
    names = {_name(case.key, spot.group, spot.method) for case in CASES for spot in of(*GROUPS)}
    places = {name: one for name, one in known["places"].items() if name in names}
    used = sorted({number for _, number in places.values()})
    runs = [known["runs"][number] for number in used]
    return {"runs": runs, "places": {name: [cell, used.index(number)] for name, (cell, number) in places.items()}}


def as_markdown(runs: list[dict[str, str]], places: Results) -> str:
    """Lay results out as one Markdown file."""
    lines = [*_head(), *_when(runs, places)]
    for title, groups in TABLES:
        lines += ["", f"## {title}", "", *_table(groups, places)]
    return "\n".join([*lines, "", "## Why not", "", *_reasons(), *_impossible()]) + "\n"


def _head() -> list[str]:
    return [
        "# Faults",
        "",
        "What each fault costs in seconds, from the start of the run to its answer; `make faults` makes this file.",
        f"Where three numbers stand, they are for {', '.join(METHODS)}. Trials of `pool`, and endless tasks, end at a",
        "deadline of 5 s; `parlab.pool` has one of 2 s for those. joblib, Dask, MPI and Ray start slowly: theirs are",
        f"{PATIENCE['joblib']}, {PATIENCE['dask']}, {PATIENCE['mpi']} and {PATIENCE['ray']} times as long.",
        "A busy machine has up to five times as long for these and for what is promised in seconds.",
        "A number stands for a test that passed: an answer in time, the other tasks' results where a lost worker does",
        "not end its trial, no live child, /dev/shm, files and threads as before, a valid result file, an error that",
        "names task and cause, and a next run that works.",
        f"“{SKIPPED}” stands for a test that is there and waits for its engine, or for time.",
        "",
    ]


def _when(runs: list[dict[str, str]], places: Results) -> list[str]:
    """Say for each run which columns have numbers of it."""
    lines = []
    for number, run in enumerate(runs):
        cells = {name: cell for name, (cell, of_run) in places.items() if of_run == number}
        columns = sorted({name.split()[1] for name in cells}, key=GROUPS.index)
        tried = [cell for cell in cells.values() if cell != SKIPPED]
        failed = sum(cell == FAILED for cell in tried)
        which = ", ".join(columns)
        told = f"{len(tried)} places tried, {failed} failed" if tried else "not run"
        lines.append(f"- {run['day']}: {which}. {told}. {run['machine']}; {run['load']}.")
    return lines


def _table(groups: tuple[str, ...], places: Results) -> list[str]:
    lines = [
        "| # | fault | " + " | ".join(f"`{group}`" if "." in group else group for group in groups) + " |",
        "| --- | --- |" + " --- |" * len(groups),
    ]
    for case in CASES:
        cells = [_group_cell(case, group, places) for group in groups]
        if set(cells) != {NOWHERE}:
            lines.append(f"| {case.key} | {case.title} | " + " | ".join(cells) + " |")
    return lines


def _group_cell(case: Case, group: str, places: Results) -> str:
    found = [places.get(_name(case.key, group, method), [NOWHERE])[0] for method in methods_of(group)]
    return found[0] if len(set(found)) == 1 and found[0] in (NOWHERE, SKIPPED) else " / ".join(found)


def _reasons() -> list[str]:
    """Say for each dash why it stands there; cases that share a reason stand together."""
    places: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for case in CASES:
        for group in GROUPS:
            reasons = {spot.method: why for spot in of(group) if (why := why_not(case, spot))}
            for why in dict.fromkeys(reasons.values()):
                some = [method for method, reason in reasons.items() if method and reason == why]
                whole = len(some) in (0, len(METHODS))
                places[why][case.key].append(group if whole else f"{group} by {' and '.join(some)}")
    lines = ["A dash stands where a fault is not tried:", ""]
    for why, cases in places.items():
        together: dict[str, list[str]] = defaultdict(list)
        for key, where in cases.items():
            together[", ".join(where)].append(key)
        lines.append("- " + "; ".join(f"{', '.join(keys)} ({where})" for where, keys in together.items()) + f": {why}.")
    return lines


def _impossible() -> list[str]:
    lines = ["", "Other suites test what is no case here:", ""]
    return lines + [f"- {what}: {why}." for what, why in IMPOSSIBLE.items()]
