"""Tables for a terminal: what they hold, at 80 columns and without colour."""

from dataclasses import replace
from io import StringIO

import pytest
from drawn import finding, row, summary
from rich.console import Console

from parlab.analysis.doctor import Diagnosis
from parlab.records import Finding
from parlab.tables import print_diagnoses, print_list, print_summary, seconds


def printed(function, *arguments) -> str:
    out = Console(width=80, file=StringIO(), color_system=None, highlight=False)
    function(out, *arguments)
    return out.file.getvalue()


def test_a_summary_has_a_line_for_each_row() -> None:
    """Backend, workers, speedup with interval, efficiency and share of the ceiling stand in one line."""
    text = printed(
        print_summary, summary([row("threads", 2, speedup=1.8, speedup_low=1.7, speedup_high=1.9, ceiling=1.9)])
    )
    (line,) = [line for line in text.splitlines() if line.startswith("threads")]
    assert "1.80" in line
    assert "1.70 to 1.90" in line
    assert "95%" in line  # 1.8 of 1.9


def test_what_is_not_known_is_a_dash() -> None:
    """None is shown as a dash, never as 0 or None."""
    bare = row(
        "threads", 2, speedup=None, speedup_low=None, speedup_high=None, efficiency=None, ceiling=None, median_s=None
    )
    text = printed(print_summary, summary([bare]))
    (line,) = [line for line in text.splitlines() if line.startswith("threads")]
    assert "None" not in line
    assert line.count("–") >= 4


def test_findings_follow_with_their_advice() -> None:
    """Each finding is printed with what to do."""
    one = finding(message="It is noisy.", advice="Take more rounds.")
    text = printed(print_summary, summary([row("threads", 2)], findings=[one]))
    assert "! It is noisy. Take more rounds." in text


def test_sentences_stand_between_the_table_and_the_findings() -> None:
    """What came of the sweep is said before what to doubt of it; names in it are no markup."""
    one = finding(message="It is noisy.", advice="Take more rounds.")
    text = printed(print_summary, summary([row("threads", 2)], findings=[one]), ["Best: [red]x[/red]."])
    assert text.index("all in:") < text.index("Best: [red]x[/red].") < text.index("! It is noisy.")


def test_markup_in_names_is_shown_not_obeyed() -> None:
    """A backend or workload named like a colour tag is printed as it is."""
    text = printed(print_summary, summary([row("[red]x[/red]", 2)], workload="[bold]w"))
    assert "[red]x[/red]" in text
    assert "[bold]w" in text


def test_a_diagnosis_has_its_fix_below() -> None:
    """Status, name and message in one line, the fix under it."""
    text = printed(print_diagnoses, [Diagnosis("cores", "warn", "only one", "use two")])
    lines = [line.strip() for line in text.splitlines()]
    assert ["warn  cores  only one", "fix: use two"] == lines


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0"), (2.5, "2.5 s"), (0.0123, "12.3 ms"), (4e-6, "4 us")]
)
def test_durations_have_three_digits_and_a_unit(value: float | None, text: str) -> None:
    """Seconds, milliseconds or microseconds, whichever has a digit before the point."""
    assert text == seconds(value)


def test_weak_scaling_is_said_below_the_table() -> None:
    """How many tasks each worker had, and what speedup means then; nothing of it for strong scaling."""
    strong = summary([row("threads", 2)])
    assert "Weak scaling" not in printed(print_summary, strong)
    text = printed(print_summary, replace(strong, weak=True, tasks=24))
    assert "Weak scaling: 24 tasks for each worker" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_control_characters_do_not_reach_the_terminal() -> None:
    """A file from somebody else cannot recolour or retitle the terminal: what is no printable letter is replaced."""
    evil = "x\x1b[31m\x1b]0;title\x07"
    label = {"where": evil, "when": evil, "by": evil}
    found = Finding("evil", f"{evil} happened", evil)
    shown = replace(summary([row(evil, 2)], workload=evil), label=label, findings=(found,))
    text = printed(print_summary, shown)
    assert not {"\x1b", "\x07"} & set(text)
    assert "x\N{REPLACEMENT CHARACTER}[31m" in text


def test_names_of_a_list_are_not_broken() -> None:
    """A name that is copied into a command stands in one line, however much the other columns need."""
    name = "primes-2-cores-python-3.14"
    cells = [name, "2026-11-26", "1,2,3,4,8,12,16", "a virtual machine with 16 virtual cores of an Intel Xeon"]
    lines = printed(print_list, ("recorded", "when", "workers", "where"), [cells]).splitlines()
    assert 1 == sum(line.startswith(f"{name}  2026-11-26  1,2,3,4,8,12,16  ") for line in lines)
    assert max(map(len, lines)) <= 80
