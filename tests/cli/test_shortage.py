"""What the command line says when memory or room runs out while it works."""

import errno
from pathlib import Path

import pytest

from parlab.analysis.summary import summarise
from parlab.cli import app, bench
from parlab.errors import InputError
from parlab.measure.request import Request
from parlab.results import read

MAP = "_biasedurn.so: failed to map segment from shared object"


@pytest.mark.parametrize(
    "problem",
    [MemoryError(), MemoryError("arrays"), ImportError(MAP), OSError(errno.ENOMEM, "Cannot allocate memory")],
    ids=repr,
)
def test_want_of_memory_is_one_message(
    problem: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its forms end in 1 and in what to do, without a traceback."""
    monkeypatch.setattr(app, "app", raising(problem))
    assert 1 == app.run([])
    said = capsys.readouterr().err
    assert said.startswith("parlab: There is not enough memory to go on (")
    assert "ulimit -v" in said


@pytest.mark.parametrize("problem", [ImportError("No module named 'this'"), OSError(errno.EIO, "Input/output error")])
def test_other_errors_are_not_taken_for_it(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library has another cause, and a defect of ours must not look like a limit."""
    monkeypatch.setattr(app, "app", raising(problem))
    with pytest.raises(type(problem)):
        app.run([])


def raising(problem: Exception):
    def act(*_arguments, **_more):
        raise problem

    return act


def test_a_chart_without_room_is_said_and_the_result_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table and the place of the result come first; the chart does not stay away without a word."""
    summary = summarise(read("recorded:photos-2-cores"))
    request = Request(subject="photos", output=tmp_path / "out.jsonl")
    with pytest.raises(InputError, match="chart.png"):
        bench._show(summary, request, as_json=False, chart=tmp_path / "missing" / "chart.png")
    assert "out.jsonl" in capsys.readouterr().out


def test_what_was_measured_is_named_when_the_table_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sweep of hours is not lost with its table, and who waits for it learns where it is."""
    monkeypatch.setattr(bench, "print_result", raising(MemoryError()))
    output = tmp_path / "out.jsonl"
    request = Request(subject="primes", size="2", backends=["threads"], workers=[1], rounds=1, output=output)
    with pytest.raises(MemoryError):
        bench._run(request, as_json=False, chart=tmp_path / "out.png")
    assert f"parlab: what was measured is kept in {output}" in capsys.readouterr().err
