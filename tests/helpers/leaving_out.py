"""Leaves the heavy tests of a folder out of a run in which nobody has asked for them."""

from collections.abc import Callable
from pathlib import Path

import pytest


def leave_out(
    config: pytest.Config, items: list[pytest.Item], folder: Path, is_heavy: Callable[[pytest.Item], object]
) -> None:
    """Deselect the heavy tests of a folder, and no test of another one."""
    heavy = {one for one in items if folder in one.path.parents and is_heavy(one)}
    if heavy:
        config.hook.pytest_deselected(items=[one for one in items if one in heavy])
        items[:] = [one for one in items if one not in heavy]
