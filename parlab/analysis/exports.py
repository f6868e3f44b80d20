"""Writes the tidy tables of a sweep to CSV and Parquet files, for other programs. It works nothing out.

A file of that name is replaced, as by a chart: an export can always be made again from its result file. It appears
whole or not at all. Spans are written trial by trial, so that a million of them need no second place in memory.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.analysis.summary import Row, summarise
from parlab.atomic import replacing
from parlab.codec import dumps
from parlab.errors import InputError, ResultFileError, unknown_choice
from parlab.results import Results

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet")
# A spreadsheet takes such a cell for a formula and runs it: OWASP, "CSV Injection",
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full width
_TEXTS = ("role", "backend", "outcome", "start_method", "message", "fingerprint", "started_at", "rerun")


def _trials(results: Results) -> Iterator["pd.DataFrame"]:
    frame = results.trials
    # Text in both formats: CSV has no lists.
    yield frame.assign(rerun=[" ".join(map(str, tasks)) for tasks in frame["rerun"]])


def _spans(results: Results) -> Iterator["pd.DataFrame"]:
    from parlab.results.frames import span_frames

    return span_frames(results.records)


def _rows(results: Results) -> Iterator["pd.DataFrame"]:
    import pandas as pd

    rows = [asdict(row) for row in summarise(results).rows]
    yield pd.DataFrame(rows, columns=list(Row.__dataclass_fields__))


TABLES: Mapping[str, Callable[[Results], Iterator["pd.DataFrame"]]] = {
    "trials": _trials,
    "spans": _spans,
    "rows": _rows,
}


SHEET = "class"  # no table, but what ``parlab class`` lays over one another


def asked_for(path: Path, what: str | None) -> str:
    """Return what is to be exported: what was said; else a sheet where the name ends in ``.json``, else trials."""
    return what or (SHEET if path.suffix.lower() == ".json" else "trials")


def check_table(path: Path, what: str) -> str:
    """Return the format that a file's ending names.

    Raises
    ------
    InputError
        It is neither ``.csv`` nor ``.parquet``, there is no such table, or the folder is not there.
    """
    if what not in TABLES:
        raise unknown_choice("table", what, TABLES)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        advice = "Name the file table.csv or table.parquet."
        raise unknown_choice("table format", ending or path.name, FORMATS, advice)
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into. Make it first.")
    return ending


def export_table(results: Results, path: Path, what: str = "trials") -> int:
    """Write one table of a sweep.

    Parameters
    ----------
    results
        The sweep.
    path
        Where to; the ending chooses CSV (UTF-8, header line, texts in quotes, empty cells for what is not known) or
        Parquet.
    what
        ``"trials"``: one row a trial. ``"spans"``: one row a task of each trial. ``"rows"``: the summary, one row for
        each configuration.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    InputError
        The name, the ending or the folder cannot be used, there are no trials or no spans, or the file cannot be
        written.
    ResultFileError
        Spans hold what fits into no column.
    """
    ending = check_table(path, what)
    if not results.records:
        raise InputError("There is nothing to export: this file has no trial yet. Go on with --resume.")
    if what == "spans" and not any(trial.spans for trial in results.records):
        message = "This file has no spans: the sweep was measured with --no-trace, or was cut off before a trial ended."
        raise InputError(f"{message} Export trials or rows, or measure again without --no-trace.")
    try:
        with replacing(path) as place:
            return _write(_tables(TABLES[what](results), _about(results)), place, ending)
    except OSError as problem:
        reason = problem.strerror or problem
        raise InputError(f"{str(path)!r} cannot be written: {reason}. Choose another place.") from problem


def _about(results: Results) -> dict[str, str]:
    """Say what a Parquet file is and where it comes from."""
    header = results.header
    return {
        "parlab": header.parlab,
        "parlab.workload": header.sweep.workload,
        "parlab.created": header.created,
        "parlab.label": dumps(header.label),
    }


def _write(tables: Iterator[Any], place: Path, ending: str) -> int:
    """Write tables of one schema one below the other; return the number of rows."""
    from pyarrow import csv, parquet

    first = next(tables)
    count: int = first.num_rows
    if ending == "parquet":
        with parquet.ParquetWriter(place, first.schema) as file:
            file.write_table(first)
            for table in tables:
                file.write_table(table)
                count += table.num_rows
        return count
    with csv.CSVWriter(place, first.schema) as file:
        file.write_table(_harmless(first))
        for table in tables:
            file.write_table(_harmless(table))
            count += table.num_rows
    return count


def _tables(frames: Iterator["pd.DataFrame"], about: Mapping[str, str]) -> Iterator[Any]:
    """Turn frames into Arrow tables that have the same types, whatever is known in each."""
    import pyarrow as pa

    for frame in frames:
        try:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            schema = pa.schema([one.with_type(_type(one)) for one in table.schema], about)
            yield table.cast(schema)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError) as problem:
            message = f"The file holds something that fits into no column ({problem})."
            raise ResultFileError(f"{message} Restore the file, or measure again.") from problem


def _type(column: Any) -> Any:
    """Return a column's type by its name and unit, not by what one trial knows; whole numbers are such in all files."""
    import pyarrow as pa

    if column.name in _TEXTS:
        return pa.string()
    if pa.types.is_boolean(column.type):
        return column.type
    whole = column.name.endswith("_bytes") or column.name in ("task", "chunk", "worker_index")
    if whole or (pa.types.is_integer(column.type) and not column.name.endswith("_s")):
        return pa.int64()
    return pa.float64()


def _harmless(table: Any) -> Any:
    """Put an apostrophe before each text that a spreadsheet would run; numbers stay numbers."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(place).combine_chunks().dictionary_encode()
            texts = pa.array([_quoted(text) for text in column.dictionary.to_pylist()], pa.string())
            table = table.set_column(place, field, texts.take(column.indices))
    return table


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
