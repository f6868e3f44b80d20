"""Shows what becomes of a segment of shared memory when the program that made it ends in one way or another.

Every segment has a name of our own, and is removed here when nobody else has done it.
"""

import os
import secrets
import signal
from multiprocessing.shared_memory import SharedMemory

from parlab import segments
from parlab.errors import unknown_choice
from parlab.workloads.lessons import run_script

TIDY, FORGOT, KILLED, ALL_KILLED = "close() and unlink()", "no unlink()", "killed", "killed, and the tracker with it"
ENDS = (TIDY, FORGOT, KILLED, ALL_KILLED)

_PROGRAM = "from parlab.workloads import segment_ends\nsegment_ends.make_and_end({name!r}, {end!r})"
_BYTES = 1024
_WAIT_S = 60.0


def make_and_end(name: str, end: str) -> None:
    """Make a segment, and end this process.

    Parameters
    ----------
    name
        Of the segment.
    end
        One of ``ENDS``.

    Raises
    ------
    InputError
        It is none of them.
    """
    if end not in ENDS:
        raise unknown_choice("end of a program", end, ENDS)
    segment = SharedMemory(name, create=True, size=_BYTES)
    print("made", flush=True)  # noqa: T201  # whoever watches this program reads it
    if end in (KILLED, ALL_KILLED):
        _kill(everything=end == ALL_KILLED)
    segment.close()
    if end == TIDY:
        segment.unlink()


def _kill(*, everything: bool) -> None:
    if os.name != "posix":
        os._exit(9)  # Windows knows no signals, and no tracker of segments
    if everything:
        os.killpg(os.getpgid(0), signal.SIGKILL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def fate(end: str) -> str:
    """Run a program that makes a segment and ends; say who has removed the segment.

    Parameters
    ----------
    end
        One of ``ENDS``.

    Returns
    -------
    str
        ``"gone"``, or ``"still there"`` where a later program finds it; it is removed then.

    Raises
    ------
    InputError
        It is none of them.
    RuntimeError
        The program has made no segment.
    """
    if end not in ENDS:
        raise unknown_choice("end of a program", end, ENDS)
    name = f"{segments.name_prefix()}{secrets.token_hex(4)}"
    try:
        done = run_script(_PROGRAM.format(name=name, end=end), _WAIT_S, saved=False)
    except BaseException:  # too late, or the notebook's stop button
        remove(name)
        raise
    found = remove(name)
    if "made" not in done.stdout:
        raise RuntimeError(f"The program that should make a segment has failed: {done.stderr.strip()[-500:]}")
    return "still there" if found else "gone"


def remove(name: str) -> bool:
    """Remove a segment, and tell whether it was there.

    Parameters
    ----------
    name
        Of the segment.
    """
    try:
        segment = SharedMemory(name)
    except FileNotFoundError:
        return False
    segment.close()
    segment.unlink()
    return True
