"""A place of its own for a server and all that it starts: a temporary folder, and a /dev/shm where that is allowed.

What lies in them when everybody is gone was left behind. Where nobody may mount, as without root, /dev/shm is shared
with the whole machine, and only names are looked at that carry the mark of a process of this place.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from parlab import owners, segments, temporary

BOUND_S = 60
SHARED_MEMORY = segments.FOLDER
OWN_MOUNT = f"mount -t tmpfs -o size=512m tmpfs {SHARED_MEMORY} && echo ready && exec sleep infinity"
SWEEP = "from parlab import segments, temporary; segments.sweep(); temporary.sweep_leftovers()"


@dataclass
class Room:
    """Where temporary files and shared memory go.

    Attributes
    ----------
    temporary
        The folder for temporary files.
    keeper
        The process that holds the mount; None where there is none.
    makers
        Numbers of the processes that were seen here.
    """

    temporary: Path
    keeper: int | None
    makers: set[int] = field(default_factory=set)

    @property
    def within(self) -> tuple[str, ...]:
        """The words that start a program in here."""
        return () if self.keeper is None else ("nsenter", f"--mount=/proc/{self.keeper}/ns/mnt", "--")

    @property
    def variables(self) -> dict[str, str]:
        return {"TMPDIR": str(self.temporary)}

    def contents(self) -> set[str]:
        """List the names in the temporary folder and in /dev/shm."""
        return {one.name for one in self.temporary.iterdir()} | set(self._shared())

    def left(self) -> set[str]:
        """List what no living process has marked as its own."""
        return {name for name in self.contents() if not _has_owner(name)}

    def sweep(self) -> None:
        """Do what each start of parlab does: remove what carries the mark of a dead owner."""
        subprocess.run(
            [*self.within, sys.executable, "-P", "-c", SWEEP],
            env={**os.environ, **self.variables},
            timeout=BOUND_S,
            check=True,
        )

    def _shared(self) -> list[str]:
        folder = SHARED_MEMORY if self.keeper is None else Path(f"/proc/{self.keeper}/root{SHARED_MEMORY}")
        names = [one.name for one in folder.iterdir()]
        if self.keeper is not None:
            return names
        return [name for name in names if (owner := owner_of(name)) and int(owner.partition("-")[0]) in self.makers]


@contextmanager
def opened_room() -> Iterator[Room]:
    """Make a room, and remove it. The folder's name is short: sockets lie in it, whose paths may not be long."""
    with tempfile.TemporaryDirectory(prefix="room-", ignore_cleanup_errors=True) as folder:
        keeper = _keeper()
        try:
            yield Room(Path(folder), keeper and keeper.pid)
        finally:
            if keeper is not None:
                keeper.kill()
                keeper.wait()
                keeper.stdout.close()


def _keeper() -> subprocess.Popen[str] | None:
    """Start who holds a mount that nobody else sees; None where that is not allowed."""
    if sys.platform != "linux" or os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("nsenter")):
        return None
    line = ["unshare", "--mount", "sh", "-c", OWN_MOUNT]
    keeper = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if keeper.stdout.readline() == "ready\n":
        return keeper
    keeper.wait()
    keeper.stdout.close()
    return None


def owner_of(name: str) -> str | None:
    """Return the mark in a name; None where it has none."""
    for form in (segments._NAME, temporary._NAME):
        if found := form.fullmatch(name):
            return found["owner"]
    return None


def _has_owner(name: str) -> bool:
    owner = owner_of(name)
    return owner is not None and not owners.dead(owner)
