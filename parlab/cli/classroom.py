"""Carries out ``parlab class``: reads a folder of sheets, prints a table, writes the wall; once, or as files arrive."""

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.classroom import Classroom, lay_over
from parlab.analysis.collecting import Collection
from parlab.cli.classroom_text import print_classroom
from parlab.cli.output import print_json
from parlab.errors import InputError
from parlab.tables import console
from parlab.units import count

if TYPE_CHECKING:
    from parlab.analysis.collecting import Collected

_LOOK_EVERY_S, _RELOAD_S = 2.0, 5
_USUAL = "wall.html"


def lay_over_folder(folder: Path, page: Path | None) -> Classroom:
    """Read a folder once and lay its sheets over one another.

    Raises
    ------
    InputError
        There is no such folder, or no sheet in it that can be used.
    """
    found = Collection(folder, page).read()
    if not found.learners:
        raise InputError(_nothing(folder, found))
    return lay_over(found)


def lay_over_and_show(folder: Path, *, output: Path | None, title: str, as_json: bool) -> None:
    """Do it once."""
    room = lay_over_folder(folder, output)
    if output is not None:
        _write(room, output, title, reload_s=None)
    if as_json:
        print_json(room.as_json())
        return
    print_classroom(console(), room)
    if output is not None:
        print(f"\nwall: {output}")


def watch(folder: Path, output: Path, *, title: str, limit_s: float) -> None:
    """Draw the wall again whenever the folder has changed, until Ctrl-C or the limit; then a last time, at rest.

    Raises
    ------
    InputError
        There is no such folder at the begin, or the page cannot be written.
    """
    collection = Collection(folder, output)
    room, shown = lay_over(collection.read()), None
    end = time.monotonic() + limit_s
    print(f"watching {folder}; open {output} in a browser. Ctrl-C ends it.", flush=True)
    try:
        while time.monotonic() < end:
            room, shown = _look(collection, output, title, room, shown)
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        with suppress(InputError):  # the folder is gone for a while; what was seen of it stays
            room = lay_over(collection.read())  # it may have come in the middle of a look
    _write(room, output, title, reload_s=None)
    print(f"\nended: {output} has {count(len(room.learners), 'sheet')}.")


def _look(collection: Collection, output: Path, title: str, room: Classroom, shown: object) -> tuple[Classroom, object]:
    """Draw again if something has changed; a folder that is gone for a while is said once."""
    try:
        now: object = (listing := collection.listing())
        if now != shown:
            room = lay_over(collection.read(listing))
            _write(room, output, title, reload_s=_RELOAD_S)
            print(f"{_clock()}  {_counts(room)}", flush=True)
    except InputError as problem:
        now = str(problem)
        if now != shown:
            print(f"{_clock()}  {problem}", flush=True)
    return room, now


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _write(room: Classroom, output: Path, title: str, *, reload_s: int | None) -> None:
    from parlab.report import save, wall

    save(wall(room, title=title, reload_s=reload_s), output)


def _counts(room: Classroom) -> str:
    text = count(len(room.learners), "sheet")
    return f"{text}, {count(len(room.left_out), 'file')} left out" if room.left_out else text


def _nothing(folder: Path, found: "Collected") -> str:
    """Say that there is no sheet, and what is wrong with the files that are there."""
    how = "Each learner writes one with `parlab export -o me.json`, and puts it there."
    if not found.left_out:
        return f"There is no sheet in {str(folder)!r} yet. {how} With --watch the page can wait for them."
    first = "; ".join(f"{one.file}: {one.reason}" for one in found.left_out[:3])
    return f"There is no sheet in {str(folder)!r} that can be used, of {count(len(found.left_out), 'file')}. {first}."


def lay_over_class(folder: Path, *, output: Path | None, title: str, watch_s: float | None, as_json: bool) -> None:
    """Carry out the command.

    Parameters
    ----------
    folder
        Where the sheets are.
    output
        The page; None for the table alone.
    title
        What stands at the top of the page.
    watch_s
        How long to watch the folder; None: not at all.
    as_json
        Print one JSON object and nothing else.

    Raises
    ------
    InputError
        Folder or page cannot be used, there is no sheet, or options do not go together.
    """
    from parlab.report import check_place

    if output is not None:
        check_place(output, usual=_USUAL)
    if watch_s is None:
        lay_over_and_show(folder, output=output, title=title, as_json=as_json)
    elif output is None:
        raise InputError(f"--watch draws a page: name it with -o {_USUAL}.")
    elif as_json:
        raise InputError(
            "--watch and --json do not go together: one goes on, the other prints one object. Leave one out."
        )
    else:
        watch(folder, output, title=title, limit_s=watch_s)
