"""The partitions that the notebook about purchases works with: set out once, cut in other ways, one of them spoiled.

They lie in a private folder that goes when the program ends, or when others are set out. What is in them comes from
``purchases``; nothing is summed up here. pandas and pyarrow are imported when they are needed: workers import this too.
"""

import atexit
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from parlab import units
from parlab.errors import InputError
from parlab.workloads import customers, purchases
from parlab.workloads.sizes import chosen

if TYPE_CHECKING:
    import pyarrow as pa

SIZES = {"small": 8, "large": 64}  # partitions, each of about 108,000 purchases: 0.9 and 6.9 million

_CUT_SHORT = 0.6  # how much of a file is left when its copying was cut short

_kept = ExitStack()


def set_out(data: str | None = None, columns: str | None = None) -> str:
    """Write purchases in partitions; those that were set out before go.

    Parameters
    ----------
    data
        The user's own purchases: a CSV or Parquet file, or a folder of such files. None: they are made up, as many as
        the environment variable ``PARLAB_SIZE`` says (``small``, where nothing is said, or ``large``).
    columns
        Which of its columns hold customer, date and amount, such as ``"client,when,total"``.

    Returns
    -------
    str
        The folder.

    Raises
    ------
    InputError
        The user's file cannot be used, or the variable says something else.
    """
    for name, value in (("DATA", data), ("COLUMNS", columns)):
        if not isinstance(value, str | None):
            form = "such as 'sales.csv'" if name == "DATA" else "such as 'client,when,total'"
            raise InputError(f"{name} is one text, {form}, and not a {type(value).__name__}.")
    size = chosen(SIZES) if data is None else sys.maxsize
    tidy_up()
    try:
        place = _kept.enter_context(customers.provide(size, 0, data, columns))
    except InputError as problem:  # whose words are those of the command line
        raise InputError(str(problem).replace("--data", "DATA").replace("--columns", "COLUMNS")) from problem.__cause__
    atexit.register(tidy_up)
    return place


def tidy_up() -> None:
    """Remove what was set out, and what was made of it."""
    atexit.unregister(tidy_up)
    _kept.close()


def overview(partitions: Sequence[str]) -> str:
    """Say how many purchases are in partitions, and how large the files are.

    Parameters
    ----------
    partitions
        Their paths.
    """
    from pyarrow import parquet

    rows = sum(parquet.read_metadata(path).num_rows for path in partitions)
    purchased = f"{rows:,} purchase{'' if rows == 1 else 's'}"
    return f"{units.count(len(partitions), 'partition')}, {purchased}, {_size_bytes(partitions) / 1e6:.1f} MB"


def _size_bytes(partitions: Sequence[str]) -> int:
    return sum(Path(path).stat().st_size for path in partitions)


def by_customer(partitions: Sequence[str], count: int) -> list[str]:
    """Write the same purchases in another number of partitions; a customer stands in one of them only.

    Parameters
    ----------
    partitions
        Paths of those that are there.
    count
        How many to make.

    Returns
    -------
    list of str
        The new ones, beside the old ones in a folder of their own; written anew when they are there already.

    Raises
    ------
    InputError
        That number is not possible, or the partitions are gone.
    """
    folder = _beside(partitions, f"by-customer-{_possible(count)}")
    purchases.cut_by_customer(folder, count, [_table(path) for path in partitions])
    return customers.items(count, place=str(folder))


def by_date(partitions: Sequence[str], count: int) -> list[str]:
    """Write the same purchases in partitions of some days each, as a shop would do that adds a file a week.

    Parameters
    ----------
    partitions
        Paths of those that are there.
    count
        How many to make; each has as many purchases as the others. What a day has sold may stand in two of them.

    Returns
    -------
    list of str
        The new ones, as ``by_customer``.

    Raises
    ------
    InputError
        As ``by_customer``.
    """
    import pyarrow as pa
    from pyarrow import parquet

    folder = _beside(partitions, f"by-date-{_possible(count)}")
    joined = pa.concat_tables([_table(path) for path in partitions]).sort_by("day")
    for number in range(count):
        first, last = (joined.num_rows * edge // count for edge in (number, number + 1))
        parquet.write_table(joined.slice(first, last - first), folder / f"part-{number:05}.parquet")
    return customers.items(count, place=str(folder))


def with_a_broken_one(partitions: Sequence[str]) -> list[str]:
    """Return the same partitions, save that a copy that was cut short stands for the third one (or the last).

    Parameters
    ----------
    partitions
        Their paths; the files are not changed.
    """
    place = min(2, len(partitions) - 1)
    whole = Path(partitions[place])
    copy = _beside(partitions, "broken") / whole.name
    content = whole.read_bytes()
    copy.write_bytes(content[: int(_CUT_SHORT * len(content))])
    return [*partitions[:place], str(copy), *partitions[place + 1 :]]


def _possible(count: int) -> int:
    if not isinstance(count, int) or not 1 <= count <= purchases.MOST_PARTITIONS:
        raise InputError(f"{count!r} partitions cannot be made: give 1 to {purchases.MOST_PARTITIONS}.")
    return count


def _beside(partitions: Sequence[str], name: str) -> Path:
    around = Path(partitions[0]).parent
    if not around.exists():
        raise InputError("The purchases are no longer there: they were tidied up. Run the cell with DATA again.")
    folder = around / name
    folder.mkdir(exist_ok=True)
    return folder


def _table(path: str) -> "pa.Table":
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        return file.read(columns=["customer", "day", "cents"])
