"""Puts a class into one HTML page to project: curves, who stands out, guesses, what was left out. It judges nothing.

Sheets come from anybody: every text is cleaned and escaped, the page holds no script and loads nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING

from parlab.analysis.crowds import FEWEST_LEARNERS
from parlab.explained import Section
from parlab.report.files import GENERATOR
from parlab.report.foretold import asked_of, guesses_picture, guesses_section, guesses_sections
from parlab.report.pictures import Picture, as_picture
from parlab.report.templates import template
from parlab.report.words import counted
from parlab.tables import NOT_KNOWN

if TYPE_CHECKING:
    from parlab.analysis.classroom import Classroom
    from parlab.analysis.crowds import Crowd

TITLE = "The class"
_MOST_PICTURES, _MOST_CROWDS, _MOST_ROWS = 12, 6, 60
_MOST_CARDS, _MOST_OUTLIERS, _MOST_LEFT_OUT = 6, 60, 100


def wall(room: "Classroom", *, title: str = TITLE, reload_s: int | None = None) -> str:
    """Return the wall of a class as HTML.

    Parameters
    ----------
    room
        What was handed in; nothing at all is fine, as at the begin of a workshop.
    title
        What stands at the top.
    reload_s
        After how many seconds a browser shall load the page again; None: never.

    Returns
    -------
    str
        A whole document.
    """
    pictures = _pictures(room)
    asked = asked_of(room.guesses)
    return template("wall.html.j2").render(
        generator=GENERATOR,
        title=title or TITLE,
        reload_s=reload_s,
        numbers=_numbers(room),
        headline=list(_headline(room)),
        pictures=pictures,
        nothing="No sheet is here yet. Each learner writes one: parlab export -o me.json, and puts it into the folder.",
        medians=_medians(room, len(pictures)),
        outliers=[one.sentence for one in room.outliers[:_MOST_CARDS]],
        more_outliers=[one.sentence for one in room.outliers[_MOST_CARDS:_MOST_OUTLIERS]],
        silence=list(_silence(room)),
        guesses=guesses_section(asked) if asked else None,
        dots=guesses_picture(asked),
        details=guesses_sections(asked),
        left_out=_left_out(room),
        fewest=FEWEST_LEARNERS,
        version=version("parlab"),
        when=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )


def _numbers(room: "Classroom") -> list[tuple[str, str]]:
    hardware = len({one.hardware for one in room.crowds})
    works = len({one.work for one in room.crowds})
    dots = sum(len(one.dots) for one in room.guesses)
    found = (
        (len(room.learners), "learner", "learners"),
        (hardware, "kind of hardware", "kinds of hardware"),
        (works, "kind of work", "kinds of work"),
        (dots, "guess", "guesses"),
    )
    return [(f"{number:,}", one if number == 1 else more) for number, one, more in found]


def _headline(room: "Classroom") -> Iterator[str]:
    """Say what the largest crowd got, and who stands out."""
    if not room.crowds:
        yield "Nobody has handed in a sheet that can be used."
        return
    crowd = max(room.crowds, key=lambda one: len(one.learners))
    best = max(crowd.highest, key=lambda one: one.median)
    what = f"{best.backend} with {counted(best.workers, 'worker')}"
    who = f"{counted(len(crowd.learners), 'learner')} with {crowd.hardware.name}"
    if best.learners == 1:
        where = crowd.hardware.name
        yield f"{crowd.work.title}: {what} was {best.median:.2f} times as fast as the plain loop, on {where}."
    else:
        spread = f"the median of {who}, from {best.lowest:.2f} to {best.highest:.2f}"
        yield f"{crowd.work.title}: {what} was {best.median:.2f} times as fast as the plain loop ({spread})."
    if room.outliers:
        number = len(room.outliers)
        yield f"{counted(number, 'curve')} {'stands' if number == 1 else 'stand'} out."
    if room.left_out:
        yield f"{counted(len(room.left_out), 'file')} could not be used: see the end of the page."


def _pictures(room: "Classroom") -> list[Picture]:
    """Draw for each work all hardware together, then each by itself, as far as a page should go."""
    from parlab.plots.classroom import MOST_CROWDS, crowd_chart, hardware_chart

    found: list[Picture] = []
    for _, group in groupby(room.crowds, key=lambda one: one.work):
        crowds = list(group)
        if len(crowds) > 1 and len(found) < _MOST_PICTURES:
            caption = "Everybody, in a look for each kind of hardware."
            if len(crowds) > MOST_CROWDS:
                caption += (
                    f" The {MOST_CROWDS} with the most learners of {len(crowds)} kinds; the table has the others."
                )
            found.append(as_picture(hardware_chart(crowds), "hardware", caption, _in_words(crowds[:MOST_CROWDS])))
        for crowd in crowds[:_MOST_CROWDS]:
            if len(found) < _MOST_PICTURES:
                caption = f"{crowd.hardware.name}: {counted(len(crowd.learners), 'learner')}."
                figure = crowd_chart(crowd, room.outliers)
                found.append(as_picture(figure, "curves", caption, _in_words([crowd])))
    return found


def _in_words(crowds: Sequence["Crowd"]) -> str:
    """Describe a chart for those who cannot see it."""
    said = [f"Speedup of {crowds[0].work.title} against workers."]
    for crowd in crowds:
        points = [f"{one.backend} with {one.workers}: {one.median:.2f}" for one in crowd.highest]
        said.append(f"{crowd.hardware.name}, {counted(len(crowd.learners), 'learner')}, medians: {', '.join(points)}.")
    return " ".join(said)[:1_500]


def _medians(room: "Classroom", drawn: int) -> Section | None:
    rows = [
        [
            crowd.hardware.name,
            crowd.work.title,
            str(one.learners),
            one.backend,
            str(one.workers),
            f"{one.median:.2f}",
            f"{one.lowest:.2f} to {one.highest:.2f}" if one.learners > 1 else NOT_KNOWN,
            f"{crowd.ceilings[one.workers]:.2f}" if one.workers in crowd.ceilings else NOT_KNOWN,
        ]
        for crowd in room.crowds
        for one in crowd.highest
    ]
    if not rows:
        return None
    notes = ["For each backend, the worker count with the highest median."]
    if len(rows) > _MOST_ROWS:
        notes.append(f"{len(rows) - _MOST_ROWS} more rows are in parlab class --json.")
    if drawn == _MOST_PICTURES:
        notes.append(f"The page draws {_MOST_PICTURES} charts at most, those of the largest crowds.")
    columns = ("hardware", "work", "learners", "backend", "workers", "median speedup", "from, to", "ceiling")
    return Section("Highest medians", columns, rows[:_MOST_ROWS], notes)


def _silence(room: "Classroom") -> Iterator[str]:
    """Say where nothing was sought or found, and what is known of machines that are nearly alike."""
    judged = [one for one in room.crowds if one.is_judged]
    small = len(room.crowds) - len(judged)
    if len(room.outliers) > _MOST_OUTLIERS:
        yield f"{len(room.outliers) - _MOST_OUTLIERS} more are in parlab class --json."
    if judged and not room.outliers:
        yield f"Nobody, among {counted(len(judged), 'crowd')} with {FEWEST_LEARNERS} learners or more."
    if small:
        yield (
            f"{counted(small, 'crowd')} {'has' if small == 1 else 'have'} fewer than {FEWEST_LEARNERS} learners with "
            "the same work and hardware. That is too few to say what is usual, so nobody is called unusual there."
        )
    yield from room.kin[:_MOST_OUTLIERS]


def _left_out(room: "Classroom") -> Section | None:
    if not room.left_out:
        return None
    rows = [[one.file, one.reason] for one in room.left_out[:_MOST_LEFT_OUT]]
    more = len(room.left_out) - _MOST_LEFT_OUT
    notes = [f"{more} more are in parlab class --json."] if more > 0 else []
    return Section("Files that are in no chart", ("file", "why"), rows, notes)
