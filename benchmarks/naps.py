"""The task of nap.py, in a module of its own so that workers can import it."""

import time


def nap(number: int) -> int:
    """Sleep 50 ms and give the number back."""
    time.sleep(0.05)
    return number


def uneven_nap(number: int) -> int:
    """Sleep 10 to 100 ms, most of them short, the same for the same number, and give it back."""
    time.sleep(0.01 + 0.09 * ((number * 37) % 101 / 101) ** 2)
    return number
