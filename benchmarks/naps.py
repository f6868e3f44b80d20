"""The task of nap.py, in a module of its own so that workers can import it."""

import time


def nap(number: int) -> int:
    """Sleep 50 ms and give the number back."""
    time.sleep(0.05)
    return number
