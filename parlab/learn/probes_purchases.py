"""The tasks of checks about purchases: one names a partition's customers, one cannot read two of the partitions.

Partitions are numbers here. Who worked when is written down by ``parlab.learn.probes``.
"""

from parlab.learn import probes

CENTS = 100  # spent in a partition, times its number
BROKEN = (probes.ITEMS[2], probes.ITEMS[4])  # two are at work before the first one's turn comes


def buyers(partition: int) -> list[int]:
    """Name the customers of a partition, each once; some buy in several partitions.

    Parameters
    ----------
    partition
        Its number.
    """
    with probes.at_work(partition):
        return buyers_of(partition)


def buyers_of(partition: int) -> list[int]:
    """Return what ``buyers`` does, and note nothing."""
    return [partition % 4, 10 + partition % 3, 20]


def spend(partition: int) -> int:
    """Return what was spent in a partition, in cents.

    Parameters
    ----------
    partition
        Its number.

    Raises
    ------
    ValueError
        For those of ``BROKEN``.
    """
    with probes.at_work(partition):
        if partition in BROKEN:
            raise ValueError(f"partition {partition} cannot be read")
        return CENTS * partition
