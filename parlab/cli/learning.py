"""The commands of the course: the learner's copy, JupyterLab in it, progress."""

from pathlib import Path
from typing import Annotated

import typer

from parlab.cli.output import JsonOption


def learn(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where your copy of the course goes.")],
    *,
    notebook: Annotated[str | None, typer.Option(help="One notebook alone, such as 03.")] = None,
) -> None:
    """Put your own copy of the course into a folder; what you have changed there is never overwritten."""
    from parlab.cli.course import learn as carry_out

    carry_out(folder, notebook)


def lab(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Default: parlab-course.")] = None,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the course in JupyterLab, in your own copy, on this machine alone."""
    from parlab.cli.course import lab as carry_out

    raise typer.Exit(carry_out(folder, browser=not no_browser))


def progress(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Your copy of the course.")] = Path(),
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how far you have come in the course: exercises, tries, hints, what is passed."""
    from parlab.cli.progress import progress as carry_out

    carry_out(folder, as_json=as_json)


COMMANDS = (
    ("learn", learn),
    ("lab", lab),
    ("progress", progress),
)
