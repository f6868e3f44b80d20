"""Fixtures of the notebook's tests."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from kernels import BOUND_S, Kernel


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel in an empty folder. PYTEST_CURRENT_TEST is in its environment, as it is under nbval."""
    manager, client = start_new_kernel(startup_timeout=BOUND_S, cwd=str(tmp_path))
    yield manager, client
    client.stop_channels()
    with suppress(RuntimeError):  # a test may have ended it
        manager.shutdown_kernel(now=True)
