"""Tells what a class has foretold: a picture, a table by question, and who guessed what. It measures nothing."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from parlab.explained import Section
from parlab.report.pictures import Picture, as_picture
from parlab.report.words import counted
from parlab.units import digits

if TYPE_CHECKING:
    from parlab.analysis.classroom import Dot, Guesses
    from parlab.plots.guesses import Asked

_MOST_PANELS, _MOST_DETAILS, _MOST_DOTS = 8, 20, 60


def asked_of(guesses: Sequence["Guesses"]) -> list["Asked"]:
    """Put the course's questions to what was foretold; what is no question of this course is shown by its name."""
    from parlab.learn import registry
    from parlab.plots.guesses import Asked

    topics = registry.topics()
    return [
        Asked(f"{one.topic[:2]}: {topics[one.topic].question}", topics[one.topic].unit, one)
        if one.topic in topics
        else Asked(one.topic, "not a question of this parlab", one)
        for one in guesses
    ]


def guesses_picture(asked: Sequence["Asked"]) -> Picture | None:
    """Draw the questions that most have answered, in the order of the course; None where there is nothing to draw."""
    from parlab.plots.guesses import guesses_chart

    known = [one for one in asked if one.guesses.dots]
    shown = sorted(known, key=lambda one: -len(one.guesses.dots))[:_MOST_PANELS]
    if not shown:
        return None
    caption = "On the dotted line a guess came true."
    if len(known) > len(shown):
        caption += f" The {len(shown)} questions with the most answers; the table has all {len(known)}."
    words = [f"{one.question} {_told(one)}." for one in shown]
    figure = guesses_chart([one for one in known if one in shown])
    return as_picture(figure, "guesses", caption, " ".join(["Guesses against what was measured.", *words])[:1_500])


def _told(one: "Asked") -> str:
    dots = one.guesses.dots
    guess, measured = (median(values) for values in zip(*((dot.guess, dot.measured) for dot in dots), strict=True))
    return f"{counted(len(dots), 'answer')}, median guess {digits(guess)}, median measured {digits(measured)}"


def guesses_section(asked: Sequence["Asked"]) -> Section:
    """Tell for each question how many guessed too low, near, and too high."""
    from parlab.learn.predicting import NEAR

    rows = []
    for one in asked:
        dots = one.guesses.dots
        sides = [_side(dot, NEAR) for dot in dots]
        guess, measured = (
            (digits(median(dot.guess for dot in dots)), digits(median(dot.measured for dot in dots)))
            if dots
            else ("", "")
        )
        numbers = [str(sides.count(side)) for side in (-1, 0, 1)] if dots else ["", "", ""]
        rows.append([one.question, guess, measured, *numbers, str(one.guesses.open or ""), one.unit])
    columns = ("question", "guessed", "measured", "too low", "near", "too high", "not yet measured", "unit")
    near = f"guessed, measured: medians. near: within {NEAR - 1:.0%} of what that learner measured."
    return Section("By question", columns, rows, [near])


def _side(dot: "Dot", near: float) -> int:
    """Return 0 for a near guess, -1 for one that was too low, 1 for one that was too high."""
    low, high = sorted((dot.guess, dot.measured))
    if low == high or (low > 0 and high <= near * low):
        return 0
    return -1 if dot.guess < dot.measured else 1


def guesses_sections(asked: Sequence["Asked"]) -> list[Section]:
    """List who guessed what, the farthest first: a section for each question."""
    found = []
    for one in [each for each in asked if each.guesses.dots][:_MOST_DETAILS]:
        dots = sorted(one.guesses.dots, key=lambda dot: -abs(dot.guess - dot.measured))
        rows = [[dot.learner.label, digits(dot.guess), digits(dot.measured)] for dot in dots[:_MOST_DOTS]]
        notes = [f"{len(dots) - _MOST_DOTS} nearer ones are not listed."] if len(dots) > _MOST_DOTS else []
        found.append(Section(f"{one.question} Who guessed what", ("learner", "guessed", "measured"), rows, notes))
    return found
