"""The pictures of an array's way to another process: what is drawn where."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.transfers import legs_chart, sizes_chart
from parlab.workloads.transfers import SIZES, WAYS

LEGS = {"dumps": [0.009, 0.01, 0.02], "pipe": [0.03] * 3, "loads": [0.005] * 3}
BARS = {"to a child": LEGS, "to nowhere": {"copy": [0.004]}}
TIMES = {
    way: {size: [(1 + number) * 1e-4 + size * 1e-9 / (1 + number)] * 2 for size in SIZES}
    for number, way in enumerate(WAYS)
}


def test_legs_follow_one_another() -> None:
    """A leg is as long as its median, and begins where the one before it ends."""
    axes = legs_chart(BARS).axes[0]
    bars = [bar for one in axes.containers for bar in one]
    found = sorted((round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_width()) for bar in bars)
    assert [(0, 0, 10), (0, 10, 30), (0, 40, 5), (1, 0, 4)] == [tuple(map(pytest.approx, bar)) for bar in found]


def test_legs_and_wholes_are_named() -> None:
    """Each leg once, in the legend; each bar has its name and its whole time. One leg alone needs no legend."""
    texts = drawn_texts(legs_chart(BARS))
    assert ["dumps", "pipe", "loads", "copy"] == [text for text in texts if text in {*LEGS, "copy"}]
    assert {"45 ms", "4 ms"} <= set(texts)
    assert "four tasks" not in drawn_texts(legs_chart({"a handle": {"four tasks": [0.1]}}))


def test_no_two_legs_look_alike() -> None:
    """They differ by hatch as well as by colour."""
    looks = [(one[0].get_facecolor(), one[0].get_hatch()) for one in legs_chart(BARS).axes[0].containers]
    assert 4 == len({color for color, _ in looks}) == len({hatch for _, hatch in looks})


def test_curves_go_through_the_medians() -> None:
    """Two logarithmic axes, a line for each way, and each round as a dot."""
    axes = sizes_chart({"pickled": {1024: [1e-4, 3e-4, 2e-4], 2048: [4e-4]}}).axes[0]
    dots, line = axes.lines
    assert ("log", "log") == (axes.get_xscale(), axes.get_yscale())
    assert [(1024, 2e-4), (2048, 4e-4)] == list(zip(*line.get_data(), strict=True))
    assert 4 == len(dots.get_xdata())


def test_crossing_and_guess_are_marked() -> None:
    """Each has its line and its name; what is not known is not drawn."""
    figure = sizes_chart(TIMES, 300 * 1024, 16)
    texts = drawn_texts(figure)
    assert {"pays from 300 KiB on", "your guess: 16 KiB"} < set(texts)
    assert {300 * 1024, 16 * 1024} == {
        line.get_xdata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 2
    }
    assert not any("guess" in text or "pays" in text for text in drawn_texts(sizes_chart(TIMES)))


@pytest.mark.parametrize(("guess", "crossing"), [(1, 1024), (256, 200_000), (4096, 16 << 20), (16, 4 << 20)])
def test_no_texts_touch(guess: int, crossing: int) -> None:
    """All names can be read, wherever the lines stand."""
    assert [] == overlaps(sizes_chart(TIMES, crossing, guess))
    assert [] == overlaps(legs_chart(BARS))


@pytest.mark.parametrize("chart", [legs_chart, sizes_chart])
@pytest.mark.parametrize("nothing", [{}, {"a": {}}, {"a": {"b": []}}])
def test_nothing_to_draw_is_an_error(chart, nothing) -> None:
    """An empty picture would say nothing; the error says what to give."""
    with pytest.raises(InputError, match=r"nothing to draw: give at least one"):
        chart(nothing)
