"""Draws what a class has foretold against what was measured: on the diagonal a guess came true. Judges nothing."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import BLUE, DARK, GREY, PLAIN, SMALL, clean, dress, headed, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.classroom import Dot, Guesses

_MOST_LABELS = 15  # dots of a panel that can be labelled without covering each other
_WIDE, _HIGH, _MOST_NAMES = 0.03, 0.12, 4  # of the axes: dots that are nearer share a label
_ASIDE, _GOLDEN = (
    0.04,
    0.618034,
)  # many guess the same: dots are set apart by so much of the axis, evenly, never by chance


@dataclass(frozen=True, slots=True)
class Asked:
    """What one panel of the guesses shows: the question, its unit, and who guessed what."""

    question: str
    unit: str
    guesses: "Guesses"


def guesses_chart(asked: Sequence[Asked]) -> "Figure":
    """Draw guesses against what was measured: a panel for each question, two in a row.

    Parameters
    ----------
    asked
        The questions, in the order of the panels.

    Returns
    -------
    matplotlib.figure.Figure
        On the diagonal a guess came true. A dot at the edge lies beyond it. Up to 15 dots are labelled.

    Raises
    ------
    InputError
        Nobody has measured what was foretold.
    """
    shown = [one for one in asked if one.guesses.dots]
    if not shown:
        raise InputError("There is no guess to draw: nobody has measured what was foretold. Run a notebook to its end.")
    rows = -(-len(shown) // 2)
    caption = ["on the diagonal a guess came true", "above it more was measured than guessed", "cross: beyond the edge"]
    if any(len(one.guesses.dots) > _MOST_LABELS for one in shown):
        caption.append("equal guesses are set apart a little")
    figure = headed("Guesses against what was measured", [], caption, 0.8 + 3.3 * rows)
    panels = list(figure.subplots(rows, 2, squeeze=False).flat)
    for axes, one in zip(panels, shown, strict=False):
        _draw_guesses(axes, one)
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    return figure


def _draw_guesses(axes: "Axes", asked: Asked) -> None:
    dots = asked.guesses.dots
    low, high = _range([value for dot in dots for value in (dot.guess, dot.measured)])
    axes.plot([low, high], [low, high], color=GREY, linewidth=1.2, linestyle=(0, (2, 3)), zorder=1)
    places = [(min(max(dot.guess, low), high), min(max(dot.measured, low), high)) for dot in dots]
    beyond = [place for place, dot in zip(places, dots, strict=True) if place != (dot.guess, dot.measured)]
    within = [place for place, dot in zip(places, dots, strict=True) if place == (dot.guess, dot.measured)]
    alpha = min(0.85, max(0.2, 20 / len(dots)))
    margin = 0.04 * (high - low)
    axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
    aside = _ASIDE * (high - low) if len(dots) > _MOST_LABELS else 0.0
    for found, marker in ((within, "o"), (beyond, "X")):
        if found:
            axes.plot(
                *zip(*_apart(found, aside), strict=True),
                color=BLUE,
                marker=marker,
                linestyle="",
                alpha=alpha,
                clip_on=False,
            )
    if len(dots) <= _MOST_LABELS:
        _label(axes, dots, places, high - low)
    title = "\n".join(textwrap.wrap(clean(asked.question), 44, max_lines=3, placeholder=" …"))
    axes.set_title(title, fontsize=SMALL + 0.5, color=DARK, loc="left", **PLAIN)
    axes.set_xlabel(f"guessed ({clean(asked.unit)})", fontsize=SMALL + 1)
    axes.set_ylabel("measured", fontsize=SMALL + 1)
    dress(axes, "both")


def _label(axes: "Axes", dots: Sequence["Dot"], places: Sequence[tuple[float, float]], span: float) -> None:
    """Label dots with names or numbers; those that would cover each other share a label."""
    shared: list[tuple[tuple[float, float], list[str]]] = []
    for dot, place in sorted(zip(dots, places, strict=True), key=lambda pair: pair[1]):
        label = short(dot.learner.sheet.name, 12) or str(dot.learner.number)
        near = (
            names for (x, y), names in shared if abs(place[0] - x) < _WIDE * span and abs(place[1] - y) < _HIGH * span
        )
        names = next(near, None)
        if names is None:
            shared.append((place, [label]))
        else:
            names.append(label)
    for place, names in shared:
        shown = names[:_MOST_NAMES] + (["…"] if len(names) > _MOST_NAMES else [])
        text = "\n".join(", ".join(shown[first : first + 2]) for first in range(0, len(shown), 2))
        axes.annotate(text, place, xytext=(0, 5), textcoords="offset points", ha="center", va="bottom",
                      fontsize=SMALL, color=DARK, **PLAIN)  # fmt: skip


def _apart(places: Sequence[tuple[float, float]], aside: float) -> list[tuple[float, float]]:
    """Set dots apart to the left and right, so that one sees how many guessed the same."""
    return [(guess + aside * (number * _GOLDEN % 1 - 0.5), measured) for number, (guess, measured) in enumerate(places)]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the part of the axis that holds nearly all: a single wild guess shall not squeeze the others."""
    from statistics import quantiles

    lower, middle, upper = quantiles([*values, *values], n=4, method="inclusive")
    reach = max(3 * (upper - lower), 2 * abs(middle), 0.5)  # Tukey's far-out fence, and never close to the middle
    low, high = max(min(values), lower - reach), min(max(values), upper + reach)
    return (0.0 if 0 <= low < 0.5 * high else low), max(high, low + 1e-9)
