"""Carries out ``parlab compare``: reads two files, prints how they differ, and answers a CI with the exit code."""

from parlab.analysis.comparison import BY, Comparison
from parlab.analysis.comparison import compare as work_out
from parlab.cli.output import print_json
from parlab.compared import print_comparison
from parlab.errors import InputError, unknown_choice
from parlab.results import read
from parlab.tables import console


def compare(a: str, b: str, *, by: str | None, limit: float | None, as_json: bool) -> int:
    """Compare two files and print what came of it.

    Parameters
    ----------
    a, b
        Result files or ``recorded:NAME``.
    by
        What is judged, or None for what the files allow.
    limit
        By which share B may be slower; None when nobody asked.
    as_json
        Print one JSON object and nothing else.

    Returns
    -------
    int
        1 where the rounds support that B is slower by more than the limit, else 0.

    Raises
    ------
    InputError
        A file cannot be used, the two cannot be compared, or too few rounds were measured to answer about a limit.
    """
    if by is not None and by not in BY:
        raise unknown_choice("way to judge", by, BY)
    found = work_out(read(a), read(b), by=by, limit=limit or 0.0)
    if as_json:
        print_json(found.as_json())
    else:
        print_comparison(console(), found, (a, b), gate=limit is not None)
    if limit is None:
        return 0
    if not found.known:
        raise InputError(_too_few(found))
    return 1 if found.exceeding else 0


def _too_few(found: Comparison) -> str:
    rounds = f"A has {found.a.rounds} and B {found.b.rounds}"
    advice = f"Measure with --rounds {found.rounds_needed} or more, so that --fail-if-slower can answer."
    return f"No configuration has enough rounds to be judged: {rounds}. {advice}"
