"""What notebook 17 has far workers do: tell who they are, nap and note it with the scheduler, take parts of an array.

Dask itself is imported inside of functions. What a task notes goes to the scheduler at once, so it survives a worker
that is killed in the middle of it. No workload is here.
"""

import pickle
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from distributed import Client

NAP_S = 0.25
_AWAITED_S = 60.0
_LOOK_S = 0.02


class Stint(NamedTuple):
    """One time that a worker has begun a task.

    Attributes
    ----------
    task
        Its number.
    worker
        The worker's name.
    began_s, ended_s
        In seconds from the first beginning of its topic on. The end is None where it never came.
    """

    task: int
    worker: str
    began_s: float
    ended_s: float | None


class Weight(NamedTuple):
    """What a task costs to compute, and what must travel for it.

    Attributes
    ----------
    compute_s
        The shortest of three runs.
    sent_bytes
        Of its pickled argument.
    """

    compute_s: float
    sent_bytes: int


def nap(task: int, topic: str, nap_s: float = NAP_S) -> int:
    """Sleep, noting beginning and end with the scheduler under a topic; return the task's number."""
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(topic, {"task": task, "name": worker.name, "began": time.time()})
    time.sleep(nap_s)
    worker.log_event(topic, {"task": task, "name": worker.name, "ended": time.time()})
    return task


def stints(client: "Client", topic: str) -> list[Stint]:
    """Return every beginning that was noted under a topic, in the order of time."""
    begun: dict[tuple[int, str], int] = {}  # the place in what was found
    found: list[Stint] = []
    told = [event for _, event in client.get_events(topic)]
    zero_s = min((event["began"] for event in told if "began" in event), default=0.0)
    for event in told:
        key = event["task"], event["name"]
        if "began" in event:
            begun[key] = len(found)
            found.append(Stint(*key, event["began"] - zero_s, None))
        elif key in begun:
            found[begun[key]] = found[begun[key]]._replace(ended_s=event["ended"] - zero_s)
    return sorted(found, key=lambda stint: stint.began_s)


def await_tasks(client: "Client", topic: str, worker: str, count: int) -> None:
    """Wait until a worker has ended so many tasks of a topic and begun the next one.

    Raises
    ------
    TimeoutError
        It does not come to that.
    """
    deadline = time.monotonic() + _AWAITED_S
    while time.monotonic() < deadline:
        own = [stint for stint in stints(client, topic) if stint.worker == worker]
        if sum(stint.ended_s is not None for stint in own) >= count and own[-1].ended_s is None:
            return
        time.sleep(_LOOK_S)
    raise TimeoutError(f"{worker} has not come to {count} tasks in {_AWAITED_S:.0f} s. Does it still run?")


def make_array(size_bytes: int) -> "np.ndarray":
    """Make an array of random whole numbers, always the same ones."""
    import numpy as np

    return np.random.default_rng(17).integers(1000, size=size_bytes // 8)


def part(array: "np.ndarray", number: int, parts: int) -> int:
    """Return the sum of one of the equal parts of an array."""
    length = len(array) // parts
    return int(array[number * length : (number + 1) * length].sum())


def whole(array: "np.ndarray") -> int:
    """Return the sum of an array."""
    return part(array, 0, 1)


def own_part(size_bytes: int, number: int, parts: int) -> int:
    """Make the array here, then do as ``part``: what travels is a recipe."""
    return part(make_array(size_bytes), number, parts)


def thumbnail_of(content: bytes) -> bytes:
    """Make a thumbnail of a photograph whose file has been read already: its bytes travel, not its name."""
    from parlab.workloads import photos

    picture = photos.decoded(photos.Photo(""), content)
    return photos.encoded(photos.filtered(photos.resized(picture)))


def weigh(task: Callable[[Any], Any], item: Any) -> Weight:
    """Measure how long a task computes in this process, and how large its argument is on its way."""
    taken_s = []
    for _ in range(3):
        began_s = time.perf_counter()
        task(item)
        taken_s.append(time.perf_counter() - began_s)
    return Weight(min(taken_s), len(pickle.dumps(item, protocol=5)))
