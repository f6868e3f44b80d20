"""Chooses the load tests: a few small ones by default, all of them with --all-load; and writes their table."""

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from leaving_out import leave_out

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]  # limits, mounts and /proc as Linux has them

Noted = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("load")
    group.addoption("--all-load", action="store_true", help="Every load on every engine, not the small ones only.")
    group.addoption("--load-table", metavar="FILE", help="Write the table of loads there, and print it.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked ``heavy_load`` where it was not asked for; only tests of this folder."""
    if not config.getoption("--all-load"):
        leave_out(config, items, Path(__file__).parent, lambda one: one.get_closest_marker("heavy_load"))


@pytest.fixture
def noted(record_property: Callable[[str, object], None]) -> Noted:
    """Note a row of the table: what, on which engine, what came of it, seconds, and peaks of memory in MiB."""

    def note(what: str, engine: str, outcome: str, ran: Any) -> None:
        record_property("load", [what, engine, outcome, f"{ran.seconds:.0f}", ran.peaks()])

    return note


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table and write it where it was asked for."""
    path = config.getoption("--load-table")
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    rows = [row for one in reports for name, row in getattr(one, "user_properties", []) if name == "load"]
    if path is None or not rows:
        return
    text = "\n".join([*_head(), *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"
    Path(path).write_text(text, encoding="utf-8")
    terminalreporter.write(f"\n{text}\nwritten to {path}\n")


def _head() -> list[str]:
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    machine = f"Python {platform.python_version()}, {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"{machine}, {datetime.now(UTC):%d %B %Y}; load averages at the end: {load}.",
        "",
        "| what | engine | outcome | seconds | peak memory, MiB |",
        "| --- | --- | --- | --- | --- |",
    ]
