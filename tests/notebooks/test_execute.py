"""What ``make notebooks`` keeps of the outputs: all that can be read without a kernel, no widget without a state."""

from pathlib import Path
from runpy import run_path

from nbformat.v4 import new_output

EXECUTE = run_path(str(Path(__file__).with_name("execute.py")))  # a script, and no module of a package
is_spent_bar, plain = EXECUTE["is_spent_bar"], EXECUTE["plain"]

VIEW = {"application/vnd.jupyter.widget-view+json": {"model_id": "gone", "version_major": 2}}


def shown(**data) -> dict:
    return new_output("display_data", {kind.replace("_", "/"): text for kind, text in data.items()})


def test_a_spent_bar_is_left_out() -> None:
    """A progress bar is a widget and nothing else; an ended one leaves an empty text."""
    assert is_spent_bar(new_output("display_data", {**VIEW, "text/plain": "Output()"}))
    assert is_spent_bar(shown(text_plain=" "))


def test_a_quiz_keeps_its_text() -> None:
    """A widget that has HTML beside it is no bar: it loses the widget, whose state is not kept, and keeps the rest."""
    words = {"text/html": "<p>Which?</p>", "text/plain": "Which?"}
    quiz = new_output("display_data", {**VIEW, **words})
    assert not is_spent_bar(quiz)
    assert words == plain(quiz)["data"]


def test_other_outputs_stay_as_they_are() -> None:
    """What is printed or drawn is kept, whether it has data or not."""
    printed = new_output("stream", name="stdout", text="hello")
    assert not is_spent_bar(printed)
    assert "hello" == plain(printed).text
    assert not is_spent_bar(shown(text_plain="<Figure>", image_png="iVBO"))
