"""The chart of start-up shows each backend's time on one axis, from threads to loky."""

from dataclasses import replace

import pytest
from drawn import crowd, drawn_texts, overlaps, row, summary

from parlab.errors import InputError
from parlab.plots import startup_chart


def test_the_points_are_the_medians() -> None:
    """Each backend's line has the summary's start-up times, on a logarithmic axis that holds them all."""
    rows = [row("threads", 1, startup_s=0.001), row("threads", 2, startup_s=0.002), row("loky", 1, startup_s=0.5)]
    axes = startup_chart(summary(rows)).axes[0]
    assert [[0.001, 0.002], [0.5]] == [list(line.get_ydata()) for line in axes.lines]
    assert "log" == axes.get_yscale()
    low, high = axes.get_ylim()
    assert low < 0.001
    assert high > 0.5


def test_the_axis_speaks_in_units() -> None:
    """Ticks are durations such as 10 ms, not powers of ten."""
    axes = startup_chart(crowd()).axes[0]
    assert ["10 ms", "1 s", "100 µs"] == [axes.yaxis.get_major_formatter()(value, 0) for value in (0.01, 1.0, 1e-4)]


def test_names_stand_at_the_height_of_their_lines() -> None:
    """On the logarithmic axis too, a name begins where its line ends."""
    axes = startup_chart(summary([row("threads", 1, startup_s=0.001), row("loky", 1, startup_s=0.1)])).axes[0]
    places = {text.get_text(): text.xy[1] for text in axes.texts}
    assert places["threads"] < 0.3
    assert places["loky"] > 0.7


def test_a_time_of_zero_is_left_out() -> None:
    """A logarithm has no place for it; a backend without any other time is not drawn."""
    figure = startup_chart(summary([row("threads", 1, startup_s=0.0), row("loky", 1, startup_s=0.5)]))
    assert "threads" not in drawn_texts(figure)
    assert 1 == len(figure.axes[0].lines)


@pytest.mark.parametrize("rows", [[], [row("serial", 1, startup_s=0.0)], [row("threads", 1, startup_s=None)]])
def test_nothing_to_draw_is_an_error(rows) -> None:
    """The plain loop is not started; the error says what to measure."""
    with pytest.raises(InputError, match="no start-up of 'primes' to draw"):
        startup_chart(summary(rows))


def test_sixteen_workers_and_six_backends_stay_readable() -> None:
    """No two texts touch, though all processes take about the same time."""
    assert [] == overlaps(startup_chart(crowd()))
    same = [replace(one, startup_s=0.1) for one in crowd().rows]
    assert [] == overlaps(startup_chart(replace(crowd(), rows=tuple(same))))


def test_one_point_has_a_scale_beside_it() -> None:
    """Where no power of ten is near, other numbers stand on the axis: a point without any says nothing."""
    axes = startup_chart(summary([row("processes", 2, startup_s=0.17)])).axes[0]
    axes.figure.canvas.draw()
    low, high = axes.get_ylim()
    ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    assert [label for place, label in ticks if low <= place <= high and label.get_text()]
