"""The scaling laws as formulas: what each says, of which unknowns, for which kind of scaling. Fits nothing itself.

Each law is ``throughput_of_one * shape(workers, fractions)``. Speedup is throughput with one worker's throughput 1.

- G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", 1967.
- J. L. Gustafson, "Reevaluating Amdahl's law", 1988.
- A. H. Karp and H. P. Flatt, "Measuring parallel processor performance", 1990.
- N. J. Gunther, "Guerrilla Capacity Planning", 2007: the Universal Scalability Law (USL), first published in 1993.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["strong", "weak"]

THROUGHPUT_OF_ONE = "throughput_of_one"


@dataclass(frozen=True, slots=True)
class Law:
    """A law with named unknowns, each a share between 0 and 1 of something."""

    name: str
    title: str
    unknowns: tuple[str, ...]  # without the throughput of one
    kinds: tuple[Kind, ...]  # the kinds of scaling that it is about
    scale_is_one_for_speedup: bool  # whether a speedup has, by the law's definition, the value 1 at one worker
    shape: Callable[..., Array]  # of the workers and the unknowns: throughput over that of one worker
    slopes: Callable[..., tuple[Array, ...]]  # its derivatives, one for each unknown


def _amdahl(workers: Array, serial: Array | float) -> Array:
    return np.asarray(workers / (1 + serial * (workers - 1)))


def _amdahl_slopes(workers: Array, serial: float) -> tuple[Array, ...]:
    return (-workers * (workers - 1) / (1 + serial * (workers - 1)) ** 2,)


def _gustafson(workers: Array, serial: Array | float) -> Array:
    return np.asarray(workers - serial * (workers - 1))


def _gustafson_slopes(workers: Array, _serial: float) -> tuple[Array, ...]:
    return (-(workers - 1),)


def _usl(workers: Array, contention: Array | float, coherency: Array | float) -> Array:
    return np.asarray(workers / (1 + contention * (workers - 1) + coherency * workers * (workers - 1)))


def _usl_slopes(workers: Array, contention: float, coherency: float) -> tuple[Array, ...]:
    squared = (1 + contention * (workers - 1) + coherency * workers * (workers - 1)) ** 2
    return -workers * (workers - 1) / squared, -(workers**2) * (workers - 1) / squared


USL = Law(
    "usl",
    "Gunther's Universal Scalability Law",
    ("contention", "coherency"),
    ("strong", "weak"),
    False,
    _usl,
    _usl_slopes,
)
AMDAHL = Law("amdahl", "Amdahl's law", ("serial_fraction",), ("strong",), True, _amdahl, _amdahl_slopes)
GUSTAFSON = Law("gustafson", "Gustafson's law", ("serial_fraction",), ("weak",), True, _gustafson, _gustafson_slopes)
LAWS = {law.name: law for law in (USL, AMDAHL, GUSTAFSON)}


def peak(contention: Array, coherency: Array) -> Array:
    """Return the worker count at which the USL's throughput is highest: sqrt((1 - contention) / coherency).

    Never under 1; infinite where the coherency is 0, because then throughput rises without end.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        highest = np.where(coherency > 0, np.sqrt((1 - contention) / coherency), np.inf)
    return np.maximum(highest, 1.0)


def karp_flatt(workers: float, speedup: float) -> float:
    """Return Karp and Flatt's experimentally determined serial fraction (1990) of one speedup.

    It is the fraction that Amdahl's law would need for this one point: (1/speedup - 1/workers) / (1 - 1/workers). For
    points of the USL it is contention + coherency x workers: so it rises where the overhead grows.

    Parameters
    ----------
    workers
        More than 1.
    speedup
        Over one worker, for the same work.
    """
    return (1 / speedup - 1 / workers) / (1 - 1 / workers)


def scaled_fraction(workers: float, speedup: float) -> float:
    """Return the serial fraction that Gustafson's law would need for this one scaled speedup.

    What ``karp_flatt`` is to Amdahl's law: (workers - speedup) / (workers - 1), for more than one worker.
    """
    return (workers - speedup) / (workers - 1)
