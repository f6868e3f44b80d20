"""Tasks for ``advice.py``. Workers must import them, so they stand in a module."""

from functools import cache
from pathlib import Path

import numpy as np

from parlab.workloads.triad import NUMBERS, PASSES

_BLOCK = 16_384  # numbers: three arrays of them take 384 KiB, which fits into the second cache of today's cores


def tiny(number: int) -> int:
    """Add up a few squares: some thirty microseconds of pure Python."""
    return sum(n * n for n in range(number % 7 + 400))


def add_up_file(path: str) -> int:
    """Add up all bytes of a file, mapped into memory: the twin of ``payload.add_up``, which is sent the bytes."""
    return int(np.memmap(Path(path), dtype=np.uint8, mode="r").sum(dtype=np.int64))


def stream_in_blocks(factor: float) -> float:
    """Compute what ``triad.stream`` does, but finish with a block that fits the caches before the next one begins."""
    a, b, c = _arrays()
    last = 0.0
    for start in range(0, NUMBERS, _BLOCK):
        piece_b, piece_c = b[start : start + _BLOCK], c[start : start + _BLOCK]
        piece_a = a[: len(piece_b)]
        for _ in range(PASSES):
            np.multiply(piece_c, factor, out=piece_a)
            np.add(piece_a, piece_b, out=piece_a)
        last = float(piece_a[-1])
    return last


@cache  # once a worker, as in ``triad``: fresh memory costs page faults
def _arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(_BLOCK), np.linspace(0.0, 1.0, NUMBERS), np.linspace(1.0, 2.0, NUMBERS)
