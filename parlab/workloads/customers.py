"""Sum up what customers bought: recency, frequency and spend of each, from partitions of Parquet, merged to the cent.

Each task reads one partition and sums it up by customer (map); the answer joins the sums of all partitions (reduce).
A customer stands in one partition only, so a partition's result is small: counts and its best customers. Money is
counted in whole cents, so the order in which sums are joined changes nothing.

Without a file of the user's own, purchases are made up; see ``parlab.workloads.purchases`` for how. pandas and pyarrow
are imported when a task first runs: whoever only wants to know what this workload is does not pay for them.
"""

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.temporary import private_folder
from parlab.workloads.base import Workload

if TYPE_CHECKING:
    import pyarrow as pa

TOP = 10
_MOST_CENTS = 2.0**62  # half of what 64 bits hold
LATE_IMPORTS = ("pandas", "pyarrow")  # what a task imports when it first runs


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: whole-number or text identity, day of the last purchase, purchases, and spend in cents."""

    customer: int | str
    last_day: int  # from 1970-01-01
    frequency: int
    spend_cents: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What one partition knows of its customers.

    Attributes
    ----------
    purchases, spend_cents, unnamed_purchases
        As in ``Report``.
    last_days, frequencies
        How many customers bought last on a day (from 1970-01-01), and how many bought so often.
    top
        Its customers who spent most.
    """

    purchases: int
    spend_cents: int
    unnamed_purchases: int
    last_days: dict[int, int]
    frequencies: dict[int, int]
    top: tuple[Customer, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The answer for all partitions.

    Attributes
    ----------
    customers, purchases, spend_cents
        Totals. Returned goods count as purchases with a negative spend.
    unnamed_purchases
        Purchases that name no customer, and stand in no other figure.
    last_day
        The day that recency is counted from: that of the latest purchase, in days from 1970-01-01.
    median_recency_days, median_frequency
        Days since a customer's last purchase, and a customer's number of purchases; the lower of the two middle ones
        where the number of customers is even.
    repeat_customers
        How many bought more than once.
    top
        The customers who spent most, the first first; equal spends by identity.
    """

    customers: int
    purchases: int
    spend_cents: int
    unnamed_purchases: int
    last_day: int
    median_recency_days: int
    median_frequency: int
    repeat_customers: int
    top: tuple[Customer, ...]


def tally(partition: str) -> Tally:
    """Read one partition and sum it up by customer.

    Parameters
    ----------
    partition
        Path of a Parquet file with the columns ``customer``, ``day`` and ``cents``.

    Returns
    -------
    Tally
        Small, whatever the size of the partition: what is sent between processes costs time.

    Raises
    ------
    InputError
        The file cannot be read; the text names it.
    """
    table = _read(partition)
    named = table.filter(table["customer"].is_valid())
    frame = named.to_pandas(use_threads=False)
    if frame["cents"].abs().astype(float).sum() > _MOST_CENTS:
        raise InputError(f"The amounts in {partition} add up to more than 64 bits hold: give them in a larger unit.")
    grouped = frame.groupby("customer", sort=True)
    sums = grouped.agg(last_day=("day", "max"), frequency=("cents", "size"), spend_cents=("cents", "sum"))
    best = sums.sort_values("spend_cents", ascending=False, kind="stable").head(TOP)
    rows = best[["last_day", "frequency", "spend_cents"]].itertuples()
    return Tally(
        purchases=named.num_rows,
        spend_cents=int(sums["spend_cents"].sum()),
        unnamed_purchases=table.num_rows - named.num_rows,
        last_days=sums["last_day"].value_counts().to_dict(),
        frequencies=sums["frequency"].value_counts().to_dict(),
        top=tuple(Customer(who, int(day), int(count), int(cents)) for who, day, count, cents in rows),
    )


def _read(partition: str) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # One thread: the library's own would compete with the workers, and the plain loop would not be one.
        with parquet.ParquetFile(partition) as file:
            return file.read(columns=["customer", "day", "cents"], use_threads=False)
    except (OSError, pa.ArrowException) as problem:
        message = f"The partition {partition} cannot be read: {problem}. Mend or remove it, or use --on-error skip."
        raise InputError(message) from problem


@contextmanager
def provide(size: int, seed: int = 0, data: str | None = None, columns: str | None = None) -> Iterator[str]:
    """Write the partitions into a private temporary folder, and remove it when the block ends.

    Parameters
    ----------
    size
        How many partitions; for the user's own purchases, ``sys.maxsize`` lets the size of their files decide.
    seed
        Chooses the made-up purchases.
    data
        The user's own purchases: a CSV or Parquet file, or a folder of such files.
    columns
        Which of its columns hold customer, date and amount, such as ``"client,when,total"``. None looks for usual
        names.

    Yields
    ------
    str
        The folder.

    Raises
    ------
    InputError
        The user's file is missing, broken, or lacks a column.
    """
    from parlab.workloads import purchases

    if data is None and columns is not None:
        raise InputError("--columns names the columns of a file of your own: give it together with --data FILE.")
    with private_folder() as folder:
        if data is None:
            purchases.make(folder, size, seed)
        else:
            purchases.convert(folder, None if size == sys.maxsize else size, data, columns)
        yield str(folder)


def items(size: int, seed: int = 0, *, place: str) -> list[str]:
    """List the partitions, in order; the seed changes nothing any more.

    Parameters
    ----------
    size
        At most so many.
    place
        What ``provide`` yielded.
    """
    del seed
    return [str(path) for path in sorted(Path(place).glob("*.parquet"))[:size]]


def combine(values: Sequence[Tally]) -> Report:
    """Join the partitions' sums and report on all customers."""
    last_days: Counter[int] = Counter()
    frequencies: Counter[int] = Counter()
    for one in values:
        last_days.update(one.last_days)
        frequencies.update(one.frequencies)
    if not frequencies:
        raise InputError("There is no customer in any partition. Give more purchases, or fewer and larger partitions.")
    last_day = max(last_days)
    recencies = {last_day - day: count for day, count in last_days.items()}
    best = sorted((one for tally in values for one in tally.top), key=lambda one: (-one.spend_cents, one.customer))
    return Report(
        customers=frequencies.total(),
        purchases=sum(one.purchases for one in values),
        spend_cents=sum(one.spend_cents for one in values),
        unnamed_purchases=sum(one.unnamed_purchases for one in values),
        last_day=last_day,
        median_recency_days=_lower_median(recencies),
        median_frequency=_lower_median(frequencies),
        repeat_customers=frequencies.total() - frequencies[1],
        top=tuple(best[:TOP]),
    )


def _lower_median(counts: Mapping[int, int]) -> int:
    """Find the lower median of values that are given with how often each occurs."""
    values = sorted(counts)
    seen = list(accumulate(counts[value] for value in values))
    return values[bisect_left(seen, (seen[-1] + 1) // 2)]


WORKLOAD = Workload(
    name="customers",
    title="What customers bought, from Parquet",
    teaches="Map by partition, then reduce: cut the data, sum up the parts, join the sums.",
    bound="cpu",
    sizes={"small": 16, "large": 64},
    items=items,
    task=tally,
    combine=combine,
    options=("data", "columns"),
    own_data="data",
    provide=provide,
)
