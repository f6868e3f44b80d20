"""Quizzes: a question, options, and an explanation for every option. A widget where those work, else text."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import Any

from parlab.errors import InputError
from parlab.learn import registry
from parlab.learn.choosing import choice
from parlab.learn.helping import Shown
from parlab.learn.records import Question
from parlab.learn.store import Store

_WIDTH = 80


def quiz(name: str) -> "Quiz":
    """Show a quiz.

    Parameters
    ----------
    name
        Such as ``"01-order"``.

    Returns
    -------
    Quiz
        Which a notebook shows: choose with the mouse, or go to an option with Tab and press Space or Enter.
        ``quiz(name).answer(2)`` chooses without widgets.

    Raises
    ------
    InputError
        There is no quiz of that name.
    """
    return Quiz(registry.find_question(name))


@dataclass(frozen=True, slots=True, repr=False)
class Quiz:
    """A question to be shown; see ``parlab.learn.quiz``."""

    question: Question

    def answer(self, option: int) -> Shown:
        """Choose an option by its number, and read why it is right or wrong.

        Raises
        ------
        InputError
            There is no option of that number.
        """
        count = len(self.question.options)
        if isinstance(option, bool) or not isinstance(option, int) or not 1 <= option <= count:
            raise InputError(f"{option!r:.40} is no option of this quiz. Give a number from 1 to {count}.")
        notes = Store.here().answered(self.question.name, option).notes
        return Shown("\n".join([self._verdict(option), *notes]))

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide; the explanations come with ``answer``."""
        lines = [fill(self.question.text, _WIDTH)]
        for number, option in enumerate(self.question.options, 1):
            lines.append(fill(option.text, _WIDTH, initial_indent=f"  {number}. ", subsequent_indent="     "))
        lines.append(f'Choose, for example: parlab.learn.quiz("{self.question.name}").answer(1)')
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Show it without widgets: each option opens its explanation. Every text is escaped."""
        options = "".join(
            f"<li><details><summary>{escape(option.text)}</summary>{escape(self._verdict(number))}</details></li>"
            for number, option in enumerate(self.question.options, 1)
        )
        return f"<div><p><strong>{escape(self.question.text)}</strong></p><ol>{options}</ol></div>"

    def _repr_mimebundle_(self, **_choice: Any) -> dict[str, Any]:
        """Offer all forms: whoever shows it takes the best that it can."""
        return with_widget({"text/plain": repr(self), "text/html": self._repr_html_()}, self.widget)

    def widget(self) -> Any:
        """Make the widget.

        Returns
        -------
        ipywidgets.VBox
            The question, a button for each option, and the explanation of the chosen one.

        Raises
        ------
        ImportError
            ipywidgets is not installed.
        """
        texts = [f"{number}. {one.text}" for number, one in enumerate(self.question.options, 1)]
        return choice(self.question.text, texts, lambda place: self.answer(place + 1).text)

    def _verdict(self, option: int) -> str:
        word = "Right." if option == self.question.right else "Not this one."
        return f"{option}. {word} {self.question.options[option - 1].explanation}"


def with_widget(bundle: dict[str, Any], make: Callable[[], Any]) -> dict[str, Any]:
    """Add a widget to the forms that something can be shown in; without ipywidgets they stay as they are."""
    try:
        return bundle | _widget_view(make())
    except ImportError:  # parlab without [lab]
        return bundle


def _widget_view(widget: Any) -> dict[str, Any]:
    """Return a widget's own form for a notebook, without the text that it gives for itself."""
    bundle = widget._repr_mimebundle_()  # IPython's protocol; another object passes it on
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {kind: value for kind, value in data.items() if kind.startswith("application/vnd.jupyter.widget")}
