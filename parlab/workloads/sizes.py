"""Chooses how large the course's cases are: small, or large on a workstation. Reads one variable, changes nothing."""

import os
from collections.abc import Mapping
from typing import TypeVar

from parlab.errors import unknown_choice

VARIABLE = "PARLAB_SIZE"

Size = TypeVar("Size")


def chosen(sizes: Mapping[str, Size]) -> Size:
    """Return the size that the variable ``PARLAB_SIZE`` names; ``small`` where it is not set, or empty.

    Parameters
    ----------
    sizes
        What ``small`` and ``large`` mean, as counts or anything else.

    Raises
    ------
    InputError
        The variable names another size.
    """
    name = os.environ.get(VARIABLE) or "small"
    if name not in sizes:
        raise unknown_choice(f"size in {VARIABLE}", name, sizes, "Or unset the variable.")
    return sizes[name]
