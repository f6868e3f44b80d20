"""Engines beside each other: every bar as long as its speedup, each engine in its row, and nothing left out unsaid."""

from dataclasses import replace

import pytest
from drawn import drawn_texts, overlaps, row, summary

from parlab.errors import InputError
from parlab.plots.engines import engines_chart

LOOP = row("serial", 1, speedup=1.0)
FIRST = summary([LOOP, row("threads", 2, speedup=1.25), row("processes", 2, speedup=1.5, speedup_with_startup=0.75)])
SECOND = summary([LOOP, row("loky", 2, speedup=1.75), row("threads", 2, speedup=0.5), row("threads", 4)])
RECORDED = replace(SECOND, label={"where": "a machine", "when": "2026-01-02", "by": "us"})


def bars(axes) -> dict[float, float]:
    return {bar.get_y() + bar.get_height() / 2: bar.get_width() for bar in axes.containers[0].patches}


def test_bars_are_as_long_as_speedups() -> None:
    """At the asked count, each engine in the row of its name in all panels."""
    figure = engines_chart({"one": FIRST, "two": SECOND}, 2)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert ["threads", "processes", "loky"] == names
    assert [{0.0: 1.25, 1.0: 1.5}, {2.0: 1.75, 0.0: 0.5}] == [
        {round(place, 6): length for place, length in bars(axes).items()} for axes in figure.axes
    ]


def test_rings_show_the_start() -> None:
    """Where an engine ends up when opening and closing count."""
    (axes,) = engines_chart({"one": FIRST}, 2).axes
    (rings,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert [1.6, 0.75] == list(rings.get_xdata())


def test_what_was_not_measured_and_what_is_recorded_is_said() -> None:
    """In words, in its place."""
    texts = drawn_texts(engines_chart({"one": FIRST, "two": RECORDED}, 2))
    assert 2 == texts.count("not measured")  # loky in the first, processes in the second
    assert {"one\nmeasured here", "two\nrecorded"} <= set(texts)


def test_no_two_texts_touch() -> None:
    """Four panels and a crowd of engines with long names, at 800 pixels."""
    many = summary([LOOP, *(row(f"an engine of number {place}", 2) for place in range(9))])
    panels = {f"a kind of work of number {place}": replace(many, label=FIRST.label) for place in range(4)}
    assert [] == overlaps(engines_chart(panels, 2))


def test_what_cannot_be_drawn_is_refused() -> None:
    """Nothing, too much, or a count that was not measured."""
    for wrong in ({}, {str(place): FIRST for place in range(5)}):
        with pytest.raises(InputError, match="room for 1 to 4"):
            engines_chart(wrong, 2)
    with pytest.raises(InputError, match=r"'one' has no complete round with 4 workers"):
        engines_chart({"one": FIRST}, 4)
