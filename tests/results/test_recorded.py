"""Recorded sweeps are ordinary result files, say where and when they were measured, and are shown as what they are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import parlab
from parlab import backends, workloads
from parlab.errors import InputError, ResultFileError
from parlab.plots import speedup_chart
from parlab.results import read, recorded_names
from parlab.results.recorded import PREFIX, locate

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(params=recorded_names())
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_two_cores_were_recorded_for_every_workload_that_has_a_curve() -> None:
    """A learner on a busy machine finds each of the workloads, measured on two cores."""
    assert {f"{name}-2-cores" for name in workloads.names() if name != "hello"} <= set(recorded_names())


def test_it_says_where_and_when(name: str) -> None:
    """The label names the place, the day of the measurement and who measured; the day is that of the file itself."""
    header = read(f"{PREFIX}{name}").header
    assert {"where", "when", "by"} == set(header.label)
    assert header.created[:10] == header.label["when"]
    assert all(header.label.values())


def test_it_is_whole(name: str) -> None:
    """The sweep ended as planned, with enough rounds for intervals, and every line of it can be read."""
    view = parlab.View.read(f"{PREFIX}{name}")
    assert "rounds" == view.results.ended
    assert view.summary.rounds >= 6
    assert {"ok"} == {trial.outcome for trial in view.results.records}
    assert all(row.speedup_low is not None for row in view.summary.rows if row.backend != "serial")


def test_it_was_measured_with_parlabs_own_workloads_and_engines(name: str) -> None:
    """Nothing of a person's own stands in it: no items, no options, no paths."""
    sweep = read(f"{PREFIX}{name}").header.sweep
    assert sweep.workload in workloads.names()
    assert {spec.partition(":")[0] for spec in sweep.backends} <= set(backends.names())
    assert (None, None, {}, {}) == (sweep.items, sweep.items_digest, sweep.options, sweep.kwargs)


def test_it_is_shown_as_recorded(name: str) -> None:
    """Table, page and chart all say that it was not measured here."""
    view = parlab.View.read(f"{PREFIX}{name}")
    origin = f"Recorded, not measured here: {view.results.header.label['where']}"
    assert origin in " ".join(repr(view).split())
    assert origin in view._repr_html_()
    drawn = [" ".join(text.get_text().split()) for text in speedup_chart(view.summary).texts]
    assert any(text.startswith(origin) for text in drawn)
    assert view.results.header.label == view.summary.as_json()["label"]


def test_ones_own_sweep_is_not_called_recorded(recorded: Path) -> None:
    """Without a label nothing is said of a recording."""
    view = parlab.View.read(recorded)
    assert view.summary.origin is None
    assert "Recorded" not in repr(view) + view._repr_html_()


def test_an_unknown_name_is_refused_with_the_list() -> None:
    """The refusal names those that are there, and the nearest."""
    with pytest.raises(InputError, match=r"Did you mean 'photos-2-cores'\?.*primes-2-cores"):
        locate("recorded:photo-2-cores")


@pytest.mark.parametrize("text", ["recorded:../../errors", "recorded:/etc/passwd", "recorded:", "recorded:."])
def test_a_name_leads_nowhere_else(text: str) -> None:
    """Only names of the list are taken: no path leads out of the folder."""
    with pytest.raises(InputError, match="Unknown recorded sweep"):
        read(text)


def test_other_texts_are_paths(tmp_path: Path) -> None:
    """A file of one's own is found as before, whatever its name begins with."""
    assert tmp_path / "recorded" == locate(tmp_path / "recorded")
    with pytest.raises(ResultFileError, match="There is no result file"):
        read(tmp_path / "recorded:x")


def test_the_command_lists_and_shows_them(command) -> None:
    """`parlab recorded` names each with its day and place; show and plot take the names."""
    listed = json.loads(command("recorded", "--json").stdout)
    assert list(recorded_names()) == [one["name"] for one in listed]
    shown = command("show", f"{PREFIX}{recorded_names()[0]}")
    assert (0, "") == (shown.returncode, shown.stderr)
    assert "Recorded, not measured here" in shown.stdout
    assert max(map(len, command("recorded").stdout.splitlines())) <= 80
    assert 0 == command("plot", f"{PREFIX}{recorded_names()[0]}", "-o", "chart.png").returncode


def record(results: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(BENCHMARKS / "record.py"), str(results), "made", "--where", "a test"]
    line = [*script, "--folder", str(folder)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_data_of_ones_own_are_not_recorded(recorded: Path, tmp_path: Path) -> None:
    """A sweep over a folder of a person's own is refused, and nothing is written."""
    first, _, rest = recorded.read_text().partition("\n")
    header = json.loads(first)
    header["sweep"]["options"] = {"folder": "holidays"}
    (tmp_path / "own.jsonl").write_text(json.dumps(header) + "\n" + rest)
    refused = record(tmp_path / "own.jsonl", tmp_path)
    assert (1, True) == (refused.returncode, "without options" in refused.stderr)
    assert not (tmp_path / "made.jsonl").exists()


def test_a_recording_is_the_result_file_with_a_label(recorded: Path, tmp_path: Path) -> None:
    """The script adds the label to the header and changes no other line."""
    assert 0 == record(recorded, tmp_path).returncode
    before, after = recorded.read_text().splitlines(), (tmp_path / "made.jsonl").read_text().splitlines()
    assert before[1:] == after[1:]
    label = json.loads(after[0]).pop("label")
    assert {"where": "a test", "when": json.loads(before[0])["created"][:10], "by": "the parlab authors"} == label
