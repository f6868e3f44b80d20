"""Points and laws of the same work and of work that grows, in one chart."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.analysis.laws import Points, fit_all
from parlab.analysis.points import points_of_rounds
from parlab.errors import InputError
from parlab.plots.phases import phases_chart

COUNTS = [2, 4, 8]
NOISE = (0.97, 1.0, 1.02, 0.99, 1.01, 0.98)


def fits(*, weak: bool, serial: float = 0.1):
    """Six rounds of a program of which a tenth is serial, with a little noise."""
    law = [n - serial * (n - 1) if weak else n / (1 + serial * (n - 1)) for n in COUNTS]
    rounds = [[noise * value for value in law] for noise in NOISE]
    return fit_all(points_of_rounds(COUNTS, rounds, weak=weak), ["gustafson" if weak else "amdahl"])


def test_both_laws_go_through_their_points() -> None:
    """At 8 workers a tenth that is serial leaves 4.7 of the same work, 7.3 of work that grows."""
    axes = phases_chart(fits(weak=False), fits(weak=True)).axes[0]
    measured = {line.get_label(): line for line in axes.lines if str(line.get_label()).startswith("measured")}
    assert {"measured: the same work", "measured: work that grows"} == set(measured)
    ends = [line.get_ydata()[-1] for line in axes.lines if line.get_linewidth() == 2.2 and line.get_xdata()[-1] == 8]
    assert [pytest.approx(7.3, rel=0.03), pytest.approx(8 / 1.7, rel=0.03)] == ends


def test_predictions_are_dashed_and_end_at_four_times_the_workers() -> None:
    """From 8 to 32 workers, both."""
    axes = phases_chart(fits(weak=False), fits(weak=True)).axes[0]
    beyond = [line for line in axes.lines if line.get_linewidth() == 2.2 and line.get_xdata()[0] == 8]
    assert [32, 32] == [line.get_xdata()[-1] for line in beyond]
    assert {"--"} == {line.get_linestyle() for line in beyond}


def test_texts_are_there_and_do_not_touch() -> None:
    """Laws have their names at the ends of their lines."""
    figure = phases_chart(fits(weak=False), fits(weak=True))
    assert {"Amdahl: same work", "Gustafson: work grows", "measured", "predicted"} <= set(drawn_texts(figure))
    assert [] == overlaps(figure)


def test_a_law_that_cannot_be_told_has_no_line_but_a_reason() -> None:
    """One worker count is one point for one unknown."""
    single = fit_all(points_of_rounds([8], [[4.7]] * 6), ["amdahl"])
    figure = phases_chart(single, fits(weak=True))
    assert "needs at least 2" in " ".join(" ".join(drawn_texts(figure)).split())
    assert [] == overlaps(figure)


def test_nothing_is_refused() -> None:
    """Without points there is no chart."""
    with pytest.raises(InputError, match="nothing to draw"):
        phases_chart(fit_all(Points((), ())), fits(weak=True))
