"""Writes the page of the command line from the program itself, so that it can say nothing else than ``--help``."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from parlab.cli.app import app

HEAD = """# The command line

What `parlab COMMAND --help` says, made from the program. The [overview](../overview.md#measure) shows the commands at
work. They end with 0 when it is done, 1 when it ran and failed, 2 for bad input, and 130 when they were interrupted.
"""


def command_line_page() -> str:
    """Return the page in Markdown: a section for each command, in the order of the help."""
    group: Any = get_command(app)
    return "\n".join([HEAD, *(_section(name, command) for name, command in _commands(group, "parlab"))])


def _commands(group: Any, above: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def _section(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", command.help or "", "", "```text", usage, "```", ""]
    rows = [row for one in command.get_params(context) if (row := _row(one, context))]
    return "\n".join([*lines, "| | meaning |", "| --- | --- |", *rows, ""])


def _row(parameter: Any, context: Any) -> str:
    """Return a table's row for an argument or option; empty for one that the help does not show."""
    record = parameter.get_help_record(context)
    if record is None:
        return ""
    names, meaning = record
    return f"| `{_plain(names)}` | {_plain(meaning, escape=True)} |"


def _plain(text: str, *, escape: bool = False) -> str:
    """Return a text in one line that breaks no table; what looks like markup stays as it is written."""
    line = " ".join(text.split()).replace("|", "\\|")
    return line.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_") if escape else line
