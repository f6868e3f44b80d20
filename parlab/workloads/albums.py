"""Photographs to practise on, made of crops of one portrait or one's own, and where their thumbnails go.

It never writes into a folder of the user's own photographs. What it makes itself, it removes.
"""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from parlab.errors import InputError
from parlab.temporary import new_folder, remove_folder
from parlab.workloads.photos import Photo, decoded, items, pictures_in
from parlab.workloads.pipeline import Job
from parlab.workloads.sizes import chosen

if TYPE_CHECKING:
    import numpy as np

SIZES = {"small": 96, "large": 3_000}  # photographs
RESULTS = Path("parlab-thumbnails")  # of photographs of one's own: in the current folder
SIDE = 640  # pixels, of a sample photograph: a JPEG decoder can halve it, and leaves enough for a thumbnail
BROKEN = 7  # the number of the sample photograph that is cut off
_QUALITY = 88
_WRITERS = 4  # threads: Pillow lets go of the GIL


def photograph_count() -> int:
    """Return how many photographs are wanted: 96, or thousands with ``PARLAB_SIZE=large`` in the environment.

    Raises
    ------
    InputError
        The variable holds something else.
    """
    return chosen(SIZES)


@dataclass(frozen=True)
class Album:
    """Photographs, and a place for their thumbnails.

    Attributes
    ----------
    folder
        Where the photographs are.
    pictures
        Their paths, sorted.
    results
        Where thumbnails go.
    made
        The private folder that holds all of it, where the photographs were made here; None for one's own.
    """

    folder: Path
    pictures: tuple[str, ...]
    results: Path
    made: Path | None = None

    def jobs(self, name: str = "thumbnails") -> list[Job]:
        """Return a task for each photograph, in their order.

        Parameters
        ----------
        name
            Of a folder among the results.
        """
        return [Job(one, str(self.results / name / _thumbnail(Path(one), self.folder))) for one in self.pictures]

    def close(self) -> None:
        """Remove what was made here. One's own photographs, and thumbnails of them, stay."""
        remove_folder(self.made)


def _thumbnail(picture: Path, folder: Path) -> Path:
    """Give each photograph a name that no other one has: a.png and a.jpg lie side by side in many folders."""
    inside = picture.relative_to(folder)
    return inside if inside.suffix.lower() == ".jpg" else inside.with_name(f"{inside.name}.jpg")


def open_album(folder: str | Path | None = None, most: int | None = None) -> Album:
    """Find photographs in a folder, or make some.

    Parameters
    ----------
    folder
        A folder of one's own, searched with everything below it; thumbnails then go to ``parlab-thumbnails`` in the
        current folder. None for sample photographs in a private temporary folder, one of which is broken on purpose.
    most
        How many at most; None for ``photograph_count()``.

    Raises
    ------
    InputError
        There is no such folder, no photograph in it, or no sample photograph on this machine.
    """
    count = photograph_count() if most is None else most
    if folder is not None:
        home, results = Path(folder).expanduser().absolute(), RESULTS.absolute()
        found = [path for path in pictures_in(home) if results not in path.parents]
        if not found:
            raise InputError(f"The folder {str(folder)!r} holds no photograph, only thumbnails. Name another folder.")
        return Album(home, tuple(map(str, found[:count])), results)
    made = new_folder()
    try:
        written = write_samples(made / "photographs", count)
        spoil(written[min(BROKEN, count - 1)])
        return Album(made / "photographs", tuple(written), made, made)
    except BaseException:
        remove_folder(made)
        raise


def write_samples(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Write sample photographs, each another crop of the portrait that matplotlib ships.

    Parameters
    ----------
    folder
        Where to; made when it is not there.
    count
        How many.
    seed
        Chooses the crops.

    Returns
    -------
    list of str
        Their paths, sorted: JPEG files of ``SIDE`` x ``SIDE`` pixels.

    Raises
    ------
    InputError
        The portrait is not installed.
    """
    crops = items(count, seed)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [str(folder / f"photo_{number:04}.jpg") for number in range(count)]
    with Image.open(crops[0].path) as portrait, ThreadPoolExecutor(_WRITERS) as writers:
        whole = portrait.convert("RGB")
        for done in [writers.submit(_write, whole, *pair) for pair in zip(crops, paths, strict=True)]:
            done.result()
    return paths


def _write(portrait: Image.Image, crop: Photo, path: str) -> None:
    enlarged = portrait.resize((SIDE, SIDE), Image.Resampling.BICUBIC, crop.box)
    enlarged.save(path, "JPEG", quality=_QUALITY)


def spoil(path: str) -> None:
    """Cut a sample photograph off in the middle, as a card that was pulled out too early does."""
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: len(content) // 2])


def some(pictures: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """Draw some photographs at random, in their order: neighbours are often alike.

    Parameters
    ----------
    pictures
        Paths.
    count
        How many at most.
    seed
        Chooses them.
    """
    chance = random.Random(seed)  # noqa: S311  # photographs, not secrets
    return sorted(chance.sample(list(pictures), min(count, len(pictures))))


def poster(picture: str, enlarged: int = 2) -> "np.ndarray":
    """Make one big grey picture of a photograph.

    Parameters
    ----------
    picture
        Its path.
    enlarged
        How many times as high and as wide it shall be.

    Returns
    -------
    numpy.ndarray
        Of shape (height, width): float32, from 0, which is black, to 1, which is white.

    Raises
    ------
    InputError
        The photograph cannot be read.
    """
    import numpy as np

    grey = decoded(Photo(picture)).convert("L")
    grey = grey.resize((enlarged * grey.width, enlarged * grey.height), Image.Resampling.BICUBIC)
    return np.asarray(grey, dtype=np.float32) / np.float32(255)
