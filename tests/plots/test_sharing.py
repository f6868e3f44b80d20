"""The pictures of the notebook about pools: what is drawn where."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.sharing import arrivals_chart, chunks_chart
from parlab.workloads.sharing import SIZES, Arrival

# Two workers, five tasks: number 0 is slow, and holds up what imap gives.
ENDS = ((0, 0, 0.0, 0.4), (1, 1, 0.0, 0.1), (2, 1, 0.1, 0.2), (3, 1, 0.2, 0.3), (4, 1, 0.3, 0.5))


def came(*arrived_s: float) -> list[Arrival]:
    """The five tasks in the order of their arrival, and when each arrived."""
    listed = [Arrival(*task, moment) for task, moment in zip(ENDS, arrived_s, strict=True)]
    return sorted(listed, key=lambda one: one.arrived_s)


WAYS = {
    "map": came(0.5, 0.5, 0.5, 0.5, 0.5),
    "imap": came(0.4, 0.4, 0.4, 0.4, 0.5),
    "imap_unordered": came(0.4, 0.1, 0.2, 0.3, 0.5),
}
TIMES = {size: [0.1 / size, 0.3 / size, 0.2 / size] for size in SIZES}


def marks(axes) -> list[float]:
    """Where the arrows of a panel stand."""
    return [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "v"]


def test_each_task_is_a_bar_in_its_workers_lane() -> None:
    """Bars begin and end when their tasks did, below the lane of the caller."""
    axes = arrivals_chart({"map": WAYS["map"]}).axes[0]
    bars = [bar for one in axes.containers for bar in one]
    found = sorted((round(b.get_x() + b.get_width(), 6), round(b.get_y() + b.get_height() / 2, 6)) for b in bars)
    assert sorted((end, worker + 1) for _, worker, _, end in ENDS) == found
    assert ["you get", "worker 0", "worker 1"] == [one.get_text() for one in axes.get_yticklabels()]


def test_arrows_stand_where_results_came() -> None:
    """Results that came together have one arrow with all their numbers; others have one each."""
    panels = arrivals_chart(WAYS).axes
    assert [[0.5], [0.4, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5]] == [marks(axes) for axes in panels]
    assert ["map", "imap", "imap_unordered"] == [axes.get_title(loc="left") for axes in panels]
    assert {"0…4", "0…3"} < set(drawn_texts(arrivals_chart(WAYS)))


def test_numbers_out_of_order_are_all_named() -> None:
    """Only neighbours become a range."""
    together = [Arrival(task, 0, 0.0, 0.1, 0.4) for task in (2, 0, 1)]
    assert "2 0 1" in drawn_texts(arrivals_chart({"imap_unordered": together}))


def test_curves_go_through_the_medians() -> None:
    """A panel for each curve, in milliseconds from zero, on one logarithmic axis of sizes."""
    panels = chunks_chart({"tiny": TIMES, "few": {1: [0.2], 40: [0.4]}}).axes
    middle = [line for line in panels[0].lines if len(line.get_xdata()) == len(SIZES)]
    assert [pytest.approx([200 / size for size in SIZES])] == [list(line.get_ydata()) for line in middle]
    assert ["tiny", "few"] == [axes.get_title(loc="left") for axes in panels]
    assert {"log"} == {axes.get_xscale() for axes in panels}
    assert {0.0} == {axes.get_ylim()[0] for axes in panels}


def test_every_round_is_a_dot() -> None:
    """The spread is shown, not only the middle."""
    axes = chunks_chart({"tiny": {1: [0.1, 0.3], 2: [0.2]}}).axes[0]
    assert [(1, 100.0), (1, 300.0), (2, 200.0)] == sorted(zip(*axes.lines[0].get_data(), strict=True))


def test_the_guess_and_the_pools_own_size_are_marked() -> None:
    """The guess stands in the first panel; a star where the pool's own size was tried, and none where it was not."""
    figure = chunks_chart({"tiny": TIMES, "few": {1: [0.2], 40: [0.4]}}, 10, [250, 5])
    texts = drawn_texts(figure)
    assert "your guess: 10" in texts
    assert "the pool's own: 250" in texts
    assert "the pool's own: 5" not in texts
    stars = [line.get_xdata()[0] for axes in figure.axes for line in axes.lines if line.get_marker() == "*"]
    assert [250] == stars


def test_without_a_guess_none_is_marked() -> None:
    """A learner who has guessed nothing sees no guess."""
    assert not any("guess" in text for text in drawn_texts(chunks_chart({"tiny": TIMES}, None)))


@pytest.mark.parametrize("guess", [1, 10, 100])
def test_no_texts_touch(guess: int) -> None:
    """All numbers and names can be read."""
    assert [] == overlaps(arrivals_chart(WAYS))
    assert [] == overlaps(chunks_chart({"tiny": TIMES, "few": {1: [0.2], 40: [0.4]}}, guess, [250, 1]))


@pytest.mark.parametrize("chart", [arrivals_chart, chunks_chart])
@pytest.mark.parametrize("nothing", [{}, {"map": []}])
def test_nothing_to_draw_is_an_error(chart, nothing) -> None:
    """An empty picture would say nothing; the error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give at least one"):
        chart(nothing)
