"""Chooses the tests of listeners: the quick ones by default, every command and notebook with --all-listeners."""

from pathlib import Path

import pytest
from leaving_out import leave_out


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-listeners", action="store_true", help="Watch every command and every notebook.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is marked ``long_watch``, unless it is asked for."""
    if not config.getoption("--all-listeners"):
        leave_out(config, items, Path(__file__).parent, lambda one: one.get_closest_marker("long_watch"))
