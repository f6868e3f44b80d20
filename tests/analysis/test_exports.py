"""Tables for other programs: what stands in them, what a spreadsheet must not run, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import FAILURE, SPANS, make_results, make_round, parallel, write_results
from pyarrow import parquet

from parlab.analysis.exports import TABLES, export_table
from parlab.errors import InputError, ResultFileError
from parlab.notebook.view import View
from parlab.results import Results, read


@pytest.fixture
def results() -> Results:
    """One round with a traced trial that failed with a message which a spreadsheet would run."""
    traced = parallel(1.0, spans=SPANS, crew=(), message="=HYPERLINK(1)", failures=(FAILURE,), rerun=(3, 5))
    return make_results(make_round(0, (2.0, 2.0), traced))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("what", TABLES)
def test_tables_come_back(tmp_path: Path, what: str, ending: str) -> None:
    """What is read again has the columns and the numbers of the frame, to the last digit."""
    recorded = read("recorded:primes-2-cores")
    path = tmp_path / f"table.{ending}"
    count = export_table(recorded, path, what)
    found = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
    view = View.read("recorded:primes-2-cores")
    frame = {"trials": recorded.trials, "spans": recorded.spans, "rows": view.rows}[what]
    assert list(frame.columns) == list(found.columns)
    assert count == len(frame) == len(found)
    for name in ("map_s", "started_s", "speedup"):
        if name in frame:
            pd.testing.assert_series_equal(frame[name].astype(float), found[name], check_exact=ending == "parquet")
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "x\r=1"])
def test_no_cell_is_run_by_a_spreadsheet(results: Results, tmp_path: Path, text: str) -> None:
    """A text that begins like a formula gets an apostrophe, and stays in its quotes; Parquet keeps it as it is."""
    changed = replace(results, records=tuple(replace(one, message=text, backend=text) for one in results.records))
    for ending in ("csv", "parquet"):
        export_table(changed, tmp_path / f"out.{ending}")
    found = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    with (tmp_path / "out.csv").open(newline="") as file:
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "\t")) for cell in file.read().split(","))
    mark = "" if text.startswith("x") else "'"
    assert [mark + text] * 3 == list(found["message"])
    assert [text] * 3 == list(pd.read_parquet(tmp_path / "out.parquet")["backend"])


def test_numbers_stay_numbers(results: Results, tmp_path: Path) -> None:
    """A negative number is no text and gets no apostrophe."""
    spans = {**SPANS, "started_s": [-0.5, 0.5]}
    changed = make_results([replace(one, spans=spans if one.spans else None) for one in results.records])
    export_table(changed, tmp_path / "out.csv", "spans")
    assert [-0.5, 0.5] == list(pd.read_csv(tmp_path / "out.csv")["started_s"])


def test_lists_of_tasks_are_text(results: Results, tmp_path: Path) -> None:
    """Tasks that ran again stand in one cell, with spaces between."""
    export_table(results, tmp_path / "out.csv")
    assert ["", "3 5", ""] == list(pd.read_csv(tmp_path / "out.csv", keep_default_na=False)["rerun"])


def test_parquet_says_where_it_comes_from(results: Results, tmp_path: Path) -> None:
    """Version, workload, date and label of a recorded sweep stand in the file."""
    export_table(read("recorded:primes-2-cores"), tmp_path / "out.parquet")
    found = parquet.read_schema(tmp_path / "out.parquet").metadata
    assert (b"0.1.0", b"primes") == (found[b"parlab"], found[b"parlab.workload"])
    assert b"a virtual machine with 2 cores" in found[b"parlab.label"]


def test_columns_without_a_value_have_their_type(results: Results, tmp_path: Path) -> None:
    """A column in which nothing is known has the type that it has elsewhere, so files can be joined."""
    nothing = {**SPANS, "pickle_s": [None, None], "sent_bytes": [None, None]}
    changed = make_results([replace(one, spans=nothing if one.spans else None) for one in results.records])
    export_table(changed, tmp_path / "out.parquet", "spans")
    schema = parquet.read_schema(tmp_path / "out.parquet")
    kinds = [str(schema.field(name).type) for name in ("pickle_s", "sent_bytes", "chunk")]
    assert ["double", "int64", "int64"] == kinds


def test_a_file_of_that_name_is_replaced(results: Results, tmp_path: Path) -> None:
    """An export can be made again and again, as a chart can."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    View(results, View.read("recorded:primes-2-cores").summary).export(path)
    assert path.read_text().startswith('"session","round",')


def test_what_cannot_be_written_is_said_and_the_old_file_stays(results: Results, tmp_path: Path) -> None:
    """Spans that fit into no column leave the file as it was, and nothing beside it."""
    path = tmp_path / "out.parquet"
    path.write_text("old")
    broken = {**SPANS, "task": [{"a": 1}, "text"]}
    changed = make_results([replace(one, spans=broken if one.spans else None) for one in results.records])
    with pytest.raises(ResultFileError, match="fits into no column"):
        export_table(changed, path, "spans")
    assert "old" == path.read_text()
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("what", ["trials", "spans"])
def test_half_of_a_surrogate_pair(results: Results, tmp_path: Path, what: str, ending: str) -> None:
    """An error that names a file in another encoding has one, and so may any JSON: no table can hold it."""
    half = "caf\udce9"
    header = replace(results.header, sweep=replace(results.header.sweep, workload=half))
    trials = [replace(one, message=half, backend=half) for one in results.records]
    write_results(tmp_path / "sweep.jsonl", trials, header=header)
    export_table(read(tmp_path / "sweep.jsonl"), tmp_path / f"out.{ending}", what)
    found = pd.read_csv(tmp_path / "out.csv") if ending == "csv" else pd.read_parquet(tmp_path / "out.parquet")
    assert {r"caf\udce9"} == set(found["backend"])


@pytest.mark.parametrize(
    ("name", "what", "text"),
    [
        ("out.txt", "trials", "Unknown table format 'txt'. Allowed: csv, parquet"),
        ("out", "trials", "Unknown table format 'out'"),
        ("out.csv", "trial", "Did you mean 'trials'"),
        ("nowhere/out.csv", "trials", "There is no folder"),
        ("out.csv", "spans", "This file has no spans"),
        (".", "rows", "Unknown table format"),
    ],
)
def test_refused(tmp_path: Path, name: str, what: str, text: str) -> None:
    """Each says what was given and what to do, and writes nothing."""
    with pytest.raises(InputError) as problem:
        export_table(make_results(make_round(0, (2.0, 2.0), parallel(1.0))), tmp_path / name, what)
    assert text in str(problem.value)
    assert [] == list(tmp_path.iterdir())


def test_a_file_without_a_trial_is_refused(tmp_path: Path) -> None:
    """There is nothing to export before the first trial."""
    with pytest.raises(InputError, match="no trial yet"):
        export_table(make_results([]), tmp_path / "out.csv")
