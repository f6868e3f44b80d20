"""The purchases of the notebook: as many as are asked for, the user's own, and nothing of them left behind."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parlab.errors import InputError
from parlab.workloads import customers, purchase_files, purchase_ways, purchases, sizes


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases, "CUSTOMERS_PER_PARTITION", 30)
    monkeypatch.delenv(sizes.VARIABLE, raising=False)


@pytest.mark.parametrize("said", [None, "small", "large"])
def test_the_size_is_said_by_the_environment(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    """small, large, or nothing, which is small."""
    if said:
        monkeypatch.setenv(sizes.VARIABLE, said)
    parts = customers.items(200, place=purchase_files.set_out())
    purchase_files.tidy_up()
    assert purchase_files.SIZES[said or "small"] == len(parts)


def test_the_large_size_has_five_million_purchases() -> None:
    """At 6,000 people a partition, of whom each buys 18 times on average."""
    assert purchase_files.SIZES["large"] * 6_000 * purchases.PURCHASES_PER_CUSTOMER >= 5_000_000


def test_what_was_set_out_before_goes() -> None:
    """Running the cell again leaves one folder, and tidying up none, twice too."""
    first = purchase_files.set_out()
    second = purchase_files.set_out()
    assert (False, True) == (Path(first).exists(), Path(second).exists())
    purchase_files.tidy_up()
    purchase_files.tidy_up()
    assert not Path(second).exists()


def test_it_goes_with_the_program() -> None:
    """Who forgets to tidy up, or closes the notebook, leaves no purchases behind."""
    text = (
        "from parlab.workloads import purchase_files, purchases\n"
        "purchases.CUSTOMERS_PER_PARTITION = 30\nprint(purchase_files.set_out())"
    )
    place = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip()
    assert "parlab-private" in place
    assert not Path(place).exists()


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    """A CSV with other names: its purchases, to the cent, cut by customer."""
    rows = [f"c{number % 50},2024-05-{1 + number % 28:02},{number}.10" for number in range(400)]
    own = tmp_path / "sales.csv"
    own.write_text("client,when,total\n" + "\n".join(rows), encoding="utf-8")
    parts = customers.items(200, place=purchase_files.set_out(str(own), "client,when,total"))
    found = purchase_ways.at_once(parts)
    assert f"{len(parts)} partitions, 400 purchases, " in purchase_files.overview(parts)
    merged = purchase_ways.joined([purchase_ways.sums_of(part) for part in purchase_files.by_date(parts, 3)])
    purchase_files.tidy_up()
    assert (50, 400, sum(range(400)) * 100 + 400 * 10) == (found.customers, found.purchases, found.spend_cents)
    assert found == merged


@pytest.mark.parametrize(
    ("data", "columns", "text"),
    [
        ("missing.csv", None, "There is no file 'missing.csv'. Give DATA a CSV"),
        (None, "a,b,c", "COLUMNS names the columns of a file of your own"),
        ("sales.csv", ["client", "when", "total"], "COLUMNS is one text, such as 'client,when,total', and not a list"),
        (Path("sales.csv"), None, "DATA is one text, such as 'sales.csv'"),
    ],
)
def test_a_refusal_speaks_of_the_notebooks_names(data: Any, columns: Any, text: str) -> None:
    """A notebook has no --data and no --columns: what is refused is called as its cell calls it."""
    with pytest.raises(InputError, match=text):
        purchase_files.set_out(data, columns)


def test_a_number_of_files_that_cannot_be_made(tmp_path: Path) -> None:
    """None, too many, and a half one are refused; so is a cut of what was tidied up."""
    for cut in (purchase_files.by_customer, purchase_files.by_date):
        for count in (0, 201, 2.5):
            with pytest.raises(InputError, match=f"{count} partitions cannot be made: give 1 to 200"):
                cut([str(tmp_path / "part-00000.parquet")], count)
        with pytest.raises(InputError, match="they were tidied up"):
            cut([str(tmp_path / "gone" / "part-00000.parquet")], 2)
