"""Bars of several programs: every part where it belongs, each bar 100 % long, and nothing said by colour alone."""

from dataclasses import replace
from typing import Any

import pytest
from drawn import drawn_texts, overlaps

from parlab.analysis.areas import WORDS, Area, AreaRow
from parlab.errors import InputError
from parlab.plots.losses import losses_chart


def bar(backend: str, workers: int = 2, **parts: Any) -> AreaRow:
    """What became of a trial: seconds of each part, and nothing of the others."""
    nothing = dict.fromkeys(("useful_s", "inflation_s", "waiting_s", "transfer_s", "tail_s"), 0.0)
    found = {**nothing, "startup_s": 0.0, "residual_s": 0.0, **parts}
    known = [part for part in found.values() if part is not None]
    area = Area(
        workers=workers, elapsed_s=sum(known) / workers, returning_s=None, tasks_s=found.pop("tasks_s", 0.0), **found
    )
    return AreaRow(backend, workers, 7, 0, 3, 1.5, area, None)


TAIL = bar("processes", useful_s=1.0, transfer_s=0.25, tail_s=0.75)
FASTER = bar("threads", 4, useful_s=2.2, inflation_s=-0.2)
COARSE = bar("pool", useful_s=None, inflation_s=None, waiting_s=None, tasks_s=1.0, transfer_s=1.0)


def strips(figure, place: int) -> dict[str, tuple[float, float]]:
    """Where each part of a bar begins, and how long it is, in percent."""
    found = [(bar.get_label(), patch) for bar in figure.axes[0].containers for patch in bar.patches]
    return {
        name: (pytest.approx(patch.get_x()), pytest.approx(patch.get_width()))
        for name, patch in found
        if round(patch.get_y() + patch.get_height() / 2) == place
    }


def test_parts_lie_behind_each_other() -> None:
    """From useful work to the idle tail, 100 % together; what is nothing is not drawn."""
    figure = losses_chart({"uneven": TAIL})
    expected = {"useful work": (0, 50), "dispatch and transfer": (50, 12.5), "idle tail": (62.5, 37.5)}
    assert expected == strips(figure, 0)


def test_parts_below_zero_lie_left_of_it() -> None:
    """Less CPU time than in the plain loop is shown as such, and the axis goes as far."""
    figure = losses_chart({"uneven": TAIL, "faster": FASTER})
    assert {"useful work": (0, 110), "extra CPU time": (0, -10)} == strips(figure, 1)
    assert (pytest.approx(-10), pytest.approx(110)) == figure.axes[0].get_xlim()


def test_time_inside_tasks_stands_for_its_parts() -> None:
    """Where the CPU clock is too coarse."""
    assert {"inside tasks": (0, 50), "dispatch and transfer": (50, 50)} == strips(losses_chart({"one": COARSE}), 0)


def test_everything_has_its_name() -> None:
    """Programs, engines, worker counts, speedups, shares that have room, and the parts."""
    figure = losses_chart({"uneven $x$": TAIL, "faster": replace(FASTER, speedup=3.456)})
    texts = drawn_texts(figure)
    assert {"1.50 x", "3.46 x", "speedup", "50", "38", "12"} <= set(texts)
    assert ["uneven $x$\nprocesses, 2", "faster\nthreads, 4"] == [
        one.get_text() for one in figure.axes[0].get_yticklabels()
    ]
    drawn = ["useful", "inflation", "transfer", "tail"]
    assert [WORDS[name] for name in drawn] == [one.get_text() for one in figure.legends[0].get_texts()]


def test_no_two_texts_touch() -> None:
    """At 800 pixels, with as many bars as the notebook has, and long names."""
    rows = {f"a program of number {place}, with a long name": (TAIL, FASTER, COARSE)[place % 3] for place in range(6)}
    assert [] == overlaps(losses_chart(rows))


def test_nothing_is_refused() -> None:
    """Without a bar there is no chart."""
    with pytest.raises(InputError, match="nothing to draw"):
        losses_chart({})
