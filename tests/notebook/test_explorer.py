"""The explorer is set by code and by its controls, says what it shows, and makes sense without widgets."""

import json
import re
import sys
from html.parser import HTMLParser

import pytest

import parlab
from parlab.errors import InputError
from parlab.notebook.explored import sentence
from parlab.notebook.explorer import ScalingExplorer
from parlab.notebook.panel import Panel

NAMES = ["serial_fraction", "contention", "coherency", "startup_share", "longest_share", "pace", "workers"]
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def beside() -> ScalingExplorer:
    """Beside the points of a sweep with four worker counts."""
    return parlab.ScalingExplorer(parlab.View.read("recorded:download-2-cores"), backend="threads")


def panel(explorer: ScalingExplorer) -> Panel:
    explorer.widget()
    return explorer._panel


def test_values_are_read_and_set() -> None:
    """One by one, several at once, and as plain data; the others stay."""
    explorer = parlab.ScalingExplorer()
    assert [*NAMES, "logarithmic"] == list(explorer.values)
    explorer.values["contention"] = 0.1
    explorer.values = {"workers": 64, "logarithmic": True}
    explorer.values.update(pace=0.9)
    assert (0.05, 0.1, 0.9, 64) == tuple(explorer.values[name] for name in (*NAMES[:2], *NAMES[5:]))
    assert explorer.values == json.loads(json.dumps(explorer.values))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"contenton": 0.1}, "Did you mean 'contention'"),
        ({"contention": 2}, "contention must be a number from 0 to 1"),
        ({"workers": 65}, "whole number from 2 to 64"),
        ({"workers": 2.5}, "whole number from 2 to 64"),
        ({"startup_s": 1}, "Unknown value of the explorer"),
    ],
)
def test_what_is_not_allowed_changes_nothing(given: dict, said: str) -> None:
    """The text says what is allowed, and a right value beside a wrong one is not taken."""
    explorer = parlab.ScalingExplorer()
    with pytest.raises(InputError, match=said):
        explorer.values = {"serial_fraction": 0.3, **given}
    assert 0.05 == explorer.values["serial_fraction"]


def test_with_a_view_start_up_is_in_seconds(beside: ScalingExplorer) -> None:
    """As long as the plain loop: one worker is half as fast."""
    serial_s = beside._measured.serial_s
    beside.values = {"serial_fraction": 0, "startup_s": serial_s}
    assert serial_s == pytest.approx(beside.values["startup_s"])
    assert 0.5 == pytest.approx(float(beside._model.strong(1.0)))
    with pytest.raises(InputError, match="number of seconds"):
        beside.values["startup_s"] = "long"


def test_something_else_than_a_view_is_refused() -> None:
    """And so is a backend that was not measured."""
    with pytest.raises(InputError, match=r"no view of a sweep.*parlab.speedup"):
        parlab.ScalingExplorer([1, 2])
    with pytest.raises(InputError, match="Unknown backend"):
        parlab.ScalingExplorer(parlab.View.read("recorded:download-2-cores"), backend="loky")


def test_the_sentence_says_what_is_seen(beside: ScalingExplorer) -> None:
    """Limit and peak, the serial part alone, and how far the points are off."""
    explorer = parlab.ScalingExplorer(workers=8)
    assert "5.93 times as fast as the plain loop with 8 workers, and never more than 20 with" in explorer.sentence
    explorer.values = {"coherency": 0.05}
    assert "fastest with 4 workers" in explorer.sentence
    assert "make it slower again" in explorer.sentence
    assert "1 / 0.05 = 20" in explorer.sentence
    explorer.values = {"coherency": 0, "longest_share": 0.5}
    assert "wait for the longest task." in explorer.sentence
    assert "4 measured points are at most 25 % off the curve: 7.41 with 8 workers is 25 % above it" in beside.sentence
    beside.fit()
    assert "4 measured points are on the curve. The curve runs through 4 of 4 intervals" in beside.sentence


def test_every_extreme_has_a_sentence() -> None:
    """No cost, only costs, all serial, a peak beyond the chart: no number is missing, and none is infinite."""
    for costs in (
        {},
        {"serial_fraction": 1.0},
        {"contention": 1.0},
        {"coherency": 1.0},
        {"longest_share": 1.0},
        {"startup_share": 100.0},
        {"coherency": 0.0001},
        dict.fromkeys(NAMES[:5], 1.0),
    ):
        explorer = parlab.ScalingExplorer(workers=2)
        explorer.values = {"serial_fraction": 0.0, **costs}
        assert not re.search(r"\b(inf|nan|None|1 times)\b", explorer.sentence)
        assert sentence(explorer._model, 64)


def test_a_fit_sets_the_law_and_says_how_sure_it_is(beside: ScalingExplorer) -> None:
    """The values are those of ``parlab fit``; a fit without points is refused."""
    said = beside.fit()
    assert said == beside.note
    assert "Gunther's law comes nearest" in said
    assert f"coherency {beside.values['coherency']:.3g} (" in said
    assert 0 == beside.values["serial_fraction"] == beside.values["startup_s"]
    with pytest.raises(InputError, match=r"parlab.ScalingExplorer\(parlab.speedup"):
        parlab.ScalingExplorer().fit()


def test_each_control_sets_its_value_and_changes_the_chart(beside: ScalingExplorer) -> None:
    """Sliders and box are called like the values; picture and words follow."""
    shown = panel(beside)
    assert list(beside.values) == list(shown.controls)
    moved = dict(zip(beside.values, (0.1, 0.02, 0.001, 0.1, 0.2, 0.9, 16, True), strict=True))
    for name, value in moved.items():
        before = shown.picture.value
        shown.controls[name].value = value
        assert beside.values[name] == pytest.approx(value)
        assert before != shown.picture.value, name
    assert "wait for the longest task" in shown.words.value


def test_code_moves_the_controls_and_buttons_work(beside: ScalingExplorer) -> None:
    """A value beyond its slider's end makes it longer; Fit and Reset are the methods."""
    shown = panel(beside)
    beside.values = {"contention": 0.8}
    assert 0.8 == shown.controls["contention"].value == shown.controls["contention"].max
    shown.fit.click()
    assert beside.values["coherency"] == shown.controls["coherency"].value > 0
    assert "Gunther&#x27;s law comes nearest" in shown.words.value
    shown.reset.click()
    assert (0.05, 0.0, "") == (shown.controls["serial_fraction"].value, beside.values["coherency"], beside.note)


def test_what_a_page_rounds_stays_exact(beside: ScalingExplorer) -> None:
    """A page answers a fitted value with the nearest step of its slider: that is no move of the learner's."""
    shown = panel(beside)
    beside.fit()
    fitted = dict(beside.values)
    for knob in beside.knobs:
        shown.controls[knob.name].value = round(fitted[knob.name] / knob.step) * knob.step
    assert fitted == beside.values
    shown.controls["coherency"].value += 0.00002
    assert beside.values["coherency"] > fitted["coherency"]


def test_a_fit_that_cannot_be_says_why() -> None:
    """Two worker counts: the reason is shown, and nothing moves."""
    explorer = parlab.ScalingExplorer(parlab.View.read("recorded:photos-2-cores"))
    before = dict(explorer.values)
    panel(explorer).fit.click()
    assert "needs at least" in panel(explorer).words.value
    assert before == explorer.values


def test_without_points_there_is_no_fit() -> None:
    """And one widget only, however often it is shown."""
    explorer = parlab.ScalingExplorer()
    assert panel(explorer).fit is None
    assert explorer.widget() is explorer.widget()


def test_it_makes_sense_without_widgets(beside: ScalingExplorer, monkeypatch) -> None:
    """Text and page have the sentence; the page the chart with a text, and the numbers in a table."""
    forms = beside._repr_mimebundle_()
    assert {"text/plain", "text/html", WIDGET} == set(forms)
    assert beside.sentence == " ".join(forms["text/plain"].splitlines()).split(" Set: ")[0]
    assert max(map(len, forms["text/plain"].splitlines())) <= 80
    seen = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: seen.append((tag, dict(attributes)))
    parser.feed(forms["text/html"])
    images = [found for tag, found in seen if tag == "img"]
    assert images[0]["alt"].startswith("Chart: speedup")
    assert images[0]["src"].startswith("data:image/png;base64,")
    assert 7 == sum(tag == "tr" for tag, _ in seen)  # a header, and 1 to 32
    assert beside.sentence.split(".")[0] in forms["text/html"]
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    bare = parlab.ScalingExplorer()
    forms = bare._repr_mimebundle_()
    assert {"text/plain", "text/html"} == set(forms)
    assert all("pip install 'parlab[lab]'" in text for text in forms.values())
    with pytest.raises(ImportError, match=r"parlab\[lab\]"):
        bare.widget()
