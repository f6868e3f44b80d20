"""Explanations in words: what a terminal of 80 columns and a notebook show."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from builders import make_results
from rich.console import Console
from traces import loop, round_of, traced

from parlab.analysis.explanation import Explanation, explain
from parlab.explained import as_html, print_explanation
from parlab.records import Memory, Trial
from parlab.results import read

FOUR = loop(1.0, 1.0, 1.0, 1.0)
TAIL = traced(4.0, [[(0.0, 1.0), (1.0, 4.0)], [(0.0, 1.0)]])


def made(trial: Trial = TAIL, **fields: Any) -> Explanation:
    sweep = {"workers": (trial.workers,), "backends": (trial.backend,)}
    bracket = loop(*[5 / 3] * 3)
    return replace(explain(make_results(round_of(trial, bracket), sweep=sweep)), **fields)


def printed(explanation: Explanation) -> str:
    out = Console(width=80, file=StringIO(), color_system=None, highlight=False)
    print_explanation(out, explanation)
    return out.file.getvalue()


def line_of(text: str, title: str) -> list[str]:
    """Return the cells of the first row under a title."""
    below = text[text.index(title) :].splitlines()
    return next(line.split() for line in below if line.startswith("threads "))


def test_the_work_in_percent() -> None:
    """Five of eight worker-seconds are useful, three are idle tail; the row adds up to 100."""
    text = printed(made())
    assert ["threads", "2", "62.5", "0.0", "0.0", "0.0", "37.5", "0.0"] == line_of(text, "The work itself")
    assert "the largest loss is idle tail, 38% of the time" in " ".join(text.split())


def test_the_whole_trial_in_percent() -> None:
    """A second of start-up and close for each of two workers is a fifth of ten worker-seconds."""
    cells = line_of(printed(made()), "With start-up")
    assert ["threads", "2", "5", "s", "20.0", "50.0", "0.0", "30.0", "0.0"] == cells


def test_a_coarse_clock_shows_the_sum_alone() -> None:
    """Where no trial tells the parts inside tasks apart, one column stands for them."""
    text = printed(made(replace(TAIL, spans={**(TAIL.spans or {}), "cpu_s": [None] * 3})))
    assert ["threads", "2", "62.5", "0.0", "37.5", "0.0"] == line_of(text, "The work itself")
    assert "CPU clock here is too coarse" in " ".join(text.split())


def test_a_large_residual_is_said() -> None:
    """Tasks that overlap on one worker leave a residual, and the row says not to build on it."""
    text = printed(made(traced(4.0, [[(0.0, 1.0), (0.5, 4.0)], [(0.0, 1.0)]])))
    assert "threads, n = 2: the residual is large" in text


def test_traffic_where_it_is_known() -> None:
    """Bytes get their units; without any there is a sentence and no table."""
    full = traced(4.0, [[(0.0, 1.0), (1.0, 4.0)], [(0.0, 1.0)]], sent_bytes=[3 << 20] * 3, received_bytes=[10] * 3)
    assert ["threads", "2", "3", "MiB", "10", "B", "–", "–"] == line_of(printed(made(full)), "What travels")
    assert "not known here" in printed(made())


def test_the_reason_for_no_chunk_size() -> None:
    """Where no chunk size helps, a sentence says why."""
    trial = traced(12.0, [[(4.0, 5.0), (9.0, 12.0)], [(0.0, 1.0)]])
    assert "no chunk size is given: it takes chunks of" in " ".join(printed(made(trial)).split())


@pytest.mark.parametrize("name", ["download-2-cores", "photos-2-cores", "primes-2-cores-python-3.14"])
def test_it_fits_into_80_columns(name: str) -> None:
    """Recorded sweeps with long engine names: no line is longer, and no number is cut."""
    text = printed(explain(read(f"recorded:{name}")))
    assert 80 >= max(map(len, text.splitlines()))
    assert "…" not in text


def test_text_from_a_file_is_harmless() -> None:
    """A workload named by somebody else colours no terminal and brings no HTML."""
    wild = made(workload="[red]x[/red]\x1b[31m<script>", origin="<b>there</b>")
    text, page = printed(wild), as_html(wild)
    assert "[red]x[/red]" in text and "\x1b" not in text
    assert "&lt;script&gt;" in page and "<script" not in page and "&lt;b&gt;there" in page


def test_html_has_the_same_tables() -> None:
    """A notebook shows six sections with the same cells."""
    page = as_html(made())
    assert "x communication" in page  # a terminal's hyphen is none of a browser's
    assert 6 == page.count("<h5>")
    assert "<td>62.5</td>" in page


def test_memory_at_its_peak() -> None:
    """Parent and workers apart, shared pages together; threads hold theirs in the parent, so theirs is not known."""
    held = (
        Memory("serial", "serial", 1, 3 << 20, None, None, None, None, 5, 0.01),
        Memory("parallel", "threads", 2, 10 << 20, 12 << 20, None, None, None, 7, 0.01),
        Memory("parallel", "pool", 2, 10 << 20, 12 << 20, 30 << 20, 32 << 20, 20 << 20, 9, 0.01),
    )
    text = printed(made(memory=held))
    assert ["threads", "2", "10", "MiB", "–", "–", "12", "MiB", "7"] == line_of(text, "Memory at its peak")
    row = next(line for line in text[text.index("Memory at its peak") :].splitlines() if line.startswith("pool "))
    assert ["pool", "2", "10", "MiB", "30", "MiB", "20", "MiB", "44", "MiB", "9"] == row.split()


def test_memory_that_was_not_looked_at() -> None:
    """A file without such lines says so, and shows no empty table."""
    text = printed(made())
    assert "It was not looked at here." in text[text.index("Memory at its peak") :]


def test_what_threads_wait_for_is_no_cost_of_a_message() -> None:
    """Nobody can tell it from the GIL, and that is said; not of processes, not of one thread, and not without a GIL."""
    said = "Nothing is sent to threads"
    assert 2 == printed(made(gil="on")).count(said)
    assert 0 == printed(made(gil="off")).count(said)
    assert 0 == printed(made(replace(TAIL, backend="processes"), gil="on")).count(said)
    assert 0 == printed(made(traced(4.0, [[(0.0, 1.0), (1.0, 2.0), (2.0, 4.0)]]), gil="on")).count(said)
