"""The grid of workers and threads."""

import pytest
from matplotlib.patches import Rectangle

from parlab.errors import InputError
from parlab.plots.threads_grid import threads_grid_chart

TIMES_S = {(1, 1): 0.4, (1, 2): 0.2, (2, 1): 0.2, (2, 2): 0.6}


def test_each_field_says_its_time_and_how_many_times_the_fastest() -> None:
    """The numbers can be read without the colours."""
    axes = threads_grid_chart(TIMES_S, 2).axes[0]
    assert {"400 ms\n2.0 x", "200 ms\n1.0 x", "600 ms\n3.0 x"} == {one.get_text() for one in axes.texts}
    assert (["1", "2"], ["1", "2"]) == tuple(
        [tick.get_text() for tick in ticks] for ticks in (axes.get_xticklabels(), axes.get_yticklabels())
    )


@pytest.mark.parametrize(("cores", "framed"), [(1, 1), (2, 3), (4, 4)])
def test_a_frame_says_what_fits_the_cores(cores: int, framed: int) -> None:
    """Workers times threads up to the cores are framed."""
    axes = threads_grid_chart(TIMES_S, cores).axes[0]
    assert framed == sum(isinstance(one, Rectangle) for one in axes.patches)


def test_a_pair_that_was_not_measured_stays_empty() -> None:
    """Three of four fields."""
    some = {pair: time_s for pair, time_s in TIMES_S.items() if pair != (2, 2)}
    assert 3 == len(threads_grid_chart(some, 2).axes[0].texts)


def test_nothing_is_refused() -> None:
    """An empty grid is an error with words."""
    with pytest.raises(InputError, match="nothing to draw"):
        threads_grid_chart({}, 2)
