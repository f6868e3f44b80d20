"""Errors that parlab raises on purpose: what was given, what is allowed, what to do next. Never a bare traceback."""

from collections.abc import Iterable


def harmless(text: str) -> str:
    """Replace control characters, which in a file from somebody else could retitle or recolour the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


ON_SKIPPING = "To measure without the tasks that fail: --on-error skip."  # the last line of a TaskError of a sweep


class ParlabError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line ends with."""

    exit_code = 2

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in IPython and Jupyter, which ask for this name: it says all that a learner needs."""
        return [harmless(f"{type(self).__name__}: {self}".expandtabs(4))]


class InputError(ParlabError):
    """Something that was given cannot be used: an unknown name, a bad number, a missing file."""


class BackendUnavailableError(ParlabError):
    """An engine that was asked for cannot run here; the text says why and how to get it."""


class FunctionError(InputError):
    """A function cannot travel to another process; the text names the ways out."""


class ResultFileError(InputError):
    """A result file is missing, is not one, or was written by a newer parlab."""


class TaskError(ParlabError):
    """A task raised; the text names the item and shows the worker's traceback."""

    exit_code = 1


class RemoteTaskError(TaskError):
    """A task raised something that cannot travel; the text is the worker's own traceback."""


class LostTaskError(TaskError):
    """A task ended its worker: killed, crashed, or left.

    Parameters
    ----------
    text
        What it says.
    how
        ``"lost(SIGKILL)"``, ``"lost(exit code 0)"``.
    printed
        What the task had printed.
    """

    def __init__(self, text: str, how: str = "lost", printed: str = "") -> None:
        super().__init__(text)
        self.how, self.printed = how, printed


class WorkersLostError(ParlabError):
    """Workers cannot be started, or are lost again and again, and no single task is to blame."""

    exit_code = 1


class DeadlineError(ParlabError):
    """Work was not done within its deadline and has been ended; the text names the tasks that were running."""

    exit_code = 1


class InterruptedTasksError(KeyboardInterrupt):
    """The user interrupted a pool: its workers are gone. Still a ``KeyboardInterrupt``, but one that says one line."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone, as ``ParlabError`` does."""
        return [harmless(f"{type(self).__name__}: {self}".expandtabs(4))]


class WrongAnswerError(ParlabError):
    """A backend gave another answer than the plain loop. A wrong answer is never a fast result."""

    exit_code = 1


class AnswerError(ParlabError):
    """An exercise's answer has not passed its check, and somebody asked that it has: a cell that gives a mark."""

    exit_code = 1


class TrialError(ParlabError):
    """A trial process ended without a result: killed, crashed, or past its deadline."""

    exit_code = 1


class InterruptedSweepError(ParlabError):
    """The user stopped the sweep; what had finished is kept."""

    exit_code = 130


def rebuild(name: str, text: str) -> ParlabError:
    """Make an error again that another process has sent by the name of its class and its text."""
    kind = globals().get(name)
    known = isinstance(kind, type) and issubclass(kind, ParlabError)
    return kind(text) if known else TrialError(text)  # type: ignore[misc]  # known says that it is a class


def text_of(error: BaseException) -> str:
    """Return what an error says of itself, whatever its own ``__str__`` does."""
    try:
        return str(error)
    except (Exception, SystemExit):  # somebody's own class
        return "(its message cannot be shown)"


def unknown_choice(what: str, given: str, allowed: Iterable[str], advice: str = "") -> InputError:
    """Build the error for a name that is not in a list.

    Parameters
    ----------
    what
        What the name stands for, such as ``"backend"``.
    given
        The name as it was given.
    allowed
        Every name that would have been right.
    advice
        A last sentence: what to do next.

    Returns
    -------
    InputError
        Its text lists the allowed names and suggests the nearest one.
    """
    from difflib import get_close_matches

    names = sorted(allowed)
    nearest = get_close_matches(given, names, n=1, cutoff=0.5)
    guess = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return InputError(f"Unknown {what} {given!r}.{guess} Allowed: {', '.join(names)}. {advice}".strip())
