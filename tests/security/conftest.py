"""Chooses the tests of listeners: the quick ones by default, every command and notebook with --all-listeners."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-listeners", action="store_true", help="Watch every command and every notebook.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked ``long_watch``, unless it is asked for."""
    if config.getoption("--all-listeners"):
        return
    long = [one for one in items if HERE in one.path.parents and one.get_closest_marker("long_watch")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [one for one in items if one not in set(long)]
