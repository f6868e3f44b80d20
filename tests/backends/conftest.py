"""Runs Dask's tests after all others of this folder: while its cluster is open, this process must not fork."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move them to the end of this folder's part, and leave all other places as they are."""
    places = [place for place, one in enumerate(items) if HERE in one.path.parents]
    for place, item in zip(places, sorted((items[one] for one in places), key=_has_threads), strict=True):
        items[place] = item


def _has_threads(item: pytest.Item) -> bool:
    return "dask" in item.nodeid.rpartition("/")[2]
