"""Puts a comparison into tables and words for a terminal of 80 columns. It works nothing out."""

from typing import TYPE_CHECKING

from rich.table import Table

from parlab import units
from parlab.records import Configuration
from parlab.tables import NOT_KNOWN, print_findings, printable, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from parlab.analysis.comparison import ComparedRow, Comparison
    from parlab.analysis.shifts import Ratio

_KINDS = {"machine": "Other machine", "software": "Other versions", "plan": "Measured otherwise"}
_JUDGED = {
    "pace": "Judged: the time at the machine's own pace, that of the loop in each round.",
    "time": "Judged: the time as it was measured.",
    "speedup": "Judged: the speedup, which holds between machines; a task that became slower is not seen in it.",
}
_WORDS = {"no difference": "none shown"}
_DIFFERENT = ("slower", "faster", "less speedup", "more speedup")
_MOST_NAMED = 6


def print_comparison(out: "Console", found: "Comparison", names: tuple[str, str], *, gate: bool = False) -> None:
    """Print a comparison.

    Parameters
    ----------
    out
        Where to.
    found
        What ``compare`` returned.
    names
        How the user named the two files.
    gate
        Whether a slowdown beyond ``found.limit`` was asked about, so that it is said in the end.
    """
    out.print(f"[bold]{printable(found.a.title)}[/bold]  B against A")
    for side, name, summary in zip("AB", names, (found.a, found.b), strict=True):
        rounds = units.count(summary.rounds, "round")
        out.print(f"{side}: {printable(name)}  {rounds}  ·  {printable(summary.place)}")
        if summary.origin:
            out.print(f"   [bold yellow]{printable(summary.origin)}[/bold yellow]")
    _print_differences(out, found)
    out.print()
    out.print(_time_table(found))
    out.print()
    out.print(_speedup_table(found))
    out.print()
    _print_words(out, found)
    print_findings(out, found.findings)
    out.print("\n".join(_sentences(found)))
    if gate:
        out.print(f"[bold]{_gate(found)}[/bold]")


def _print_differences(out: "Console", found: "Comparison") -> None:
    for kind, title in _KINDS.items():
        listed = [f"{one.name} {one.a} → {one.b}" for one in found.differences if one.kind == kind]
        if listed:
            out.print(f"{title}: {printable('; '.join(listed))}.")
    for side, configurations in (("A", found.only_a), ("B", found.only_b)):
        if configurations:
            labels = [one.label for one in configurations]
            out.print(f"Only in {side}: {printable(_listed(labels))}.")


def _time_table(found: "Comparison") -> Table:
    paced = any(row.pace for row in found.rows)
    table = _table("n", "time A", "time B", "B / A", "interval", *(("at pace", "interval") if paced else ()))
    if found.judged != "speedup":
        table.add_column("B is", no_wrap=True)
    for row in found.rows:
        cells = [str(row.workers), seconds(row.time_a_s), seconds(row.time_b_s), *_cells(row.time)]
        cells += [*_cells(row.pace)] if paced else []
        table.add_row(printable(row.backend), *cells, *([] if found.judged == "speedup" else [_verdict(row)]))
    return table


def _speedup_table(found: "Comparison") -> Table:
    table = _table("n", "rounds", "all in", "speedup A", "speedup B", "B / A", "interval")
    if found.judged == "speedup":
        table.add_column("B has", no_wrap=True)
    for row in found.rows:
        if row.backend != "serial":
            cells = [str(row.workers), f"{row.rounds_a}, {row.rounds_b}", _value(row.time_with_startup)]
            cells += [f"{row.speedup_a:.2f}", f"{row.speedup_b:.2f}", *_cells(row.speedup)]
            table.add_row(printable(row.backend), *cells, *([_verdict(row)] if found.judged == "speedup" else []))
    return table


def _verdict(row: "ComparedRow") -> str:
    return _WORDS.get(row.verdict, row.verdict)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("backend", overflow="fold")
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _cells(one: "Ratio | None") -> tuple[str, str]:
    if one is None or one.low is None or one.high is None:
        return _value(one), NOT_KNOWN
    return _value(one), f"{one.low:.2f} to {one.high:.2f}"


def _value(one: "Ratio | None") -> str:
    return NOT_KNOWN if one is None else f"{one.value:.2f}"


def _print_words(out: "Console", found: "Comparison") -> None:
    count = len(found.rows)
    many = f"all {count} together hold in 95 of 100 comparisons" if count > 1 else "it holds in 95 of 100 comparisons"
    paced = " at pace: time counted in steps of a loop that never changes." if found.rows[0].pace else ""
    out.print(
        "B / A: the median of all ratios of a round of B to a round of A."
        f"{paced} all in: time with start-up and shut-down, B / A. interval: {many}. none shown: no difference that "
        f"these rounds support. {_JUDGED[found.judged]}",
        style="dim",
    )


def _sentences(found: "Comparison") -> "Iterable[str]":
    """Say what was found, and how small a slowdown could have been found."""
    groups = {word: [_label(row) for row in found.rows if row.verdict == word] for word in _DIFFERENT}
    for word, labels in groups.items():
        if labels:
            verb = "has" if found.judged == "speedup" else "is"
            yield f"B {verb} {word}: {printable(_listed(labels))}."
    if found.known and not any(groups.values()):
        yield "No difference that these rounds support."
    few = [_label(row) for row in found.rows if row.verdict == "too few rounds"]
    if few:
        need = f"judging {len(found.rows)} together takes {found.rounds_needed} rounds or more on each side"
        yield f"Too few rounds: {printable(_listed(few))}; {need}."
    known = [row for row in found.rows if row.detectable is not None]
    if known:
        least = min(known, key=lambda row: row.detectable or 0.0)
        most = max(known, key=lambda row: row.detectable or 0.0)
        what = f"More than {_percent(found.limit)} {_worse(found)}" if found.limit else f"B's being {_worse(found)}"
        yield (
            f"{what} would show from about {least.detectable:.0%} ({printable(_label(least))}) "
            f"to {most.detectable:.0%} ({printable(_label(most))}) on; a smaller one may be there."
        )


def _gate(found: "Comparison") -> str:
    what = f"{_worse(found)} by more than {_percent(found.limit)}"
    if not found.exceeding:
        return f"No configuration is {what}, as far as these rounds can show."
    labels = _listed([_label(row) for row in found.exceeding])
    return f"{what.capitalize()}: {printable(labels)}."


def _worse(found: "Comparison") -> str:
    return "slower over its plain loop" if found.judged == "speedup" else "slower"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _label(row: "ComparedRow") -> str:
    return "the plain loop" if row.backend == "serial" else Configuration("parallel", row.backend, row.workers).label


def _listed(labels: list[str]) -> str:
    more = len(labels) - _MOST_NAMED
    return "; ".join(labels[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
