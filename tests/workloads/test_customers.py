"""What customers bought: made-up purchases against plain Python, and what one partition says of itself."""

import pickle
import stat
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from ledger import EPOCH, Purchase, answer_of, report_on
from pyarrow import parquet

from parlab.errors import InputError
from parlab.workloads import purchases
from parlab.workloads.customers import Customer, Tally, combine, items, provide, tally

NOBODY = Tally(0, 0, 0, {}, {}, ())


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make partitions of a few hundred purchases."""
    monkeypatch.setattr(purchases, "CUSTOMERS_PER_PARTITION", 40)


def partition(path: Path, *rows: tuple[int | str | None, int, int]) -> str:
    """Write one partition by hand: customer, day and cents."""
    who, days, cents = zip(*rows, strict=True) if rows else ((), (), ())
    kind = pa.string() if any(isinstance(one, str) for one in who) else pa.int64()
    columns = {"customer": pa.array(who, kind), "day": pa.array(days, pa.int32()), "cents": pa.array(cents, pa.int64())}
    parquet.write_table(pa.table(columns), path)
    return str(path)


def rows_in(folder: str) -> list[Purchase]:
    """Read all partitions of a folder with nothing of the workload."""
    rows = [row for path in sorted(Path(folder).iterdir()) for row in parquet.read_table(path).to_pylist()]
    return [Purchase(row["customer"], EPOCH + timedelta(days=row["day"]), Decimal(row["cents"]) / 100) for row in rows]


@pytest.mark.parametrize(("size", "seed"), [(1, 0), (3, 0), (3, 7)])
@pytest.mark.usefixtures("_few")
def test_the_answer_agrees_with_plain_python(size: int, seed: int) -> None:
    """Totals, medians and best customers are those of decimals and counters over the same rows, to the cent."""
    with provide(size, seed) as place:
        assert report_on(rows_in(place)) == answer_of(place)


@pytest.mark.usefixtures("_few")
def test_the_seed_decides() -> None:
    """The same seed makes the same purchases, another one others; partition k is the same however many there are."""
    found = []
    for size, seed in ((2, 5), (3, 5), (2, 6)):
        with provide(size, seed) as place:
            found.append([parquet.read_table(path) for path in items(size, seed, place=place)])
    two, three, other = found
    assert two == three[:2]
    assert two != other
    assert three[0] != three[1]


def test_a_partition_is_as_large_as_is_said() -> None:
    """About 100,000 purchases of at most 6,000 people of its own, within half a year, one in fifty returned."""
    with provide(2, 1) as place:
        first, second = (parquet.read_table(path).to_pandas() for path in items(2, place=place))
    assert 95_000 < len(first) < 120_000
    assert first["customer"].between(0, 5_999).all()
    assert second["customer"].between(6_000, 11_999).all()
    assert first["day"].between(purchases.FIRST_MONDAY, purchases.FIRST_MONDAY + purchases.DAYS - 1).all()
    assert 0.015 < (first["cents"] < 0).mean() < 0.025
    assert (first["cents"] != 0).all()


def test_how_often_customers_buy_is_negative_binomial() -> None:
    """Mean 18 and variance 18 + 18 x 18 / 0.6: a few buy often, and some never."""
    with provide(1, 1) as place:
        frequencies = tally(items(1, place=place)[0]).frequencies
    buyers = np.repeat(list(frequencies), list(frequencies.values()))
    all_people = np.concatenate([buyers, np.zeros(6_000 - len(buyers))])
    assert 18.0 == pytest.approx(all_people.mean(), rel=0.05)
    assert 18 + 18**2 / 0.6 == pytest.approx(all_people.var(), rel=0.15)
    assert len(buyers) < 6_000


def test_people_buy_more_before_the_week_ends() -> None:
    """Saturday has 1.75 times the purchases of Monday, Friday 1.5 times."""
    with provide(1, 1) as place:
        days = parquet.read_table(items(1, place=place)[0])["day"].to_pylist()
    weekdays = Counter((day - purchases.FIRST_MONDAY) % 7 for day in days)
    assert 1.75 == pytest.approx(weekdays[5] / weekdays[0], rel=0.05)
    assert 1.5 == pytest.approx(weekdays[4] / weekdays[0], rel=0.05)


def test_a_partition_by_hand(tmp_path: Path) -> None:
    """Days, frequencies and spends of three customers, one of whom is not known, as they stand there."""
    rows = [(2, 10, 500), (1, 12, 300), (2, 11, -100), (None, 30, 9_999), (1, 10, 100)]
    best = (Customer(1, 12, 2, 400), Customer(2, 11, 2, 400))  # equal spends: by identity
    assert Tally(4, 800, 1, {12: 1, 11: 1}, {2: 2}, best) == tally(partition(tmp_path / "a.parquet", *rows))


def test_a_partition_without_customers(tmp_path: Path) -> None:
    """One that is empty, or whose purchases are nobody's, counts for nothing and breaks nothing."""
    assert NOBODY == tally(partition(tmp_path / "empty.parquet"))
    unnamed = Tally(0, 0, 2, {}, {}, ())
    assert unnamed == tally(partition(tmp_path / "a.parquet", (None, 1, 5), (None, 2, 5)))
    texts = partition(tmp_path / "b.parquet", ("x", 1, 5))
    assert combine([tally(texts)]) == combine([NOBODY, tally(texts), NOBODY])


def test_what_travels_back_is_small() -> None:
    """Of 100,000 purchases a few kilobytes are sent to who joins them."""
    with provide(1) as place:
        assert len(pickle.dumps(tally(items(1, place=place)[0]))) < 10_000


def test_the_ten_who_spent_most(tmp_path: Path) -> None:
    """They are found across partitions, the first first; who spent the same stands by identity."""
    many = [partition(tmp_path / f"{k}.parquet", *((2 * n + k, 1, 100 * (n // 2)) for n in range(20))) for k in (1, 0)]
    found = combine([tally(one) for one in many]).top
    assert [36, 37, 38, 39, 32, 33, 34, 35, 28, 29] == [one.customer for one in found]
    assert [900] * 4 + [800] * 4 + [700] * 2 == [one.spend_cents for one in found]


def test_the_order_of_partitions_changes_nothing(tmp_path: Path) -> None:
    """Money is counted in cents, so sums do not depend on the order in which they are joined."""
    tallies = [tally(partition(tmp_path / f"{k}.parquet", (k, k, 10 * k), (k + 10, 3, -k))) for k in range(1, 6)]
    assert combine(tallies) == combine(tallies[::-1])


def test_nobody_at_all_is_an_error() -> None:
    """Partitions without a single customer have no medians: the error says what to give."""
    with pytest.raises(InputError, match="no customer in any partition"):
        combine([NOBODY, NOBODY])


def test_a_partition_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing or broken file is named, with what to do."""
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more PAR1")
    for name in ("missing.parquet", "broken.parquet"):
        with pytest.raises(InputError, match=rf"{name} cannot be read: .*--on-error skip"):
            tally(str(tmp_path / name))


@pytest.mark.usefixtures("_few")
def test_the_folder_is_private_and_goes() -> None:
    """Nobody else may enter it, and it is gone after the block, however the block ends."""
    with provide(1) as place:
        assert 0o700 == stat.S_IMODE(Path(place).stat().st_mode)
    assert not Path(place).exists()
    with pytest.raises(RuntimeError, match="enough"), provide(1) as place:
        raise RuntimeError("enough")
    assert not Path(place).exists()


@pytest.mark.usefixtures("_few")
def test_items_are_the_first_partitions() -> None:
    """A size below what is there takes the first ones, in order."""
    with provide(12) as place:
        names = [Path(path).name for path in items(11, place=place)]
    assert [f"part-{number:05}.parquet" for number in range(11)] == names


def test_columns_need_data() -> None:
    """Names of columns without a file of one's own are refused."""
    with pytest.raises(InputError, match="--columns names the columns of a file of your own"), provide(1, columns="a"):
        pass


def test_money_that_64_bits_cannot_hold_is_refused(tmp_path: Path) -> None:
    """Sums that would wrap around to a wrong amount are an error that names the partition."""
    huge = pa.table(
        {"customer": [1] * 10_000, "day": pa.array([19_723] * 10_000, pa.int32()), "cents": [10**15] * 10_000}
    )
    parquet.write_table(huge, tmp_path / "huge.parquet")
    with pytest.raises(InputError, match=r"huge\.parquet add up to more than 64 bits hold"):
        tally(str(tmp_path / "huge.parquet"))
