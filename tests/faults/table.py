"""Makes the table of ``make faults`` from the reports of its tests: case by engine, seconds for each start method."""

import platform
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from cases import CASES, IMPOSSIBLE, Case, why_not
from spots import GROUPS, METHODS, of

NOWHERE, FAILED, SKIPPED = "–", "**FAILS**", "skipped"


def as_markdown(reports: list[Any]) -> str:
    """Lay the reports out as one Markdown file."""
    results: dict[tuple[str, str, str | None], str] = {}
    for report in reports:
        properties = dict(report.user_properties)
        results[tuple(properties["fault"])] = _cell(report, properties.get("seconds"))
    lines = [*_head(results), *(_row(case, results) for case in CASES), "", *_reasons(), *_impossible()]
    return "\n".join(lines) + "\n"


def _cell(report: Any, seconds: float | None) -> str:
    if report.skipped:
        return SKIPPED
    return FAILED if report.failed or seconds is None else f"{seconds:.1f}"


def _head(results: dict[Any, str]) -> list[str]:
    import psutil

    failed = sum(one == FAILED for one in results.values())
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    machine = f"Python {platform.python_version()}, {cores} cores, {memory:.0f} GiB, {platform.system()} {_kernel()}"
    return [
        "# Faults",
        "",
        "What each fault costs in seconds, from the start of the run to its answer; `make faults` makes this file.",
        f"Where three numbers stand, they are for {', '.join(METHODS)}. Trials of `pool`, and endless tasks, end at a",
        "deadline of 5 s; `parlab.pool` has one of 2 s for those. A number stands for a test that passed: an answer in",
        "time, the other tasks' results, no live child, /dev/shm, files and threads as before, a valid result file, an",
        "error that names task and cause, and a next run that works.",
        "",
        f"{machine}, {datetime.now(UTC):%d %B %Y}. {len(results)} places tried, {failed} failed.",
        "",
        "| # | fault | " + " | ".join(f"`{group}`" if "." in group else group for group in GROUPS) + " |",
        "| --- | --- |" + " --- |" * len(GROUPS),
    ]


def _kernel() -> str:
    return ".".join(platform.release().split("-")[0].split(".")[:2])


def _row(case: Case, results: dict[Any, str]) -> str:
    cells = [_group_cell(case, group, results) for group in GROUPS]
    return f"| {case.key} | {case.title} | " + " | ".join(cells) + " |"


def _group_cell(case: Case, group: str, results: dict[Any, str]) -> str:
    methods: tuple[str | None, ...] = (None,) if group in ("loky", "threads") else METHODS
    found = [results.get((case.key, group, method), NOWHERE) for method in methods]
    return NOWHERE if set(found) == {NOWHERE} else " / ".join(found)


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
