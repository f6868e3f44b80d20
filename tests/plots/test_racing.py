"""The pictures of the notebook about races: where a number ended, what an addition costs, how much was lost."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.racing import costs_chart, ends_chart, wrong_share_chart
from parlab.workloads.racing import WAYS

ENDS = {"Value, +=": [5, 6, 6, 8, 10], "own sums": [10, 10, 10, 10, 10]}
COSTS = {way: {"alone": 1e-7 * (place + 1), "two at once": 3e-6 * (place + 1)} for place, way in enumerate(WAYS)}


def test_each_end_has_a_bar_with_its_rounds() -> None:
    """Wrong ones are hatched, so that no colour is needed; the heading counts them."""
    first, second = ends_chart(ENDS, 10).axes
    bars = {round(bar.get_x() + bar.get_width() / 2): bar for bar in first.patches}
    assert {5: 1, 6: 2, 8: 1, 10: 1} == {end: bar.get_height() for end, bar in bars.items()}
    assert [10] == [end for end, bar in bars.items() if not bar.get_hatch()]
    titles = [axes.get_title(loc="left") for axes in (first, second)]
    assert ["Value, +=: wrong in 4 of 5 rounds", "own sums: wrong in 0 of 5 rounds"] == titles


def test_the_right_end_is_always_in_sight() -> None:
    """Also where nobody has reached it; and where all have, one sees how far off they could be."""
    axes = ends_chart({"Value, +=": [5]}, 10).axes[0]
    low, high = axes.get_xlim()
    assert (True, True) == (low < 5, high > 10)
    assert ends_chart({"own sums": [10]}, 10).axes[0].get_xlim() == (low, high)
    assert "10 is right" in axes.get_xlabel()


def test_each_cost_has_a_bar_and_its_number() -> None:
    """In microseconds on a logarithmic axis, ways from top to bottom, both crews by name."""
    figure = costs_chart(COSTS)
    axes = figure.axes[0]
    widths = [bar.get_width() for group in axes.containers for bar in group]
    assert pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 3, 6, 9, 12, 15]) == widths
    assert "log" == axes.get_xscale()
    assert {"0.1 µs", "15 µs", "alone", "two at once"} <= set(drawn_texts(figure))
    assert list(WAYS) == [label.get_text() for label in axes.get_yticklabels()]


def test_lost_shares_have_their_number() -> None:
    """One bar for each wait, in percent."""
    figure = wrong_share_chart({0: 0.0, 1e-5: 0.25, 1e-3: 0.481})
    assert [0.0, 25.0, pytest.approx(48.1)] == [bar.get_height() for bar in figure.axes[0].patches]
    assert {"0 %", "25 %", "48.1 %"} <= set(drawn_texts(figure))
    assert ["none", "10 µs", "1 ms"] == [label.get_text() for label in figure.axes[0].get_xticklabels()]


def test_no_texts_touch() -> None:
    """All numbers and names can be read."""
    for figure in (ends_chart(ENDS, 10), costs_chart(COSTS), wrong_share_chart({0: 0.0, 1e-5: 0.25})):
        assert [] == overlaps(figure)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: ends_chart({}, 10),
        lambda: ends_chart({"x": []}, 10),
        lambda: costs_chart({}),
        lambda: costs_chart({"x": {"alone": 1.0}, "y": {}}),
        lambda: costs_chart({"x": {"one": 1.0, "two": 1.0, "three": 1.0}}),
        lambda: wrong_share_chart({}),
    ],
)
def test_nothing_to_draw_is_an_error(draw) -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give"):
        draw()
