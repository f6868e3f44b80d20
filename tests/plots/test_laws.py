"""The chart of laws shows points, curves and bands as they were fitted, and where predicting begins."""

import numpy as np
import pytest
from drawn import crowd, drawn_texts, overlaps, summary

from parlab.analysis.laws import Fits, Points, fit_all
from parlab.errors import InputError
from parlab.plots import law_chart
from parlab.results.intervals import median_interval

COUNTS = (1, 2, 4, 6, 8, 12, 16)


def usl(count: float, contention: float = 0.03, coherency: float = 0.002) -> float:
    return count / (1 + contention * (count - 1) + coherency * count * (count - 1))


def fitted(counts=COUNTS, law=usl, **fields) -> Fits:
    """Fit all laws to seven rounds that differ by up to 3 %."""
    rounds = tuple(tuple(law(count) * (1 + 0.01 * wobble) for count in counts) for wobble in (-3, -2, -1, 0, 1, 2, 3))
    estimates = tuple(median_interval(list(column)) for column in zip(*rounds, strict=True))
    points = {"weak": False, "rounds": rounds, "estimates": estimates, **fields}
    return fit_all(Points(counts, tuple(law(count) for count in counts), **points))


def curves(axes) -> list:
    """The lines of laws: those with as many places as are drawn."""
    return [line for line in axes.lines if len(line.get_xdata()) > 50]


def test_the_measured_points_and_their_intervals_are_drawn() -> None:
    """Each point at its place, each interval from low to high."""
    fits = fitted()
    lines = [list(line.get_ydata()) for line in law_chart(fits, "pool", summary([])).axes[0].lines]
    assert list(fits.points.values) in lines
    assert all([one.low, one.high] in lines for one in fits.points.estimates)


def test_a_law_is_drawn_as_it_was_fitted() -> None:
    """Curve and band have the values that the fit gives at the same worker counts."""
    fits = fitted()
    axes = law_chart(fits, "pool", summary([])).axes[0]
    line = curves(axes)[0]
    expected = fits.fits["usl"].band([float(count) for count in line.get_xdata()])
    assert [one.value for one in expected] == pytest.approx(list(line.get_ydata()))
    vertices = axes.collections[0].get_paths()[0].vertices
    assert max(one.high for one in expected) == pytest.approx(vertices[:, 1].max())
    assert min(one.low for one in expected) == pytest.approx(vertices[:, 1].min())


def test_predictions_are_dashed_and_end_in_time() -> None:
    """Up to the largest measured count a line is solid; beyond it dashed, and never past four times that."""
    for fits in (fitted(), fitted((1, 2, 3, 4))):
        largest = fits.points.workers[-1]
        for line in curves(law_chart(fits, "pool", summary([])).axes[0]):
            ends = min(line.get_xdata()), max(line.get_xdata())
            assert ends[1] <= (largest if line.get_linestyle() == "-" else 4 * largest)
            assert ends[0] == (1 if line.get_linestyle() == "-" else largest)


def test_a_peak_that_is_near_is_shown() -> None:
    """Where the USL says that more workers would slow it down, soon, the chart goes there; else to twice the count."""
    near = fitted(law=lambda count: usl(count, 0.0, 0.0008))  # a peak at 35 workers
    far = fitted(law=lambda count: usl(count, 0.0, 0.00001))  # at 316, which is past four times 16
    assert 35 == pytest.approx(near.fits["usl"].peak_workers, abs=1)
    ends = [
        max(max(line.get_xdata()) for line in curves(law_chart(one, "pool", summary([])).axes[0]))
        for one in (near, far)
    ]
    assert [44, 64] == pytest.approx(ends, abs=1)


def test_refused_laws_are_named_with_their_reason() -> None:
    """Gustafson's law is not about work that stays the same; two worker counts tell nothing at all, and are drawn."""
    assert any(
        "not fitted: Gustafson's law" in " ".join(text.split())
        for text in drawn_texts(law_chart(fitted(), "x", summary([])))
    )
    figure = law_chart(fitted((1, 2)), "pool", summary([]))
    assert 3 == " ".join(drawn_texts(figure)).count("not fitted")
    assert [] == curves(figure.axes[0])


def test_parameters_stand_in_the_caption() -> None:
    """Each fitted law with its parameters and their intervals."""
    text = " ".join(" ".join(drawn_texts(law_chart(fitted(), "pool", summary([])))).split())
    found = fitted().fits["amdahl"].parameters["serial_fraction"]
    assert f"Amdahl: serial fraction {found.value:.3g} ({found.low:.2g} to {found.high:.2g})" in text


def test_throughput_is_called_so() -> None:
    """Points that are no speedup have another axis, and so has weak scaling."""
    throughput = fitted(column="throughput", weak=None)
    weak = fitted(law=lambda count: count - 0.1 * (count - 1), weak=True)
    assert "throughput" in drawn_texts(law_chart(throughput, "pool", summary([])))
    assert "scaled speedup over the plain loop" in drawn_texts(law_chart(weak, "pool", summary([])))


def test_nothing_to_draw_is_an_error() -> None:
    """Without points the error says what to measure."""
    with pytest.raises(InputError, match="no points of 'pool'.*--workers 1,2,4"):
        law_chart(fit_all(Points((), ())), "pool", summary([]))


def test_sixteen_workers_stay_readable() -> None:
    """No two texts touch; curves that end at one height have names apart."""
    assert [] == overlaps(law_chart(fitted(tuple(range(1, 17))), "processes:spawn", crowd()))
    assert [] == overlaps(law_chart(fitted(law=lambda count: float(np.sqrt(count))), "pool", crowd()))
