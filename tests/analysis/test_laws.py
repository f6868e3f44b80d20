"""The scaling laws: what was put into points comes out of the fit, and what points cannot tell is not said."""

from math import inf, isinf, sqrt

import numpy as np
import pytest
from builders import make_results, make_round, parallel
from hypothesis import given, settings
from hypothesis import strategies as st

from parlab.analysis.laws import Fit, Points, Refusal, fit, fit_all, points_of
from parlab.analysis.scaling import AMDAHL, GUSTAFSON, LAWS, USL, karp_flatt, scaled_fraction
from parlab.errors import InputError

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16)
# Six points of a USL with contention and coherency 0.02, which the issue gives with four digits.
PUBLIC = Points((1, 2, 4, 6, 8, 10), (1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557), "throughput")
LAW_AND_SHARES = [("usl", (0.05, 0.002)), ("amdahl", (0.12,)), ("gustafson", (0.3,))]


def drawn(law: str, shares, scale: float = 1.0, counts=COUNTS, **fields) -> Points:
    """Points exactly on a law."""
    values = scale * LAWS[law].shape(np.array(counts, float), *shares)
    return Points(tuple(counts), tuple(map(float, values)), **fields)


def fitted(points: Points, law: str) -> Fit:
    found = fit(points, law)
    assert isinstance(found, Fit), found
    return found


def refused(points: Points, law: str) -> str:
    found = fit(points, law)
    assert isinstance(found, Refusal), found
    return found.reason


def shares_of(found: Fit) -> list[float]:
    return [found.parameters[name].value for name in LAWS[found.law].unknowns]


def sweep_of(law: str, shares, counts=COUNTS, *, rounds: int = 9, noise: float = 0.02, weak=False):
    """A sweep whose speedups follow a law, each with its own noise."""
    random = np.random.default_rng(5)
    speedups = LAWS[law].shape(np.array(counts, float), *shares)
    trials = []
    for number in range(rounds):
        times = 2.0 / (speedups * np.exp(noise * random.standard_normal(len(counts))))
        engines = [
            parallel(float(time) * (count if weak else 1), workers=count, tasks=64 * (count if weak else 1))
            for time, count in zip(times, counts, strict=True)
        ]
        trials += make_round(number, (2.0, 2.0), *engines)
    return make_results(trials, sweep={"workers": tuple(counts), "rounds": rounds, "weak": weak})


def test_the_public_points_give_their_usl() -> None:
    """Six published points give contention and coherency 0.0200, throughput of one 1.00, and a peak at 7 workers."""
    found = fitted(PUBLIC, "usl")
    assert ("0.0200", "0.0200") == tuple(f"{found.parameters[name].value:.4f}" for name in ("contention", "coherency"))
    assert "1.00" == f"{found.parameters['throughput_of_one'].value:.2f}"
    assert pytest.approx(sqrt(0.98 / 0.02), abs=1e-3) == found.peak_workers
    assert found.peak_low <= 7 <= found.peak_high
    assert 1e-4 > found.residual
    assert "t-interval" == found.method


@pytest.mark.parametrize(("law", "shares"), LAW_AND_SHARES)
@pytest.mark.parametrize(("column", "scale"), [("speedup", 1.0), ("throughput", 2.5e6), ("throughput", 3e-9)])
def test_points_drawn_from_a_law_come_back(law: str, shares, column: str, scale: float) -> None:
    """Exact points of each law give its parameters, in any unit, with hardly any interval."""
    found = fitted(drawn(law, shares, scale, column=column), law)
    assert pytest.approx(list(shares), rel=1e-6) == shares_of(found)
    assert all(one.high - one.low < 1e-6 * max(1, scale) for one in found.parameters.values())
    if column == "throughput":
        assert pytest.approx(scale, rel=1e-6) == found.parameters["throughput_of_one"].value
    assert pytest.approx(0, abs=1e-6) == found.residual


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.2), st.sampled_from([0.01, 1.0, 5000.0]))
@settings(max_examples=25, deadline=None)
def test_any_usl_comes_back(contention: float, coherency: float, scale: float) -> None:
    """Wherever the parameters lie in their range, the fit finds them."""
    found = fitted(drawn("usl", (contention, coherency), scale, column="throughput"), "usl")
    assert pytest.approx([contention, coherency], abs=1e-5) == shares_of(found)


@given(st.floats(0.0, 1.0), st.sampled_from(["amdahl", "gustafson"]))
@settings(max_examples=25, deadline=None)
def test_any_serial_fraction_comes_back(serial: float, law: str) -> None:
    """From 0 to 1, ends included, and 0 and 1 stay inside the interval's bounds."""
    (parameter,) = fitted(drawn(law, (serial,)), law).parameters.values()
    assert pytest.approx(serial, abs=1e-6) == parameter.value
    assert 0 <= parameter.low <= parameter.value <= parameter.high <= 1


@pytest.mark.parametrize(("law", "shares"), LAW_AND_SHARES)
def test_intervals_cover_the_truth(law: str, shares) -> None:
    """Of 60 noisy tables, 52 intervals of each parameter hold its true value: 57 expected, less 3 deviations."""
    random, held = np.random.default_rng(11), np.zeros(len(shares))
    exact = np.array(drawn(law, shares).values)
    for _ in range(60):
        values = exact + 0.05 * random.standard_normal(len(exact))
        found = fitted(Points(COUNTS, tuple(map(float, values))), law)
        ends = [found.parameters[name] for name in LAWS[law].unknowns]
        held += [one.low <= true <= one.high for one, true in zip(ends, shares, strict=True)]
    assert all(held >= 52), held


def test_t_intervals_are_those_of_the_textbook() -> None:
    """Gustafson's law is a straight line in its unknowns: there the intervals are those of linear regression."""
    from scipy.stats import t

    values = np.array([1.02, 1.66, 2.44, 3.05, 4.57, 5.88])
    counts = np.array([1.0, 2, 3, 4, 6, 8])
    points = Points((1, 2, 3, 4, 6, 8), tuple(map(float, values)))
    # speedup - workers = -serial * (workers - 1): a line through the origin.
    across, down = counts - 1, counts - values
    slope = float(across @ down / (across @ across))
    error = sqrt(float(np.sum((down - slope * across) ** 2)) / 5 / float(across @ across))
    expected = (slope, slope - t.ppf(0.975, 5) * error, slope + t.ppf(0.975, 5) * error)
    (parameter,) = fitted(points, "gustafson").parameters.values()
    assert pytest.approx(expected, rel=1e-6) == (parameter.value, parameter.low, parameter.high)


def test_a_speedup_of_one_by_definition_is_no_measurement() -> None:
    """The row that all others were divided by neither narrows an interval nor lowers what is needed."""
    with_it = Points((1, 2, 4, 8), (1.0, 1.8, 3.1, 4.4))
    without = Points((2, 4, 8), (1.8, 3.1, 4.4))
    first, second = (fitted(points, "amdahl").parameters["serial_fraction"] for points in (with_it, without))
    assert pytest.approx((second.low, second.high)) == (first.low, first.high)
    assert "needs at least 2 worker counts above 1; these points have 1" in refused(Points((1, 8), (1, 5)), "amdahl")


@pytest.mark.parametrize(
    ("law", "column", "fewest"),
    [("usl", "speedup", 4), ("usl", "throughput", 4), ("amdahl", "throughput", 3), ("gustafson", "throughput", 3)],
)
def test_too_few_worker_counts_are_refused(law: str, column: str, fewest: int) -> None:
    """A law needs one worker count more than it has unknowns, and says how many there are."""
    shares = dict(LAW_AND_SHARES)[law]
    fitted(drawn(law, shares, counts=COUNTS[:fewest], column=column), law)
    reason = refused(drawn(law, shares, counts=COUNTS[: fewest - 1], column=column), law)
    assert f"needs at least {fewest} worker counts" in reason
    assert f"these points have {fewest - 1}. Measure more" in reason


def test_a_law_that_the_points_cannot_tell_is_refused() -> None:
    """Points that scatter wildly leave an interval as wide as the parameter's range, and the reason has its numbers."""
    reason = refused(Points((1, 2, 4, 8), (1, 5, 0.5, 6), "throughput"), "usl")
    assert "the points cannot tell the" in reason
    assert "its 95 % interval goes from" in reason


@pytest.mark.parametrize(
    ("law", "weak", "text"),
    [
        ("gustafson", False, "is about work that grows with the workers; here the work stayed the same"),
        ("amdahl", True, "is about work that stays the same; here the work grew"),
    ],
)
def test_a_law_for_the_other_kind_of_scaling_is_refused(law: str, weak, text: str) -> None:
    """Amdahl's law is for strong scaling, Gustafson's for weak; the USL is for both; unsaid, all are fitted."""
    points = drawn(law, (0.2,), weak=weak)
    assert text in refused(points, law)
    fitted(points, "usl")
    assert set(LAWS) == set(fit_all(drawn("usl", (0.1, 0.01))).fits)


def test_times_of_unknown_work_are_no_matter_for_gustafson() -> None:
    """The same time is a good or a bad sign, depending on how much work it was for; so it must be said."""
    assert "--weak says that it grew" in refused(drawn("gustafson", (0.2,), column="elapsed_s"), "gustafson")


def test_a_parameter_on_its_bound_is_said() -> None:
    """Superlinear points have serial fraction 0, flat ones 1, and points of Amdahl's law no coherency and no peak."""
    superlinear = fitted(Points((1, 2, 4, 8), (1, 2.1, 4.4, 9.0)), "amdahl")
    assert "at its bound, 0: the points rise as fast as the workers, or faster" in superlinear.notes[0]
    parameter = superlinear.parameters["serial_fraction"]
    assert 0 == parameter.value == parameter.low <= parameter.high
    flat = fitted(Points((1, 2, 4, 8), (1, 0.99, 0.98, 0.97)), "amdahl")
    assert "at its bound, 1: more workers gain nothing at all" in flat.notes[0]
    no_peak = fitted(drawn("amdahl", (0.1,)), "usl")
    assert (None, None, None) == (no_peak.peak_workers, no_peak.peak_low, no_peak.peak_high)


def test_a_peak_that_may_be_nowhere_has_no_upper_end() -> None:
    """Where the coherency's interval begins at 0, throughput may rise for ever, and the peak's interval is open."""
    random = np.random.default_rng(8)
    exact = np.array(drawn("usl", (0.05, 0.002)).values)
    found = fitted(Points(COUNTS, tuple(map(float, exact * (1 + 0.03 * random.standard_normal(8))))), "usl")
    assert 0 == found.parameters["coherency"].low < found.parameters["coherency"].value
    assert found.peak_low < found.peak_workers
    assert found.peak_high is None


@pytest.mark.parametrize(("law", "shares"), LAW_AND_SHARES)
def test_a_band_encloses_the_curve_and_widens_ahead(law: str, shares) -> None:
    """At each worker count the band holds the law's value, and it is wider where nothing was measured."""
    random = np.random.default_rng(3)
    points = drawn(law, shares)
    noisy = Points(points.workers, tuple(float(one) for one in points.values + 0.05 * random.standard_normal(8)))
    band = fitted(noisy, law).band([2, 8, 16, 64])
    assert [2, 8, 16, 64] == [one.workers for one in band]
    assert all(one.low < one.value < one.high for one in band)
    assert band[2].high - band[2].low < band[3].high - band[3].low


def test_a_band_goes_four_times_as_far_as_was_measured_unless_asked() -> None:
    """Counts beyond 4 times the largest are left out; a limit asked for by name allows them; 0 workers are an error."""
    found = fitted(drawn("amdahl", (0.1,)), "amdahl")
    assert [64.0] == [one.workers for one in found.band([64, 65])]
    assert [] == found.band([65])
    (far,) = found.band([10_000], limit=inf)
    assert pytest.approx(10, rel=1e-2) == far.value
    with pytest.raises(ValueError, match="from 1 up"):
        found.band([0.5])


def test_a_sweep_is_fitted_by_its_rounds() -> None:
    """Medians are fitted, and the intervals of a bootstrap over the rounds hold the truth, the same each time."""
    results = sweep_of("usl", (0.05, 0.004))
    points = points_of(results, "threads")
    assert (COUNTS, 9, False, True) == (points.workers, len(points.rounds), points.weak, points.is_speedup)
    found = fitted(points, "usl")
    assert fitted(points, "amdahl") == fitted(points, "amdahl")
    assert "bootstrap of rounds" == found.method
    contention, coherency = (found.parameters[name] for name in ("contention", "coherency"))
    assert contention.low < 0.05 < contention.high
    assert coherency.low < 0.004 < coherency.high
    assert found.peak_low < sqrt(0.95 / 0.004) < found.peak_high


def test_a_sweep_that_does_not_follow_a_law_is_said() -> None:
    """Noise is small and the curve is off: intervals alone would look sure. Amdahl's own points get no such note."""
    (note,) = fitted(points_of(sweep_of("usl", (0.0, 0.02)), "threads"), "amdahl").notes
    assert "The points do not follow this law: with" in note
    assert () == fitted(points_of(sweep_of("amdahl", (0.1,)), "threads"), "amdahl").notes


def test_a_weak_sweep_follows_gustafson() -> None:
    """Scaled speedups of a weak sweep give the serial fraction they were made with."""
    points = points_of(sweep_of("gustafson", (0.25,), weak=True), "threads")
    assert points.weak
    parameter = fitted(points, "gustafson").parameters["serial_fraction"]
    assert parameter.low < 0.25 < parameter.high


def test_few_rounds_fall_back_to_the_points() -> None:
    """Under 6 rounds no bootstrap is taken: the medians are fitted as bare points, and that is said."""
    found = fit_all(points_of(sweep_of("amdahl", (0.1,), rounds=5), "threads"), ["amdahl"])
    assert "t-interval" == found.fits["amdahl"].method
    assert "Under 6 whole rounds" in found.notes[0]


def test_worker_counts_without_a_ratio_are_left_out() -> None:
    """A count that lost a trial counts with its other rounds, but that round is not drawn; one without any is gone."""
    trials = []
    for number in range(3):
        four = parallel(0.6, workers=4, outcome="lost" if number == 0 else "ok")
        trials += make_round(number, (2.0, 2.0), parallel(1.0), four)
    points = points_of(make_results(trials, sweep={"workers": (2, 4, 8), "rounds": 3}), "threads")
    assert ((2, 4), 2) == (points.workers, len(points.rounds))
    assert [3, 2] == [one.count for one in points.estimates]


def test_more_workers_than_cores_are_noted_for_cpu_bound_work() -> None:
    """Beyond the cores the machine limits, not the program; work that waits needs no core."""
    results = sweep_of("amdahl", (0.1,))
    (note,) = fit_all(points_of(results, "threads"), ["gustafson"]).notes
    assert "More workers than the 4 usable cores (6, 8, 12, 16)" in note
    waiting = make_results(results.records, sweep={"workers": COUNTS}, check={"cpu_share": 0.1})
    assert () == fit_all(points_of(waiting, "threads"), ["gustafson"]).notes


def test_unknown_names_are_refused() -> None:
    """A law and a backend that are not there get a message with those that are."""
    with pytest.raises(InputError, match="Did you mean 'amdahl'"):
        fit(PUBLIC, "amdal")
    with pytest.raises(InputError, match="Allowed: threads"):
        points_of(sweep_of("amdahl", (0.1,)), "serial")


@pytest.mark.parametrize(
    ("workers", "values", "text"),
    [
        ((1, 2), (1.0,), "one value for each"),
        ((0, 2), (1.0, 2.0), "whole numbers from 1 up"),
        ((2, 2), (1.0, 2.0), "each one once"),
        ((2, 1), (1.0, 2.0), "sort them"),
        ((1, 2), (1.0, -2.0), "positive numbers"),
        ((1, 2), (1.0, float("nan")), "positive numbers"),
    ],
)
def test_points_that_are_none(workers, values, text: str) -> None:
    """Points made in Python are held to the same rules as a table."""
    with pytest.raises(InputError, match=text):
        Points(workers, values)


@given(st.floats(0.0, 1.0), st.integers(2, 1000))
def test_one_point_of_a_law_shows_its_serial_fraction(serial: float, workers: int) -> None:
    """Karp and Flatt's fraction of a point of Amdahl's law is its serial fraction; so for Gustafson's with his own."""
    count = np.array([float(workers)])
    assert pytest.approx(serial, abs=1e-9) == karp_flatt(workers, float(AMDAHL.shape(count, serial)[0]))
    assert pytest.approx(serial, abs=1e-9) == scaled_fraction(workers, float(GUSTAFSON.shape(count, serial)[0]))


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.1), st.integers(2, 100))
def test_karp_flatt_of_the_usl_is_a_straight_line(contention: float, coherency: float, workers: int) -> None:
    """It is contention + coherency x workers: this is why it rises where overhead grows."""
    speedup = float(USL.shape(np.array([float(workers)]), contention, coherency)[0])
    assert pytest.approx(contention + coherency * workers, abs=1e-9) == karp_flatt(workers, speedup)


@pytest.mark.parametrize(("law", "shares"), LAW_AND_SHARES)
def test_slopes_are_the_derivatives(law: str, shares) -> None:
    """The slopes that fit and intervals rest on agree with small differences of the law itself."""
    counts, step = np.array(COUNTS, float), 1e-6
    for place, slope in enumerate(LAWS[law].slopes(counts, *shares)):
        up, down = ([share + (n == place) * sign * step for n, share in enumerate(shares)] for sign in (1, -1))
        expected = (LAWS[law].shape(counts, *up) - LAWS[law].shape(counts, *down)) / (2 * step)
        np.testing.assert_allclose(slope, expected, rtol=1e-5)


def test_no_law_has_a_peak_where_throughput_never_falls() -> None:
    """The formula's peak is infinite without coherency, and never under one worker."""
    from parlab.analysis.scaling import peak

    assert isinf(float(peak(np.array(0.1), np.array(0.0))))
    assert 1.0 == float(peak(np.array(1.0), np.array(0.5)))
