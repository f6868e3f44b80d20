"""The explorer's chart shows the model and the points as they are, and stays readable."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn_texts, overlaps
from recordings import recording

from parlab.analysis.exploring import Measured, Model, measured_points
from parlab.analysis.scaling import AMDAHL
from parlab.analysis.summary import summarise
from parlab.plots.explorer import explorer_chart
from parlab.plots.style import BLUE, DARK, VERMILION

COSTLY = Model(0.02, 0.02, 0.001, 0.02, 0.1, 0.95)


def measured(name: str = "photos-2-cores", backend: str = "pool") -> Measured:
    results = recording(f"recorded:{name}")
    return measured_points(results, summarise(results), backend)


def line(axes, color: str):
    """The curve of a colour: the one with many places."""
    return next(one for one in axes.lines if one.get_color() == color and len(one.get_xdata()) > 50)


def test_the_curves_are_the_models() -> None:
    """Left the same work, right work that grows, each beside its serial part alone, both to one scale."""
    left, right = explorer_chart(COSTLY, 64).axes
    counts = line(left, BLUE).get_xdata()
    assert (1, 64) == (counts[0], counts[-1])
    assert list(COSTLY.strong(counts)) == list(line(left, BLUE).get_ydata())
    assert list(COSTLY.scaled(counts)) == list(line(right, BLUE).get_ydata())
    assert list(AMDAHL.shape(counts, 0.02)) == list(line(left, VERMILION).get_ydata())
    assert left.get_ylim() == right.get_ylim()


def test_the_peak_or_the_limit_is_named() -> None:
    """Where more workers stop to help stands at the curve; a limit that lies above the chart is left out."""
    assert "15 workers: 6.93" in drawn_texts(explorer_chart(COSTLY, 64))
    assert "never more than 10" in drawn_texts(explorer_chart(Model(0.1), 64))
    assert not any("never" in one for one in drawn_texts(explorer_chart(Model(0.01), 8)))
    assert not any("worker:" in one for one in drawn_texts(explorer_chart(Model(), 8)))


def test_measured_points_stand_beside_the_curves() -> None:
    """With their intervals, on the side that they are about; with start-up as soon as the model has one."""
    known = measured()
    left, right = explorer_chart(Model(0.05), 8, known).axes
    drawn = [list(one.get_ydata()) for one in left.lines if one.get_color() == DARK]
    assert list(known.points.values) in drawn
    assert all([one.low, one.high] in drawn for one in known.points.estimates)
    assert [] == [one for one in right.lines if one.get_color() == DARK]
    later = explorer_chart(Model(0.05, startup_share=0.1), 8, known)
    drawn = [list(one.get_ydata()) for one in later.axes[0].lines if one.get_color() == DARK]
    assert list(known.with_startup.values) in drawn
    assert any("start-up included" in one for one in drawn_texts(later))


def test_points_of_work_that_grew_stand_right() -> None:
    """Where Gustafson's law is."""
    known = measured()
    grown = replace(known, points=replace(known.points, weak=True))
    left, right = explorer_chart(Model(0.05), 8, grown).axes
    assert [] == [one for one in left.lines if one.get_color() == DARK]
    assert list(known.points.values) in [list(one.get_ydata()) for one in right.lines]


def test_the_machines_ceiling_is_drawn() -> None:
    """As far as it was measured."""
    known = measured()
    axes = explorer_chart(Model(), 8, known).axes[0]
    assert [known.ceiling[count] for count in sorted(known.ceiling)] in [list(one.get_ydata()) for one in axes.lines]


def test_a_recorded_sweep_says_so() -> None:
    """The heading names workload, backend and where it was measured; a bare model says that nothing was."""
    texts = drawn_texts(explorer_chart(Model(), 8, measured()))
    assert "photos on pool: points and a model" == texts[0]
    assert texts[1].startswith("Recorded, not measured here")
    assert "a model: nothing here was measured" in drawn_texts(explorer_chart(Model(), 8))


def test_base_2_has_room_for_everything() -> None:
    """Both axes are logarithmic, and no curve lies outside."""
    for axes in explorer_chart(COSTLY, 64, logarithmic=True).axes:
        low, high = axes.get_ylim()
        assert ("log", "log") == (axes.get_xscale(), axes.get_yscale())
        heights = line(axes, BLUE).get_ydata()
        assert low < np.min(heights) <= np.max(heights) < high


@pytest.mark.parametrize("most", [8, 64])
def test_no_two_texts_touch(most: int) -> None:
    """With and without points, and with the points' long heading."""
    assert [] == overlaps(explorer_chart(Model(0.05), most))
    assert [] == overlaps(explorer_chart(Model(serial_fraction=1.0), most, logarithmic=True))
    assert [] == overlaps(explorer_chart(COSTLY, most, measured(), logarithmic=most > 8))
