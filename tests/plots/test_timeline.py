"""The timeline shows each task where and when it ran, and as much time as there was, however many tasks there are."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import SPANS, WORKER, make_results, make_round, parallel, serial
from drawn import drawn_texts, overlaps
from matplotlib.collections import PolyCollection

from parlab.errors import InputError
from parlab.plots import save, timeline_chart
from parlab.plots.spans import join
from parlab.plots.style import BLUE, VERMILION, WAITING
from parlab.results import Results


def spans(*rows: tuple[int, float, float, float | None], **columns: Any) -> dict[str, list[Any]]:
    """Make spans from worker, start, end and CPU time of each task."""
    count = len(rows)
    workers, started, finished, cpu = (list(column) for column in zip(*rows, strict=True))
    own = {"worker": workers, "started_s": started, "finished_s": finished, "cpu_s": cpu, "submitted_s": [0.0] * count}
    nothing = {name: [None] * count for name in SPANS}
    return {**nothing, **own, "task": list(range(count)), "outcome": ["ok"] * count, **columns}


def sweep(found: dict[str, list[Any]] | None, map_s: float = 1.0, workers: int = 2, **fields: Any) -> Results:
    trial = parallel(map_s, workers=workers, spans=found, crew=(WORKER,) * workers, **fields)
    return make_results(make_round(0, (1.0, 1.0), trial))


def boxes(figure, color: str) -> list[tuple[float, ...]]:
    """List left, right, lower and upper edge of what is drawn in a colour."""
    from matplotlib.colors import to_rgba

    found = []
    for drawn in figure.axes[0].collections:
        if isinstance(drawn, PolyCollection) and tuple(drawn.get_facecolor()[0]) == to_rgba(color):
            for path in drawn.get_paths():
                (left, low), (right, high) = path.vertices.min(axis=0), path.vertices.max(axis=0)
                found.append((float(left), float(right), float(low), float(high)))
    return found


def area(found: list[tuple[float, ...]]) -> float:
    return sum((right - left) * (high - low) for left, right, low, high in found)


def test_a_task_is_a_bar_in_its_workers_lane() -> None:
    """Light from start to end in the lane of its worker; dark as high as the share of CPU time; time in its unit."""
    figure = timeline_chart(sweep(spans((0, 0.1, 0.5, 0.4), (1, 0.2, 0.6, 0.1))), "threads", 2)
    assert [(0.1, 0.5, -0.4, 0.4), (0.2, 0.6, 0.6, 1.4)] == [pytest.approx(one) for one in boxes(figure, WAITING)]
    assert [(0.1, 0.5, -0.4, 0.4), (0.2, 0.6, 1.2, 1.4)] == [pytest.approx(one) for one in boxes(figure, BLUE)]
    assert any("work began, s" in text for text in drawn_texts(figure))
    short = timeline_chart(sweep(spans((0, 0.001, 0.002, 0.001)), 0.003), "threads", 2)
    assert any("work began, ms" in text for text in drawn_texts(short))
    assert [pytest.approx((1.0, 2.0, -0.4, 0.4))] == boxes(short, BLUE)


def test_unknown_cpu_time_is_not_shown_as_waiting() -> None:
    """Where the CPU clock is too coarse a task is one colour, and no share is claimed."""
    figure = timeline_chart(sweep(spans((0, 0.1, 0.5, None))), "threads", 2)
    assert [] == boxes(figure, WAITING)
    assert "task" in drawn_texts(figure)
    assert not any("CPU" in text for text in drawn_texts(figure)[2:])


def test_opening_and_closing_are_shown_beside_the_work() -> None:
    """The axis goes from start-up to close; a start-up longer than half the work is cut, and that is said."""
    brief = timeline_chart(sweep(spans((0, 0.1, 0.5, 0.4)), open_s=0.3, warm_up_s=0.1, close_s=0.2), "threads", 2)
    left, right = brief.axes[0].get_xlim()
    assert left == pytest.approx(-0.4, abs=0.05)
    assert right == pytest.approx(1.2, abs=0.05)
    long = timeline_chart(sweep(spans((0, 0.1, 0.5, 0.4)), open_s=3.0), "threads", 2)
    assert -0.5 == pytest.approx(long.axes[0].get_xlim()[0])
    assert [False, True] == [any("begins earlier" in text for text in drawn_texts(one)) for one in (brief, long)]
    assert any("start-up 3 s" in text for text in drawn_texts(long))


def test_failed_and_lost_tasks_are_marked() -> None:
    """A failed task has its colour and a cross, a lost one a mark in a lane of its own where it was handed in."""
    found = spans((0, 0.1, 0.5, 0.4), (1, 0.2, 0.6, 0.1), (0, 0.0, 0.0, None), submitted_s=[0.0, 0.1, 0.7])
    found["outcome"] = ["ok", "error", "lost(SIGKILL)"]
    found["started_s"][2] = found["finished_s"][2] = None
    figure = timeline_chart(sweep(found), "threads", 2)
    marks = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in figure.axes[0].lines}
    assert [(0.2, 0.6, 0.6, 1.4)] == [pytest.approx(one) for one in boxes(figure, VERMILION)]
    assert ([pytest.approx(0.4, abs=0.01)], [1.0]) == marks["failed task"]
    assert ([0.7], [2]) == marks["lost task"]
    assert "lost" in [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert any("task 2: lost(SIGKILL)" in text and "1 task failed" in text for text in drawn_texts(figure))


def test_a_hundred_thousand_tasks_keep_their_area(tmp_path: Path) -> None:
    """Tasks below a pixel are joined into few bars, and the time that was worked and computed stays the same."""
    count, workers = 100_000, 16
    starts = np.repeat(np.arange(count // workers), workers) * 16e-5
    rows = [(place % workers, start, start + 8e-5, 4e-5) for place, start in enumerate(starts.tolist())]
    figure = timeline_chart(sweep(spans(*rows), workers=workers), "threads", workers)
    worked, computed = boxes(figure, WAITING), boxes(figure, BLUE)
    assert len(worked) < 400 * workers
    assert 0.8 * count * 8e-5 == pytest.approx(area(worked))
    assert 0.8 * count * 4e-5 == pytest.approx(area(computed))
    save(figure, tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").stat().st_size < 2_000_000


def test_short_tasks_are_joined_by_lane_and_stretch() -> None:
    """Two tasks in one stretch become a bar as high as both together; another lane, another stretch: another bar."""
    worker, left = np.array([0.0, 0.0, 1.0, 0.0]), np.array([0.1, 0.5, 0.1, 1.2])
    found = join(worker, left, left + 0.2, np.array([1.0, 0.5, 0.0, 1.0]), 1.0)
    assert [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)] == list(zip(found.worker, found.left, strict=True))
    assert [0.4, 0.2, 0.2] == pytest.approx(list(found.wall))
    assert [0.3, 0.2, 0.0] == pytest.approx(list(found.cpu))


def rounds(*times: float) -> Results:
    one = spans((0, 0.1, 0.5, 0.4))
    trials = [parallel(map_s, spans=one, crew=(WORKER, WORKER)) for map_s in times]
    return make_results([each for place, trial in enumerate(trials) for each in make_round(place, (1, 1), trial)])


def test_the_typical_round_is_chosen() -> None:
    """Without a round the one with the median time is drawn, and said; a round that is asked for is drawn instead."""
    results = rounds(0.9, 0.7, 0.8)
    assert any("round 2 (median of 3)" in text for text in drawn_texts(timeline_chart(results, "threads", 2)))
    chosen = timeline_chart(results, "threads", 2, 1)
    assert any("round 1" in text and "700 ms" in text for text in drawn_texts(chosen))


def test_what_is_not_there_is_an_error() -> None:
    """Another backend, worker count or round is refused with those that are there; so is a trial without spans."""
    results = rounds(0.9, 0.7)
    for wanted, told in (
        (("loky", 2), "Unknown backend of this file 'loky'. Allowed: serial, threads"),
        (("threads", 3), "Worker counts in this file: 2"),
        (("threads", 2, 7), "Rounds in this file: 0, 1"),
    ):
        with pytest.raises(InputError, match=told):
            timeline_chart(results, *wanted)
    with pytest.raises(InputError, match="no spans.*--no-trace"):
        timeline_chart(sweep(None), "threads", 2)


def test_the_plain_loop_has_a_timeline_too() -> None:
    """``serial`` is one lane."""
    loop = serial(1.0, spans=spans((0, 0.1, 0.5, 0.4)), crew=(WORKER,))
    assert "timeline of the plain loop" in drawn_texts(timeline_chart(make_results([loop]), "serial", 1))[0]


@pytest.mark.parametrize("name", ["worker", "started_s"])
@pytest.mark.parametrize("value", ["x", [1], 1e400, -3, None])
def test_odd_spans_are_refused_or_left_out(name: str, value: object, tmp_path: Path) -> None:
    """A file from anybody may hold anything: either it is drawn, or it is one clear error."""
    found = spans((0, 0.1, 0.5, 0.4), (1, 0.2, 0.6, 0.1))
    found[name][1] = value
    try:
        save(timeline_chart(sweep(found), "threads", 2), tmp_path / "chart.png")
    except InputError as refusal:
        assert "Restore the file" in str(refusal)  # noqa: PT017  # either way is right, a traceback is not
    else:
        assert name == "started_s"


def test_sixteen_lanes_stay_readable() -> None:
    """No two texts touch with 16 lanes and everything in the legend; with 200 lanes the numbers are thinned out."""
    rows = [(place % 16, 0.01 * place, 0.01 * place + 0.05, 0.03) for place in range(90)]
    found = spans(*rows)
    found["outcome"][3], found["outcome"][7] = "error", "lost(SIGKILL)"
    found["started_s"][7] = None
    assert [] == overlaps(timeline_chart(sweep(found, workers=16), "threads", 16))
    many = sweep(spans(*((place % 200, 0.1, 0.9, 0.5) for place in range(400))), workers=200)
    assert [] == overlaps(timeline_chart(many, "threads", 200))


def test_a_trial_that_went_wrong_is_drawn_where_no_other_is() -> None:
    """The last of them, and the caption says what became of it."""
    figure = timeline_chart(sweep(spans((0, 0.1, 0.5, 0.4)), outcome="error"), "threads", 2)
    assert any("no round went well" in text and "trial: error" in text for text in drawn_texts(figure))
    good = replace(parallel(0.5), spans=spans((0, 0.1, 0.5, 0.4)), crew=(WORKER, WORKER))
    both = make_results([*make_round(0, (1, 1), good), *sweep(spans((0, 0.1, 0.5, 0.4)), outcome="error").records])
    assert not any("went well" in text for text in drawn_texts(timeline_chart(both, "threads", 2)))
