"""Quizzes: every option is explained, with widgets and without."""

import sys
from html.parser import HTMLParser

import ipywidgets
import pytest

from parlab.errors import InputError
from parlab.learn import quiz, registry
from parlab.learn.quizzing import Quiz
from parlab.learn.records import Option, Question
from parlab.learn.store import Store

QUESTIONS = list(registry.questions().values())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_option_is_explained(question: Question) -> None:
    """Two options at least, one right one, and no two explanations alike."""
    assert len(question.options) >= 3
    assert 1 <= question.right <= len(question.options)
    assert len({one.explanation for one in question.options}) == len(question.options)
    verdicts = [Quiz(question).answer(number).text for number in range(1, len(question.options) + 1)]
    assert [question.right] == [number for number, text in enumerate(verdicts, 1) if ". Right. " in text]


def test_the_text_lists_the_options_and_gives_nothing_away() -> None:
    """Numbered options, the way to choose, and no explanation."""
    text = repr(quiz("01-order"))
    assert "  4. In any order." in text
    assert "nobody promises" not in text
    assert 'parlab.learn.quiz("01-order").answer(1)' in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_page_without_widgets_opens_each_explanation() -> None:
    """Each option is a ``details`` element that the keyboard opens."""
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)
    parser.feed(quiz("01-order")._repr_html_())
    assert 4 == tags.count("details") == tags.count("summary")


def test_the_widget_explains_what_is_chosen() -> None:
    """Nothing is chosen at first; a choice shows its explanation and is remembered."""
    options, explanation = quiz("01-join").widget().children[1:]
    assert ["○ 1.", "○ 2.", "○ 3.", "○ 4."] == [one.description[:4] for one in options.children]
    assert "" == explanation.value
    options.children[0].click()
    assert "1. Not this one." in explanation.value
    options.children[1].click()
    assert "2. Right." in explanation.value
    assert 'role="status" aria-live="polite"' in explanation.value
    assert ["○ 1.", "● 2.", "○ 3.", "○ 4."] == [one.description[:4] for one in options.children]
    assert 2 == Store.here().progress.quizzes["01-join"]


def test_the_options_are_buttons_that_say_what_is_chosen() -> None:
    """In JupyterLab the keyboard reaches each button; the tooltip, which screen readers read, names its state."""
    made_up = Quiz(Question("x", "a < b?", (Option("yes", "&"), Option("no", "it is")), 1))
    title, options, explanation = made_up.widget().children
    assert "<strong>a &lt; b?</strong>" in title.value
    assert {ipywidgets.Button} == {type(one) for one in options.children}
    assert ["Not chosen. a < b?"] * 2 == [one.tooltip for one in options.children]
    options.children[0].click()
    assert ["Chosen. a < b?", "Not chosen. a < b?"] == [one.tooltip for one in options.children]
    assert "1. Right. &amp;" in explanation.value


def test_all_forms_are_offered(monkeypatch) -> None:
    """Text and HTML are always there; the widget where ipywidgets is installed."""
    both = {"text/plain", "text/html"}
    assert both | {"application/vnd.jupyter.widget-view+json"} == set(quiz("01-order")._repr_mimebundle_())
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert both == set(quiz("01-order")._repr_mimebundle_())


@pytest.mark.parametrize("option", [0, 5, "2", True, None])
def test_an_option_that_is_none_is_refused(option) -> None:
    """The text says which there are."""
    with pytest.raises(InputError, match="from 1 to 4"):
        quiz("01-order").answer(option)


def test_texts_are_escaped() -> None:
    """A question about ``<`` shows it."""
    made_up = Quiz(Question("x", "a < b?", (Option("<b>", "<i>"), Option("no", "&")), 1))
    assert "<b>" not in made_up._repr_html_()
    assert "a &lt; b?" in made_up._repr_html_()
    assert "&lt;b&gt;" not in repr(made_up)


def test_an_unknown_quiz_is_refused_with_the_list() -> None:
    """The nearest name is suggested."""
    with pytest.raises(InputError, match="Did you mean '01-order'"):
        quiz("01-orders")
