"""The ``parlab`` command, put together. Every error on purpose ends in one message and a code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from parlab.cli import inspecting, learning, measuring, planning, reading
from parlab.errors import ParlabError, harmless

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
    here = str(Path.cwd())
    if here not in sys.path:
        # A module in the current folder is found, but at the end: a file queue.py there must not replace Python's own.
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
    return 0


def _version(value: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    if value:
        from importlib.metadata import version

        print(version("parlab"))
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
