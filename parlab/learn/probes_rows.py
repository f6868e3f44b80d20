"""The tasks of checks about big arrays: each works on some rows, and on what it is given for the array.

Who worked when is written down by ``parlab.learn.probes``, under the number of the first row.
"""

from typing import Any

import numpy as np

from parlab.learn import probes


def double_rows(array: Any, first: int, last: int) -> None:
    """Double some rows, in place.

    Parameters
    ----------
    array
        A numpy array, or what ``numpy.asarray`` takes without a copy.
    first, last
        Which rows.
    """
    rows = np.asarray(array)[first:last]
    probes.square(first)
    rows *= 2


def smooth_rows(source: Any, result: Any, first: int, last: int) -> None:
    """Write the mean of each row and its two neighbours, row by row from the top.

    Where both arrays are the same memory, a row is read after it was overwritten: that is certain, and no chance.

    Parameters
    ----------
    source, result
        What is read, and what is written; arrays as ``double_rows`` takes them.
    first, last
        Which rows.
    """
    read, written = np.asarray(source), np.asarray(result)
    probes.square(first)
    for row in range(first, last):
        above, below = max(row - 1, 0), min(row + 1, len(read) - 1)
        written[row] = (read[above] + read[row] + read[below]) / 3
