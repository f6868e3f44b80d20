"""A guess beside what was measured, and the cause that fits; an open one stops nothing."""

import sys
from types import SimpleNamespace

import drawn
import numpy as np
import pytest
from matplotlib.figure import Figure

from parlab.errors import InputError
from parlab.learn import Prediction, registry
from parlab.learn.records import Topic
from parlab.learn.store import Store
from parlab.plots.speedup import speedup_chart

TOPICS = list(registry.topics().values())
QUIET = SimpleNamespace(findings=())


@pytest.mark.parametrize("topic", TOPICS, ids=lambda one: one.name)
@pytest.mark.parametrize("guess", ["near", "above", "below"])
def test_each_difference_has_a_cause(topic: Topic, guess: str) -> None:
    """Whatever was guessed, the comparison says why it can differ."""
    low, middle, high = topic.options[:3] or (1.0, 10.0, 25.0)
    value = {"near": middle, "above": high, "below": low}[guess]
    compared = Prediction(topic.name, value).compare(middle, QUIET)
    assert compared.cause
    assert compared.cause in {cause.text for cause in topic.causes if cause.side == guess}


def test_the_sides_of_a_guess() -> None:
    """Within 15 % is near; beyond, it is above or below; zero is no trouble."""
    sides = {}
    for guess, measured in [(2.0, 1.9), (4, 1.8), (1, 1.8), (0, 3), (20, 0), (0, 0)]:
        cause = Prediction("01-in-order", guess).compare(measured).cause
        sides[guess, measured] = next(
            one.side for one in registry.find_topic("01-in-order").causes if one.text == cause
        )
    assert ["near", "above", "below", "below", "above", "near"] == list(sides.values())


def test_a_finding_that_explains_it_is_named() -> None:
    """When the sweep itself says that others used the machine, that is the cause, and its sentence is shown."""
    busy = SimpleNamespace(findings=[SimpleNamespace(code="busy-machine", message="The load was 9 on 2 cores.")])
    compared = Prediction("04-pool", 2.0).compare(1.2, busy)
    assert "not quiet" in compared.cause
    assert "The load was 9 on 2 cores." == compared.finding
    assert "not quiet" not in Prediction("04-pool", 2.0).compare(1.2, QUIET).cause
    assert "The load was 9" in repr(compared)


def test_the_table_shows_both() -> None:
    """Text and HTML name guess and measurement with their unit."""
    compared = Prediction("01-together", 4).compare(np.float64(1.834))
    assert ["guessed   4 times", "measured  1.83 times"] == repr(compared).splitlines()[:2]
    assert '<th scope="row">measured</th><td>1.83 times</td>' in compared._repr_html_()


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(1, "additions", "1 addition"), (1.001, "runs", "1 run"), (2, "additions", "2 additions"), (1, "times", "1 times")]
    + [(1, unit, f"1 {unit}") for unit in ("ms", "µs", "s", "KiB/s")],
)
def test_one_is_not_many(value: float, unit: str, words: str) -> None:
    """A unit that is a word loses its s after 1; a symbol stays as it is."""
    own = Prediction("of my own", value, unit=unit)
    assert f"Your guess: {words}." == repr(own).splitlines()[-1]
    assert f"measured  {words}" == repr(own.compare(value)).splitlines()[1]


@pytest.mark.parametrize("guess", [None, ...])
def test_an_open_prediction_stops_nothing(guess) -> None:
    """It shows a field, and comparing shows what was measured."""
    predict = Prediction("01-together", guess)
    assert "No guess yet" in repr(predict)
    assert "guessed   nothing" in repr(predict.compare(1.8))
    figure = Figure()
    assert figure is predict.on(figure)


@pytest.mark.parametrize("guess", ["many", True, float("nan"), float("inf"), [2]])
def test_a_guess_that_is_no_number_is_refused(guess) -> None:
    """The text gives an example."""
    with pytest.raises(InputError, match="such as 2 or 1.5"):
        Prediction("01-together", guess)


@pytest.mark.parametrize(("name", "unit"), [("01-together", None), ("05-timeout", None), ("my own", "ms")])
@pytest.mark.parametrize("guess", [-1, -0.5])
def test_what_cannot_be_below_0_is_no_guess(name: str, unit: str | None, guess: float) -> None:
    """A slip of the minus key is refused with the unit; 0 is a guess, and the field says the same."""
    with pytest.raises(InputError, match=rf"A guess of {guess} \w+ can never come true.*Give 0 or more"):
        Prediction(name, guess, unit=unit)
    predict = Prediction(name, 0, unit=unit)
    assert "can never come true" in predict._take(str(guess))
    assert 0.0 == predict.guess


def test_what_can_be_below_0_is_a_guess() -> None:
    """A question of one's own may ask for a difference."""
    assert -1.0 == Prediction("How much colder?", -1, unit="degrees").guess


def test_a_guess_below_0_that_was_kept_is_none() -> None:
    """It was taken once, by an earlier parlab."""
    Store.here().guessed("01-together", -1.0)
    assert Prediction("01-together").guess is None


def test_options_are_held() -> None:
    """A guess that is none of the options is refused with the list."""
    with pytest.raises(InputError, match="1, 10, 100, 1000"):
        Prediction("04-chunk-size", 7)


def test_a_question_of_ones_own() -> None:
    """With a unit, any question can be asked; there is no cause to name."""
    predict = Prediction("How many photos a second?", 20, unit="photos")
    assert "Your guess: 20 photos." in repr(predict)
    assert "" == predict.compare(10).cause


def test_an_unknown_name_is_refused() -> None:
    """The nearest one is suggested."""
    with pytest.raises(InputError, match="Did you mean '01-together'"):
        Prediction("01-togehter", 2)


def test_a_guess_is_remembered() -> None:
    """Whoever has typed a guess need not type it again when the cell runs once more."""
    Prediction("01-together", 3)
    again = Prediction("01-together")
    assert 3.0 == again.guess
    again.compare(1.5)
    kept = Store.here().progress.predictions["01-together"]
    assert (3.0, 1.5) == (kept.guess, kept.measured)


def test_the_field_takes_a_number_with_point_or_comma_and_says_what_it_cannot_use() -> None:
    """What is typed becomes the guess; what is no number is told beside the field."""
    predict = Prediction("01-together")
    field, said = predict.widget().children[1:]
    field.value = "much"
    assert predict.guess is None
    assert "such as 2 or 1.5" in said.value
    field.value = "2,5"
    assert 2.5 == predict.guess
    assert "Your guess: 2.5 times." in said.value


def test_options_are_buttons() -> None:
    """What is chosen last is the guess, has the mark, and is said."""
    predict = Prediction("04-chunk-size")
    options, said = predict.widget().children[1:]
    assert ["○ 1", "○ 10", "○ 100", "○ 1000"] == [one.description for one in options.children]
    assert predict.guess is None
    options.children[1].click()
    options.children[2].click()
    assert 100 == predict.guess
    assert ["○ 1", "○ 10", "● 100", "○ 1000"] == [one.description for one in options.children]
    assert "Your guess: 100 tasks." in said.value
    assert 'role="status"' in said.value


def test_the_field_is_offered_only_while_there_is_no_guess(monkeypatch) -> None:
    """With a guess, or without ipywidgets, there are text and HTML alone."""
    both = {"text/plain", "text/html"}
    assert both < set(Prediction("01-together")._repr_mimebundle_())
    assert both == set(Prediction("01-together", 2)._repr_mimebundle_())
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert both == set(Prediction("01-in-order")._repr_mimebundle_())


@pytest.mark.parametrize("workers", [None, 2])
@pytest.mark.parametrize("guess", [0.5, 1.5, 2, 90])
def test_the_guess_on_the_chart(guess, workers) -> None:
    """It is named on the chart of speedups, inside of it, and touches no other text."""
    rows = [drawn.row(backend, count) for backend in ("threads", "processes") for count in (1, 2)]
    view = SimpleNamespace(plot=lambda: speedup_chart(drawn.summary(rows)))
    figure = Prediction("04-pool", guess).on(view, workers)
    texts = [text for text in drawn.drawn_texts(figure) if text.startswith("your guess")]
    assert 1 == len(texts)
    assert ("above this chart" in texts[0]) is (guess > 2.2)
    assert figure.axes[0].get_ylim() == view.plot().axes[0].get_ylim()
    assert [] == [pair for pair in drawn.overlaps(figure) if any(text.startswith("your guess") for text in pair)]


def test_a_number_that_no_float_can_hold() -> None:
    """A whole number with 400 digits is refused in our words, as a guess and as what was measured."""
    with pytest.raises(InputError, match="A guess is a number"):
        Prediction("01-together", 10**400)
    with pytest.raises(InputError, match="What was measured must be a number"):
        Prediction("01-together", 2).compare(10**400)
