"""Errors raised on purpose: their exit codes, and the text for a name that does not exist."""

import pytest

from parlab import errors
from parlab.errors import InputError, InterruptedTasksError, ParlabError, text_of, unknown_choice


def test_the_text_lists_what_is_allowed_and_the_advice() -> None:
    """An unknown name is repeated, with every allowed name in alphabetical order and the advice at the end."""
    problem = unknown_choice("fruit", "xyzzy", ["pear", "apple"], "Ask the grocer.")
    assert str(problem) == "Unknown fruit 'xyzzy'. Allowed: apple, pear. Ask the grocer."


def test_the_nearest_name_is_suggested() -> None:
    """A slip of the finger is answered with the name that was meant."""
    assert "Did you mean 'processes'?" in str(unknown_choice("backend", "proceses", ["threads", "processes"]))


def test_nothing_is_suggested_when_nothing_is_near() -> None:
    """A name that resembles none of the allowed ones brings no guess, and no space is left at the end."""
    assert (
        str(unknown_choice("backend", "xyzzy", iter(["threads", "processes"])))
        == "Unknown backend 'xyzzy'. Allowed: processes, threads."
    )


def test_an_unknown_choice_is_an_input_error() -> None:
    """The command line ends with 2 when a name is wrong."""
    assert InputError is type(unknown_choice("fruit", "x", ["y"]))
    assert unknown_choice("fruit", "x", ["y"]).exit_code == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("InputError", 2),
        ("BackendUnavailableError", 2),
        ("FunctionError", 2),
        ("ResultFileError", 2),
        ("TaskError", 1),
        ("RemoteTaskError", 1),
        ("LostTaskError", 1),
        ("WorkersLostError", 1),
        ("DeadlineError", 1),
        ("WrongAnswerError", 1),
        ("AnswerError", 1),
        ("TrialError", 1),
        ("InterruptedSweepError", 130),
    ],
)
def test_exit_codes(name: str, code: int) -> None:
    """Wrong input ends with 2, a failed measurement with 1, the user's own stop with 130."""
    assert code == getattr(errors, name).exit_code


def test_every_error_has_the_same_base() -> None:
    """One except clause catches whatever parlab raises on purpose."""
    own = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(own) == 14
    assert all(issubclass(kind, ParlabError) for kind in own)


def test_an_interrupt_stays_an_interrupt() -> None:
    """Who catches errors does not swallow the user's stop, and a notebook shows it as one line."""
    assert issubclass(InterruptedTasksError, KeyboardInterrupt)
    assert ["InterruptedTasksError: stopped"] == InterruptedTasksError("stopped")._render_traceback_()


class OddError(Exception):
    def __str__(self) -> str:
        raise SystemExit


@pytest.mark.parametrize(("error", "text"), [(ValueError("no"), "no"), (OddError(), "(its message cannot be shown)")])
def test_the_text_of_any_error(error: Exception, text: str) -> None:
    """Whatever somebody's own class does, there is a text."""
    assert text == text_of(error)
