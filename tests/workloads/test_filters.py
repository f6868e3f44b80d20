"""The picture of the notebook about shared arrays, and filters that work on some of its rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from parlab.workloads import filters

CUTS = [[(0, 40)], [(0, 20), (20, 40)], [(0, 1), (1, 3), (3, 39), (39, 40)]]


@pytest.fixture
def picture() -> np.ndarray:
    return filters.landscape(40, 60)


def test_a_picture_is_grey_and_always_the_same(picture: np.ndarray) -> None:
    """Its values are from 0 to 1, it has light and dark, and the same seed makes the same one."""
    assert ((40, 60), np.float32) == (picture.shape, picture.dtype)
    assert 0 <= picture.min() < 0.3
    assert 0.9 < picture.max() <= 1
    assert np.array_equal(picture, filters.landscape(40, 60))
    assert not np.array_equal(picture, filters.landscape(40, 60, seed=1))


@pytest.mark.parametrize(("rows", "count"), [(40, 4), (41, 4), (3, 5), (1, 1), (0, 2)])
def test_bands_cover_all_rows_once(rows: int, count: int) -> None:
    """Each band begins where the last one ends, and no two heights differ by more than one row."""
    cut = filters.bands(rows, count)
    heights = [last - first for first, last in cut]
    assert count == len(cut)
    assert list(range(rows)) == [row for first, last in cut for row in range(first, last)]
    assert max(heights) - min(heights) <= 1


@pytest.mark.parametrize("cut", CUTS)
def test_brightening_bands_is_brightening_the_whole(picture: np.ndarray, cut: list[tuple[int, int]]) -> None:
    """It works in place, and only on its own rows."""
    shared = picture.copy()
    filters.brighten_rows(shared, 10, 12)
    assert np.array_equal(shared[:10], picture[:10])
    assert np.array_equal(shared[12:], picture[12:])
    shared[:] = picture
    for first, last in cut:
        filters.brighten_rows(shared, first, last)
    assert np.array_equal(np.sqrt(picture), shared)
    assert np.array_equal(shared, filters.brightened(picture))
    assert np.array_equal(shared[5:9], filters.brighten_band(picture[5:9]))


@pytest.mark.parametrize("cut", CUTS)
def test_blurring_bands_is_blurring_the_whole(picture: np.ndarray, cut: list[tuple[int, int]]) -> None:
    """From a source into a result the bands give the same numbers, to the last bit, and the source stays."""
    source, result = picture.copy(), np.zeros_like(picture)
    for first, last in cut:
        filters.blur_rows(source, result, first, last)
    assert np.array_equal(filters.blurred(picture, 0, 40), result)
    assert np.array_equal(picture, source)


def test_a_blurred_pixel_is_the_mean_around_it(picture: np.ndarray) -> None:
    """Against plain loops; at the edges the last row or column stands for what is missing."""
    found = filters.blurred(picture, 0, 40, radius=2)
    padded = np.pad(picture.astype(np.float64), 2, mode="edge")
    for row in range(0, 40, 3):
        for column in range(0, 60, 7):
            assert padded[row : row + 5, column : column + 5].mean() == pytest.approx(found[row, column], rel=1e-5)


def test_in_one_array_the_rows_below_each_border_are_wrong(picture: np.ndarray) -> None:
    """As the notebook says: as many as the blur looks up, in every band but the first, and always the same."""
    cut = filters.bands(40, 2)
    wrong = filters.blurred_in_turn(picture, cut)
    differ = np.flatnonzero((wrong != filters.blurred(picture, 0, 40)).any(axis=1))
    assert list(range(20, 20 + filters.RADIUS)) == list(differ)
    assert np.array_equal(wrong, filters.blurred_in_turn(picture, cut))


def test_rows_of_a_file_are_read(picture: np.ndarray, tmp_path: Path) -> None:
    """The file says shape and type itself."""
    file = filters.save(picture, tmp_path)
    assert float(picture[3:9].mean(dtype=np.float64)) == filters.mean_of_rows(file, 3, 9)
    assert [file] == list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["filters", "transfers", "segment_ends", "colliding"])
def test_workers_load_little(module: str) -> None:
    """Workers import these modules: no chart, no table, and nothing of the teaching comes along."""
    code = (
        f"import sys, parlab.workloads.{module}; "
        "print({'pandas', 'matplotlib', 'scipy', 'parlab.plots', 'parlab.learn'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "set()" == told.stdout.strip()
