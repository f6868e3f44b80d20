"""The ``parlab`` command, put together. Every error on purpose ends in one message and a code."""

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from parlab.cli import inspecting, learning, measuring, planning, reading
from parlab.errors import ParlabError, harmless

_MOST_SHOWN = 200
_UNMAPPED = ("failed to map segment", "cannot allocate memory")  # what glibc's loader says when a library has no room

app = typer.Typer(
    name="parlab",
    help="Learn, measure and explain parallel Python.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None takes them from ``sys.argv``.

    Returns
    -------
    int
        0 done; 1 it ran and failed, or the doctor found a fail; 2 bad input; 130 interrupted.
    """
    with suppress(FileNotFoundError):  # the current folder was removed: then it holds no module either
        here = str(Path.cwd())
        if here not in sys.path:
            # A module in the current folder is found, but at the end: a file queue.py there must not replace Python's.
            sys.path.append(here)
    try:
        app(arguments, prog_name="parlab")
    except ParlabError as problem:
        # The text may hold names from a file or a folder of somebody else's, and a task's traceback its tabs.
        print(harmless(f"parlab: {problem}".expandtabs(4)), file=sys.stderr)
        return problem.exit_code
    except BrokenPipeError:  # `parlab show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except (MemoryError, ImportError, OSError) as problem:
        if not _is_want_of_memory(problem):
            raise
        print(f"parlab: {_NO_MEMORY.format(problem=_described(problem))}", file=sys.stderr)
        return 1
    return 0


_NO_MEMORY = (
    "There is not enough memory to go on ({problem}). Free some, or allow more: `ulimit -v` shows the limit of this "
    "shell, `parlab doctor` that of a container."
)


def _is_want_of_memory(problem: Exception) -> bool:
    """Tell what a limit on memory leads to from other errors: a library that cannot be loaded is one of its forms."""
    if isinstance(problem, OSError):
        return problem.errno == errno.ENOMEM
    return isinstance(problem, MemoryError) or any(text in str(problem).lower() for text in _UNMAPPED)


def _described(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}".strip(" :")[:_MOST_SHOWN]


def _version(value: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    if value:
        import parlab

        print(parlab.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Learn, measure and explain parallel Python."""


for name, command in (
    *measuring.COMMANDS,
    *reading.COMMANDS,
    *planning.COMMANDS,
    *inspecting.COMMANDS,
    *learning.COMMANDS,
):
    app.command(name)(command)
