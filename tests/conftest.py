"""Fixtures that several parts of the suite use."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import parlab
from parlab.measure.request import Request, make_job
from parlab.measure.session import Session

COMMAND_BOUND_S = 120
HELPERS = Path(__file__).parent / "helpers"

# Tests of these folders do all in their own process, save a command now and then that reads a file.
IN_PROCESS = ("analysis", "machine", "plots", "report", "results", "workloads")
# Tests of these start processes, and know them by a mark of their own when they look for leftovers.
OF_THE_COURSE = ("browser", "learn", "notebooks")

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share out the tests of ``make test``: who looks for any leftovers has processes for itself, in one half."""
    from xdist.scheduler import LoadScopeScheduling

    class Halves(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            """Name the unit that a test belongs to; a unit stays together, and the largest comes first."""
            path = nodeid.partition("::")[0]
            folder = path.split("/")[1]
            return path if folder in IN_PROCESS else "course" if folder in OF_THE_COURSE else "processes"

    return Halves(config, log)


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


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run ``parlab …`` as a user would, in an empty folder, at 80 columns."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(HELPERS), **more}
        line = [sys.executable, "-P", "-m", "parlab", *arguments]  # -P: like the installed script
        return subprocess.run(
            line,
            capture_output=True,
            text=True,
            timeout=COMMAND_BOUND_S,
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return run


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
