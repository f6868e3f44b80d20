"""The task of the check about thousands of images: some thumbnails are there, and one image is broken.

Who worked when is written down by ``parlab.learn.probes``. Standard library only, because every worker imports it.
"""

from parlab.learn import probes

BROKEN = probes.ITEMS[2]  # two are at work before its turn comes
THERE = (probes.ITEMS[1], probes.ITEMS[4])


def thumbnail(number: int) -> int:
    """Return the square of a number, as if that were its thumbnail's size.

    Raises
    ------
    OSError
        For ``BROKEN``.
    """
    square = probes.square(number)
    if number == BROKEN:
        raise OSError(f"image {number} is broken")
    return square


def is_there(number: int) -> bool:
    """Tell whether the thumbnail of an image is there already."""
    return number in THERE
