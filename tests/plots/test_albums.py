"""Stages as bars, and contact sheets: what is drawn where, and that nothing touches."""

from pathlib import Path

import pytest
from drawn import drawn_texts, overlaps
from PIL import Image

from parlab.errors import InputError
from parlab.plots.albums import sheet_chart, stages_chart

TIMES = {
    "read": [0.0002, 0.0001, 0.0003],
    "decode": [0.006, 0.004, 0.009],
    "resize": [0.002] * 3,
    "write": [0.0018, 0.0002, 0.015],
}


def test_each_bar_is_a_median() -> None:
    """In the order of the work, with its time and its share; each single time is a stroke."""
    figure = stages_chart(TIMES)
    axes = figure.axes[0]
    assert [0.2, 6, 2, 1.8] == [pytest.approx(one.patches[0].get_width()) for one in axes.containers]
    assert list(TIMES) == [one.get_text() for one in axes.get_yticklabels()]
    assert [[0.2, 0.1, 0.3], [6, 4, 9]] == [list(map(pytest.approx, one.get_xdata())) for one in axes.lines[:2]]
    assert {"200 µs, 2 %", "6 ms, 60 %", "2 ms, 20 %", "1.8 ms, 18 %"} <= set(drawn_texts(figure))


def test_the_longest_is_not_told_by_colour_alone() -> None:
    """It has a hatch as well, and no other bar has one."""
    hatches = [one.patches[0].get_hatch() for one in stages_chart(TIMES).axes[0].containers]
    assert [None, "//", None, None] == hatches


@pytest.mark.parametrize("percent", [0, 5, 60, 100])
def test_the_guess_is_marked_at_its_stage(percent: float) -> None:
    """A line where the bar would end if the guess were right; its name touches no other text."""
    figure = stages_chart(TIMES, ("decode", percent))
    line = figure.axes[0].lines[-1]
    assert pytest.approx(0.1 * percent) == line.get_xdata()[0]
    assert 1 == sum(line.get_ydata()) / 2
    assert "your guess" in drawn_texts(figure)
    assert [] == overlaps(figure)


def test_a_sheet_shows_each_picture_and_its_name(tmp_path: Path) -> None:
    """In rows of six; of a picture that cannot be read, or is not there, the name and that it is so."""
    names = [f"photo_{number:04}.png" for number in range(8)]
    for name in names:
        Image.new("RGB", (400, 200), "red").save(tmp_path / name)
    (tmp_path / names[2]).write_text("no picture")
    (tmp_path / names[3]).unlink()
    figure = sheet_chart([tmp_path / name for name in names])
    shown = [axes.images[0].get_array().shape if axes.images else None for axes in figure.axes]
    assert [(80, 160, 3)] * 2 + [None] * 2 + [(80, 160, 3)] * 4 + [None] * 4 == shown
    texts = drawn_texts(figure)
    assert names == [text for text in texts if text in names]
    assert 2 == texts.count("cannot be\nread")
    assert [] == overlaps(figure)


def test_a_sheet_ends_somewhere(tmp_path: Path) -> None:
    """Thousands of pictures are not drawn."""
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    assert 12 == len(sheet_chart([tmp_path / "a.png"] * 100).axes)


@pytest.mark.parametrize("nothing", [{}, {"read": []}])
def test_no_times_are_refused(nothing: dict) -> None:
    """There is nothing to draw."""
    with pytest.raises(InputError, match="nothing to draw"):
        stages_chart(nothing)


def test_what_is_not_there_is_refused() -> None:
    """A guess for no stage, and a sheet of nothing."""
    with pytest.raises(InputError, match="no stage 'paint'.*decode"):
        stages_chart(TIMES, ("paint", 3))
    with pytest.raises(InputError, match="nothing to draw"):
        sheet_chart([])
