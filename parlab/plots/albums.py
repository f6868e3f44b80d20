"""Draws photographs and their thumbnails on a sheet, and what each stage of their making takes. Measures nothing."""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, GREY, NAME, PLAIN, SMALL, VERMILION, WIDTH_IN, dress, duration, short

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

_COLUMNS = 6
_SIDE = 160  # pixels of a drawn photograph: a notebook keeps its pictures
_BAR = 0.62


def stages_chart(times: Mapping[str, Sequence[float]], guess: tuple[str, float] | None = None) -> "Figure":
    """Draw how long each stage of a task takes, and which share of the whole that is.

    Parameters
    ----------
    times
        What ``parlab.workloads.pipeline.stage_times`` returned: for each stage its times in seconds.
    guess
        A stage, and the share of the whole that the learner has guessed for it, in percent; None marks nothing.

    Returns
    -------
    matplotlib.figure.Figure
        A horizontal bar for each stage, as long as its median, in the order of the work. Pale dots are the single
        times. The longest bar has another colour and a hatch.

    Raises
    ------
    InputError
        There is nothing to draw, or the guess is for no stage.
    """
    from matplotlib.figure import Figure

    if not times or not all(times.values()):
        raise InputError("There is nothing to draw: give at least one stage, with a time.")
    if guess is not None and guess[0] not in times:
        raise InputError(f"There is no stage {guess[0]!r}. Allowed: {', '.join(times)}.")
    middles = {stage: median(taken) for stage, taken in times.items()}
    whole_s, longest = sum(middles.values()), max(middles, key=lambda stage: middles[stage])
    figure = Figure(figsize=(WIDTH_IN, 1.2 + 0.45 * len(times)), layout="constrained")
    axes = figure.subplots()
    for place, (stage, middle_s) in enumerate(middles.items()):
        look: dict[str, Any] = {"color": VERMILION, "hatch": "//"} if stage == longest else {"color": BLUE}
        axes.barh(place, 1e3 * middle_s, _BAR, edgecolor="white", zorder=3, **look)
        dots = [1e3 * taken_s for taken_s in times[stage]]
        axes.plot(dots, [place] * len(dots), "|", color=GREY, markersize=9, alpha=0.6, zorder=4)
        text = f"{duration(middle_s)}, {100 * middle_s / whole_s:.0f} %"
        far = max(1e3 * middle_s, *dots)
        where: dict[str, Any] = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "zorder": 6}
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # the line of the guess goes behind it
        axes.annotate(text, (far, place), fontsize=NAME, bbox=paper, **where)
    top_ms = max(1e3 * max(taken) for taken in times.values())
    if guess is not None:
        stage, percent = guess
        place, guessed_ms = list(times).index(stage), 10 * percent * whole_s
        axes.plot([guessed_ms] * 2, [place - 0.45, place + 0.45], color="black", linestyle=(0, (1, 1)), zorder=5)
        axes.annotate(
            "your guess", (guessed_ms, place - 0.45), (0, 1), textcoords="offset points", ha="center", va="bottom",
            fontsize=SMALL,
        )  # fmt: skip
        top_ms = max(top_ms, guessed_ms)
    axes.set_yticks(range(len(times)), list(times))
    axes.set(ylim=(len(times) - 0.4, -0.8), xlim=(0, 1.3 * top_ms))
    axes.set_xlabel("milliseconds for one photograph", fontsize=AXIS)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=NAME)
    return figure


def sheet_chart(pictures: Sequence[str | Path], most: int = 2 * _COLUMNS) -> "Figure":
    """Draw photographs or thumbnails side by side, each with its name below it, as on a photographer's contact sheet.

    Parameters
    ----------
    pictures
        Their files; of one that cannot be read the name alone is there.
    most
        How many are drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    shown = [Path(one) for one in pictures][:most]
    if not shown:
        raise InputError("There is nothing to draw: give at least one picture.")
    rows = ceil(len(shown) / _COLUMNS)
    figure = Figure(figsize=(WIDTH_IN, 1.62 * rows), layout="constrained")
    panels = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
    for axes in panels:
        axes.axis("off")
    for axes, path in zip(panels, shown, strict=False):
        pixels = _pixels(path)
        if pixels is None:
            axes.set_box_aspect(1)  # so that its name stands as high as the others
            axes.text(0.5, 0.5, "cannot be\nread", ha="center", va="center", fontsize=NAME, color=VERMILION)
        else:
            axes.imshow(pixels, interpolation="nearest")
        axes.set_title(short(path.name, 16), y=-0.2, fontsize=SMALL, color=GREY, **PLAIN)
    return figure


def _pixels(path: Path) -> "np.ndarray | None":
    """Read a picture, small."""
    import numpy as np
    from PIL import ImageOps

    from parlab.workloads.photos import opened

    try:
        with opened(path) as source:
            picture = ImageOps.exif_transpose(source).convert("RGB")
    except Exception:  # a broken file makes Pillow raise many kinds, see parlab.workloads.photos
        return None
    picture.thumbnail((_SIDE, _SIDE))
    return np.asarray(picture)
