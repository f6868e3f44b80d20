"""A plan in words: within 80 columns, and harmless whatever a file says of itself."""

from dataclasses import replace
from io import StringIO

import numpy as np
from plans import noisy_rounds, sweep_of
from rich.console import Console

import parlab
from parlab.analysis.grounds import Wanted
from parlab.analysis.planning import make_plan
from parlab.analysis.sizing import Band
from parlab.planned import as_html, print_plan, sentences_of, span

RESULTS = sweep_of(noisy_rounds(np.random.default_rng(0), 6), (1, 2), workload="primes")
PLAN = make_plan(RESULTS, Wanted(workers=(8,), using=(1,), far=True))


def text_of(plan) -> str:
    out = Console(width=80, file=StringIO(), color_system=None, highlight=False)
    print_plan(out, plan)
    return out.file.getvalue()  # type: ignore[attr-defined]


def test_what_is_told() -> None:
    """Each worker count, its band, what was measured and whether it lies in it; what the numbers rest on."""
    text = " ".join(text_of(PLAN).split())
    for words in ("Plan: primes with processes", "From the spans of 1 worker of processes: 24 tasks, 6 rounds.", "in",
                  "A message costs 2 ms (this sweep).", "The tasks wait for 100% of their time"):  # fmt: skip
        assert words in text
    assert ["1", "2", "8"] == [line.split()[0] for line in text_of(PLAN).splitlines()[4:7]]


def test_few_messages_are_said() -> None:
    """More workers than messages cannot all have one."""
    wide = make_plan(RESULTS, Wanted(workers=(64,), far=True))
    assert any("there are only 24 messages to give them" in one for one in sentences_of(wide))


def test_a_unit_stands_once() -> None:
    """And twice where the ends have different ones."""
    assert "110 to 120 ms" == span(Band(0.115, 0.11, 0.12))
    assert "900 ms to 1.2 s" == span(Band(1.0, 0.9, 1.2))


def test_harmless_and_within_80_columns() -> None:
    """Control characters, markup and tags from a file do nothing."""
    odd = replace(PLAN, workload="[red]<b>\x1b[31m" + "long " * 40, engine="<script>", origin="\x1b]0;gone\x07[bold]")
    text = text_of(odd)
    assert "\x1b" not in text
    assert "[red]" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "<script>" not in as_html(odd)
    assert "<b>" not in as_html(odd)


def test_parlab_plan_in_a_notebook() -> None:
    """One call: the text of the command, a table with a picture, and a frame with the numbers."""
    planned = parlab.plan(RESULTS, 8, using=1, far=True)
    assert planned.plan == PLAN
    assert text_of(PLAN).split() == repr(planned).split()
    page = planned._repr_html_()
    assert '<img alt="Chart: predicted time of primes' in page
    assert "<th>90 % band</th>" in page
    rows = planned.rows
    assert [1, 2, 8] == rows["workers"].tolist()
    assert (rows["map_s_low"] <= rows["map_s"]).all()
    assert (rows["map_s"] <= rows["map_s_high"]).all()
    assert 2 == rows["measured_s"].notna().sum()
