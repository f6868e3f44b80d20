"""The chart of turns has a bar for each stretch, a lane for each worker, and says how much of the time each ran."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots import turns_chart

TAKE_TURNS = [[(5.0, 5.01), (5.02, 5.03), (5.03, 5.04)], [(5.01, 5.02), (5.04, 5.05)]]
TOGETHER = [[(9.0, 9.05)], [(9.001, 9.051)]]


def bars(axes) -> list[list[tuple[float, float]]]:
    """Left and right edge of each bar, lane by lane; the pale lane beneath is every first collection."""
    lanes = [collection.get_paths() for collection in axes.collections[1::2]]
    edges = [[path.get_extents().intervalx for path in paths] for paths in lanes]
    return [[(round(left, 6), round(right, 6)) for left, right in lane] for lane in edges]


def test_bars_are_the_stretches_from_the_first_moment_of_the_group() -> None:
    """Each group counts in milliseconds from its own beginning, so two groups can be held against each other."""
    turns, together = turns_chart({"two threads": TAKE_TURNS, "two processes": TOGETHER}).axes
    assert [[(0, 10), (20, 30), (30, 40)], [(10, 20), (40, 50)]] == bars(turns)
    assert [[(0, 50)], [(1, 51)]] == bars(together)
    assert turns.get_xlim() == together.get_xlim()


def test_each_lane_says_how_much_of_its_time_it_ran() -> None:
    """The share counts from a worker's own first to its own last moment."""
    texts = [label.get_text() for label in turns_chart({"two threads": TAKE_TURNS}).axes[0].get_yticklabels()]
    assert ["1: ran 75%", "2: ran 50%"] == texts


def test_a_stretch_of_no_length_is_no_division_by_zero() -> None:
    """A worker of a single moment ran all of its time."""
    texts = [label.get_text() for label in turns_chart({"one": [[(1.0, 1.0)]]}).axes[0].get_yticklabels()]
    assert ["1: ran 100%"] == texts


@pytest.mark.parametrize("groups", [{}, {"none": []}, {"idle": [[(0.0, 1.0)], []]}])
def test_nothing_to_draw_is_an_error(groups) -> None:
    """The error says what is needed."""
    with pytest.raises(InputError, match="each worker a stretch"):
        turns_chart(groups)


def test_no_two_texts_touch() -> None:
    """Two groups of eight workers stay readable, and names are drawn as they are."""
    figure = turns_chart({"eight $threads$": TAKE_TURNS * 4, "eight processes": TOGETHER * 4})
    assert [] == overlaps(figure)
    assert "milliseconds since the first of them began" in drawn_texts(figure)
