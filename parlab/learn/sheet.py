"""Writes a learner's sheet: a sweep of theirs, and what they have foretold in their copy of the course."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.handing_in import check_sheet_place, sheet_of, write_sheet
from parlab.analysis.sheets import Foretold, Sheet
from parlab.learn import registry
from parlab.learn.copies import DEFAULT_FOLDER
from parlab.learn.store import MANIFEST, Store, course_around

if TYPE_CHECKING:
    from parlab.results import Results


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What was written."""

    sheet: Sheet
    size_bytes: int
    notes: tuple[str, ...] = ()  # what there is to say about the copy's own file


def hand_in(results: "Results", path: Path, name: str = "") -> HandedIn:
    """Write the sheet of a sweep, with the predictions of the copy of the course that is nearest.

    Parameters
    ----------
    results
        A sweep of the learner's own.
    path
        A name that ends in ``.json``. An older sheet is replaced, nothing else is.
    name
        For the charts of the class; empty where the learner typed none.

    Raises
    ------
    InputError
        There is nothing to hand in, or it cannot go there.
    """
    check_sheet_place(path)
    store = _nearest(results.path)
    sheet = sheet_of(results, _foretold(store), name)
    return HandedIn(sheet, write_sheet(sheet, path), store.notes)


def _nearest(file: Path | None) -> Store:
    """Open the store around the current folder, else around the result file, else of ``parlab-course`` beside us."""
    try:
        around = [Path.cwd(), *([file.resolve().parent] if file is not None else [])]
    except OSError:  # the current folder is gone
        return Store.of(None)
    course = next((found for place in around if (found := course_around(place)) is not None), None)
    beside = around[0] / DEFAULT_FOLDER
    if course is None and (beside / MANIFEST).is_file():
        course = course_around(beside)
    return Store.of(course)


def _foretold(store: Store) -> list[Foretold]:
    """List what was foretold of the course's topics; questions of one's own stay with their owner."""
    known = registry.topics()
    found = store.progress.predictions.items()
    return [Foretold(name, one.guess, one.measured) for name, one in found if name in known]
