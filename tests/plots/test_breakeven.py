"""The map of break-even shows what the model says, and where this sweep stands on it."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn_texts, overlaps, row, summary

from parlab.analysis.breakeven import BreakEven, Cost, efficiency_at
from parlab.errors import InputError
from parlab.plots import breakeven_chart

FOUND = BreakEven(
    backend="pool",
    workers=2,
    rounds=7,
    cost=Cost(message_cost_s=1e-4, task_cost_s=1e-5, parent_cost_s=1e-5),
    duration_s=1.1e-4,
    task_s=5e-4,
    tasks=800,
    chunksize=3,
    reason=None,
    efficiency=0.9,
)


def line_at(axes, level: float) -> np.ndarray:
    """Corners of the line at an efficiency."""
    (found,) = (one for one in axes.collections if list(getattr(one, "levels", [])) == [level])
    return np.concatenate([path.vertices for path in found.get_paths() if len(path.vertices)])


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_lines_lie_where_the_model_says(level: float) -> None:
    """At every corner of the line for 50 % or 90 % the model gives that efficiency."""
    corners = line_at(breakeven_chart(FOUND, 1, summary([])).axes[0], level)
    found = [efficiency_at(duration_s, size, FOUND.workers, FOUND.cost) for duration_s, size in corners]
    assert len(found) > 20
    assert [level] * len(found) == pytest.approx(found, abs=0.01)


def test_this_sweep_and_the_chunk_size_that_fits_are_marked() -> None:
    """This sweep's tasks at its chunk size, and at the one that was found; one mark where both are the same."""
    marks = [
        [(line.get_xdata()[0], line.get_ydata()[0]) for line in figure.axes[0].lines if line.get_marker() in "o^"]
        for figure in (breakeven_chart(FOUND, 1, summary([])), breakeven_chart(FOUND, 3, summary([])))
    ]
    assert [[(5e-4, 1), (5e-4, 3)], [(5e-4, 3)]] == marks
    assert {"this sweep", "chunks of 3"} <= set(drawn_texts(breakeven_chart(FOUND, 1, summary([]))))


def test_the_map_holds_the_measured_tasks_and_the_break_even() -> None:
    """However far they are apart."""
    for found in (FOUND, replace(FOUND, task_s=2.0), replace(FOUND, task_s=1e-6, duration_s=0.3)):
        left, right = breakeven_chart(found, 1, summary([])).axes[0].get_xlim()
        assert left < min(found.task_s, found.duration_s)
        assert right > max(found.task_s, found.duration_s)


def test_chunks_too_large_to_share_out_are_hatched() -> None:
    """From 4 chunks a worker on: with 800 tasks and 2 workers, over 100 tasks in a chunk."""
    axes = breakeven_chart(FOUND, 1, summary([])).axes[0]
    assert 100 == min(patch.get_y() for patch in axes.patches if patch.get_hatch())
    assert "fewer than 4 chunks a worker" in drawn_texts(axes.figure)


def test_the_caption_compares_model_and_measurement() -> None:
    """What a message costs, from where on tasks are long enough, and how good the model is here."""
    figure = breakeven_chart(FOUND, 1, summary([row("pool", 2, efficiency=0.73)]))
    text = " ".join(" ".join(drawn_texts(figure)).split())
    assert "a message costs 100 µs, a task in it 10 µs more: median of 7 rounds" in text
    assert "50 % from tasks of 110 µs on" in text
    assert "model 82 %, measured 73 %" in text


def test_a_chunk_size_that_cannot_be_named_is_said() -> None:
    """With the reason that the analysis gives."""
    found = replace(FOUND, chunksize=None, reason="it cannot be told here")
    assert any("it cannot be told here" in text for text in drawn_texts(breakeven_chart(found, 1, summary([]))))


@pytest.mark.parametrize("task_s", [0.0, 1e-9, 1e9])
def test_tasks_that_are_nowhere_on_the_map_are_refused(task_s: float) -> None:
    """Tasks of no time, or of years: the error says what can be shown."""
    with pytest.raises(InputError, match="no break-even of 'primes' to draw"):
        breakeven_chart(replace(FOUND, task_s=task_s), 1, summary([]))


@pytest.mark.parametrize("cost", [Cost(0.0, None, 0.0), Cost(0.0, 0.0, 0.0), Cost(50.0, None, 1.0)])
def test_costs_of_nothing_and_of_minutes_are_drawn(cost: Cost) -> None:
    """A map that is one colour has no lines, and is no error."""
    found = replace(FOUND, cost=cost, duration_s=cost.message_cost_s)
    assert 1 <= len(breakeven_chart(found, 1, summary([])).axes[0].collections)


def test_it_stays_readable() -> None:
    """No two texts touch."""
    assert [] == overlaps(breakeven_chart(replace(FOUND, backend="processes:spawn", workers=16), 1, summary([])))


def test_nothing_is_hatched_where_there_are_tasks_enough() -> None:
    """A million tasks make enough chunks of any size that is shown."""
    axes = breakeven_chart(replace(FOUND, tasks=10**7, workers=1), 1, summary([])).axes[0]
    assert axes.get_ylim()[1] <= 10**7
    few = breakeven_chart(replace(FOUND, tasks=1000, workers=1), 1, summary([])).axes[0]
    assert any(patch.get_hatch() for patch in few.patches)
    assert not any(patch.get_hatch() for patch in axes.patches)
