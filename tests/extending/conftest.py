"""What lies in the folders is for a copy of the clone: its tests are collected there."""

import pytest

collect_ignore_glob = ["*/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-steps", action="store_true", help="do each step by step, and leave each of them out once")
