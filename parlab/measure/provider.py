"""The supervisor's side of what a workload needs around it: one process that makes it and holds it during a sweep."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from parlab.codec import decode, encode, loads
from parlab.errors import rebuild
from parlab.measure.child import Child
from parlab.measure.job import Provided
from parlab.measure.runner import TrialLostError, farewell, shown
from parlab.records import Sweep

if TYPE_CHECKING:
    import queue

ENTRY = "parlab.measure.provision"
PATIENCE_S = 3.0  # to remove files, or to let a server finish its answers
_LATE = "What the workload needs was not ready after {deadline_s:.0f} s. Give it less data, or a smaller --size."
_DEADLINE_S = 3_600.0  # large files of a user's own take their time; the user can stop it


@contextmanager
def provided(sweep: Sweep, inbox: "queue.SimpleQueue[Any]") -> Iterator[Provided]:
    """Have what a workload needs made, and hold it until the block ends.

    Parameters
    ----------
    sweep
        Names the workload, its size and its options.
    inbox
        Where ``STOP`` may arrive at any time.

    Yields
    ------
    Provided
        Where it is, and how many tasks there are.

    Raises
    ------
    StoppedError
        ``STOP`` arrived while it was being made.
    ParlabError
        It could not be made; the text says why.
    """
    child = Child(ENTRY, inbox)
    try:
        child.send(encode(sweep))
        yield _understand(child.await_line(_DEADLINE_S, _LATE), child)
    finally:
        child.dismiss(PATIENCE_S)
        child.release()


def _understand(line: bytes, child: Child) -> Provided:
    if not line.endswith(b"\n"):
        child.dismiss(PATIENCE_S)
        child.release()  # waits until all that it has printed is read
        what = f"The process that makes what the workload needs {farewell(child.process)} before it was ready."
        raise TrialLostError(f"{what}{shown(child)}")
    message = loads(line)
    if message["event"] != "provided":
        raise rebuild(message["error"], message["text"])
    return decode(Provided, message)
