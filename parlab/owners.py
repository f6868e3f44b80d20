"""Marks that name the process which made a thing, and the question whether that process is gone.

What a killed process leaves behind may be removed only when its maker is known to be dead. Containers share /tmp or
/dev/shm without seeing each other's processes, and machines share network folders: a process number alone says nothing
about somebody else's. This module never removes anything, and where it cannot know it says "not dead".
"""

import os
import re
import sys
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

MARK = r"[1-9][0-9]{0,8}-[0-9a-f]{1,8}"  # a regular expression; no group, so that others can build on it
_PROC_SELF = Path("/proc/self")
_NO_NAMESPACE = "0"  # macOS and Windows have one list of processes each, and temporary folders of their own


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file or folder that carries a mark.

    Attributes
    ----------
    name
        Its name in its folder.
    bytes
        How much it holds.
    owner
        The mark of the process that made it.
    dead
        Whether that process is known to be gone.
    """

    name: str
    bytes: int
    owner: str
    dead: bool


def mark() -> str:
    """Return this process's mark: its number and its namespace, ``1234-9f3ac210``; on macOS and Windows ``1234-0``."""
    return f"{os.getpid()}-{_namespace() or _NO_NAMESPACE}"


def is_from_here(owner: str) -> bool:
    """Tell whether a mark is of this namespace, so that its process would be seen from here."""
    return re.fullmatch(MARK, owner) is not None and owner.partition("-")[2] == _namespace()


def dead(owner: str) -> bool:
    """Tell whether the process of a mark is known to be gone: it would be seen from here and is not.

    A zombie is dead. A process that may not be looked at is alive, and so is one that got the number of a dead one.
    """
    return is_from_here(owner) and not _alive(int(owner.partition("-")[0]))


def is_mine(state: os.stat_result) -> bool:
    """Tell whether a file is this user's; on Windows each user has a temporary folder of their own."""
    return sys.platform == "win32" or state.st_uid == os.getuid()


def _namespace() -> str | None:
    """Return a digest of where process numbers mean what they mean here; None where that cannot be known.

    The namespace's number alone is not enough: the first namespace of every Linux has the same, and compute nodes and
    small virtual machines do share folders. So the machine's name goes in. A name that changes costs no more than a
    leftover that stays.
    """
    if sys.platform != "linux":
        return _NO_NAMESPACE
    try:
        number = (_PROC_SELF / "ns" / "pid").stat().st_ino
        if str(_PROC_SELF.readlink()) != str(os.getpid()):  # a sandbox kept the /proc of the world outside
            return None
    except OSError:
        return None
    return blake2b(f"{number} {os.uname().nodename}".encode(), digest_size=4).hexdigest()


def _alive(process: int) -> bool:
    if sys.platform != "linux":  # on Windows os.kill(…, 0) would be no question: it sends Ctrl-C
        return _alive_elsewhere(process)
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's, or hidden
        return True
    return state not in (b"Z", b"X")


def _alive_elsewhere(process: int) -> bool:
    import psutil

    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
