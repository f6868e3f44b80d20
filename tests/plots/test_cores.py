"""The map of cores has a field for each look and core, and says which cores are the process's own."""

import numpy as np
import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.cores import core_chart


def ticks(figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_each_field_has_its_value_and_its_stretch() -> None:
    """Looks at 1 s and 3 s of two cores: widths and values are theirs, core 0 stands at the top."""
    axes = core_chart([1.0, 3.0], [[10.0, 20.0], [30.0, 40.0]]).axes[0]
    mesh = axes.collections[0]
    assert [[10, 30], [20, 40]] == mesh.get_array().tolist()
    assert [0.0, 1.0, 3.0] == list(mesh.get_coordinates()[0, :, 0])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_averages_count_stretches_by_their_length() -> None:
    """10 % for one second and 40 % for two are 30 %."""
    assert "30 %" in drawn_texts(core_chart([1.0, 3.0], [[10.0], [40.0]]))


def test_own_cores_are_marked_where_there_are_others() -> None:
    """A star on a small machine; where all are its own, or nobody knows, there is no mark."""
    some = core_chart([1.0], [[1.0] * 4], {1, 2})
    assert ["0", "★ 1", "★ 2", "3"] == ticks(some)
    assert any("the 2 that this process might use" in text for text in drawn_texts(some))
    for allowed in ({0, 1, 2, 3}, None):
        assert ["0", "1", "2", "3"] == ticks(core_chart([1.0], [[1.0] * 4], allowed))


def test_many_cores_stay_readable() -> None:
    """From 1 to 256 cores no two texts touch; the own ones of many are marked at the edge."""
    for count in (1, 16, 17, 256):
        figure = core_chart([0.5, 1.0], np.full((2, count), 50.0).tolist(), {0})
        assert [] == overlaps(figure)
        assert figure.get_size_inches()[1] <= 6.5
    marks = core_chart([1.0], [[1.0] * 64], {3, 4}).axes[0].lines[0]
    assert [3, 4] == list(marks.get_ydata())


def test_nothing_seen_is_an_error() -> None:
    """The text says what to do."""
    with pytest.raises(InputError, match="not looked at"):
        core_chart([], [])
