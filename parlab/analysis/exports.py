"""Writes the tidy tables of a sweep to CSV and Parquet files, for other programs. It works nothing out.

A file of that name is replaced, as by a chart: an export can always be made again from its result file. It appears
whole or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.analysis.summary import Row, summarise
from parlab.atomic import replacing
from parlab.codec import dumps
from parlab.errors import InputError, unknown_choice
from parlab.results import Results

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet")
# A spreadsheet takes such a cell for a formula and runs it: OWASP, "CSV Injection",
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _trials(results: Results) -> "pd.DataFrame":
    frame = results.trials
    # Text in both formats: CSV has no lists.
    return frame.assign(rerun=[" ".join(map(str, tasks)) for tasks in frame["rerun"]])


def _spans(results: Results) -> "pd.DataFrame":
    frame = results.spans
    if frame.empty:
        message = "This file has no spans: the sweep was measured with --no-trace, or was cut off before a trial ended."
        raise InputError(f"{message} Export trials or rows, or measure again without --no-trace.")
    return frame


def _rows(results: Results) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in summarise(results).rows], columns=list(Row.__dataclass_fields__))


TABLES: Mapping[str, Callable[[Results], "pd.DataFrame"]] = {"trials": _trials, "spans": _spans, "rows": _rows}


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
        Where to; the ending chooses CSV (UTF-8, header line, empty cells for what is not known) or Parquet.
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
    frame = TABLES[what](results)
    try:
        with replacing(path) as place:
            if ending == "csv":
                _harmless(frame).to_csv(place, index=False, lineterminator="\n")
            else:
                _write_parquet(frame, place, results)
    except OSError as problem:
        reason = problem.strerror or problem
        raise InputError(f"{str(path)!r} cannot be written: {reason}. Choose another place.") from problem
    return len(frame)


def _harmless(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Put an apostrophe before each text that a spreadsheet would run; numbers stay numbers."""
    made = frame.copy(deep=False)
    for name in frame.columns:
        if not _is_numeric(frame[name]):
            made[name] = frame[name].map(_quoted)
    return made


def _is_numeric(column: "pd.Series[Any]") -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column))


def _quoted(value: object) -> object:
    """Make a text harmless. Its line ends become line feeds: only those are quoted, and what follows begins no cell."""
    if not isinstance(value, str):
        return value
    text = f"'{value}" if value.startswith(_FORMULA) else value
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _write_parquet(frame: "pd.DataFrame", place: Path, results: Results) -> None:
    """Write through pyarrow, with what the file is and where it comes from beside pandas' own metadata."""
    import pyarrow as pa
    from pyarrow import parquet

    from parlab.errors import ResultFileError

    header = results.header
    about = {
        "parlab": header.parlab,
        "parlab.workload": header.sweep.workload,
        "parlab.created": header.created,
        "parlab.label": dumps(header.label),
    }
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        table = table.cast(pa.schema([_typed(one) for one in table.schema], table.schema.metadata))
    except (pa.ArrowException, OverflowError) as problem:
        message = f"The spans hold something that fits into no column ({problem})."
        raise ResultFileError(f"{message} Restore the file, or measure again.") from problem
    parquet.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **about}), place)


def _typed(column: Any) -> Any:
    """Give a column that knows no value the type that it has in other files, so that tables can be joined."""
    import pyarrow as pa

    if not pa.types.is_null(column.type):
        return column
    kinds = {"_s": pa.float64(), "_bytes": pa.int64()}
    kind = next((kinds[ending] for ending in kinds if column.name.endswith(ending)), None)
    return column.with_type(kind or (pa.int64() if column.name == "chunk" else pa.large_string()))
