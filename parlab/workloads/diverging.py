"""A particle between two valleys, followed in steps of time, some of which are too long: then a run ends in no number.

The equation dx = (x - x³) dt + noise has a solution that stays where it is; Euler's method, which follows it in steps,
does not always. Once it has stepped far up a wall, the next step overshoots to the other side, higher, and so on until
the number is too large (M. Hutzenthaler, A. Jentzen, P. E. Kloeden, Proceedings of the Royal Society A 467, 2011).
Nothing warns: Python's floats go on with inf and nan. No workload is here.
"""

import numpy as np

NOISE, TIME, STEP = 0.6, 10.0, 0.5  # with this step a few runs of a thousand diverge


def path(seed: np.random.SeedSequence, step: float = STEP) -> list[float]:
    """Follow the particle from the ridge between the valleys.

    Parameters
    ----------
    seed
        Of this run.
    step
        How much time passes in one step.

    Returns
    -------
    list of float
        Where it was after each step; the valleys lie at -1 and 1.
    """
    random = np.random.default_rng(seed)
    place, places = 0.0, [0.0]
    for push in random.normal(0.0, NOISE * step**0.5, round(TIME / step)).tolist():
        place += step * (place - place * place * place) + push
        places.append(place)
    return places


def particle(seed: np.random.SeedSequence, step: float = STEP) -> float:
    """Return the square of the particle's place at the end; parameters as ``path``."""
    return path(seed, step)[-1] ** 2


def careful_particle(seed: np.random.SeedSequence) -> float:
    """Return the same, followed in steps an eighth as long."""
    return particle(seed, STEP / 8)
