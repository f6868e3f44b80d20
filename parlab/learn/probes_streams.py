"""The tasks of the checks about simulations: what a task draws is decided by its seed. Who worked when: ``probes``."""

from collections.abc import Iterable

import numpy as np

from parlab.learn import probes

SEED = 14
# Of the sums that the check asks for: any single result of the first two items is enough, so an answer tells which was
# taken first; and all results together are not.
ENOUGH, NEVER = 9, 1_000


def drawn(item: int, seed: "int | np.random.SeedSequence") -> int:
    """Return the number that a task draws with its seed; the item is only its name.

    Raises
    ------
    TypeError
        The seed is none: a generator, perhaps, which would travel as a copy.
    """
    if not isinstance(seed, int | np.integer | np.random.SeedSequence):
        raise TypeError(f"the task got a {type(seed).__name__} where a seed belongs: a SeedSequence of its own")
    with probes.at_work(item):
        return first_number(seed)


def first_number(seed: "int | np.integer | np.random.SeedSequence") -> int:
    """Return the first number of a seed's stream; numpy promises that it stays the same in all versions."""
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(int(seed))
    return int(sequence.generate_state(1)[0])


def of_children(items: Iterable[int]) -> list[int]:
    """Return what the tasks draw when each has its own child of one seed, in the order of the items."""
    return [first_number(np.random.SeedSequence(SEED, spawn_key=(place,))) for place, _ in enumerate(items)]
