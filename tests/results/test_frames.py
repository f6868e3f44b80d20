"""Trials and spans as tidy frames."""

import math

import pytest
from builders import FAILURE, SPANS, ceiling, make_results, parallel, serial
from pandas.api.types import is_numeric_dtype

from parlab.records import SPAN_COLUMNS
from parlab.results.frames import span_frame, span_frames, trial_frame

TRIAL_COLUMNS = [
    "session",
    "round",
    "position",
    "role",
    "backend",
    "workers",
    "start_method",
    "tasks",
    "open_s",
    "warm_up_s",
    "map_s",
    "close_s",
    "cpu_s",
    "ceiling",
    "outcome",
    "message",
    "fingerprint",
    "load",
    "started_at",
    "rerun",
    "nested",
    "steal_s",
    "preempted",
    "pace",
    "gil_before",
    "gil_after",
    "elapsed_s",
    "failed_tasks",
]
KEYS = ["session", "round", "position", "role", "backend", "workers"]
SPAN_FRAME_COLUMNS = [*KEYS, *("worker_index" if name == "worker" else name for name in SPAN_COLUMNS)]


def test_one_row_a_trial() -> None:
    """The columns are the trial's plain fields, its elapsed time and its failed tasks, in the order of the file."""
    trials = [serial(2.0), parallel(1.5, failures=(FAILURE, FAILURE)), ceiling(1.9)]
    frame = trial_frame(trials)
    assert list(frame.columns) == TRIAL_COLUMNS
    assert list(frame["role"]) == ["serial", "parallel", "ceiling"]
    assert list(frame["failed_tasks"]) == [0, 2, 0]
    assert list(frame.index) == [0, 1, 2]


def test_elapsed_is_open_map_and_close() -> None:
    """The whole time is the sum of its three parts, and unknown where one of them is; warm-up is in none."""
    frame = trial_frame([parallel(1.5, open_s=0.25, close_s=0.5, warm_up_s=100.0), parallel(1.5, open_s=None)])
    assert frame["elapsed_s"][0] == 2.25
    assert math.isnan(frame["elapsed_s"][1])


@pytest.mark.parametrize(
    "name", ["map_s", "open_s", "close_s", "cpu_s", "elapsed_s", "ceiling", "load", "steal_s", "preempted", "pace"]
)
def test_numbers_are_numbers(name: str) -> None:
    """A column of numbers can be computed with, also when some of them are not known."""
    frame = trial_frame([serial(2.0), parallel(None), ceiling(1.9)])
    assert is_numeric_dtype(frame[name])


def test_units_are_in_the_names() -> None:
    """Times end in _s and sizes in _bytes: no column of either kind goes without."""
    measured = {
        "submitted_s",
        "started_s",
        "finished_s",
        "received_s",
        "cpu_s",
        "sent_bytes",
        "received_bytes",
        "pickle_s",
        "unpickle_s",
    }
    found = {name for name in span_frame([]).columns if name.endswith(("_s", "_bytes"))}
    assert measured == found
    times = {"open_s", "warm_up_s", "map_s", "close_s", "cpu_s", "steal_s", "elapsed_s"}
    assert times == {name for name in trial_frame([]).columns if name.endswith("_s")}


def test_no_trials() -> None:
    """Without a trial the frame has its columns and no row."""
    frame = trial_frame([])
    assert (len(frame), list(frame.columns)) == (0, TRIAL_COLUMNS)


def test_one_row_a_task() -> None:
    """Behind the columns that name the trial stand those of the span, in the order of the trials."""
    frame = span_frame([parallel(round=3, workers=2, spans=SPANS), serial(1.0, round=4, spans=SPANS)])
    assert list(frame.columns) == SPAN_FRAME_COLUMNS
    assert list(frame["round"]) == [3, 3, 4, 4]
    assert list(frame["workers"]) == [2, 2, 1, 1]
    assert list(frame["task"]) == [0, 1, 0, 1]
    assert list(frame["started_s"]) == [0.1, 0.5, 0.1, 0.5]
    assert list(frame.index) == [0, 1, 2, 3]


@pytest.mark.parametrize("spans", [None, {}, {name: [] for name in SPAN_COLUMNS}])
def test_no_spans(spans: dict[str, list[int]] | None) -> None:
    """Trials without spans give a frame with its columns and no row, and none at all do too."""
    for frame in (span_frame([]), span_frame([parallel(spans=spans)])):
        assert (len(frame), list(frame.columns)) == (0, SPAN_FRAME_COLUMNS)


def test_traced_and_untraced_trials_together() -> None:
    """Trials without spans are left out of the frame and change nothing in it."""
    empty: dict[str, list[int]] = {name: [] for name in SPAN_COLUMNS}
    frame = span_frame([parallel(), parallel(spans=SPANS), parallel(spans=empty)])
    assert list(frame["task"]) == [0, 1]
    assert is_numeric_dtype(frame["task"])


def test_results_give_the_frames() -> None:
    """The two frames of a sweep are these."""
    results = make_results([serial(2.0), parallel(spans=SPANS)])
    assert trial_frame(results.records).equals(results.trials)
    assert span_frame(results.records).equals(results.spans)


def test_many_small_trials_come_in_few_parts() -> None:
    """A frame for each of ten thousand trials takes a minute; all rows are there, in their order, by name of trial."""
    trials = [parallel(round=number, spans=SPANS) for number in range(60)]
    parts = list(span_frames([parallel(), *trials, serial(1.0, spans=SPANS)]))
    assert 1 == len(parts)
    assert [*(number for number in range(60) for _ in range(2)), 0, 0] == parts[0]["round"].tolist()
    assert [*["threads"] * 120, "serial", "serial"] == parts[0]["backend"].tolist()
    assert SPANS["finished_s"] * 61 == parts[0]["finished_s"].tolist()
    assert [] == list(span_frames([]))
