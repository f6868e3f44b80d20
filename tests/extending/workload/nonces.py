"""Search numbers for a digest that begins with zeros, as a proof of work does: all CPU, and hardly ever a result."""

from collections.abc import Sequence
from hashlib import blake2b

from parlab.workloads.base import Workload

NUMBERS_PER_TASK = 8_000
ZEROS = bytes(2)  # what a digest must begin with: one in 65,536 does


def digest(seed: int, nonce: int) -> bytes:
    """Return the digest of a seed and a number."""
    return blake2b(b"%d:%d" % (seed, nonce), digest_size=8).digest()


def find_nonce(item: tuple[int, int, int]) -> int | None:
    """Search a half-open range.

    Parameters
    ----------
    item
        ``(seed, start, stop)``.

    Returns
    -------
    int or None
        The smallest number in the range whose digest begins with ``ZEROS``; None where there is none.
    """
    seed, start, stop = item
    return next((nonce for nonce in range(start, stop) if digest(seed, nonce).startswith(ZEROS)), None)


def items(size: int, seed: int = 0) -> list[tuple[int, int, int]]:
    """Cut ``size`` neighbouring ranges of equal length."""
    starts = range(0, size * NUMBERS_PER_TASK, NUMBERS_PER_TASK)
    return [(seed, start, start + NUMBERS_PER_TASK) for start in starts]


def combine(values: Sequence[int | None]) -> list[int]:
    """Keep what was found, in the order of the ranges."""
    return [value for value in values if value is not None]


WORKLOAD = Workload(
    name="nonces",
    title="Search a digest that begins with zeros",
    teaches="Digests of short messages are made under the GIL: threads gain nothing, processes do.",
    bound="cpu",
    sizes={"small": 64, "large": 2_048},
    items=items,
    task=find_nonce,
    combine=combine,
)
