"""Purchases of the user's own: every usual form of CSV and Parquet to the cent, and clear words for everything else."""

import csv
import io
import math
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import EPOCH, Purchase, answer_of, report_on
from pyarrow import parquet

from parlab.errors import InputError
from parlab.workloads import purchases
from parlab.workloads.customers import Report, items, provide, tally

HEADER = b"customer,date,amount\n"
DAY = date(2024, 5, 31)
MOST = Decimal(10_000_000_000_000)


def bought(*rows: tuple[int | str | None, str, str]) -> Report:
    """Sum up by hand what rows of texts say."""
    return report_on([Purchase(who, date.fromisoformat(day), Decimal(amount)) for who, day, amount in rows])


def converted(data: Path, partitions: int | None = 3, columns: str | None = None) -> Report:
    """Convert the user's purchases and sum them up."""
    with provide(sys.maxsize if partitions is None else partitions, data=str(data), columns=columns) as place:
        return answer_of(place)


def table_of(path: Path, who: Sequence[Any], days: Sequence[Any], amounts: Sequence[Any], *types: Any) -> Path:
    """Write a Parquet file with three columns of the given types."""
    columns = zip((who, days, amounts), types or (None, None, None), strict=True)
    arrays = [pa.array(values, kind) for values, kind in columns]
    parquet.write_table(pa.table(arrays, names=["customer", "date", "amount"]), path)
    return path


THREE_ROWS = (("A", "2024-05-31", "12.50"), ("B", "2024-06-02", "0.10"), ("A", "2024-06-01", "-2.30"))


@pytest.mark.parametrize(
    "text",
    [
        "customer,date,amount\nA,2024-05-31,12.50\nB,2024-06-02,0.10\nA,2024-06-01,-2.30\n",
        "customer,date,amount\r\nA,2024-05-31,12.50\r\nB,2024-06-02,0.10\r\nA,2024-06-01,-2.30\r\n",
        "\ufeffcustomer,date,amount\nA,2024-05-31,12.50\nB,2024-06-02,0.10\nA,2024-06-01,-2.30",
        "customer,date,amount\nA,2024-05-31 23:59:59,12.50\nB,2024-06-02 00:00:00,0.10\nA,2024-06-01 12:00:00,-2.30\n",
        "customer,date,amount\nA,2024-05-31T23:59:59.999Z,12.5\nB,2024-06-02T00:00:00Z,.10\nA,2024-06-01T01:00Z,-2.3\n",
        'customer,date,amount\n"A","2024-05-31","12.50"\n"B","2024-06-02"," 0.10 "\n"A","2024-06-01","-2.300"\n',
        'n,Amount,Client_ID,InvoiceDate\n"a, b",12.5,A,2024-05-31\n,0.1,B,2024-06-02\n"two\nlines",-2.3,A,2024-06-01\n',
        "amount,day,customer\n1.25e1,2024-05-31,A\n+0.1,2024-06-02,B\n-2.30,2024-06-01,A\n",
    ],
    ids=["plain", "windows", "byte order mark", "times", "zone", "quoted", "other columns", "exponent"],
)
def test_every_usual_csv(tmp_path: Path, text: str) -> None:
    """However dates, quotes, columns and line ends are written, the figures are the same."""
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert bought(*THREE_ROWS) == converted(tmp_path / "a.csv")


@pytest.mark.parametrize("unknown", ["", "NA", '""', "null", "nan"])
@pytest.mark.parametrize("known", ["7", "A7"])
def test_missing_customers_are_counted_and_stand_in_no_other_figure(tmp_path: Path, known: str, unknown: str) -> None:
    """An empty or NA customer is nobody, whether the others are numbers or texts."""
    text = f"{known},2024-05-31,1.00\n{unknown},2024-07-31,50.00\n{unknown},2024-07-31,2.00\n"
    (tmp_path / "a.csv").write_bytes(HEADER + text.encode())
    expected = bought((known, "2024-05-31", "1.00"), (None, "2024-07-31", "50.00"), (None, "2024-07-31", "2.00"))
    assert 2 == expected.unnamed_purchases
    assert expected == converted(tmp_path / "a.csv")


def test_numbers_with_leading_zeros_are_names(tmp_path: Path) -> None:
    """Customer 007 is another one than customer 7, and 7.0, as pandas writes numbers with gaps, is 7."""
    (tmp_path / "a.csv").write_bytes(HEADER + b"007,2024-05-31,1\n7,2024-05-31,2\n7.0,2024-05-31,4\n")
    expected = bought(("007", "2024-05-31", "1"), ("7", "2024-05-31", "2"), ("7", "2024-05-31", "4"))
    assert expected == converted(tmp_path / "a.csv")


def test_a_file_may_change_its_mind_late(tmp_path: Path) -> None:
    """A customer with a letter after a megabyte of numbers, and one with line breaks beside it, are read like all."""
    rows = b"".join(b'%d,2024-05-31,1.25,"%s"\n' % (number % 50, b"a\n" * 25) for number in range(40_000))
    (tmp_path / "a.csv").write_bytes(b"customer,date,amount,note\n" + rows + b"X1,2024-05-31,1.25,\n")
    found = converted(tmp_path / "a.csv")
    assert (51, 40_001, 40_001 * 125, 800) == (
        found.customers, found.purchases, found.spend_cents, found.median_frequency
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (b"", "Empty CSV file"),
        (HEADER, "holds no purchase of a named customer"),
        (HEADER + b",2024-05-31,1\n", "holds no purchase of a named customer"),
        (b"customer;date;amount\n1;2024-05-31;12.50\n", r"customer;date;amount\..*CUSTOMER,DATE,AMOUNT"),
        (b"customer;date;amount\n1;2024-05-31;12,50\n", "in CSV, commas stand between them"),
        (HEADER + b'1,2024-05-31,"1,234.50"\n', "'1,234.50' is not a valid decimal"),
        (HEADER + b'1,2024-05-31,"12,50"\n', "'12,50' is not a valid decimal"),
        (HEADER + b"1,2024-05-31,$5\n", "'[$]5' is not a valid decimal"),
        (HEADER + b"1,2024-05-31,\n", "1 row has no amount"),
        (HEADER + b"1,,5\n", "1 row has no date"),
        (HEADER + b"1,31.05.2024,5\n", "'31.05.2024'"),
        (HEADER + b"1,yesterday,5\n", "'yesterday'"),
        (HEADER + b"1,20240531,5\n", "the date column holds int64, not dates such as 2024-05-31"),
        (HEADER + b"1,2024-02-30,5\n", "'2024-02-30'"),
        (HEADER + b"1,2024-05-31\n", "Expected 3 columns, got 2"),
        (HEADER + b"\xe9,2024-05-31,5\n", "UTF8"),
        (b"moment,customer,amount\n", r"no column that is called date or alike. It has: moment, customer, amount\."),
        (b"customer,date,amount,amount\n1,2024-05-31,5,6\n", "more than one column 'amount'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_of_purchases(tmp_path: Path, rows: bytes, text: str) -> None:
    """The refusal names the file and what is wrong in it, and tells what it must be."""
    (tmp_path / "a.csv").write_bytes(rows)
    with pytest.raises(InputError, match=rf"(?s)a\.csv' .*{text}"):
        converted(tmp_path / "a.csv")


def test_columns_of_other_names(tmp_path: Path) -> None:
    """Those that the user names are taken, also where usual names are there, with blanks around the commas or not."""
    (tmp_path / "a.csv").write_bytes(
        b"customer,date,amount,who,when,what\n" + b"x,2000-01-01,0,A,2024-05-31,12.50\n" * 2
    )
    expected = bought(("A", "2024-05-31", "12.50"), ("A", "2024-05-31", "12.50"))
    for columns in ("who,when,what", "who, when, what"):
        assert expected == converted(tmp_path / "a.csv", columns=columns)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ("who,when", "'who,when' must be three names: customer, date and amount"),
        ("", "must be three names"),
        ("a,b,c,d", "must be three names"),
        ("who,date,amount", "has no column 'who'. It has: customer, date, amount."),
    ],
)
def test_wrong_columns(tmp_path: Path, columns: str, text: str) -> None:
    """Too few, too many or unknown names are refused, and what is there is listed."""
    (tmp_path / "a.csv").write_bytes(HEADER + b"1,2024-05-31,5\n")
    with pytest.raises(InputError, match=text):
        converted(tmp_path / "a.csv", columns=columns)


MIDNIGHT = datetime(2024, 5, 31, tzinfo=UTC)
LATE = datetime(2024, 5, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "day"),
    [
        (DAY, pa.date32(), DAY),
        (DAY, pa.date64(), DAY),
        *((LATE.replace(tzinfo=None), pa.timestamp(unit), DAY) for unit in ("s", "ms", "us", "ns")),
        (datetime(1969, 12, 31, 23, 59), pa.timestamp("ms"), date(1969, 12, 31)),  # noqa: DTZ001  # the case itself
        (LATE, pa.timestamp("us", "UTC"), DAY),
        (LATE, pa.timestamp("us", "+02:00"), DAY + timedelta(days=1)),  # there it is half past one
        (MIDNIGHT, pa.timestamp("us", "-05:00"), DAY - timedelta(days=1)),
        ("2024-05-31", pa.string(), DAY),
        ("2024-05-31 23:59:59", pa.large_string(), DAY),
    ],
    ids=str,
)
def test_every_kind_of_date_in_parquet(tmp_path: Path, value: Any, kind: pa.DataType, day: date) -> None:
    """A date is its day, a time the day that its own clock showed, also before 1970."""
    path = table_of(tmp_path / "a.parquet", ["A"], [value], ["1"], None, kind, None)
    assert (day - EPOCH).days == converted(path).last_day


@pytest.mark.parametrize(
    ("amounts", "kind"),
    [
        (["12.50", "-0.01", "7"], pa.string()),
        (["12.50", "-0.01", "7"], pa.large_string()),
        ([Decimal("12.50"), Decimal("-0.01"), Decimal(7)], pa.decimal128(10, 2)),
        ([Decimal("12.50"), Decimal("-0.01"), Decimal(7)], pa.decimal256(60, 4)),
        ([12.5, -0.01, 7.0], pa.float64()),
        ([12.5, -0.01, 7.0], pa.float32()),
        ([12, -3, 7], pa.int8()),
        ([2_000_000_000, 3, 7], pa.uint32()),
        ([10**13, -(10**13), 7], pa.int64()),
        ([Decimal("0.125"), Decimal("0.135"), Decimal("-0.125")], pa.decimal128(9, 3)),
        (["0.125", "0.135", "-0.125"], pa.string()),
        ([0.125, 0.375, -0.125], pa.float64()),  # binary fractions that are halves of a cent exactly
    ],
    ids=str,
)
def test_every_kind_of_amount_in_parquet(tmp_path: Path, amounts: list[Any], kind: pa.DataType) -> None:
    """Texts, decimals, binary fractions and whole numbers become cents as decimals do: half to even."""
    days = [DAY, DAY, DAY + timedelta(days=1)]
    path = table_of(tmp_path / "a.parquet", ["A", "B", "A"], days, amounts, None, None, kind)
    rows = zip(("A", "B", "A"), days, (Decimal(str(amount)) for amount in amounts), strict=True)
    assert report_on([Purchase(*row) for row in rows]) == converted(path)


@pytest.mark.parametrize(
    ("who", "kind", "expected"),
    [
        ([7, None, 9, 7], pa.int64(), [7, None, 9, 7]),
        ([7, None, 9, 7], pa.uint8(), [7, None, 9, 7]),
        ([7.0, None, 9.0, 7.0], pa.float64(), [7, None, 9, 7]),
        (["7", None, "x y", "7"], pa.string(), ["7", None, "x y", "7"]),
        (["7", None, "ö", "7"], pa.large_string(), ["7", None, "ö", "7"]),
        (["7", None, "x", "7"], pa.dictionary(pa.int8(), pa.string()), ["7", None, "x", "7"]),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else "",
)
def test_every_kind_of_customer_in_parquet(tmp_path: Path, who: list[Any], kind: pa.DataType, expected: list) -> None:
    """Whole numbers, also as fractions with gaps, texts and categories name customers; what is missing is nobody."""
    path = table_of(tmp_path / "a.parquet", who, [DAY] * 4, [1, 2, 3, 4], kind, None, None)
    assert report_on([Purchase(one, DAY, Decimal(n)) for n, one in enumerate(expected, 1)]) == converted(path)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((["A"], [DAY], [math.nan]), "nan"),
        ((["A"], [DAY], [math.inf]), "inf"),
        ((["A"], [DAY], [1e300]), "overflow"),
        ((["A"], [DAY], [1e16]), "overflow"),
        ((["A"], [DAY], [10**13 + 1]), "beyond ten thousand thousand million"),
        ((["A"], [DAY], [-(10.0**13) - 1]), "beyond ten thousand thousand million"),
        ((["A"], [DAY], ["10000000000000.01"]), "beyond ten thousand thousand million"),
        ((["A"], [DAY], [2**63 - 1]), "does not fit"),
        ((["A"], [DAY], [Decimal("1e30")]), "data loss"),
        ((["A"], [DAY], ["0.0123456789"]), "data loss"),
        ((["A"], [DAY], [True]), "the amount column holds bool, not numbers"),
        ((["A", "B"], [DAY, DAY], [1, None]), "1 row has no amount"),
        ((["A", "B"], [None, DAY], [1, 2]), "1 row has no date"),
        ((["A"], [20240531], [1]), "the date column holds int64, not dates"),
        (([1.5], [DAY], [1]), "truncated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_that_cannot_be_right(tmp_path: Path, values: tuple[list[Any], ...], text: str) -> None:
    """No number, too large a one, a missing one or half a customer is refused, never taken for something else."""
    with pytest.raises(InputError, match=rf"a\.parquet' cannot be read as purchases: .*{text}"):
        converted(table_of(tmp_path / "a.parquet", *values))


@pytest.mark.parametrize("amount", [MOST, -MOST, float(MOST), int(MOST), str(MOST)], ids=repr)
def test_one_huge_amount(tmp_path: Path, amount: Any) -> None:
    """Ten thousand thousand million is counted to the cent, beside one cent."""
    path = table_of(tmp_path / "a.parquet", ["A", "A"], [DAY, DAY], [amount, type(amount)(1)])
    assert int(100 * Decimal(amount)) + 100 == converted(path).spend_cents


@pytest.mark.parametrize("columns", [None, "customer,date,amount"])
def test_columns_missing_in_parquet(tmp_path: Path, columns: str | None) -> None:
    """What the file has is listed."""
    parquet.write_table(pa.table({"customer": [1], "date": [DAY], "paid": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet' has no column .*amount.* It has: customer, date, paid\."):
        converted(tmp_path / "a.parquet", columns=columns)


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    """A file that only ends like one is named."""
    (tmp_path / "a.parquet").write_bytes(b"this is text")
    with pytest.raises(InputError, match=r"a\.parquet' cannot be read as purchases"):
        converted(tmp_path / "a.parquet")


def test_a_folder_is_read_with_all_below(tmp_path: Path) -> None:
    """CSV and Parquet files, in subfolders too and whatever the case of their names, are one set of purchases."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a.csv").write_bytes(HEADER + b"A,2024-05-31,12.50\n")
    (tmp_path / "below" / "B.CSV").write_bytes(b"total,when,client\n".replace(b"when", b"day") + b"0.10,2024-06-02,B\n")
    table_of(tmp_path / "below" / "c.parquet", ["A"], [date(2024, 6, 1)], [Decimal("-2.30")])
    (tmp_path / "notes.txt").write_text("no purchases")
    assert bought(*THREE_ROWS) == converted(tmp_path)


def test_texts_and_numbers_are_not_mixed(tmp_path: Path) -> None:
    """Customer 7 of one file and customer "7" of another may be the same or not: the second file is named."""
    table_of(tmp_path / "a.parquet", [7], [DAY], [1])
    (tmp_path / "b.csv").write_bytes(HEADER + b"7,2024-05-31,1\n")
    with pytest.raises(InputError, match=r"b\.csv' writes its customers in another way than the files before it"):
        converted(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.csv", "There is no file"),
        ("", "There is no file ''"),
        (" ", "There is no file ' '"),
        ("a.xlsx", "its name must end in .csv, .parquet, .pq"),
        ("a.csv.gz", "its name must end in .csv, .parquet, .pq"),
        ("empty", "The folder .* holds no purchases. Looked for .csv, .parquet, .pq"),
    ],
)
def test_what_is_no_file_of_purchases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """A missing file, one of another kind, and a folder without any are told apart."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xlsx").touch()
    (tmp_path / "a.csv.gz").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=text):
        converted(Path(name) if name.strip() else name)  # type: ignore[arg-type]  # Path("") is the folder itself


def test_a_customer_stands_in_one_partition_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a file is read in pieces, of which only some have gaps among the customers."""
    monkeypatch.setattr(purchases, "_ROWS_IN_MEMORY", 1)
    table_of(tmp_path / "a.parquet", [*range(1, 40), None], [DAY] * 40, [1] * 40)
    table_of(tmp_path / "b.parquet", list(range(1, 40)), [DAY] * 39, [1] * 39)
    with provide(4, data=str(tmp_path)) as place:
        columns = [parquet.read_table(path)["customer"] for path in items(4, place=place)]
        found = answer_of(place)
    parts = [set(column.drop_null().to_pylist()) for column in columns]
    unnamed = [column.null_count > 0 for column in columns]
    assert 39 == sum(map(len, parts)) == len(set.union(*parts)) == found.customers
    assert (2, 1) == (found.median_frequency, found.unnamed_purchases)
    assert all(parts)
    assert [True, False, False, False] == unnamed


def test_the_files_decide_how_many_partitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a size there are 8 at least, one more for each so many bytes, and never more than 200."""
    (tmp_path / "a.csv").write_bytes(HEADER + b"A,2024-05-31,12.50\n" * 5)
    size = (tmp_path / "a.csv").stat().st_size
    for each, expected in ((size, 8), (size / 8.5, 9), (size / 1e6, 200)):
        monkeypatch.setattr(purchases, "BYTES_PER_PARTITION", {".csv": each})
        assert expected == len(converted_paths(tmp_path / "a.csv"))
    with pytest.raises(InputError, match="201 partitions .* are too many: give a --size up to 200"):
        converted(tmp_path / "a.csv", 201)


def converted_paths(data: Path) -> list[str]:
    with provide(sys.maxsize, data=str(data)) as place:
        return items(sys.maxsize, place=place)


_amounts = st.integers(-(10**9), 10**9).flatmap(
    lambda cents: st.sampled_from([Decimal(cents) / 100, Decimal(cents) / 1000, Decimal(cents)])
)
_rows = st.lists(
    st.builds(
        Purchase,
        st.sampled_from(["a", "b", "c", "ö", 'd "e"', "f,g", "12", "013", None]),
        st.dates(date(1960, 1, 1), date(2040, 1, 1)),
        _amounts,
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(row.customer is not None for row in rows))


@settings(max_examples=25, deadline=None)
@given(_rows, st.integers(1, 6))
def test_any_purchases_in_any_number_of_partitions(rows: list[Purchase], partitions: int) -> None:
    """CSV and Parquet, however cut, give what decimals and counters give."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["customer", "date", "amount"])
    writer.writerows([[row.customer, row.day.isoformat(), format(row.amount, "f")] for row in rows])
    expected = report_on(rows)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
        assert expected == converted(Path(folder) / "a.csv", partitions)
        who, days, amounts = zip(*rows, strict=True)
        types = pa.string(), pa.date32(), pa.decimal128(20, 3)
        assert expected == converted(table_of(Path(folder) / "a.parquet", who, days, amounts, *types), partitions)


@settings(deadline=None)
@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=30))
def test_binary_fractions_are_cents_again(cents: list[int]) -> None:
    """An amount that was written as a binary fraction is the number of cents that it was made from."""
    with tempfile.TemporaryDirectory() as folder:
        path = table_of(
            Path(folder) / "a.parquet", ["A"] * len(cents), [DAY] * len(cents), [one / 100 for one in cents]
        )
        with provide(1, data=str(path)) as place:
            assert sum(cents) == tally(items(1, place=place)[0]).spend_cents
