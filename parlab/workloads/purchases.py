"""Makes purchases up, by a stated distribution, or converts the user's own CSV or Parquet; writes them in partitions.

A customer stands in one partition only, so that each partition can be summed up without the others. Made-up purchases
follow what is known of real ones:

- How often a customer buys: a Poisson process whose rate differs from customer to customer by a gamma distribution, so
  that purchases per customer are negative binomial (A. S. C. Ehrenberg, "The pattern of consumer purchases", 1959).
- What a purchase costs: log-normal, around a level that is the customer's own (log-normal as well).
- When: within half a year; the days of a week differ (more on Friday and Saturday).
- One purchase in fifty is returned: its amount is negative.

A partition has the columns ``customer`` (whole number or text), ``day`` (32-bit, days from 1970-01-01) and ``cents``
(64-bit).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError
from parlab.workloads import unpacking

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

CUSTOMERS_PER_PARTITION = 6_000
PURCHASES_PER_CUSTOMER = 18.0  # the mean
RATE_SHAPE = 0.6  # of the gamma distribution of buying rates: under 1, many buy rarely and a few often
TYPICAL_CENTS = 2_900  # median of what a purchase costs
LEVEL_SIGMA, AMOUNT_SIGMA = 0.5, 0.6  # of the logarithms: between customers, and between a customer's purchases
RETURNED_SHARE = 0.02
WEEKDAY_WEIGHTS = (1.0, 1.0, 1.0, 1.1, 1.5, 1.75, 1.0)  # Monday to Sunday
FIRST_MONDAY, DAYS = 19_723, 182  # from 2024-01-01, in days from 1970-01-01; 26 weeks

COLUMNS = {
    "customer": ("customer", "customer_id", "customerid", "client", "client_id", "user", "user_id", "member_id"),
    "date": ("date", "day", "time", "timestamp", "datetime", "invoicedate", "invoice_date", "order_date", "when"),
    "amount": ("amount", "total", "price", "spend", "value", "sum", "revenue"),
}
BYTES_PER_PARTITION = {".csv": 5_000_000, ".parquet": 1_000_000, ".pq": 1_000_000}  # about 100,000 purchases
FEWEST_PARTITIONS, MOST_PARTITIONS = 8, 200  # each is an open file for a while; macOS allows 256
_ROWS_IN_MEMORY, _BYTES_IN_MEMORY = 2_000_000, 256 << 20
_MOST_CENTS = 10**15  # ten thousand thousand million: more is a slip; ``customers.tally`` watches the sums


def make(folder: Path, partitions: int, seed: int) -> None:
    """Write made-up purchases; partition k is the same for every number of partitions.

    Parameters
    ----------
    folder
        Where to.
    partitions
        How many files, each with about 100,000 purchases of 6,000 people, of whom some never buy.
    seed
        Chooses who buys how often, when, and for how much.
    """
    import numpy as np

    for number, child in enumerate(np.random.SeedSequence(seed).spawn(partitions)):
        _write(folder, number, _made_up(np.random.default_rng(child), number * CUSTOMERS_PER_PARTITION))


def _made_up(chance: "np.random.Generator", first_customer: int) -> "pa.Table":
    import numpy as np
    import pyarrow as pa

    rates = chance.gamma(RATE_SHAPE, PURCHASES_PER_CUSTOMER / RATE_SHAPE, CUSTOMERS_PER_PARTITION)
    levels = TYPICAL_CENTS * chance.lognormal(0.0, LEVEL_SIGMA, CUSTOMERS_PER_PARTITION)
    who = np.repeat(np.arange(CUSTOMERS_PER_PARTITION), chance.poisson(rates))
    chance.shuffle(who)
    weights = np.resize(WEEKDAY_WEIGHTS, DAYS)
    days = FIRST_MONDAY + chance.choice(DAYS, len(who), p=weights / weights.sum())
    cents = np.ceil(levels[who] * chance.lognormal(0.0, AMOUNT_SIGMA, len(who))).astype(np.int64)
    cents[chance.random(len(who)) < RETURNED_SHARE] *= -1
    return pa.table({"customer": first_customer + who, "day": days.astype(np.int32), "cents": cents})


def convert(folder: Path, partitions: int | None, data: str, columns: str | None) -> None:
    """Write the user's own purchases in partitions, reading them piece by piece.

    Parameters
    ----------
    folder
        Where to.
    partitions
        How many; None lets the size of the files decide.
    data
        A CSV or Parquet file, or a folder of them. In CSV, a customer that is empty, NA, NULL or nan is none.
    columns
        ``"customer,date,amount"`` as they are called there, or None.

    Raises
    ------
    InputError
        A file is missing, broken, lacks a column, or holds something else than dates and amounts there; a Parquet
        file unpacks to far more than its size; there are more than 200 partitions.
    """
    files = _files(data)
    count = _fitting(files) if partitions is None else partitions
    if count > MOST_PARTITIONS:
        raise InputError(f"{count:,} partitions of {data!r} are too many: give a --size up to {MOST_PARTITIONS:,}.")
    rows, held_bytes, named, form = 0, 0, 0, None
    waiting: list[pa.Table] = []
    with ExitStack() as open_files:
        writers = _Writers(folder, count, open_files)
        for path in files:
            for table in _tables(path, columns):
                form = form or table.schema
                if table.schema != form:
                    message = f"{str(path)!r} writes its customers in another way than the files before it: text and"
                    raise InputError(f"{message} numbers cannot be told to be the same customer. Make them alike.")
                waiting.append(table)
                rows += table.num_rows
                held_bytes += table.nbytes
                named += table.num_rows - table["customer"].null_count
                if rows >= _ROWS_IN_MEMORY or held_bytes >= _BYTES_IN_MEMORY:
                    writers.add(waiting)
                    rows, held_bytes, waiting = 0, 0, []
        if not named:
            raise InputError(f"{data!r} holds no purchase of a named customer.")
        writers.add(waiting)


def cut_by_customer(folder: Path, partitions: int, tables: "list[pa.Table]") -> None:
    """Write purchases in another number of partitions; a customer stands in one of them only.

    Parameters
    ----------
    folder
        Where to.
    partitions
        How many, at most 200: each is an open file meanwhile.
    tables
        As they stand in partitions: customer, day and cents.
    """
    with ExitStack() as open_files:
        _Writers(folder, partitions, open_files).add(tables)


def _fitting(files: list[Path]) -> int:
    """Choose a number of partitions, so that one has about as many purchases as a made-up one."""
    wanted = sum(path.stat().st_size / BYTES_PER_PARTITION[path.suffix.lower()] for path in files)
    return min(max(FEWEST_PARTITIONS, ceil(wanted)), MOST_PARTITIONS)


class _Writers:
    """The partitions while they are being written: each purchase goes where its customer belongs."""

    def __init__(self, folder: Path, partitions: int, open_files: ExitStack) -> None:
        self.folder, self.partitions, self.open_files = folder, partitions, open_files
        self.files: list[Any] = []

    def add(self, tables: list["pa.Table"]) -> None:
        """Add some tables to the partitions; purchases without a customer go to the first."""
        import numpy as np
        import pyarrow as pa
        from pyarrow import parquet

        if not tables:
            return
        joined = pa.concat_tables(tables)
        if not self.files:
            paths = [_path(self.folder, number) for number in range(self.partitions)]
            self.files = [self.open_files.enter_context(parquet.ParquetWriter(path, joined.schema)) for path in paths]
        place = self._places(joined["customer"])
        order = np.argsort(place, kind="stable")
        borders = np.searchsorted(place[order], np.arange(self.partitions + 1))
        for number, file in enumerate(self.files):
            file.write_table(joined.take(order[borders[number] : borders[number + 1]]))

    def _places(self, customers: "pa.ChunkedArray") -> "np.ndarray":
        import pandas as pd
        import pyarrow as pa

        # Whole numbers hash to themselves there: they are mixed as well, since identities are often all even.
        # Gaps are filled first: they would make floats of them, which hash otherwise than the same customer elsewhere.
        filled = customers.fill_null(0 if pa.types.is_integer(customers.type) else "")
        hashes = pd.util.hash_array(filled.to_pandas().to_numpy())
        places: np.ndarray = (hashes % self.partitions).astype("int64")
        places[customers.is_null().to_numpy()] = 0
        return places


def _write(folder: Path, number: int, table: "pa.Table") -> None:
    from pyarrow import parquet

    parquet.write_table(table, _path(folder, number))


def _path(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05}.parquet"


def _files(data: str) -> list[Path]:
    place = Path(data)
    if data.strip() and place.is_dir():
        found = sorted(
            path for path in place.rglob("*") if path.suffix.lower() in BYTES_PER_PARTITION and path.is_file()
        )
        if not found:
            raise InputError(f"The folder {data!r} holds no purchases. Looked for {', '.join(BYTES_PER_PARTITION)}.")
        return found
    if not data.strip() or not place.is_file():
        raise InputError(f"There is no file {data!r}. Give --data a CSV or Parquet file with purchases, or a folder.")
    if place.suffix.lower() not in BYTES_PER_PARTITION:
        raise InputError(f"{data!r} is not read: its name must end in {', '.join(BYTES_PER_PARTITION)}.")
    return [place]


def _tables(path: Path, columns: str | None) -> Iterator["pa.Table"]:
    """Read a file piece by piece, as tables of customer, day and cents."""
    import pyarrow as pa

    try:
        for batch in _batches(path, columns):
            yield _plain(batch)
    except (OSError, UnicodeDecodeError, pa.ArrowException, ValueError) as problem:
        message = f"{str(path)!r} cannot be read as purchases: {str(problem).rstrip('.')}."
        advice = "It must be a table with a customer, a date (2024-05-31) and an amount (12.50) in each row"
        raise InputError(f"{message} {advice}; in CSV, commas stand between them.") from problem


def _batches(path: Path, columns: str | None) -> Iterator["pa.Table"]:
    """Yield tables with the columns customer, date and amount, as the file has them."""
    import pyarrow as pa
    from pyarrow import compute, csv, parquet

    if path.suffix.lower() == ".csv":
        parse = csv.ParseOptions(newlines_in_values=True)
        with csv.open_csv(path, parse_options=parse) as head:
            names = _choose(path, head.schema.names, columns)
        # Amounts are read as text, then as decimals: a binary fraction cannot hold 0.10 to the cent. Customers are text
        # too: 007 is another one than 7, and whether all are numbers is known at the end only.
        convert = csv.ConvertOptions(
            include_columns=list(names),
            column_types={names[0]: pa.string(), names[2]: pa.string()},
            strings_can_be_null=True,
        )
        reader: Any = csv.open_csv(path, parse_options=parse, convert_options=convert)
        with reader:
            for batch in reader:
                customers, dates, amounts = (batch.column(name) for name in names)
                # 17850.0, as pandas writes whole numbers with gaps, is 17850.
                customers = compute.replace_substring_regex(customers, r"^\s*([0-9]+)(\.0+)?\s*$", r"\1")
                yield pa.table([customers, dates, amounts], names=["customer", "date", "amount"])
        return
    with parquet.ParquetFile(path) as file:
        names = _choose(path, file.schema_arrow.names, columns)
    for table in unpacking.pieces(path, names):
        yield table.rename_columns(["customer", "date", "amount"])


def _choose(path: Path, present: list[str], columns: str | None) -> tuple[str, str, str]:
    """Find the three columns: those that the user names, or usual names whatever their case."""
    if columns is not None:
        chosen = [name.strip() for name in columns.split(",")]
        if len(chosen) != 3:
            raise InputError(f"--columns {columns!r} must be three names: customer, date and amount, in this order.")
        if len(set(chosen)) != 3:
            raise InputError(f"--columns {columns!r} names a column twice. Name customer, date and amount.")
    else:
        lowered = {name.lower().strip(): name for name in reversed(present)}
        chosen = []
        for what, usual in COLUMNS.items():
            hit = next((lowered[name] for name in usual if name in lowered), None)
            if hit is None:
                message = f"{str(path)!r} has no column that is called {what} or alike. It has: {', '.join(present)}."
                raise InputError(f"{message} Say which is which: --columns CUSTOMER,DATE,AMOUNT.")
            chosen.append(hit)
    missing = [name for name in chosen if name not in present]
    if missing:
        raise InputError(f"{str(path)!r} has no column {missing[0]!r}. It has: {', '.join(present)}.")
    twice = [name for name in chosen if present.count(name) > 1]
    if twice:
        raise InputError(f"{str(path)!r} has more than one column {twice[0]!r}. Give them different names.")
    return chosen[0], chosen[1], chosen[2]


def _plain(table: "pa.Table") -> "pa.Table":
    """Turn customer, date and amount of any fitting type into our three columns."""
    import pyarrow as pa

    customers = table["customer"]
    whole = pa.types.is_integer(customers.type)
    if pa.types.is_floating(customers.type):  # whole numbers with gaps, as pandas writes them
        customers, whole = customers.cast(pa.int64()), True
    plain = pa.table(
        {
            "customer": customers.cast(pa.int64() if whole else pa.string()),
            "day": _days(table["date"]),
            "cents": _cents(table["amount"]),
        }
    )
    plain.validate(full=True)  # Parquet's texts are taken as they are, also where they are no UTF-8
    return plain


def _rows_have(number: int) -> str:
    return f"{units.count(number, 'row')} {'has' if number == 1 else 'have'}"


def _days(dates: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Turn dates, times or ISO texts into days from 1970-01-01; a missing one is an error."""
    import pyarrow as pa
    from pyarrow import compute

    if dates.null_count:
        raise ValueError(f"{_rows_have(dates.null_count)} no date.")
    if pa.types.is_string(dates.type) or pa.types.is_large_string(dates.type):
        dates = compute.cast(dates, pa.timestamp("us"))
    if not (pa.types.is_date(dates.type) or pa.types.is_timestamp(dates.type)):
        raise ValueError(f"the date column holds {dates.type}, not dates such as 2024-05-31.")
    return dates.cast(pa.date32(), safe=False).cast(pa.int32())


def _cents(amounts: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Turn amounts into whole cents; a third decimal place, as in prices of petrol, is rounded half to even."""
    import pyarrow as pa
    from pyarrow import compute

    exact_type = pa.decimal128(25, 9)  # times 100 it still fits into 38 digits
    if amounts.null_count:
        raise ValueError(f"{_rows_have(amounts.null_count)} no amount.")
    if pa.types.is_string(amounts.type) or pa.types.is_large_string(amounts.type):
        exact = compute.cast(compute.utf8_trim_whitespace(amounts), exact_type)
    elif pa.types.is_decimal(amounts.type):
        exact = amounts.cast(exact_type)
    elif pa.types.is_integer(amounts.type):
        exact = amounts.cast(pa.string()).cast(exact_type)
    elif pa.types.is_floating(amounts.type):
        exact = compute.round(amounts, 2, "half_to_even").cast(exact_type)
    else:
        raise ValueError(f"the amount column holds {amounts.type}, not numbers such as 12.50.")
    hundredfold = compute.multiply(compute.round(exact, 2, "half_to_even"), pa.scalar(Decimal(100)))
    cents = compute.round(hundredfold).cast(pa.decimal128(38, 0)).cast(pa.int64())
    bounds = compute.min_max(cents).as_py()
    if max(abs(bounds["min"] or 0), abs(bounds["max"] or 0)) > _MOST_CENTS:
        raise ValueError("an amount is beyond ten thousand thousand million.")
    return cents
