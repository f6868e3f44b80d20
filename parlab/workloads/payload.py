"""Send a big argument for tiny work: what processes cost when much has to travel, and threads do not.

Every argument is pickled, copied through a pipe and unpickled before its task can start. Threads share one memory and
get a reference.
"""

from collections.abc import Sequence

import numpy as np

from parlab.workloads.base import Workload

BYTES_PER_ITEM = 4 << 20


def add_up(block: np.ndarray) -> int:
    """Add up all bytes of a block: each is looked at once, which is the least that can be called work.

    Parameters
    ----------
    block
        Bytes, of shape (n,).

    Returns
    -------
    int
        Their sum.
    """
    return int(block.sum(dtype=np.int64))


def items(size: int, seed: int = 0) -> list[np.ndarray]:
    """Make one block of 4 MiB of random bytes for each task."""
    generator = np.random.default_rng(seed)
    return [np.frombuffer(generator.bytes(BYTES_PER_ITEM), dtype=np.uint8) for _ in range(size)]


def combine(values: Sequence[int]) -> int:
    """Add up the sums."""
    return sum(values)


WORKLOAD = Workload(
    name="payload",
    title="Big arguments, tiny work",
    teaches="What travels to a process costs more than it may be worth; threads share memory.",
    bound="cpu",
    sizes={"small": 32, "large": 128},
    items=items,
    task=add_up,
    combine=combine,
)
