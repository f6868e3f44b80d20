"""Reads columns of a Parquet file piece by piece, and no more of them than the file's size makes likely.

A Parquet file of some kilobytes can stand for terabytes: a value that is written once counts for a million rows. So
what a file says of itself is looked at before anything is unpacked, and what comes out is counted, for a file may lie.
Texts are unpacked as a dictionary, each different one once, until they are known to be short.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.units import size

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS_BYTES, TIMES_ITS_SIZE = 256 << 20, 100  # what a file may unpack to; purchases pack to a half, or a twentieth
LONGEST_TEXT_BYTES = 4_096  # of a customer, a date or an amount
_ROWS = 16_384  # of a piece: 64 MiB of the longest texts
_VALUE_BYTES = 8  # of a number, a date or a place in a dictionary


def pieces(path: Path, names: Sequence[str]) -> Iterator["pa.Table"]:
    """Yield tables of at most 16,384 rows with some columns of a Parquet file.

    Parameters
    ----------
    path
        The file.
    names
        Its columns, in the order that is wanted; each is there once.

    Raises
    ------
    InputError
        It unpacks to more than 256 MiB and more than a hundred times its size, a column holds other than single
        numbers, dates and texts, or a text is too long.
    OSError, pyarrow.ArrowException
        It is broken.
    """
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(path) as head:
        texts = [name for name in names if _is_text(path, head, name)]
        meter = _Meter(path)
        meter.check_claims(head.metadata, names)
        metadata = head.metadata
    with parquet.ParquetFile(path, metadata=metadata, read_dictionary=texts) as file:
        for batch in file.iter_batches(_ROWS, columns=list(names)):
            columns = [batch.column(name) for name in names]
            for name, column in zip(names, columns, strict=True):
                meter.add(name, column)
            yield pa.table([_plain(column) for column in columns], names=list(names))


class _Meter:
    """Counts what a file unpacks to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        self.most_bytes = max(ALWAYS_BYTES, TIMES_ITS_SIZE * self.size_bytes)
        self.unpacked_bytes = 0

    def check_claims(self, metadata: Any, names: Sequence[str]) -> None:
        """Refuse a file that says itself that it is too large.

        All columns count, not the named ones alone: where what is said of a single column contradicts itself, asking
        pyarrow 26 for it ends the whole process.
        """
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        claimed = sum(group.total_byte_size for group in groups)
        rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
        self._check(max(claimed, rows * len(names) * _VALUE_BYTES))

    def add(self, name: str, column: "pa.Array") -> None:
        """Count a piece of a column before its texts are written out."""
        import pyarrow as pa
        from pyarrow import compute

        self.unpacked_bytes += _VALUE_BYTES * len(column)
        if isinstance(column, pa.DictionaryArray):
            lengths = compute.binary_length(column.dictionary)
            longest = compute.max(lengths).as_py() or 0
            if longest > LONGEST_TEXT_BYTES:
                message = f"{str(self.path)!r} holds a text of {longest:,} bytes in the column {name!r}"
                advice = "Is it another column? Name them: --columns CUSTOMER,DATE,AMOUNT"
                raise InputError(f"{message}, and {LONGEST_TEXT_BYTES:,} are allowed. {advice}.")
            self.unpacked_bytes += compute.sum(lengths.take(column.indices)).as_py() or 0
        self._check(self.unpacked_bytes)

    def _check(self, asked_bytes: int) -> None:
        if asked_bytes > self.most_bytes:
            message = f"{str(self.path)!r}, a file of {size(self.size_bytes)}, unpacks to {size(asked_bytes)} or more"
            allowed = f"{size(ALWAYS_BYTES)}, and {TIMES_ITS_SIZE} times its size where that is more"
            raise InputError(f"{message}. Allowed: {allowed}. If it is right, write it as CSV, which is not packed.")


def _is_text(path: Path, file: Any, name: str) -> bool:
    """Tell whether a column's values are as long as they like; refuse one whose rows could hold many values each."""
    import pyarrow as pa

    kind = file.schema_arrow.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    leaves = [file.schema.column(number) for number in range(len(file.schema.names))]
    stored = next((leaf for leaf in leaves if leaf.path == name), None)
    if stored is None or stored.max_repetition_level or _is_wide(stored, kind):
        message = f"{str(path)!r} holds {kind} in the column {name!r}, stored in a form that is not read"
        raise InputError(f"{message}. Give numbers, dates or texts, one in each row, or write the file as CSV.")
    return bool(stored.physical_type == "BYTE_ARRAY")


def _is_wide(stored: Any, kind: "pa.DataType") -> bool:
    """Tell of values that pyarrow first unpacks as texts of any length, whatever becomes of them."""
    import pyarrow as pa

    if stored.physical_type == "BYTE_ARRAY":
        texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
        bare = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
        return not any(is_text(kind) for is_text in (*texts, *bare))
    return bool(stored.physical_type == "FIXED_LEN_BYTE_ARRAY" and stored.length > LONGEST_TEXT_BYTES)


def _plain(column: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column
