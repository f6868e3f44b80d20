"""A big picture made of numbers, and filters that work on some of its rows, for the notebook about shared arrays.

Every filter takes the whole picture and which rows are its own. What it is given can be a numpy array or anything that
``numpy.asarray`` takes without a copy, such as a ``parlab.SharedArray``. Nothing here knows how it came to a worker.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

RADIUS = 6  # rows and columns on each side that the blur looks at

_SUN = (0.28, 0.72, 0.06)  # from the top, from the left, its radius: shares of height, width, height
_HILLS = ((0.55, 0.05, 7.0, 0.52), (0.68, 0.06, 4.0, 0.34), (0.82, 0.04, 9.0, 0.18))  # how high, waves, brightness
_GRAIN = 0.02


def landscape(height: int, width: int, seed: int = 8) -> np.ndarray:
    """Make a picture: a sun above three ranges of hills, with the grain of an old film.

    Parameters
    ----------
    height, width
        In pixels.
    seed
        Of the grain.

    Returns
    -------
    numpy.ndarray
        Of shape (height, width): float32, from 0, which is black, to 1, which is white.
    """
    down = np.linspace(0, 1, height, dtype=np.float32)[:, np.newaxis]
    across = np.linspace(0, 1, width, dtype=np.float32)[np.newaxis, :]
    picture = np.broadcast_to(0.35 + 0.4 * down, (height, width)).copy()
    top, left, radius = _SUN
    picture[(down - top) ** 2 + ((across - left) * width / height) ** 2 < radius**2] = 1
    for place, size, waves, light in _HILLS:
        edge = place + size * np.sin(waves * across) + 0.3 * size * np.sin(5 * waves * across)
        picture[down > edge] = light
    picture += _GRAIN * np.random.default_rng(seed).standard_normal((height, width), dtype=np.float32)
    np.clip(picture, 0, 1, out=picture)
    return picture


def bands(rows: int, count: int) -> list[tuple[int, int]]:
    """Cut rows into bands of nearly the same height.

    Parameters
    ----------
    rows
        How many rows there are.
    count
        How many bands; with fewer rows than that, some bands are empty.

    Returns
    -------
    list of tuple
        ``(first, last)`` of each band, as a slice takes them: ``last`` is the first row of the next.
    """
    edges = [rows * number // count for number in range(count + 1)]
    return list(pairwise(edges))


def brighten_rows(picture: Any, first: int, last: int) -> None:
    """Make dark pixels of some rows lighter, in place: each becomes its square root.

    Parameters
    ----------
    picture
        The whole picture; changed.
    first, last
        Which rows.
    """
    rows = np.asarray(picture)[first:last]
    np.sqrt(rows, out=rows)


def brightened(picture: np.ndarray) -> np.ndarray:
    """Return a brighter copy of a whole picture, made by one process.

    Parameters
    ----------
    picture
        Of shape (height, width).
    """
    brighter = picture.copy()
    brighten_rows(brighter, 0, len(brighter))
    return brighter


def brighten_band(band: np.ndarray) -> np.ndarray:
    """Return a brighter copy of some rows that came alone, without the rest of their picture.

    Parameters
    ----------
    band
        Of shape (rows, width).
    """
    return brightened(band)


def blurred(picture: Any, first: int, last: int, radius: int = RADIUS) -> np.ndarray:
    """Return some rows of a picture blurred: each pixel is the mean of the square around it.

    It reads its neighbours' rows too, ``radius`` above and below. At the picture's edges the last row or column stands
    for those that are missing.

    Parameters
    ----------
    picture
        The whole picture, of shape (height, width); not changed.
    first, last
        Which rows.
    radius
        How far it looks, in pixels.

    Returns
    -------
    numpy.ndarray
        Of shape (last - first, width). The sums are taken in the same order whatever the rows, so that bands give the
        same numbers as the whole.
    """
    whole = np.asarray(picture)
    height, width = whole.shape
    with_halo = whole[np.clip(np.arange(first - radius, last + radius), 0, height - 1)]
    steps, rows = range(2 * radius + 1), last - first
    down = _mean([with_halo[step : step + rows] for step in steps])
    wide = down[:, np.clip(np.arange(-radius, width + radius), 0, width - 1)]
    return _mean([wide[:, step : step + width] for step in steps])


def _mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    total /= len(arrays)
    return total


def blur_rows(source: Any, result: Any, first: int, last: int) -> None:
    """Blur some rows of one picture into another.

    Parameters
    ----------
    source
        The picture to read.
    result
        Of the same shape; its rows from ``first`` to ``last`` are written.
    first, last
        Which rows.
    """
    np.asarray(result)[first:last] = blurred(source, first, last)


def blurred_in_turn(picture: np.ndarray, parts: Sequence[tuple[int, int]]) -> np.ndarray:
    """Blur a picture in place, band by band from the top, in one process: wrong where bands meet, and always the same.

    Parameters
    ----------
    picture
        Of shape (height, width); a copy of it is blurred.
    parts
        ``(first, last)`` rows of each band.

    Returns
    -------
    numpy.ndarray
        The copy. A band reads rows of the one above, which are blurred already.
    """
    changed = picture.copy()
    for first, last in parts:
        blur_rows(changed, changed, first, last)
    return changed


def save(picture: np.ndarray, folder: str | Path) -> Path:
    """Save a picture as numpy does, and return the file.

    Parameters
    ----------
    picture
        Any array.
    folder
        Where the file is to be.
    """
    file = Path(folder, "picture.npy")
    np.save(file, picture)
    return file


def mean_of_rows(file: str | Path, first: int, last: int) -> float:
    """Map a picture's file into memory, and return the mean of some rows; only what is looked at is read.

    Parameters
    ----------
    file
        As ``numpy.save`` writes it.
    first, last
        Which rows.
    """
    mapped = np.load(file, mmap_mode="r")
    return float(mapped[first:last].mean(dtype=np.float64))
