"""Fixtures that several parts of the suite use."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import scheduling
from warm import WarmServer, can_serve

import parlab
from parlab.measure.request import Request, make_job
from parlab.measure.session import Session

# Examples of each property: few in every run of the suite; HYPOTHESIS_PROFILE=thorough takes many.
# How long an example takes is the machine's business, and no property: no deadline, however busy it is.
BUSY = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
# In continuous integration always the same examples: what a new one finds is no fault of the commit that met it.
hypothesis.settings.register_profile("suite", max_examples=40, derandomize="CI" in os.environ, **BUSY)
hypothesis.settings.register_profile("thorough", max_examples=1_000, **BUSY)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

COMMAND_BOUND_S = 240
HELPERS = Path(__file__).parent / "helpers"
AT_FIRST = dict(os.environ)  # before any test has changed it

# What takes longest comes first, so that no worker ends long after the others. Not here: by folder, as collected.
LONGEST_FIRST = tuple(
    f"tests/{folder}/"
    for folder in ("measure", "learn", "notebooks", "cli", "notebook", "browser", "faults", "backends")
)

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share out the tests of ``make test``."""
    return scheduling.make(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders that take longest first; the last notebooks are the longest."""

    def rank(item: pytest.Item) -> tuple[int, int]:
        found = (at for at, folder in enumerate(LONGEST_FIRST) if item.nodeid.startswith(folder))
        notebook = scheduling.OF_ONE_NOTEBOOK.match(item.nodeid)
        if scheduling.WITH_THREADS.match(item.nodeid):
            return len(LONGEST_FIRST) + 1, 0
        return next(found, len(LONGEST_FIRST)), -int(notebook[1]) if notebook else 0

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with a ledger of where the time went, by folder: the suite has ten minutes on two cores."""
    spent_s: dict[str, float] = defaultdict(float)
    counts: dict[str, set[str]] = defaultdict(set)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                folder = "/".join(report.nodeid.partition("::")[0].split("/")[:2])
                folder = folder if not folder.endswith(".py") else "tests"
                spent_s[folder] += report.duration
                counts[folder].add(report.nodeid)
    if len(spent_s) > 1:
        terminalreporter.section("where the time went")
        for folder in sorted(spent_s, key=lambda one: -spent_s[one]):
            terminalreporter.line(f"{spent_s[folder]:7.1f} s  {len(counts[folder]):5} tests  {folder}")


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmServer]:
    """One server for all commands of this process; see its module."""
    server = WarmServer({**AT_FIRST, "PYTHONPATH": str(HELPERS)})
    yield server
    server.end()


@pytest.fixture
def command(tmp_path: Path, warm: WarmServer) -> Command:
    """Run ``parlab …`` in an empty folder, at 80 columns: a process of its own, which has its imports already."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        if not can_serve(more):
            return started(tmp_path, arguments, more)
        return warm.run(arguments, cwd=tmp_path, env=environment(more), bound_s=COMMAND_BOUND_S)

    return run


@pytest.fixture
def started_command(tmp_path: Path) -> Command:
    """Run ``parlab …`` as a user would, from the interpreter's start on; slower than ``command`` by a second."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return started(tmp_path, arguments, more)

    return run


def environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(HELPERS), **more}


def started(folder: Path, arguments: Sequence[str], more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Start a fresh interpreter for a command."""
    line = [sys.executable, "-P", "-m", "parlab", *arguments]  # -P: like the installed script
    return subprocess.run(
        line,
        capture_output=True,
        text=True,
        timeout=COMMAND_BOUND_S,
        cwd=folder,
        env=environment(more),
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real result file of this machine: primes on threads and processes, 6 rounds."""
    path = tmp_path_factory.mktemp("recorded") / "primes.jsonl"
    request = Request(
        subject="primes", size="8", output=path, backends=["threads", "processes"], workers=[1, 2], rounds=6
    )
    with Session(make_job(request, parlab.detect())) as session:
        list(session.events())
    return path
