"""The stack of where the time went is as high as the area, part by part, and shows negative parts as such."""

from typing import Any

import pytest
from drawn import crowd, drawn_texts, overlaps, row, summary

from parlab.analysis.areas import Area, AreaRow
from parlab.errors import InputError
from parlab.plots import area_chart

PARTS = {
    "useful_s": 1.0,
    "inflation_s": 0.2,
    "waiting_s": 0.3,
    "transfer_s": 0.4,
    "tail_s": 0.5,
    "startup_s": 0.0,
    "residual_s": 0.0,
}


def area(workers: int = 2, **parts: Any) -> Area:
    found = {**PARTS, **parts}
    total = sum(part for part in found.values() if part is not None)
    return Area(
        workers=workers, elapsed_s=total / workers, tasks_s=found.pop("tasks_s", 1.5), returning_s=None, **found
    )


def area_row(backend: str, workers: int = 2, *, whole: bool = True, **parts: Any) -> AreaRow:
    with_startup = area(workers, **{**parts, "startup_s": 0.6}) if whole else None
    return AreaRow(backend, workers, 7, 0, 3, 1.5, area(workers, **parts), with_startup)


def bars(axes) -> dict[str, list[tuple[float, float]]]:
    """Floor and height of each bar, by the part's name."""
    return {
        bar.get_label(): [
            (pytest.approx(patch.get_y(), abs=1e-9), pytest.approx(patch.get_height())) for patch in bar.patches
        ]
        for bar in axes.containers
    }


def test_parts_stand_on_each_other() -> None:
    """From useful work up to start-up; a part that is nothing has no name."""
    figure = area_chart([area_row("pool")], summary([]))
    expected = {
        "useful work": [(0.0, 1.0)],
        "extra CPU time": [(1.0, 0.2)],
        "waiting inside tasks": [(1.2, 0.3)],
        "dispatch and transfer": [(1.5, 0.4)],
        "idle tail": [(1.9, 0.5)],
        "start-up and close": [(2.4, 0.6)],
    }
    assert expected == bars(figure.axes[0])
    assert "residual" not in drawn_texts(figure)


def test_negative_parts_hang_below_zero() -> None:
    """The part of tasks that took less CPU time than in the plain loop is below the axis; the others stay."""
    found = bars(area_chart([area_row("pool", inflation_s=-0.2)], summary([])).axes[0])
    assert [(0.0, -0.2)] == found["extra CPU time"]
    assert [(1.0, 0.3)] == found["waiting inside tasks"]


def test_several_negative_parts_hang_below_each_other() -> None:
    """None covers another."""
    found = bars(area_chart([area_row("pool", inflation_s=-0.2, waiting_s=-0.1)], summary([])).axes[0])
    assert [(-0.2, -0.1)] == found["waiting inside tasks"]


def test_without_startup_where_asked_or_not_known() -> None:
    """The title says which; no bar has a start-up then."""
    rows = [area_row("pool"), area_row("loky", whole=False)]
    for figure in (area_chart(rows, summary([])), area_chart(rows[:1], summary([]), whole=False)):
        assert "start-up and close" not in bars(figure.axes[0])
        assert "time of the work" in drawn_texts(figure)[0]


def test_a_coarse_cpu_clock_leaves_the_tasks_in_one() -> None:
    """Where CPU time is not known the time inside tasks is one part."""
    unknown = dict.fromkeys(("useful_s", "inflation_s", "waiting_s"))
    found = bars(area_chart([area_row("pool", **unknown, residual_s=-1.5)], summary([])).axes[0])
    assert [(0.0, 1.5)] == found["inside tasks"]
    assert "useful work" not in found


def test_the_plain_loop_is_what_bars_are_compared_with() -> None:
    """A line at its time; under weak scaling no one line would be true."""
    from dataclasses import replace

    one = summary([row("serial", 1, median_s=1.25)])
    heights = [
        [line.get_ydata()[0] for line in area_chart([area_row("pool")], each).axes[0].lines]
        for each in (one, replace(one, weak=True, tasks=8))
    ]
    assert 1.25 in heights[0]
    assert 1.25 not in heights[1]


def test_short_times_are_in_milliseconds() -> None:
    """Bars under a second are easier to read so."""
    short = {name: value / 100 for name, value in PARTS.items()}
    figure = area_chart([area_row("pool", **short)], summary([]), whole=False)
    assert "worker-milliseconds" in drawn_texts(figure)
    assert (0.0, pytest.approx(10.0)) == tuple(bars(figure.axes[0])["useful work"][0])


def test_nothing_to_draw_is_an_error() -> None:
    """Without spans nothing is known; the error says what to measure."""
    with pytest.raises(InputError, match="no trial has spans.*--no-trace"):
        area_chart([], summary([]))


def test_sixteen_workers_and_six_backends_stay_readable() -> None:
    """No two texts touch, with every part in the legend."""
    rows = [area_row(one.backend, one.workers, residual_s=-0.2) for one in crowd().rows]
    assert [] == overlaps(area_chart(rows, crowd()))
