"""The pictures of the notebook about races: who waits at a gate, and how a lock limits the speedup."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.locking import amdahl_speedup, best_speedup, gates_chart, locked_share_chart
from parlab.workloads.locking import Visit

MADE = [Visit(0, 0.0, 0.01, 0.01, 0.03), Visit(1, 0.0, 0.01, 0.03, 0.05), Visit(0, 0.03, 0.04, 0.05, 0.07)]
SPEEDUPS = {0: 3.8, 0.25: 2.9, 0.5: 1.8, 0.75: 1.3, 1: 1.0}


def stretches(axes, hatch: str | None) -> list[tuple[float, float]]:
    """From when to when the bars with a hatch go, in milliseconds."""
    found = [path.get_extents() for one in axes.collections if one.get_hatch() == hatch for path in one.get_paths()]
    return sorted((round(box.x0, 6), round(box.x1, 6)) for box in found)


def test_each_visit_is_drawn_in_its_workers_lane() -> None:
    """Work inside is hatched and stands where it was; lanes are named."""
    axes = gates_chart({"a lock": MADE}).axes[0]
    assert [(10, 30), (30, 50), (50, 70)] == stretches(axes, "///")
    assert ["worker 0", "worker 1"] == [label.get_text() for label in axes.get_yticklabels()]
    assert "a lock" == axes.get_title(loc="left")


def test_the_parts_are_named() -> None:
    """Outside, waiting, inside."""
    texts = drawn_texts(gates_chart({"a lock": MADE, "a semaphore": MADE}))
    assert {"works outside", "waits at the gate", "works inside"} <= set(texts)


@pytest.mark.parametrize(("share", "best", "amdahl"), [(0, 4, 4), (0.25, 4, 16 / 7), (0.5, 2, 1.6), (1, 1, 1)])
def test_a_lock_has_an_upper_and_a_lower_curve(share: float, best: float, amdahl: float) -> None:
    """At best the lock is never free; by Amdahl's law nobody works beside."""
    assert best == best_speedup(share, 4)
    assert amdahl == pytest.approx(amdahl_speedup(share, 4))


def test_measured_points_and_the_guess_are_drawn() -> None:
    """In percent of the task; without a guess there is no mark for it."""
    lines = {line.get_label(): line for line in locked_share_chart(SPEEDUPS, 4, (0.5, 6.0)).axes[0].lines}
    assert [(0, 3.8), (25, 2.9), (50, 1.8), (75, 1.3), (100, 1.0)] == list(
        zip(*lines["measured"].get_data(), strict=True)
    )
    assert [(50, 6.0)] == list(zip(*lines["your guess"].get_data(), strict=True))
    for nothing in (None, (0.5, None)):
        assert "your guess" not in drawn_texts(locked_share_chart(SPEEDUPS, 4, nothing))


@pytest.mark.parametrize("guess", [None, (0.5, 0.2), (0.5, 40.0)])
def test_the_guess_is_in_sight_and_no_texts_touch(guess) -> None:
    """However wild the guess is."""
    figure = locked_share_chart(SPEEDUPS, 4, guess)
    assert [] == overlaps(figure)
    assert [] == overlaps(gates_chart({"a lock": MADE, "a semaphore": MADE}))
    assert figure.axes[0].get_ylim()[1] > (guess[1] if guess else 4)


@pytest.mark.parametrize(
    "draw", [lambda: gates_chart({}), lambda: gates_chart({"x": []}), lambda: locked_share_chart({}, 4)]
)
def test_nothing_to_draw_is_an_error(draw) -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give at least one"):
        draw()
