"""The charts of ways side by side: times with their rounds and intervals, and memory in two parts."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.rounds import held_chart, rounds_chart

SIX = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def names(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def lines(figure, marker: str) -> list[tuple[list[float], list[float]]]:
    found = [line for line in figure.axes[0].lines if line.get_marker() == marker]
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in found]


def test_rounds_median_and_interval() -> None:
    """A pale dot for each round, a mark at the median, and a bar over the interval, from top to bottom as given."""
    figure = rounds_chart({"old": SIX, "new": [one / 10 for one in SIX]})
    assert (SIX, [0] * 6) == lines(figure, "o")[0]
    assert [[1.25], [0.125]] == [marks for marks, _ in lines(figure, "D")]
    assert ([1.0, 1.5], [0, 0]) == lines(figure, "None")[0]
    assert ["old", "new"] == names(figure)
    assert {"1.25 s", "125 ms"} <= set(drawn_texts(figure))
    assert "time of a round: 6 rounds (pale), their median and its 95 % interval" in drawn_texts(figure)


def test_five_rounds_have_no_interval() -> None:
    """No bar then, and the caption promises none; a single round is called so."""
    figure = rounds_chart({"old": SIX[:5]})
    assert [] == lines(figure, "None")
    assert "time of a round: 5 rounds (pale), their median" in drawn_texts(figure)
    assert "time of a round: a single one" in drawn_texts(rounds_chart({"old": [1.0]}))


def test_the_axis_begins_at_zero_and_nothing_overlaps() -> None:
    """Lengths can be compared, and each time can be read."""
    figure = rounds_chart({f"a way with a long name, {number}": SIX for number in range(5)})
    assert 0 == figure.axes[0].get_xlim()[0]
    assert [] == overlaps(figure)


def test_memory_has_two_parts() -> None:
    """The second stands on the first, its size behind the bar; names of the parts stand above."""
    figure = held_chart({"all": {"libraries": 90, "data": 40}, "some": {"libraries": 80, "data": 4.5}})
    bars = [[(bar.get_x(), bar.get_width()) for bar in one.patches] for one in figure.axes[0].containers]
    assert [[(0, 90)], [(90, 40)], [(0, 80)], [(80, 4.5)]] == bars
    assert ["all", "some"] == names(figure)
    assert {"+ 40 MiB", "+ 4.5 MiB"} <= set(drawn_texts(figure))
    assert ["libraries", "data"] == [text.get_text() for text in figure.legends[0].get_texts()]
    assert [] == overlaps(figure)


@pytest.mark.parametrize("times", [{}, {"old": []}])
def test_nothing_to_draw(times: dict) -> None:
    """No way, or no round of one, is an error that says what to give."""
    with pytest.raises(InputError, match="give at least one way"):
        rounds_chart(times)


@pytest.mark.parametrize("held", [{}, {"a": {"x": 1}}, {"a": {"x": 1, "y": 2}, "b": {"y": 2, "x": 1}}])
def test_memory_without_two_parts(held: dict) -> None:
    """Each way needs the same two parts."""
    with pytest.raises(InputError, match="each way needs two parts"):
        held_chart(held)
