"""Draws pictures before and after a filter, and where two results of a filter differ. Computes no filter."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import AXIS, DARK, GREY, NAME, SMALL, TICK, VERMILION, dress

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_IN = 8.0
_MOST_SIDE = 400  # of what is drawn, in pixels: a notebook keeps its pictures


def pictures_chart(pictures: Mapping[str, "np.ndarray"], bands: Sequence[tuple[int, int]] = ()) -> "Figure":
    """Draw grey pictures side by side.

    Parameters
    ----------
    pictures
        Their names and values, of shape (height, width), from 0, black, to 1, white.
    bands
        ``(first, last)`` rows; lines are drawn between them on the last picture.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not pictures:
        raise InputError("There is nothing to draw: give at least one picture.")
    height, width = next(iter(pictures.values())).shape
    figure = Figure(figsize=(_WIDTH_IN, 0.4 + _WIDTH_IN / len(pictures) * height / width), layout="constrained")
    panels = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axes, (name, picture) in zip(panels, pictures.items(), strict=True):
        _picture(axes, picture)
        axes.set_title(name, loc="left", fontsize=NAME, color=DARK)
    for first, _ in bands[1:]:
        panels[-1].axhline(first - 0.5, color="white", linewidth=1.5)
        panels[-1].axhline(first - 0.5, color=DARK, linewidth=1.5, linestyle=(0, (4, 4)))
    return figure


def _picture(axes: "Axes", picture: "np.ndarray") -> None:
    height, width = picture.shape
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(_small(picture), cmap="gray", vmin=0, vmax=1, extent=frame, aspect="auto")
    axes.set(xticks=[], yticks=[])


def _small(picture: "np.ndarray") -> "np.ndarray":
    """Make squares of pixels one pixel, their mean, where there are more than a chart can show."""
    step = max(1, max(picture.shape) // _MOST_SIDE)
    height, width = (side // step for side in picture.shape)
    squares = picture[: height * step, : width * step].reshape(height, step, width, step)
    small: np.ndarray = squares.mean(axis=(1, 3))
    return small


def wrong_rows_chart(right: "np.ndarray", wrong: "np.ndarray", bands: Sequence[tuple[int, int]]) -> "Figure":
    """Draw in which rows a result differs from the right one.

    Parameters
    ----------
    right, wrong
        Pictures of the same shape.
    bands
        ``(first, last)`` rows of each task.

    Returns
    -------
    matplotlib.figure.Figure
        On the left the wrong picture, on the right, at the same height, the largest difference of each row. Dashed
        lines part the bands; rows that differ are counted in the title.

    Raises
    ------
    InputError
        The pictures have different shapes.
    """
    import numpy as np
    from matplotlib.figure import Figure

    if right.shape != wrong.shape:
        raise InputError(f"Give two pictures of the same shape, not {right.shape} and {wrong.shape}.")
    difference = np.abs(right - wrong).max(axis=1)
    rows = np.arange(len(difference))
    figure = Figure(figsize=(_WIDTH_IN, 3.6), layout="constrained")
    left, side = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    _picture(left, wrong)
    left.set_title("the result", loc="left", fontsize=NAME, color=DARK)
    side.plot(difference, rows, color=VERMILION, linewidth=1.2)
    side.fill_betweenx(rows, difference, color=VERMILION, hatch="..", edgecolor="white", linewidth=0)
    side.set_title(f"{np.count_nonzero(difference)} rows differ", loc="left", fontsize=NAME, color=DARK)
    side.set_xlabel("largest difference", fontsize=AXIS)
    dress(side, "x")
    side.set_xlim(0, 1.15 * max(float(difference.max()), 1e-6))
    _bands(side, bands)
    left.set_ylabel("row", fontsize=AXIS)
    left.set_yticks([first for first, _ in bands])
    left.tick_params(labelsize=TICK)
    return figure


def _bands(axes: "Axes", bands: Sequence[tuple[int, int]]) -> None:
    look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": SMALL + 1, "color": GREY}
    for number, (first, last) in enumerate(bands):
        if number:
            axes.axhline(first - 0.5, color=GREY, linewidth=1, linestyle=(0, (4, 4)), zorder=1)
        axes.text(0.98, (first + last) / 2, f"band {number}", transform=axes.get_yaxis_transform(), **look)
