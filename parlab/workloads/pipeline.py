"""Thumbnails from files to files: one task for each photograph, which can fail, and be done again, on its own.

For the notebook about thousands of images. Started processes import this module, so Pillow and the standard library are
all that it needs. It starts no process, and never changes a photograph.
"""

import pickle
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from parlab.atomic import replacing
from parlab.errors import InputError
from parlab.temporary import private_folder
from parlab.workloads.photos import Photo, decoded, encoded, filtered, resized

if TYPE_CHECKING:
    from multiprocessing.pool import Pool

STAGES = ("read", "decode", "resize", "filter", "encode", "write")


class Job(NamedTuple):
    """One task, in two short texts: the photograph to read, and the thumbnail to write."""

    source: str
    target: str


class Outcome(NamedTuple):
    """What became of a task: the photograph's name, the thumbnail's size in bytes, and what was wrong, if anything."""

    name: str
    written_bytes: int
    problem: str = ""


def one_to_file(job: Job, *, shrunk: bool = False) -> Outcome:
    """Make one thumbnail, from a file to a file. The file appears whole or not at all, whoever ends the process.

    Parameters
    ----------
    job
        What to read, and where to write; folders are made.
    shrunk
        See ``parlab.workloads.photos.decoded``.

    Raises
    ------
    InputError
        The photograph is broken, or none; the text names it.
    OSError
        The thumbnail cannot be written.
    """
    jpeg = encoded(filtered(resized(decoded(Photo(job.source), shrunk=shrunk))))
    _save(Path(job.target), jpeg)
    return Outcome(Path(job.source).name, len(jpeg))


def _save(target: Path, jpeg: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as unfinished:
        unfinished.write_bytes(jpeg)


def one_shrunk(job: Job) -> Outcome:
    """Make one thumbnail as ``one_to_file`` does, from no more pixels than it needs."""
    return one_to_file(job, shrunk=True)


def try_one(job: Job) -> Outcome:
    """Make one thumbnail, and say of a photograph that cannot be read what is wrong, instead of raising.

    Raises
    ------
    OSError
        The thumbnail cannot be written: that would go wrong for all others, too, so it is no matter of one photograph.
    """
    try:
        return one_to_file(job)
    except InputError as refusal:
        return Outcome(Path(job.source).name, 0, _reason(refusal.__cause__))


def _reason(problem: BaseException | None) -> str:
    """Say it without the file's path, which stands elsewhere."""
    if isinstance(problem, UnidentifiedImageError):
        return "no image that Pillow knows"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem)


def missing(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that have yet to be done: no thumbnail is there, or its photograph is newer.

    Parameters
    ----------
    jobs
        All of them.
    """
    return [job for job in jobs if not _is_done(job)]


def _is_done(job: Job) -> bool:
    try:
        return Path(job.target).stat().st_mtime >= Path(job.source).stat().st_mtime
    except FileNotFoundError:
        return False


def stage_times(sources: Sequence[str]) -> dict[str, list[float]]:
    """Make thumbnails in this process, and time each stage. What is written is removed again.

    Parameters
    ----------
    sources
        Photographs; one more, the first again, comes before and is not counted. A broken one is left out.

    Returns
    -------
    dict
        For each of ``STAGES`` its times in seconds, one a photograph.

    Raises
    ------
    InputError
        All of them are broken.
    """
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    with private_folder() as folder:
        for place, source in enumerate([*sources[:1], *sources]):
            try:
                taken = _staged(source, folder / "thumbnail.jpg")
            except InputError:
                continue
            for stage, taken_s in zip(STAGES if place else (), taken, strict=False):
                times[stage].append(taken_s)
    if not times[STAGES[0]]:
        raise InputError("None of these photographs can be read. Give at least one that is whole.")
    return times


def _staged(source: str, target: Path) -> list[float]:
    began = [time.perf_counter()]

    def over(value: Any) -> Any:
        began.append(time.perf_counter())
        return value

    content = over(_content(source))
    picture = over(decoded(Photo(source), content))
    jpeg = over(encoded(over(filtered(over(resized(picture))))))
    _save(target, jpeg)
    over(None)
    return [after - before for before, after in pairwise(began)]


def _content(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as problem:
        raise InputError(f"The image {source} cannot be read: {problem}. Leave it out.") from problem


def percent_of(stage: str, times: Mapping[str, Sequence[float]]) -> float:
    """Return which share of the whole a stage takes, in percent, by the medians.

    Parameters
    ----------
    stage
        Of ``STAGES``.
    times
        What ``stage_times`` returned.
    """
    from statistics import median  # here, for workers import this module too

    return 100 * median(times[stage]) / sum(map(median, times.values()))


def most_fed(times: Mapping[str, Sequence[float]]) -> float:
    """Return how many workers one process can keep busy that reads and decodes for them, by the medians of the stages.

    Parameters
    ----------
    times
        What ``stage_times`` returned. The journey of the pixels is not counted, so it is an upper bound.
    """
    from statistics import median  # here, for workers import this module too

    middle = {stage: median(taken) for stage, taken in times.items()}
    return (middle["resize"] + middle["filter"] + middle["encode"]) / (middle["read"] + middle["decode"])


# Three ways to give a worker a photograph. What they return is the thumbnail's bytes, and always the same.


def from_path(source: str) -> bytes:
    """Make a thumbnail of a file."""
    return encoded(filtered(resized(decoded(Photo(source)))))


def from_bytes(content: bytes) -> bytes:
    """Make a thumbnail of a file's bytes."""
    return encoded(filtered(resized(decoded(Photo("bytes"), content))))


def from_pixels(picture: Image.Image) -> bytes:
    """Make a thumbnail of a picture that was decoded elsewhere."""
    return encoded(filtered(resized(picture)))


def _pixels(source: str) -> Image.Image:
    return decoded(Photo(source))


_TASKS: dict[str, tuple[Callable[[str], Any], Callable[[Any], bytes]]] = {
    "the path": (str, from_path),
    "the file's bytes": (_content, from_bytes),
    "the pixels": (_pixels, from_pixels),
}
WAYS = tuple(_TASKS)


def thumbnails_by(way: str, pool: "Pool", sources: Sequence[str]) -> list[bytes]:
    """Have a pool make thumbnails, and give it the photographs in one of three ways.

    Parameters
    ----------
    way
        Of ``WAYS``. What travels is made here, in the parent, while the workers work.
    pool
        An open pool.
    sources
        Photographs; all can be read.

    Returns
    -------
    list of bytes
        The thumbnails in the order of the photographs: the same for each way.
    """
    prepare, task = _TASKS[way]
    return list(pool.imap(task, map(prepare, sources)))


def thumbnails_saved_here(pool: "Pool", jobs: Sequence[Job]) -> None:
    """Have a pool make thumbnails, and write them in this process, as they come back.

    Parameters
    ----------
    pool
        An open pool.
    jobs
        Of photographs that can be read.
    """
    for job, jpeg in zip(jobs, pool.imap(from_path, [job.source for job in jobs]), strict=True):
        _save(Path(job.target), jpeg)


def same_thumbnails(some: Sequence[Job], others: Sequence[Job]) -> bool:
    """Tell whether two lists of jobs have left the same files behind, byte by byte; none counts as the same as none.

    Parameters
    ----------
    some, others
        Of the same photographs, in the same order.
    """
    pairs = [(Path(one.target), Path(other.target)) for one, other in zip(some, others, strict=True)]
    return all(_bytes_of(one) == _bytes_of(other) for one, other in pairs)


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def item_bytes(way: str, source: str) -> int:
    """Return how many bytes travel to a worker, pickled, for one photograph.

    Parameters
    ----------
    way
        Of ``WAYS``.
    source
        The photograph.
    """
    return len(pickle.dumps(_TASKS[way][0](source), protocol=pickle.HIGHEST_PROTOCOL))
