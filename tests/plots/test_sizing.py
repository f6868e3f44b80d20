"""The chart of a plan shows what was predicted, and where it leaves what was measured."""

from dataclasses import replace

import pytest
from drawn import drawn_texts, overlaps, summary
from plans import sweep_of

from parlab.analysis.grounds import Wanted
from parlab.analysis.planning import make_plan
from parlab.analysis.sizing import Plan
from parlab.errors import InputError
from parlab.plots import plan_chart


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Sixteen workers from one and two; what four have measured is held back."""
    sweep = sweep_of([[0.1] * 40] * 6, (1, 2, 4), slowdown={4: 1.5})
    return make_plan(sweep, Wanted(workers=(16,), using=(1, 2), far=True))


def test_line_band_and_measured_points(plan: Plan) -> None:
    """The line is whole up to the last spans and dashed beyond; points that were held back are hollow."""
    axes = plan_chart(plan, summary([])).axes[0]
    rows = plan.predictions
    lines = {tuple(line.get_xdata()): line for line in axes.lines}
    assert "-" == lines[1, 2].get_linestyle()
    assert "--" == lines[2, 4, 16].get_linestyle()
    assert [row.map_s.value for row in rows[1:]] == list(lines[2, 4, 16].get_ydata())
    faces = {
        line.get_xdata()[0]: line.get_markerfacecolor() == "white" for line in axes.lines if line.get_marker() == "D"
    }
    assert {1: False, 2: False, 4: True} == faces
    vertices = axes.collections[0].get_paths()[0].vertices
    assert max(row.map_s.high for row in rows) == pytest.approx(vertices[:, 1].max())
    assert min(row.map_s.low for row in rows) == pytest.approx(vertices[:, 1].min())


def test_what_it_rests_on_is_said_and_nothing_overlaps(plan: Plan) -> None:
    """Heading, names of all that is drawn, and the caption, all readable; a miss has a name of its own."""
    crowded = replace(plan, predictions=tuple(replace(plan.predictions[-1], workers=count) for count in range(1, 65)))
    figure = plan_chart(plan, summary([]))
    text = " ".join(drawn_texts(figure)).replace("\N{NO-BREAK SPACE}", " ")
    for words in ("primes: plan for processes", "measured, held back: outside", "predicted beyond", "on 4 cores",
                  "from the spans of 1 worker of processes, 6 rounds", "without start-up"):  # fmt: skip
        assert words in text
    assert [] == overlaps(figure)
    assert [] == overlaps(plan_chart(crowded, summary([])))


def test_one_worker_count_is_no_line(plan: Plan) -> None:
    """It is refused with what to ask for."""
    with pytest.raises(InputError, match="--workers 8,16,64"):
        plan_chart(replace(plan, predictions=plan.predictions[:1]), summary([]))
