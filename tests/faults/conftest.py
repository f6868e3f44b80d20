"""Chooses the fault tests: the quick ones by default, all of them with --all-faults, none where there is no /proc."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from leaving_out import leave_out

from parlab import detect

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]  # signals, /proc and /dev/shm as Linux has them

if sys.platform == "linux":
    pytest.register_assert_rewrite("claims")

AT_ONCE = 1 + detect().cores_usable  # probes wait for deadlines half of the time
Watched = Callable[[str], dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--all-faults", action="store_true", help="Every fault everywhere, not the quick ones only.")
    group.addoption("--faults-at-once", metavar="N", type=int, default=AT_ONCE, help="How many; Ray wants fewer.")
    group.addoption("--faults-table", metavar="FILE", help="Write the table of faults and seconds there, and print it.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is neither marked ``quick_fault`` nor asked for; only tests of this folder."""
    if not config.getoption("--all-faults"):
        leave_out(config, items, Path(__file__).parent, lambda one: not one.get_closest_marker("quick_fault"))


@pytest.fixture(scope="session")
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Start the probes of all chosen tests, a few at a time, and hand over each one's observation."""
    from watching import watch

    root = tmp_path_factory.mktemp("faults")
    places = [one.callspec.params["place"] for one in request.session.items if _is_ours(one)]
    with ThreadPoolExecutor(request.config.getoption("--faults-at-once")) as starter:
        running: dict[str, Future[dict[str, Any]]] = {
            place.id: starter.submit(lambda one, at: watch(one.plan_as_data, at), place, root / f"{number:03}")
            for number, place in enumerate(places)
        }
        yield lambda name: running[name].result()
        starter.shutdown(cancel_futures=True)


def _is_ours(item: Any) -> bool:
    if item.get_closest_marker("skip"):  # its engine is not here
        return False
    return "watched" in getattr(item, "fixturenames", ()) and "place" in getattr(item, "callspec", item).params


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table and write it where it was asked for."""
    path = config.getoption("--faults-table")
    reports = [
        one
        for kind in ("passed", "failed", "skipped", "error")
        for one in terminalreporter.stats.get(kind, [])
        if any(name == "fault" for name, _ in getattr(one, "user_properties", []))
    ]
    if path is None or not reports:
        return
    from table import written

    text = written(reports, Path(path))
    terminalreporter.write(f"\n{text}\nwritten to {path}\n")
