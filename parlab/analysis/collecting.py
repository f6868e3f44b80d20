"""Reads the sheets of a class from a folder. Files come from anybody: what is no good sheet is named and left out.

No link is followed, nothing but ordinary files is opened, of a file that is too large only the beginning is read, and
one that has not changed is not read again.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from parlab.analysis.sheets import LARGEST_BYTES, Sheet, mistaken, moment, parse
from parlab.errors import InputError

MOST_FILES = 5_000
_DEEPEST = 3  # learning platforms hand out a folder for each learner, in one for each course
_BEGINNING = 64  # bytes by which another kind of file is known
_Seen = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Learner:
    """Who handed in a sheet: a number, in the order of the exports, and a name only where one was typed."""

    number: int
    file: str  # its place in the folder
    sheet: Sheet

    @property
    def label(self) -> str:
        """What stands on charts and in tables."""
        return self.sheet.name or f"learner {self.number}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is no sheet to be used, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What lies in a folder."""

    learners: tuple[Learner, ...]
    left_out: tuple[LeftOut, ...]


@dataclass
class Collection:
    """A folder of sheets, which may be looked at again and again.

    Parameters
    ----------
    folder
        Where they are.
    page
        A page that lies among them, and is no sheet.

    Raises
    ------
    InputError
        There is no such folder, or it is a file.
    """

    folder: Path
    page: Path | None = None
    _known: dict[str, tuple[_Seen, Sheet | str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Refuse what is no folder."""
        if not self.folder.exists():
            raise InputError(f"There is no folder {str(self.folder)!r}. Name the one that the sheets were put into.")
        if not self.folder.is_dir():
            raise InputError(f"{str(self.folder)!r} is a file. Name the folder that the sheets were put into.")

    def listing(self) -> dict[str, _Seen]:
        """List what is there now, by place: size, moment, number and kind; equal listings mean that nothing changed.

        Raises
        ------
        InputError
            The folder cannot be read.
        """
        root, page = self.folder.resolve(), None if self.page is None else self.page.resolve()
        found: dict[str, _Seen] = {}
        try:
            for path, state in _files(self.folder, _DEEPEST):
                place = path.relative_to(self.folder).as_posix()
                if path.name.startswith(".") or root / place == page:
                    continue  # hidden: unfinished uploads, and what systems leave behind
                found[place] = (state.st_size, state.st_mtime_ns, state.st_ino, state.st_mode)
                if len(found) > MOST_FILES:
                    break
        except OSError as problem:
            reason = problem.strerror or problem
            raise InputError(f"{str(self.folder)!r} cannot be read: {reason}. Look at its permissions.") from problem
        return found

    def read(self, listing: dict[str, _Seen] | None = None) -> Collected:
        """Read what is there; see ``listing`` for the error."""
        here = self.listing() if listing is None else listing
        places = sorted(here)[:MOST_FILES]
        self._known = {place: self._one(place, here[place]) for place in places}
        sheets = {place: one for place, (_, one) in self._known.items() if isinstance(one, Sheet)}
        left_out = [LeftOut(place, one) for place, (_, one) in self._known.items() if isinstance(one, str)]
        kept = _without_repeats(sheets, left_out)
        if len(here) > MOST_FILES:
            left_out.append(
                LeftOut(str(self.folder), f"there are more than {MOST_FILES:,} files; the rest was not read")
            )
        return Collected(_numbered(kept), tuple(sorted(left_out, key=lambda one: one.file)))

    def _one(self, place: str, seen: _Seen) -> tuple[_Seen, Sheet | str]:
        """Read a file that is new or has changed."""
        known = self._known.get(place)
        if known is not None and known[0] == seen:
            return known
        try:
            return seen, parse(_bytes(self.folder / place, seen))
        except OSError as problem:
            return seen, f"it cannot be read: {problem.strerror or problem}"
        except (ValueError, OverflowError) as problem:
            return seen, str(problem)


def _files(folder: Path, deeper: int) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what lies in a folder and in those below it; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            try:
                state = entry.stat(follow_symlinks=False)
            except OSError:  # gone since
                continue
            if not stat.S_ISDIR(state.st_mode):
                # On Windows a directory entry has no inode number and may have an old size; this asks the file.
                yield Path(entry.path), state if os.name == "posix" else os.lstat(entry.path)
            elif deeper and not entry.name.startswith("."):
                try:
                    yield from _files(Path(entry.path), deeper - 1)
                except OSError:  # a folder that only its owner may read holds nothing for us
                    yield Path(entry.path), state


def _bytes(path: Path, seen: _Seen) -> bytes:
    size, _, _, mode = seen
    if stat.S_ISLNK(mode):
        raise ValueError("it is a link, and links are not followed; put the file itself there")
    if stat.S_ISDIR(mode):
        raise ValueError("this folder cannot be read")
    if not stat.S_ISREG(mode):
        raise ValueError("it is no ordinary file")
    # It may have become something else since it was listed: a link is refused, and a pipe does not keep us waiting.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no ordinary file")
        if size > LARGEST_BYTES:
            too_large = f"it has {size >> 10:,} KiB, and a sheet has {LARGEST_BYTES >> 10} at most"
            raise ValueError(mistaken(file.read(_BEGINNING)) or too_large)
        return file.read(LARGEST_BYTES + 1)


def _without_repeats(sheets: dict[str, Sheet], left_out: list[LeftOut]) -> dict[str, Sheet]:
    """Keep one sheet of each sweep, the one that was exported last: it has the most predictions."""
    newest: dict[str, str] = {}
    for place in sorted(sheets, key=lambda one: (moment(sheets[one].exported), one), reverse=True):
        first = newest.setdefault(sheets[place].sweep, place)
        if first != place:
            left_out.append(LeftOut(place, f"it is of the same sweep as {first}, which was exported later or is equal"))
    return {place: sheets[place] for place in newest.values()}


def _numbered(sheets: dict[str, Sheet]) -> tuple[Learner, ...]:
    """Give numbers by the moment of the export: whoever comes later changes nobody else's number."""
    ordered = sorted(sheets, key=lambda place: (moment(sheets[place].exported), place))
    return tuple(Learner(number, place, sheets[place]) for number, place in enumerate(ordered, start=1))
