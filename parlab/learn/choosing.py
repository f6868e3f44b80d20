"""A question with a button for each answer, for quizzes and predictions: ipywidgets, imported when they are made.

In JupyterLab a key works on the cell unless a text field has the focus: an arrow leaves a group of radio buttons for
the next cell, so that by keyboard only the first one can be chosen. Tab, Space and Enter are left to a button.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

CLASS = "parlab-choice"
_CHOSEN, _FREE = ("●", "Chosen."), ("○", "Not chosen.")
# A button has one line, and cuts what is too long for it. ipywidgets has no setting for that.
_STYLE = f"""<style>
.jupyter-button.{CLASS} {{ white-space: normal; line-height: 1.4; text-align: left; overflow-wrap: anywhere;
  padding: 4px 12px 4px 2.2em; text-indent: -1.4em }}
.jupyter-button.{CLASS}:focus-visible {{ outline: 2px solid currentColor; outline-offset: 1px }}
</style>"""


def choice(question: str, options: Sequence[str], choose: Callable[[int], str]) -> Any:
    """Make a widget to choose one of several answers: by mouse, or with Tab and then Space or Enter.

    Parameters
    ----------
    question
        What is asked.
    options
        The answers. A mark before each, and its tooltip, say whether it is chosen; at first none is.
    choose
        Gets the place of the chosen one, from 0, and returns what is then said.

    Returns
    -------
    ipywidgets.VBox
        The question, the buttons in a box of their own, and what is said.

    Raises
    ------
    ImportError
        ipywidgets is not installed.
    """
    import ipywidgets  # type: ignore[import-untyped]

    buttons = [ipywidgets.Button(layout={"width": "auto", "height": "auto"}) for _ in options]
    box, say = framed(question, ipywidgets.VBox(buttons, layout={"width": "max-content", "max_width": "100%"}))

    def mark(chosen: int | None) -> None:
        for place, (button, option) in enumerate(zip(buttons, options, strict=True)):
            sign, state = _CHOSEN if place == chosen else _FREE
            button.description, button.tooltip = f"{sign} {option}", f"{state} {question}"

    def press(place: int) -> None:
        mark(place)
        say(choose(place))

    mark(None)
    for place, button in enumerate(buttons):
        button.add_class(CLASS)
        button.on_click(lambda _button, place=place: press(place))
    return box


def framed(question: str, field: Any) -> tuple[Any, Callable[[str], None]]:
    """Put a question above a field, and below it a place for what is said, which screen readers then read out.

    Returns
    -------
    tuple
        The ``ipywidgets.VBox``, and the function that says a text in it. Every text is escaped.

    Raises
    ------
    ImportError
        ipywidgets is not installed.
    """
    import ipywidgets

    said = ipywidgets.HTML()

    def say(text: str) -> None:
        said.value = f'<p role="status" aria-live="polite">{escape(text)}</p>'

    title = ipywidgets.HTML(f"{_STYLE}<strong>{escape(question)}</strong>")
    return ipywidgets.VBox([title, field, said]), say
