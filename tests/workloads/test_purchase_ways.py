"""All ways to sum up purchases give the same report, and what overlaps or is broken is merged or named."""

import pickle
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from parlab.errors import InputError, ParlabError
from parlab.workloads import customers, purchase_files, purchase_ways, purchases
from parlab.workloads.purchase_ways import Unreadable


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Make four partitions of a few hundred purchases, some of them nobody's."""
    folder = tmp_path_factory.mktemp("purchases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(purchases, "CUSTOMERS_PER_PARTITION", 40)
        purchases.make(folder, 4, 3)
    return customers.items(4, place=str(folder))


@pytest.fixture(scope="module")
def right(parts: list[str]) -> customers.Report:
    return customers.combine([customers.tally(part) for part in parts])


def test_all_ways_give_the_same_report(parts: list[str], right: customers.Report) -> None:
    """pandas at once, the plain loop, pyarrow with one thread and with its own; rows and frames that came back too."""
    assert right == purchase_ways.at_once(parts) == purchase_ways.in_turn(parts)
    assert right == purchase_ways.by_arrow(parts, threads=False) == purchase_ways.by_arrow(parts, threads=True)
    assert right == purchase_ways.joined([purchase_ways.sums_of(part) for part in parts])
    assert right == purchase_ways.together([purchase_ways.frame_of(part) for part in parts])


def test_purchases_of_nobody_are_counted_apart(parts: list[str], right: customers.Report, tmp_path: Path) -> None:
    """They stand in no other figure, whatever the way."""
    path = str(tmp_path / "nobody.parquet")
    columns = {"customer": pa.array([None, None], pa.int64()), "day": pa.array([1, 2], pa.int32()), "cents": [5, 5]}
    parquet.write_table(pa.table(columns), path)
    expected = replace(right, unnamed_purchases=2)
    assert expected == purchase_ways.at_once([*parts, path]) == purchase_ways.in_turn([*parts, path])
    assert expected == purchase_ways.by_arrow([*parts, path], threads=True)
    assert expected == purchase_ways.together(list(map(purchase_ways.frame_of, [*parts, path])), 2)
    assert "2" == purchase_ways.shown(expected)["purchases of nobody, in no other line"]
    assert not any("nobody" in line for line in purchase_ways.shown(right))


def test_by_date_tallies_are_wrong_and_rows_are_right(parts: list[str], right: customers.Report) -> None:
    """A customer stands in many files: sums survive, customers and medians do not; rows of customers can be joined."""
    dated = purchase_files.by_date(parts, 4)
    merged = customers.combine([customers.tally(part) for part in dated])
    assert (right.purchases, right.spend_cents) == (merged.purchases, merged.spend_cents)
    assert merged.customers > right.customers
    assert merged.median_frequency < right.median_frequency
    assert right == purchase_ways.joined([purchase_ways.sums_of(part) for part in dated])
    days = [purchase_ways.frame_of(part).day for part in dated]
    assert all(one.max() <= next_one.min() for one, next_one in pairwise(days))


@pytest.mark.parametrize("count", [1, 7])
def test_another_number_of_files_changes_nothing(parts: list[str], right: customers.Report, count: int) -> None:
    """The same purchases, cut by customer into fewer or more partitions."""
    cut = purchase_files.by_customer(parts, count)
    assert count == len(cut)
    assert right == purchase_ways.in_turn(cut)


def test_a_broken_file_is_named_and_the_rest_is_summed_up(parts: list[str], right: customers.Report) -> None:
    """The result says first that it is incomplete, and which file is missing; without a broken one it is complete."""
    spoiled = purchase_files.with_a_broken_one(parts)
    found = purchase_ways.outcome([purchase_ways.tally_or_name(part) for part in spoiled])
    assert ("part-00002.parquet",) == found.missing
    others = [parts[place] for place in (0, 1, 3)]
    assert purchase_ways.in_turn(others) == found.report
    assert str(found).startswith("INCOMPLETE: 1 of 4 partitions could not be read (part-00002.parquet)")
    whole = purchase_ways.outcome([purchase_ways.tally_or_name(part) for part in parts])
    assert right == whole.report
    assert str(whole).startswith("complete: ")


def test_what_names_a_broken_file_travels_and_names_no_folder(parts: list[str]) -> None:
    """The name and the library's words come back from a worker; where the folder is concerns nobody."""
    found = purchase_ways.tally_or_name(purchase_files.with_a_broken_one(parts)[2])
    assert isinstance(found, Unreadable)
    assert found == pickle.loads(pickle.dumps(found))  # our own
    assert str(Path(parts[0]).parent) not in f"{found.name} {found.reason}"


def test_a_fault_of_the_program_is_still_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a bad file causes is caught."""

    def slip(_partition: str) -> customers.Tally:
        raise ZeroDivisionError

    monkeypatch.setattr(purchase_ways, "tally", slip)
    with pytest.raises(ZeroDivisionError):
        purchase_ways.tally_or_name("any.parquet")


def test_a_file_that_is_broken_or_gone_is_told_by_every_way(parts: list[str], tmp_path: Path) -> None:
    """Who tidied up, or gives the spoiled list to another way, reads what to do, and not only a library's words."""
    spoiled = purchase_files.with_a_broken_one(parts)
    gone = str(tmp_path / "gone.parquet")
    for call in (purchase_ways.at_once, partial(purchase_ways.by_arrow, threads=False)):
        for files in (spoiled, [gone]):
            with pytest.raises(InputError, match="cannot be read: .* run the cell with DATA again"):
                call(files)
    with pytest.raises(InputError, match=r"gone\.parquet.* run the cell with DATA again"):
        purchase_ways.frame_of(gone)


def test_nobody_at_all_is_an_error(tmp_path: Path) -> None:
    """There are no medians of no customers."""
    columns = {"customer": pa.array([], pa.int64()), "day": pa.array([], pa.int32()), "cents": pa.array([], pa.int64())}
    parquet.write_table(pa.table(columns), tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="no customer in any partition"):
        purchase_ways.at_once([str(tmp_path / "empty.parquet")])


def test_each_way_is_called_once_a_round() -> None:
    """As often as there are rounds, and none of them twice before the others had their turn."""
    called: list[str] = []
    times = purchase_ways.times_of({name: lambda name=name: called.append(name) for name in "abc"}, rounds=3)  # type: ignore[misc]
    assert [3, 3, 3] == [len(taken) for taken in times.values()]
    assert all(sorted(called[first : first + 3]) == ["a", "b", "c"] for first in (0, 3, 6))


def test_another_answer_is_an_error() -> None:
    """A way that is fast and wrong is no way."""
    with pytest.raises(ParlabError, match=r"'fast' gave another answer: 3\. It should be: 4"):
        purchase_ways.times_of({"right": lambda: 4, "fast": lambda: 3}, 4)


def test_ratios_are_taken_inside_rounds() -> None:
    """The median of 1, 4 and 2, and not that of a median over a median."""
    assert 2 == purchase_ways.times_as_fast({"new": [1, 1, 5], "old": [1, 4, 10]}, "new", "old")


def test_numbers_with_a_point_depend_on_the_order() -> None:
    """What is added one by one is rounded each time: 2**53 swallows single ones, and does not when they come first."""
    values = np.array([2.0**53, *[1.0] * 8])
    assert 2.0**53 == purchase_ways.add_up(values)
    assert 2.0**53 + 8 == purchase_ways.add_up(values[::-1])
