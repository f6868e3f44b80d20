"""Pictures before and after a filter, and where two results differ."""

import numpy as np
import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.filters import pictures_chart, wrong_rows_chart

PICTURE = np.linspace(0, 1, 40 * 30, dtype=np.float32).reshape(40, 30)
BANDS = [(0, 10), (10, 20), (20, 40)]


def test_pictures_stand_side_by_side() -> None:
    """Each with its name, from black to white, and on the last one a line between any two bands."""
    left, right = pictures_chart({"before": PICTURE, "after": PICTURE / 2}, BANDS).axes
    assert ["before", "after"] == [axes.get_title(loc="left") for axes in (left, right)]
    assert [(0, 1)] * 2 == [axes.images[0].get_clim() for axes in (left, right)]
    assert np.array_equal(PICTURE / 2, right.images[0].get_array())
    assert [] == list(left.lines)
    assert {9.5, 19.5} == {line.get_ydata()[0] for line in right.lines}


def test_a_big_picture_is_drawn_small() -> None:
    """A notebook keeps its pictures: what is drawn is no larger than the eye can see, and fills the same frame."""
    image = pictures_chart({"big": np.zeros((1000, 3000), dtype=np.float32)}).axes[0].images[0]
    assert max(image.get_array().shape) < 1000
    assert [-0.5, 2999.5, 999.5, -0.5] == list(image.get_extent())


def test_rows_that_differ_are_shown_and_counted() -> None:
    """The largest difference of a row stands at its height."""
    wrong = PICTURE.copy()
    wrong[10, 3] += 0.25
    wrong[11, 4] -= 0.5
    figure = wrong_rows_chart(PICTURE, wrong, BANDS)
    line = figure.axes[1].lines[0]
    found = {row: size for size, row in zip(*line.get_data(), strict=True) if size}
    assert {10: pytest.approx(0.25), 11: pytest.approx(0.5)} == found
    assert "2 rows differ" == figure.axes[1].get_title(loc="left")
    assert {"band 0", "band 2"} < set(drawn_texts(figure))
    assert [] == overlaps(figure)


def test_no_difference_can_be_drawn() -> None:
    """A right result is a flat line."""
    assert "0 rows differ" == wrong_rows_chart(PICTURE, PICTURE, BANDS).axes[1].get_title(loc="left")


def test_what_cannot_be_drawn_is_refused() -> None:
    """No picture, or two that do not fit."""
    with pytest.raises(InputError, match="at least one picture"):
        pictures_chart({})
    with pytest.raises(InputError, match=r"\(40, 30\) and \(30, 40\)"):
        wrong_rows_chart(PICTURE, PICTURE.T, BANDS)
