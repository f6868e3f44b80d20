"""A Parquet file of some kilobytes that stands for gigabytes is refused, before anything of them is in memory."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from parlab.errors import InputError
from parlab.workloads import purchases, unpacking

NAMES = ("customer", "date", "amount")
DAY = 19_874  # 2024-05-31
MIB = 1 << 20


def write(path: Path, customers: Any, groups: int = 1, **options: Any) -> Path:
    """Write customers with the same date and amount in every row; the same again in each group of rows."""
    count = len(customers)
    days = pa.array([DAY]).cast(pa.int32()).cast(pa.date32())
    alike = [pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), count), days).dictionary_decode()]
    alike.append(pa.repeat(pa.scalar(1.5), count))
    table = pa.table([customers, *alike], names=NAMES)
    with parquet.ParquetWriter(path, table.schema, compression="zstd", **options) as file:
        for _ in range(groups):
            file.write_table(table)
    return path


def the_same(text: str, times: int) -> pa.Array:
    """Return one text in many rows, held once."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), times), pa.array([text]))


@pytest.fixture
def pool() -> Iterator[pa.MemoryPool]:
    """Count what pyarrow takes from now on."""
    before = pa.default_memory_pool()
    counting = pa.proxy_memory_pool(before)
    pa.set_memory_pool(counting)
    yield counting
    pa.set_memory_pool(before)


def refused(path: Path, folder: Path, text: str) -> None:
    """Convert purchases, which must be refused."""
    with pytest.raises(InputError, match=text) as refusal:
        purchases.convert(folder, 2, str(path), None)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("options", [{}, {"store_schema": False}], ids=["of pyarrow's kinds", "of Parquet's"])
def test_one_long_text_for_many_customers(tmp_path: Path, pool: pa.MemoryPool, options: dict[str, Any]) -> None:
    """1.6 kB that stand for 10 GB: the text is seen once, and not written out."""
    path = write(tmp_path / "bomb.parquet", the_same("x" * 100_000, 100_000), **options)
    assert path.stat().st_size < 3_000
    held = pool.bytes_allocated()
    refused(path, tmp_path, r"a text of 100,000 bytes in the column 'customer', and 4,096 are allowed.*--columns")
    assert pool.max_memory() - held < 16 * MIB


def test_short_texts_in_too_many_rows(tmp_path: Path, pool: pa.MemoryPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 letters are let pass, 100,000 times they are not: what came out is counted, piece by piece."""
    path = write(tmp_path / "bomb.parquet", the_same("x" * 4_000, 100_000))
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(unpacking, "ALWAYS_BYTES", 64 * MIB)
    held = pool.max_memory()
    refused(path, tmp_path, r"unpacks to 1\d\d MiB or more\. Allowed: 64 MiB, .* write it as CSV")
    assert pool.max_memory() - held < 150 * MIB


def test_more_rows_than_such_a_file_can_have(tmp_path: Path, pool: pa.MemoryPool) -> None:
    """Fifteen million rows that are all alike: the file says so itself, and no row is read."""
    path = write(tmp_path / "bomb.parquet", pa.repeat(pa.scalar(7), 1_000_000), groups=15)
    held = pool.max_memory()
    refused(path, tmp_path, r"a file of \d+(\.\d+)? KiB, unpacks to 343 MiB or more")
    assert pool.max_memory() - held < MIB


def test_a_packed_text_that_nothing_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that the codec packs a thousand times: what it unpacks to stands in the file."""
    path = write(tmp_path / "bomb.parquet", pa.array(["x" * 2_000_000] * 10), use_dictionary=False)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(unpacking, "ALWAYS_BYTES", 10 * MIB)
    refused(path, tmp_path, r"unpacks to 19\.1 MiB or more")


def test_a_file_that_lies_about_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the claims are small, what comes out is counted all the same."""
    path = write(tmp_path / "bomb.parquet", pa.repeat(pa.scalar(7), 200_000))
    monkeypatch.setattr(unpacking._Meter, "check_claims", lambda *_: None)
    monkeypatch.setattr(unpacking, "ALWAYS_BYTES", MIB)
    refused(path, tmp_path, r"unpacks to 1\.\d+ MiB or more\. Allowed: 1 MiB")


@pytest.mark.parametrize(
    ("customers", "kind"),
    [
        (pa.array([[1] * 1_000] * 5), "list<element: int64>"),
        (pa.array([{"id": 1}] * 5), "struct<id: int64>"),
        (pa.array([b"x" * 5_000] * 5, pa.binary(5_000)), r"fixed_size_binary\[5000\]"),
    ],
    ids=["list", "struct", "wide"],
)
def test_a_row_with_many_values(tmp_path: Path, customers: pa.Array, kind: str) -> None:
    """What one row holds is bounded as well: lists, records and wide values are refused before they are unpacked."""
    refused(write(tmp_path / "odd.parquet", customers), tmp_path, rf"holds {kind} in the column 'customer'")


def test_a_file_may_unpack_to_a_hundred_times_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file has more room than a small one: 100,000 different customers in half a megabyte."""
    path = write(tmp_path / "sales.parquet", pa.array([f"customer {number}" for number in range(100_000)]))
    monkeypatch.setattr(unpacking, "ALWAYS_BYTES", 1)
    assert [16_384] * 6 + [1_696] == [piece.num_rows for piece in unpacking.pieces(path, NAMES)]


def test_pieces_are_what_was_written(tmp_path: Path) -> None:
    """Texts of every kind come back as they were, gaps too, in the order of the names that were asked for."""
    for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())):
        path = write(tmp_path / "sales.parquet", pa.array(["a", None, "b", "a"]).cast(kind))
        (piece,) = unpacking.pieces(path, ("amount", "customer"))
        assert ["amount", "customer"] == piece.column_names
        assert ["a", None, "b", "a"] == piece["customer"].to_pylist()


def test_long_texts_are_written_in_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be written is bounded by bytes as well as by rows."""
    portions: list[int] = []
    monkeypatch.setattr(purchases._Writers, "add", lambda _, tables: portions.append(len(tables)))
    monkeypatch.setattr(purchases, "_BYTES_IN_MEMORY", 10 * MIB)
    purchases.convert(tmp_path, 2, str(write(tmp_path / "sales.parquet", the_same("x" * 500, 40_000))), None)
    assert [2, 1] == portions


def test_a_file_that_contradicts_itself_is_refused_and_ends_nobody(tmp_path: Path) -> None:
    """Pyarrow ends the whole process when it is asked for such a column's size: found by fuzzing."""
    path = write(tmp_path / "sales.parquet", the_same("Zoë", 3))
    may_be_empty, never_empty = b"\x25\x02\x18\x04date", b"\x25\x00\x18\x04date"  # repetition type, then the name
    assert 1 == path.read_bytes().count(may_be_empty)
    path.write_bytes(path.read_bytes().replace(may_be_empty, never_empty))
    code = "import sys; from parlab.workloads import unpacking; list(unpacking.pieces(*map(eval, sys.argv[1:])))"
    command = [sys.executable, "-c", f"from pathlib import Path; {code}", f"Path({str(path)!r})", repr(NAMES)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert 1 == done.returncode, done.stderr
    assert "OSError: Definition level histogram size mismatch" in done.stderr
    refused(path, tmp_path / "parts", "cannot be read as purchases: Definition level histogram size mismatch")
