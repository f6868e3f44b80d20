"""The option of ``make browser``."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-notebooks", action="store_true", help="open every notebook in the browser")
