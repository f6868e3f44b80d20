"""The picture of futures' lives: what is drawn where."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.submitting import PENDING, QUEUED, WORKING, lives_chart
from parlab.workloads.submitting import Life

# One worker: number 0 is begun at once, number 1 lies in the queue meanwhile, number 2 is cancelled.
LIVES = [
    Life(0, 0.0, 0.01, 0.02, 0.2, 0.21, cancelled=False),
    Life(1, 0.0, 0.05, 0.2, 0.4, 0.41, cancelled=False),
    Life(2, 0.0, None, None, None, 0.21, cancelled=True),
]


def stretches(axes) -> list[tuple[float, float, float]]:
    """Lane, beginning and end of each bar, by lane and beginning."""
    bars = [bar for one in axes.containers for bar in one]
    return sorted(
        (round(bar.get_y() + bar.get_height() / 2, 6), round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6))
        for bar in bars
    )


def test_each_future_has_a_lane_with_its_stretches() -> None:
    """Pending, in the queue, worked on: each from its beginning to its end; one that was cancelled has the first."""
    axes = lives_chart({"one worker": LIVES}).axes[0]
    assert [
        (0, 0.0, 0.01),
        (0, 0.01, 0.02),
        (0, 0.02, 0.2),
        (1, 0.0, 0.05),
        (1, 0.05, 0.2),
        (1, 0.2, 0.4),
        (2, 0.0, 0.21),
    ] == stretches(axes)
    assert ["future 0", "future 1", "future 2"] == [one.get_text() for one in axes.get_yticklabels()]


def test_the_three_stretches_differ_without_colour() -> None:
    """Each kind has a hatch of its own, or none, so that they are told apart in grey; the legend names them."""
    figure = lives_chart({"one worker": LIVES})
    bars = [bar for one in figure.axes[0].containers for bar in one]
    assert 3 == len({bar.get_hatch() for bar in bars})
    assert {PENDING, QUEUED, WORKING} <= set(drawn_texts(figure))
    assert figure.legends[0].get_in_layout()  # a notebook cuts off what is not


def test_a_cancelled_one_is_marked_where_it_ended() -> None:
    """A cross at the moment, with the word; nobody else has one."""
    figure = lives_chart({"one worker": LIVES})
    crosses = [(line.get_xdata()[0], line.get_ydata()[0]) for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert [(0.21, 2)] == crosses
    assert 1 == drawn_texts(figure).count("cancelled")


def test_panels_share_the_axis_of_time() -> None:
    """Two groups stand one above the other, on one axis that has room for the longest."""
    first, second = lives_chart({"processes": LIVES, "threads": LIVES[:1]}).axes
    assert ["processes", "threads"] == [axes.get_title(loc="left") for axes in (first, second)]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[1] > 0.41


def test_no_texts_touch() -> None:
    """All numbers and names can be read, with as many futures as the notebook has."""
    many = [Life(number, 0.0, None, None, None, 0.1, cancelled=True) for number in range(3, 9)]
    assert [] == overlaps(lives_chart({"two processes": LIVES + many, "two threads": LIVES + many}))


@pytest.mark.parametrize("nothing", [{}, {"two processes": []}])
def test_nothing_to_draw_is_an_error(nothing) -> None:
    """An empty picture would say nothing; the error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give at least one"):
        lives_chart(nothing)
