"""Prints what a command has to say: one JSON object, or text for a person."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from parlab.analysis.summary import Summary

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def print_json(value: object) -> None:
    """Print one JSON value; NaN is refused because JSON has no word for it."""
    print(json.dumps(value, allow_nan=False, indent=2))


def print_result(summary: "Summary", *, as_json: bool) -> None:
    """Print a sweep as the object of ``--json``, or as table and findings; of several engines, which came out best."""
    if as_json:
        print_json(summary.as_json())
        return
    from parlab.report.headline import headline
    from parlab.tables import console, print_summary

    several = len({row.backend for row in summary.rows} - {"serial"}) > 1
    print_summary(console(), summary, headline(summary) if several else ())
