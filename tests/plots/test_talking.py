"""The pictures of the notebook about messages: what is drawn where."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.analysis.latency import Cost, typical_s
from parlab.errors import InputError
from parlab.plots.talking import backlog_chart, message_chart, pickle_chart
from parlab.workloads.backlog import Flow
from parlab.workloads.channels import CHANNELS, SIZES
from parlab.workloads.packing import COUNTS, KINDS, Packed

PACKED = [
    Packed(kind, count, 8 * count + 20, 1e-8 * count * (place + 1), 2e-8 * count * (place + 1))
    for place, kind in enumerate(KINDS)
    for count in COUNTS
]
COSTS = {name: Cost(4e-5 * (place + 1), 1e9) for place, name in enumerate(CHANNELS)}
TIMES = {name: {size: [2e-4, 1e-4 + size / 1e9, 5e-5] for size in SIZES} for name in CHANNELS}
FLOWS = {
    "no limit": Flow([0.0, 1.0, 2.0, 3.0], [0.0, 5.0, 10.0, 15.0]),
    "maxsize=1": Flow([0.0, 1.0, 5.0, 10.0], [0.0, 5.0, 10.0, 15.0]),
}


def lines(axes) -> dict[str, list]:
    """What is drawn under each name."""
    return {line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axes.lines}


def test_a_panel_for_each_way_and_a_line_for_each_kind() -> None:
    """Size against time, of dumps on the left and of loads on the right, all logarithmic."""
    left, right = pickle_chart(PACKED).axes
    for axes, field in ((left, "dumps_s"), (right, "loads_s")):
        drawn = lines(axes)
        assert list(KINDS) == list(drawn)
        expected = [(one.payload_bytes, getattr(one, field)) for one in PACKED if one.kind == "dict"]
        assert expected == drawn["dict"]
        assert ("log", "log") == (axes.get_xscale(), axes.get_yscale())
    assert left.get_ylim() == right.get_ylim()


def test_marks_stand_at_typical_times_and_dots_at_every_round() -> None:
    """The spread is shown, not only the middle; a line without marks follows the law of the two numbers."""
    (axes,) = message_chart({"Pipe": TIMES["Pipe"]}, {"Pipe": COSTS["Pipe"]}).axes
    assert [(size, typical_s(TIMES["Pipe"][size])) for size in SIZES] == lines(axes)["Pipe"]
    assert 3 * len(SIZES) == max(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "o")
    law = next(line for line in axes.lines if line.get_marker() == "None")
    ends = [(x, y) for x, y in zip(*law.get_data(), strict=True) if x in (SIZES[0], SIZES[-1])]
    assert (SIZES[0], pytest.approx(4e-5 + SIZES[0] / 1e9)) == ends[0]


def test_names_show_the_dashes_of_their_lines() -> None:
    """In print without colours, marks and dashes tell the channels apart: no two names show the same."""
    shown = message_chart(TIMES, COSTS).legends[0].get_lines()
    assert len(CHANNELS) == len({(one.get_marker(), str(one._unscaled_dash_pattern)) for one in shown})
    assert len(CHANNELS) == len({str(one._unscaled_dash_pattern) for one in shown})


def test_without_numbers_no_law_is_drawn() -> None:
    """Points alone have no line."""
    (axes,) = message_chart(TIMES, {}).axes
    assert not any(line.get_marker() == "None" for line in axes.lines)
    assert set(CHANNELS) <= set(lines(axes))


def test_a_queue_is_what_lies_between_put_and_taken() -> None:
    """Steps count what was put and what was taken; how many waited at most is written into each panel."""
    figure = backlog_chart(FLOWS)
    assert ["no limit", "maxsize=1"] == [axes.get_title(loc="left") for axes in figure.axes]
    assert ["at most 3 waited at once", "at most 1 waited at once"] == [
        axes.texts[0].get_text() for axes in figure.axes
    ]
    drawn = lines(figure.axes[0])
    assert (15.0, 4) == drawn["put"][-1] == drawn["taken out"][-1]
    assert (3.0, 4) in drawn["put"]
    assert (3.0, 1) in drawn["taken out"]


def test_no_texts_touch_and_all_are_named() -> None:
    """All names can be read, and each line has one."""
    charts = [pickle_chart(PACKED), message_chart(TIMES, COSTS), backlog_chart(FLOWS)]
    assert [[], [], []] == [overlaps(figure) for figure in charts]
    assert set(KINDS) < set(drawn_texts(charts[0]))
    assert set(CHANNELS) < set(drawn_texts(charts[1]))
    assert {"put", "taken out", "waiting in the queue"} < set(drawn_texts(charts[2]))


@pytest.mark.parametrize(
    ("chart", "nothing"),
    [
        (pickle_chart, ([],)),
        (message_chart, ({}, {})),
        (message_chart, ({"Pipe": {100: []}}, {})),
        (backlog_chart, ({},)),
        (backlog_chart, ({"no limit": Flow([], [])},)),
    ],
)
def test_nothing_to_draw_is_an_error(chart, nothing) -> None:
    """An empty picture would say nothing; the error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give at least one"):
        chart(*nothing)
