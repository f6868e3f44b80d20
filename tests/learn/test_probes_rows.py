"""The tasks of checks about big arrays, and the truth of what the exercise about views asks."""

import os
import re

import numpy as np
import pytest

from parlab import SharedArray
from parlab.learn import probes_rows, registry

PICTURE = np.arange(12.0).reshape(4, 3) ** 2


@pytest.fixture(scope="module", autouse=True)
def tracker() -> None:
    """Python's resource tracker stays when it has been started: let it begin before a test counts processes."""
    if os.name == "posix":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


def test_rows_are_doubled_in_place() -> None:
    """Only the rows that are named."""
    array = PICTURE.copy()
    probes_rows.double_rows(array, 1, 3)
    assert np.array_equal(PICTURE * [[1], [2], [2], [1]], array)


def test_rows_are_smoothed_with_their_neighbours() -> None:
    """Bands give what the whole gives; at the edge the last row counts twice."""
    whole, banded = np.zeros_like(PICTURE), np.zeros_like(PICTURE)
    probes_rows.smooth_rows(PICTURE, whole, 0, 4)
    for band in [(0, 1), (1, 4)]:
        probes_rows.smooth_rows(PICTURE, banded, *band)
    assert np.array_equal(whole, banded)
    assert np.allclose((2 * PICTURE[0] + PICTURE[1]) / 3, whole[0])


def test_in_one_array_smoothing_is_always_wrong() -> None:
    """Whatever the order of the bands: the fault of the exercise is no chance."""
    right = np.zeros_like(PICTURE)
    probes_rows.smooth_rows(PICTURE, right, 0, 4)
    for order in [[(0, 2), (2, 4)], [(2, 4), (0, 2)]]:
        array = PICTURE.copy()
        for band in order:
            probes_rows.smooth_rows(array, array, *band)
        assert not np.allclose(right, array)


def test_the_lines_of_the_exercise_do_what_its_answer_says() -> None:
    """Each line of ``08-who-sees-it`` is run on a shared array that another one looks at."""
    check = registry.find("08-who-sees-it")
    lines = [line.strip() for line in re.findall(r"\d\. (.*?)   ", check.asks)]
    assert 6 == len(lines)
    seen = []
    for line in lines:
        with SharedArray.copy_of(np.full(100, 4.0)) as shared:
            exec(line, {"numpy": np, "shared": shared})  # noqa: S102  # the check's own lines
            seen.append(not (np.asarray(shared) == 4).all())
    assert check.expected == seen
