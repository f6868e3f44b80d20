"""Everybody's curves over one another: a thin line each, a thick median, ceilings; guesses beside the diagonal."""

from pathlib import Path

import pytest
from classes import WORK, as_data, crowd, put, room, sheet
from drawn import overlaps
from matplotlib.collections import LineCollection

from parlab.analysis.classroom import Classroom, lay_over
from parlab.analysis.collecting import Collection
from parlab.analysis.sheets import Foretold
from parlab.errors import InputError
from parlab.plots.classroom import crowd_chart, hardware_chart
from parlab.plots.guesses import Asked, guesses_chart


def laid(folder: Path) -> Classroom:
    return lay_over(Collection(folder).read())


def thin(axes) -> list:
    return [line for one in axes.collections if isinstance(one, LineCollection) for line in one.get_segments()]


def test_each_learner_is_a_line(tmp_path: Path) -> None:
    """Eleven thin lines, one median through the middles, the ceiling, n, and the outlier with its label."""
    crowd(tmp_path, 11)
    put(tmp_path, "slow.json", sheet(99, (1.0, 1.4, 2.0)))
    found = laid(tmp_path)
    (axes,) = crowd_chart(found.crowds[0], found.outliers).axes
    assert 11 == len(thin(axes))
    heights = [list(line.get_ydata()) for line in axes.lines]
    assert [one.median for one in found.crowds[0].middles] in heights
    assert [1.0, 1.4, 2.0] in heights
    assert [1.0, 1.95, 3.7] in heights
    assert [1, 4] in heights
    assert ["learner 12"] == [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("count", [1, 60])
def test_a_chart_of_a_mixed_class_can_be_read(tmp_path: Path, count: int) -> None:
    """At 800 pixels no two texts touch, in the chart of all hardware and in that of the largest crowd."""
    room(tmp_path, count)
    found = laid(tmp_path)
    first = [one for one in found.crowds if one.work == found.crowds[0].work]
    assert [] == overlaps(hardware_chart(first))
    assert [] == overlaps(crowd_chart(first[0], ()))


def test_a_strange_sheet_does_not_stretch_the_axes(tmp_path: Path) -> None:
    """60,000 workers of one in twelve are left out, a speedup beyond belief goes beyond the top; both is said."""
    crowd(tmp_path, 11)
    strange = as_data(sheet(99, (1.0, 900.0, 900_000.0)))
    strange["curves"][0]["points"].append({"workers": 60_000, "speedup": 5.0})
    put(tmp_path, "strange.json", strange)
    figure = crowd_chart(laid(tmp_path).crowds[0])
    (axes,) = figure.axes
    assert axes.get_xlim()[1] < 5
    assert axes.get_ylim()[1] < 7
    caption = figure.get_supxlabel().replace("\n", " ")
    assert "worker counts that fewer than a tenth have are left out" in caption
    assert "some curves go beyond the top" in caption


def test_at_most_three_backends(tmp_path: Path) -> None:
    """Those that most have measured; how many more there are is said."""
    data = as_data(sheet(1))
    points = data["curves"][0]["points"]
    data["curves"] = [{"backend": name, "points": points} for name in ("a", "b", "c", "d", "e")]
    put(tmp_path, "1.json", data)
    put(tmp_path, "2.json", {**data, "sweep": "other", "curves": data["curves"][2:]})
    figure = crowd_chart(laid(tmp_path).crowds[0])
    assert ["c", "d", "e"] == [axes.get_title(loc="left") for axes in figure.axes]
    assert "2 other backends in the table" in figure.get_supxlabel()


def test_texts_of_a_hostile_sheet_are_drawn_as_they_are(tmp_path: Path) -> None:
    """A formula, a control character, a very long name: nothing is set, nothing breaks, nothing touches."""
    bad = as_data(sheet(1), name="$\\frac{1}{0}$\x07")
    bad["curves"][0]["backend"] = "$x^{$" * 15
    bad["work"]["workload"] = "$\\undefined$" * 6
    put(tmp_path, "1.json", bad)
    assert [] == overlaps(crowd_chart(laid(tmp_path).crowds[0]))


def asked(folder: Path, guesses: dict[int, tuple[float, float]]) -> Asked:
    for number, (guess, measured) in guesses.items():
        put(folder, f"{number}.json", sheet(number, predictions=(Foretold("04-pool", guess, measured),)))
    return Asked("How many?", "times", laid(folder).guesses[0])


def test_guesses_are_labelled_where_there_is_room(tmp_path: Path) -> None:
    """A dot for each learner, with its number; the diagonal goes from corner to corner."""
    figure = guesses_chart([asked(tmp_path, {1: (2.0, 1.8), 2: (4.0, 1.9), 3: (1.0, 1.7)})])
    axes = figure.axes[0]
    assert {"1", "2", "3"} == {text.get_text() for text in axes.texts}
    diagonal, dots = axes.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert {(2.0, 1.8), (4.0, 1.9), (1.0, 1.7)} == set(zip(dots.get_xdata(), dots.get_ydata(), strict=True))
    assert not figure.axes[1].axison


def test_many_guesses_have_no_labels_and_a_wild_one_stands_at_the_edge(tmp_path: Path) -> None:
    """Nobody can read 40 labels; a guess of a million is a cross at the edge and does not squeeze the others."""
    many = {number: (2.0, 1.8 + number / 1_000) for number in range(1, 41)}
    axes = guesses_chart([asked(tmp_path, {**many, 41: (1e6, 1.8)})]).axes[0]
    assert [] == list(axes.texts)
    assert ["None", "o", "X"] == [line.get_marker() for line in axes.lines]
    assert axes.get_xlim()[1] < 10
    assert 40 == len(set(axes.lines[1].get_xdata()))


def test_nothing_to_draw(tmp_path: Path) -> None:
    """No crowd, no dot: the reason is said."""
    with pytest.raises(InputError, match="nobody has measured what was foretold"):
        guesses_chart([])
    crowd(tmp_path, 1)
    assert laid(tmp_path).crowds[0].work == WORK
