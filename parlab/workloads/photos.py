"""Make thumbnails of real photographs: decode JPEG, resize, blur, sharpen, encode. Pillow does the work, in C.

Without a folder of the user's own, the photographs are many different crops of the portrait of Grace Hopper that
matplotlib ships as sample data (a public-domain photograph of the US Navy). Nothing is downloaded and nothing written.
"""

import io
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from parlab.errors import InputError
from parlab.workloads.base import Workload

SUFFIXES = (".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
# By what a file holds; a JPEG may have more behind it (MPO). JPEG first: Pillow loads no other decoder for most files.
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF")
WORKING_SIDE = 320  # pixels; the side at which blur and sharpening work
THUMBNAIL_SIDE = 160  # pixels


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture file and the part of it to use: left, upper, right, lower in pixels; None is the whole."""

    path: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A finished thumbnail: where it came from, and the JPEG bytes."""

    path: str
    jpeg: bytes


def make_thumbnail(photo: Photo) -> Thumbnail:
    """Turn one photograph into a sharpened thumbnail.

    Parameters
    ----------
    photo
        The file to read and the part of it to use.

    Returns
    -------
    Thumbnail
        A JPEG of at most 160 x 160 pixels.

    Raises
    ------
    InputError
        The file is no image, or a broken one; the text names it.
    """
    return Thumbnail(photo.path, encoded(filtered(resized(decoded(photo)))))


def decoded(photo: Photo, content: bytes | None = None, *, shrunk: bool = False) -> Image.Image:
    """Make pixels of a file: the first stage of a thumbnail.

    Parameters
    ----------
    photo
        The file to read and the part of it to use.
    content
        The file's bytes, if they have been read already.
    shrunk
        Let the decoder of JPEG leave out what no thumbnail shows: it then gives half, a quarter or an eighth of each
        side, never less than the next stage needs. Not together with a part of a picture.

    Returns
    -------
    PIL.Image.Image
        In RGB, upright.

    Raises
    ------
    InputError
        The file is no image, or a broken one; the text names it.
    """
    try:
        with opened(photo.path if content is None else io.BytesIO(content)) as source:
            if shrunk and photo.box is None:
                source.draft("RGB", _fitted(source.size))  # of other formats than JPEG it does nothing
            picture = ImageOps.exif_transpose(source).convert("RGB")
    except Exception as problem:  # Pillow's decoders raise many kinds on broken files, TypeError and SyntaxError too
        message = f"The image {photo.path} cannot be read: {problem}. Mend or remove it, or use --on-error skip."
        raise InputError(message) from problem
    return picture if photo.box is None else picture.crop(photo.box)


@contextmanager
def opened(place: str | Path | io.BytesIO) -> Iterator[Image.Image]:
    """Open a picture of a kind that photographs have; no pixel is decoded yet.

    Whatever its name ends in, a file may hold another kind: for some of them Pillow would start another program, so it
    tries no decoder of those. It refuses more than 179 million pixels, which a file of some kilobytes can claim.

    Raises
    ------
    PIL.UnidentifiedImageError
        It is another kind of picture, or none. Pillow raises many other errors for broken files.
    """
    try:
        picture = Image.open(place, formats=FORMATS)
    except UnidentifiedImageError as problem:  # Pillow's words name an address where the bytes are given
        raise UnidentifiedImageError(f"it holds no {', '.join(FORMATS)}, and nothing else is read") from problem
    with picture:
        yield picture


def resized(picture: Image.Image) -> Image.Image:
    """Bring a picture to the size at which filters work: the second stage."""
    return picture.resize(_fitted(picture.size), Image.Resampling.LANCZOS)


def filtered(picture: Image.Image) -> Image.Image:
    """Blur, sharpen, and shrink to a thumbnail's size: the third stage."""
    smooth = picture.filter(ImageFilter.GaussianBlur(1.5))
    sharp = smooth.filter(ImageFilter.UnsharpMask(radius=3, percent=120, threshold=2))
    sharp.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return sharp


def encoded(picture: Image.Image) -> bytes:
    """Make the bytes of a JPEG file: the last stage."""
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Scale a size to the working side; a picture that is very thin keeps one pixel."""
    scale = WORKING_SIDE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def items(size: int, seed: int = 0, folder: str | None = None) -> list[Photo]:
    """List the photographs to work on.

    Parameters
    ----------
    size
        How many. With a folder: at most that many.
    seed
        Chooses the crops.
    folder
        A folder of the user's own, searched with everything below it.

    Raises
    ------
    InputError
        The folder does not exist or holds no image, or matplotlib's sample photograph is not installed.
    """
    if folder is not None:
        return [Photo(str(path)) for path in pictures_in(folder)[:size]]
    sample = sample_photograph()
    with Image.open(sample) as picture:
        width, height = picture.size
    chance = random.Random(seed)  # noqa: S311  # crops, not secrets
    return [Photo(str(sample), _crop(chance, width, height)) for _ in range(size)]


def _crop(chance: random.Random, width: int, height: int) -> tuple[int, int, int, int]:
    """Choose a square between a half and nine tenths of the shorter side, anywhere in the picture."""
    side = chance.randint(min(width, height) // 2, min(width, height) * 9 // 10)
    left, upper = chance.randint(0, width - side), chance.randint(0, height - side)
    return left, upper, left + side, upper + side


def pictures_in(folder: str | Path) -> list[Path]:
    """Return the picture files in a folder and below it, sorted by path.

    Raises
    ------
    InputError
        There is no such folder, or no picture in it.
    """
    if not str(folder).strip() or not Path(folder).is_dir():
        raise InputError(
            f"There is no folder {str(folder)!r}. Name a folder that holds photographs, --folder in a terminal."
        )
    found = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        looked = f"Looked for {', '.join(SUFFIXES)}, in subfolders too"
        raise InputError(f"The folder {str(folder)!r} holds no image. {looked}. Name another one.")
    return found


def sample_photograph() -> Path:
    """Find the photograph that matplotlib ships, without importing matplotlib into every worker."""
    found = find_spec("matplotlib")
    for home in (found.submodule_search_locations or []) if found else []:
        path = Path(home) / "mpl-data" / "sample_data" / "grace_hopper.jpg"
        if path.is_file():
            return path
    message = "matplotlib's sample photograph is not installed. Use photographs of your own with --folder."
    raise InputError(message)


def combine(values: Sequence[Thumbnail]) -> tuple[int, str]:
    """Return the number of thumbnails and a digest of all their bytes, in order."""
    digest = blake2b(digest_size=16)
    for thumbnail in values:
        digest.update(thumbnail.jpeg)
    return len(values), digest.hexdigest()


WORKLOAD = Workload(
    name="photos",
    title="Thumbnails of photographs",
    teaches="Pillow lets go of the GIL, so here even threads help.",
    bound="cpu",
    sizes={"small": 32, "large": 4_000},
    items=items,
    task=make_thumbnail,
    combine=combine,
    options=("folder",),
    own_data="folder",
)
