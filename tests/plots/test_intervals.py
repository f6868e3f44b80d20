"""The pictures of intervals: what is drawn where."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.intervals import claims_chart, coverage_chart, true_over_claimed, width_chart
from parlab.workloads.streams import Estimate, Z

KNOWN = [Estimate(4.1, 1.0, 100), Estimate(3.9, 0.6, 400), Estimate(4.05, 0.25, 1600)]
WAYS = {"a seed for each run": [Estimate(4.5, 0.5, 9)] * 2, "numpy.random, forked": [Estimate(6.0, 0.5, 9)] * 20}
TRUTHS = dict.fromkeys(WAYS, 4.0)


def test_widths_errors_and_theory() -> None:
    """Two logarithmic axes; the line goes through the last point and halves where there are four times the runs."""
    axes = width_chart(KNOWN, 4.0).axes[0]
    theory, widths, errors = axes.lines
    assert ("log", "log") == (axes.get_xscale(), axes.get_yscale())
    assert pytest.approx([1.0, 0.5, 0.25]) == list(theory.get_ydata())
    assert [1.0, 0.6, 0.25] == list(widths.get_ydata())
    assert pytest.approx([0.1, 0.1, 0.05]) == list(errors.get_ydata())
    assert 2 == len(width_chart(KNOWN).axes[0].lines)


def test_those_that_miss_stand_out() -> None:
    """By a marker and their width as well as by colour; the heading counts."""
    figure = coverage_chart([Estimate(4.0, 0.5, 9), Estimate(5.0, 0.5, 9), Estimate(4.2, 0.5, 9)], 4.0)
    upright = {line.get_xdata()[0]: line for line in figure.axes[0].lines[:3]}
    assert {0: "", 1: "x", 2: ""} == {int(place): line.get_marker() for place, line in upright.items()}
    assert [4.5, 5.5] == list(upright[1].get_ydata())
    assert "2 of 3 intervals hold the value 4" == figure.axes[0].get_title(loc="left")


def test_a_bar_is_the_true_error_in_units_of_the_claimed() -> None:
    """An error of 2 where the standard error is 0.5 / 1.96; the first bar has no hatch."""
    first, second = (bar for one in claims_chart(WAYS, TRUTHS).axes[0].containers for bar in one)
    assert pytest.approx((Z, 4 * Z)) == (first.get_width(), second.get_width())
    assert ("", "//") == (first.get_hatch() or "", second.get_hatch())
    assert "2.0 x: holds in 2 of 2" in drawn_texts(claims_chart(WAYS, TRUTHS))
    assert pytest.approx(4 * Z) == true_over_claimed(WAYS["numpy.random, forked"], 4.0)


@pytest.mark.parametrize(
    "figure", [lambda: width_chart(KNOWN, 4.0), lambda: coverage_chart(KNOWN, 4.0), lambda: claims_chart(WAYS, TRUTHS)]
)
def test_no_texts_touch(figure) -> None:
    """All can be read."""
    assert [] == overlaps(figure())


def test_nothing_to_draw_is_an_error() -> None:
    """An empty picture would say nothing; the error says what to give."""
    for call in (
        lambda: width_chart(KNOWN[:1]),
        lambda: coverage_chart([], 4.0),
        lambda: claims_chart({}, {}),
        lambda: claims_chart({"a": KNOWN}, {}),
    ):
        with pytest.raises(InputError, match="nothing to draw"):
            call()
