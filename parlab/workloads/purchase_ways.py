"""Sums up the same purchases in several ways, for the notebook about purchases: all give the same ``Report``.

pandas on everything at once, a plain loop over partitions, a pool of processes, pyarrow with one thread and with its
own ones. Besides: what a partition can send back, and how it is joined. Workers import this module, so pandas and
pyarrow are imported when a task first needs them. No pool is opened here.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError, ParlabError
from parlab.workloads import customers
from parlab.workloads.customers import Report, Tally, tally

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A partition that could not be read: the name of its file, and what a library said of it."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and which partitions are not in it."""

    report: Report
    missing: tuple[str, ...]
    partitions: int

    def __str__(self) -> str:
        """Say the sum, and first of all whether it is one of everything."""
        total = f"{self.report.spend_cents / 100:,.2f} spent by {self.report.customers:,} customers"
        partitions = units.count(self.partitions, "partition")
        if not self.missing:
            return f"complete: {total}, from {'the' if self.partitions == 1 else 'all'} {partitions}"
        lacking = f"{len(self.missing)} of {partitions} could not be read ({', '.join(self.missing)})"
        return f"INCOMPLETE: {lacking}.\nThe others: {total}"


def at_once(partitions: Sequence[str]) -> Report:
    """Sum everything up with pandas, in one frame and one process; pyarrow reads the files, with its own threads.

    Parameters
    ----------
    partitions
        Paths of Parquet files with the columns customer, day and cents.
    """
    table, unnamed = _named(partitions, threads=True)
    return report_of(_by_customer(table.to_pandas()), unnamed)


def _by_customer(purchases: "pd.DataFrame") -> "pd.DataFrame":
    grouped = purchases.groupby("customer", sort=False)
    sums = grouped.agg(last_day=("day", "max"), frequency=("cents", "size"), spend_cents=("cents", "sum"))
    return sums.reset_index()


def in_turn(partitions: Sequence[str]) -> Report:
    """Sum up one partition after the other in this process, and join the tallies.

    Parameters
    ----------
    partitions
        As for ``at_once``. A customer stands in one of them only.
    """
    return customers.combine([tally(partition) for partition in partitions])


def by_pool(pool: "Pool", partitions: Sequence[str]) -> Report:
    """Do the same with the workers of a pool, a partition a task.

    Parameters
    ----------
    pool
        An open one.
    partitions
        As for ``in_turn``.
    """
    return customers.combine(pool.map(tally, partitions, chunksize=1))


def by_arrow(partitions: Sequence[str], *, threads: bool) -> Report:
    """Sum everything up with pyarrow, which reads and groups in C++.

    Parameters
    ----------
    partitions
        As for ``at_once``.
    threads
        Let it use its own threads, one for each core; else a single one.
    """
    table, unnamed = _named(partitions, threads=threads)
    grouped = table.group_by("customer", use_threads=threads)
    sums = grouped.aggregate([("day", "max"), ("cents", "count"), ("cents", "sum")])
    columns = {"customer": "customer", "day_max": "last_day", "cents_count": "frequency", "cents_sum": "spend_cents"}
    frame = sums.select(list(columns)).to_pandas(use_threads=threads)
    return report_of(frame.rename(columns=columns), unnamed)


def _named(partitions: Sequence[str], *, threads: bool) -> "tuple[pa.Table, int]":
    """Read all purchases, and tell those that name a customer from the number of the others."""
    from pyarrow import dataset

    with _readable():
        table = dataset.dataset(list(partitions), format="parquet").to_table(use_threads=threads)
    named = table.filter(table["customer"].is_valid())
    return named, table.num_rows - named.num_rows


@contextmanager
def _readable() -> Iterator[None]:
    """Say in words of ours what a library says of a file that is broken or gone."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as problem:
        message = f"A partition cannot be read: {problem}. Is it broken? Or were the purchases tidied up? Then run the"
        raise InputError(f"{message} cell with DATA again.") from problem


def report_of(sums: "pd.DataFrame", unnamed: int) -> Report:
    """Report on all customers, of whom each has one row.

    Parameters
    ----------
    sums
        With the columns customer, last_day, frequency and spend_cents.
    unnamed
        How many purchases name no customer.

    Raises
    ------
    InputError
        There is no customer.
    """
    if sums.empty:
        raise InputError("There is no customer in any partition. Give purchases of named customers.")
    last_day = int(sums["last_day"].max())
    middle = (len(sums) - 1) // 2  # the lower of two
    best = sums.sort_values(["spend_cents", "customer"], ascending=[False, True]).head(customers.TOP)
    rows = best[["customer", "last_day", "frequency", "spend_cents"]].itertuples(index=False)
    return Report(
        customers=len(sums),
        purchases=int(sums["frequency"].sum()),
        spend_cents=int(sums["spend_cents"].sum()),
        unnamed_purchases=unnamed,
        last_day=last_day,
        median_recency_days=int((last_day - sums["last_day"]).sort_values().iloc[middle]),
        median_frequency=int(sums["frequency"].sort_values().iloc[middle]),
        repeat_customers=int((sums["frequency"] > 1).sum()),
        top=tuple(customers.Customer(who, int(day), int(count), int(cents)) for who, day, count, cents in rows),
    )


def frame_of(partition: str) -> "pd.DataFrame":
    """Return all purchases of a partition as a frame.

    Parameters
    ----------
    partition
        Path of a Parquet file with the columns customer, day and cents.
    """
    from pyarrow import parquet

    with _readable(), parquet.ParquetFile(partition) as file:
        table = file.read(columns=["customer", "day", "cents"], use_threads=False)
        frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame


def sums_of(partition: str) -> "pd.DataFrame":
    """Return one row for each customer of a partition; rows of the same customer can be joined later.

    Parameters
    ----------
    partition
        As for ``frame_of``.
    """
    return _by_customer(frame_of(partition))


def joined(frames: "Sequence[pd.DataFrame]", unnamed: int = 0) -> Report:
    """Join the rows of ``sums_of``, whatever the partitions were: a customer may stand in many of them.

    Parameters
    ----------
    frames
        One for each partition.
    unnamed
        How many purchases name no customer.
    """
    import pandas as pd

    grouped = pd.concat(frames).groupby("customer", sort=False)
    sums = grouped.agg(
        last_day=("last_day", "max"), frequency=("frequency", "sum"), spend_cents=("spend_cents", "sum")
    ).reset_index()
    return report_of(sums, unnamed)


def together(frames: "Sequence[pd.DataFrame]", unnamed: int = 0) -> Report:
    """Sum up all purchases that came back as they were: workers have only read them.

    Parameters
    ----------
    frames
        Of ``frame_of``, one for each partition.
    unnamed
        How many purchases name no customer.
    """
    import pandas as pd

    return report_of(_by_customer(pd.concat(frames)), unnamed)


def tally_or_name(partition: str) -> Tally | Unreadable:
    """Sum up a partition; one that cannot be read is named, and ends nothing.

    Only the error that a bad file causes is caught. A fault in the program is still an error.

    Parameters
    ----------
    partition
        As for ``frame_of``.
    """
    try:
        return tally(partition)
    except InputError as problem:
        return Unreadable(Path(partition).name, str(problem.__cause__ or problem))


def outcome(results: Sequence[Tally | Unreadable]) -> Outcome:
    """Join the tallies, and name what is missing in them.

    Parameters
    ----------
    results
        Of ``tally_or_name``, one for each partition.

    Raises
    ------
    InputError
        There is no customer in those that could be read.
    """
    tallies = [one for one in results if isinstance(one, Tally)]
    missing = tuple(sorted(one.name for one in results if isinstance(one, Unreadable)))
    return Outcome(customers.combine(tallies), missing, len(results))


def shown(report: Report) -> dict[str, str]:
    """Write the figures of a report for people.

    Parameters
    ----------
    report
        Any.
    """
    unnamed = {"purchases of nobody, in no other line": f"{report.unnamed_purchases:,}"}
    return {
        "purchases": f"{report.purchases:,}",
        "spend": f"{report.spend_cents / 100:,.2f}",
        "customers": f"{report.customers:,}",
        "who bought more than once": f"{report.repeat_customers:,}",
        "days since the last purchase, median": f"{report.median_recency_days}",
        "purchases of a customer, median": f"{report.median_frequency}",
        "spend of the best customer": f"{report.top[0].spend_cents / 100:,.2f}",
        **(unnamed if report.unnamed_purchases else {}),
    }


def times_of(ways: Mapping[str, Callable[[], Any]], answer: Any = None, rounds: int = 6) -> dict[str, list[float]]:
    """Time several ways: in every round each once, in a new random order.

    Each should have been called once before: who is first reads files into memory, and waits for imports.

    Parameters
    ----------
    ways
        Their names, and what to call without an argument.
    answer
        What each must return, each time; None compares nothing.
    rounds
        How often; from 6 on there are intervals.

    Returns
    -------
    dict
        For each way its times in seconds, one a round, in the order of the rounds.

    Raises
    ------
    ParlabError
        A way gave another answer.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways)
    for _ in range(rounds):
        for name in random.sample(order, len(order)):
            began_s = time.perf_counter()
            found = ways[name]()
            times[name].append(time.perf_counter() - began_s)
            if answer is not None and found != answer:
                raise ParlabError(f"{name!r} gave another answer: {found}. It should be: {answer}.")
    return times


def add_up(values: "np.ndarray") -> float:
    """Add up numbers as a loop does it, from the first to the last; after each step the sum is rounded.

    numpy's own ``sum`` and Python's ``sum`` (from 3.12 on) round less: that hides the trouble, and does not cure it.

    Parameters
    ----------
    values
        Numbers with a point.
    """
    import numpy as np

    return float(np.add.accumulate(values)[-1])


def times_as_fast(times: Mapping[str, Sequence[float]], way: str, other: str) -> float:
    """Return how many times as fast a way is as another one: the median of the ratios, each taken in its round.

    Parameters
    ----------
    times
        What ``times_of`` returned.
    way, other
        Two of its names.
    """
    from statistics import median

    return median(long / short for short, long in zip(times[way], times[other], strict=True))
