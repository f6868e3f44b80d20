"""Each cost of the model alone is a law with a name; together they do what the formula in the module says."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ceiling, make_results, make_round, parallel
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording

from parlab.analysis.exploring import Model, fitted_model, measured_points
from parlab.analysis.laws import Points
from parlab.analysis.scaling import AMDAHL, GUSTAFSON, USL
from parlab.analysis.summary import summarise
from parlab.errors import InputError

COUNTS = np.array([1.0, 2.0, 3.0, 8.0, 64.0])
shares = st.floats(0, 1)
models = st.builds(Model, shares, shares, shares, st.floats(0, 2), shares, st.floats(0.1, 2))


def test_without_costs_n_workers_are_n_times_as_fast() -> None:
    """Both curves are n."""
    assert list(COUNTS) == list(Model().strong(COUNTS)) == list(Model().scaled(COUNTS))


def test_each_cost_alone_is_its_law() -> None:
    """Amdahl and Gustafson for the serial part, Gunther for the rest, whose law a pace multiplies."""
    assert Model(serial_fraction=0.1).strong(COUNTS) == pytest.approx(AMDAHL.shape(COUNTS, 0.1))
    assert Model(serial_fraction=0.1).scaled(COUNTS) == pytest.approx(GUSTAFSON.shape(COUNTS, 0.1))
    gunther = Model(contention=0.03, coherency=0.001, pace=0.9)
    assert gunther.strong(COUNTS) == pytest.approx(0.9 * USL.shape(COUNTS, 0.03, 0.001)) == gunther.scaled(COUNTS)


def test_amdahls_own_number() -> None:
    """His law with one tenth serial: 10 workers give 1 / (0.1 + 0.9 / 10) = 5.26, and never more than 10."""
    model = Model(serial_fraction=0.1)
    assert 5.263 == pytest.approx(float(model.strong(10.0)), abs=1e-3)
    assert (None, 10.0, False) == (model.best().workers, pytest.approx(model.best().speedup), model.best().falls)


def test_start_up_is_paid_once() -> None:
    """Half of the loop's time before anything is done: four workers need 0.5 + 0.25 of it, and nobody is below 0.5."""
    model = Model(startup_share=0.5)
    assert [1 / 1.5, 1 / 0.75] == pytest.approx([float(model.strong(1.0)), float(model.strong(4.0))])
    assert 2.0 == pytest.approx(model.best().speedup)
    assert 4 / 1.5 == pytest.approx(float(model.scaled(4.0)))  # four times the work, in the same one and a half


def test_nobody_is_faster_than_the_longest_task() -> None:
    """A task of a quarter of the work: four workers are enough, and work that grows has tasks for all."""
    model = Model(longest_share=0.25)
    assert [1, 2, 3, 4, 4] == pytest.approx(list(model.strong(np.array([1.0, 2.0, 3.0, 4.0, 64.0]))))
    assert (4, 4.0, False) == (model.best().workers, pytest.approx(model.best().speedup), model.best().falls)
    assert 64 == pytest.approx(float(model.scaled(64.0)))


def test_the_longest_task_ends_what_contention_lets_grow() -> None:
    """A task of a tenth: without contention ten workers are enough, with it 16 are, and no more help."""
    model = Model(contention=0.04, longest_share=0.1)
    best = model.best()
    assert (16, 10.0, True) == (best.workers, pytest.approx(best.speedup), best.waits)
    assert float(model.strong(15.0)) < 10.0  # 15 / (1 + 0.04 * 14) = 9.6


def test_a_fraction_of_a_worker_more_is_not_seen() -> None:
    """A hair more than three would be enough: nobody can tell four from them, and the longest task ends it."""
    best = Model(serial_fraction=0.5, startup_share=2, longest_share=1 / (3 + 1.5e-11)).best()
    assert (3, False, True) == (best.workers, best.falls, best.waits)


def test_coherency_makes_a_peak() -> None:
    """At sqrt((1 - contention) / coherency): 30 workers here, and more are slower."""
    best = Model(contention=0.1, coherency=0.001).best()
    assert (30, True) == (best.workers, best.falls)


@given(models)
def test_the_best_count_is_the_best(model: Model) -> None:
    """No whole number of workers up to 200 is faster than the best one, and none beats the limit."""
    best = model.best()
    speedups = model.strong(np.arange(1.0, 201.0))
    assert speedups.max() <= best.speedup * (1 + 1e-9)
    if best.workers is not None and best.workers <= 199:
        assert best.speedup == pytest.approx(speedups[best.workers - 1])
        assert best.waits or best.falls or best.workers == 1


@given(models, st.sampled_from(["serial_fraction", "contention", "coherency", "startup_share", "longest_share"]))
def test_a_cost_never_helps(model: Model, name: str) -> None:
    """Without one of its costs a model is at least as fast with the same work.

    A serial part is an exception beside contention and coherency: who works alone waits for nobody.
    """
    if name == "serial_fraction":
        model = replace(model, contention=0.0, coherency=0.0)
    without = replace(model, **{name: 0.0})
    assert np.all(without.strong(COUNTS) >= model.strong(COUNTS) * (1 - 1e-9))


@pytest.mark.parametrize(
    ("name", "value"),
    [("serial_fraction", -0.1), ("contention", 1.5), ("coherency", float("nan")), ("pace", 0), ("pace", "fast"),
     ("longest_share", True), ("startup_share", None)],
)  # fmt: skip
def test_a_value_that_is_none_is_refused(name: str, value) -> None:
    """The text names the value and its range."""
    with pytest.raises(InputError, match=f"{name} must be a number from"):
        Model(**{name: value})


def test_points_with_their_ceiling_and_start_up() -> None:
    """A loop of 2 s; two workers need 1 s, and 1 s more to be opened and closed."""
    trials = [one for number in range(6) for one in make_round(number, (2.0, 2.0), parallel(1.0), ceiling(1.9))]
    results = make_results(trials)
    measured = measured_points(results, summarise(results), "threads")
    assert ((2,), (2.0,), (1.0,)) == (measured.points.workers, measured.points.values, measured.with_startup.values)
    assert (2.0, 1.0, {2: 1.9}) == (measured.serial_s, measured.startup_s, measured.ceiling)
    assert measured.shown(Model()) is measured.points
    assert measured.shown(Model(startup_share=0.1)) is measured.with_startup


def test_a_sweep_without_points_is_refused() -> None:
    """The text says what to measure."""
    results = make_results([])
    with pytest.raises(InputError, match="no points of 'threads'"):
        measured_points(results, summarise(results), "threads")


@pytest.mark.parametrize("kind", ["strong", "weak"])
def test_the_fit_finds_the_model_that_made_the_points(kind: str) -> None:
    """From points of the serial part alone, its law comes back; from the USL's, that one."""
    counts, weak = (1, 2, 4, 8, 16), kind == "weak"
    for model, law in (
        (Model(serial_fraction=0.07), "gustafson" if weak else "amdahl"),
        (Model(contention=0.03, coherency=0.002, pace=0.9), "usl"),
    ):
        values = (model.scaled if weak else model.strong)(np.array(counts, float))
        noise = 1 + 1e-4 * np.array([0, 1, -1, 1, -1])
        found = fitted_model(Points(counts, tuple(map(float, values * noise)), weak=weak))
        assert law == found.fit.law
        for name in ("serial_fraction", "contention", "coherency", "pace"):
            assert getattr(model, name) == pytest.approx(getattr(found.model, name), abs=2e-3)


def test_points_that_tell_nothing_are_refused_with_the_reasons() -> None:
    """Two worker counts are too few for any law."""
    results = recording("recorded:photos-2-cores")
    measured = measured_points(results, summarise(results), "pool")
    with pytest.raises(InputError, match=r"Amdahl's law has 1 unknown.*Scalability Law has 3 unknowns"):
        fitted_model(measured.points)
