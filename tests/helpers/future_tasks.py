"""Tasks of the tests about futures. Workers import them."""

import time
from pathlib import Path

_MOST_S = 60.0
_LOOK_S = 0.005


def wait_until_there(path: str) -> bool:
    """Run until a file is there; tell whether it came."""
    deadline = time.monotonic() + _MOST_S
    while not Path(path).exists() and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    return Path(path).exists()
