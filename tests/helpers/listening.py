"""Sees every socket that a program and all that it starts open to others: in a network of its own, where all are its.

Two ways that complete each other. Every few milliseconds the kernel's own tables are read, which show what any program
has open, C or Python. And every Python program notes what it binds (``audited/sitecustomize.py``), however short it is
open. Linux alone has both.
"""

import json
import os
import socket
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import psutil

HERE = Path(__file__).parent
_LOOK_S = 0.004
_LISTENS, _UNCONNECTED = "0A", "07"  # states of the kernel's tables
_ACCEPTS = 0x10000  # flag of a unix socket that takes connections
_INTERNET = {"tcp": _LISTENS, "tcp6": _LISTENS, "udp": _UNCONNECTED, "udp6": _UNCONNECTED, "raw": "", "raw6": ""}
_UP, _GET_FLAGS, _SET_FLAGS = 1, 0x8913, 0x8914


@dataclass(frozen=True, slots=True, order=True)
class Door:
    """A socket that somebody else could come in by, and the program that has it."""

    kind: str  # tcp, udp, unix …
    where: str  # host:port, or a path; an abstract name begins with @
    owner: str
    private: bool  # on this machine alone, or in a folder that nobody else may enter


@dataclass(slots=True)
class Doors:
    """What was seen."""

    seen: set[Door] = field(default_factory=set)
    looks: int = 0

    def internet(self) -> set[Door]:
        return {one for one in self.seen if one.kind != "unix"}

    def unix(self) -> set[Door]:
        return {one for one in self.seen if one.kind == "unix"}

    def open_to_others(self) -> set[Door]:
        return {one for one in self.seen if not one.private}


@cache
def own_network() -> tuple[str, ...] | None:
    """Return what a command line begins with that shall run in a network of its own; None where that is not allowed."""
    if sys.platform != "linux":
        return None
    begin = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--", sys.executable, "-I")
    line = (*begin, str(HERE / "listening.py"))
    with suppress(OSError):
        if subprocess.run([*line, "true"], capture_output=True, check=False, timeout=120).returncode == 0:
            return line
    return None


@contextmanager
def watched(
    line: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple["subprocess.Popen[bytes]", Doors]]:
    """Start a program in a network of its own and watch it until the block ends; its output goes to ``output``."""
    before = own_network()
    assert before is not None
    notes, doors, over = folder / "binds.jsonl", Doors(), threading.Event()
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, (str(HERE / "audited"), str(HERE), inherited)))
    variables = {**os.environ, "PYTHONPATH": path, "PARLAB_BINDS": str(notes), **(environment or {})}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*before, *line], cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    watcher = threading.Thread(target=_watch, args=(process.pid, doors, over), daemon=True)
    watcher.start()
    try:
        yield process, doors
    finally:
        over.set()
        watcher.join()
        if process.poll() is None:
            process.terminate()
            process.wait(120)
        doors.seen |= set(_noted(notes))


def run(line: Sequence[str], folder: Path, bound_s: float, environment: Mapping[str, str] | None = None) -> Doors:
    """Run a program to its end; a failure is told with what it said."""
    with watched(line, folder, environment) as (process, doors):
        code = process.wait(bound_s)
    assert code == 0, (folder / "output").read_text(errors="replace")[-4000:]
    return doors


def _watch(process: int, doors: Doors, over: threading.Event) -> None:
    known: set[str] = set()
    own = None
    while not over.wait(_LOOK_S):
        with suppress(OSError):
            network = Path(f"/proc/{process}/ns/net").readlink()
            if network == Path("/proc/self/ns/net").readlink():  # unshare has not come to it yet
                continue
            own = network
        if own is None:
            continue
        doors.looks += 1
        with suppress(OSError):
            doors.seen |= set(_open_now(Path("/proc", str(process), "net"), process, known))


def _open_now(tables: Path, process: int, known: set[str]) -> Iterator[Door]:
    for kind, state in _INTERNET.items():
        for words in _rows(tables / kind):
            inode = words[9]
            if inode not in known and (not state or words[3] == state):
                host, port = _address(words[1])
                if port or not state:
                    known.add(inode)
                    yield Door(kind, f"{host}:{port}", _owner(inode, process), ip_address(host).is_loopback)
    for words in _rows(tables / "unix"):
        if len(words) > 7 and int(words[3], 16) & _ACCEPTS and words[6] not in known:
            known.add(words[6])
            yield Door("unix", words[7], _owner(words[6], process), _in_private_folder(words[7]))


def _rows(table: Path) -> list[list[str]]:
    try:
        return [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    words = [int(host[place : place + 8], 16) for place in range(0, len(host), 8)]
    packed = b"".join(struct.pack("=I", word) for word in words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)


def _owner(inode: str, process: int) -> str:
    with suppress(psutil.Error):
        for one in psutil.Process(process).children(recursive=True):
            with suppress(OSError, psutil.Error):
                links = [str(link.readlink()) for link in Path("/proc", str(one.pid), "fd").iterdir()]
                if f"socket:[{inode}]" in links:
                    return " ".join(one.cmdline())[-160:]
    return "?"


def _in_private_folder(path: str) -> bool:
    """Tell whether nobody else can reach a socket; what is gone already was looked at when it was bound."""
    if path.startswith("@"):
        return False
    place = Path(path).parent
    try:
        state = place.stat()
    except OSError:
        return True
    return state.st_uid == os.getuid() and not stat.S_IMODE(state.st_mode) & 0o077


def _noted(notes: Path) -> Iterator[Door]:
    for line in notes.read_text().splitlines() if notes.exists() else []:
        one = json.loads(line)
        if "path" in one:
            if not one["path"]:
                continue  # the kernel chooses a name for a client
            private = not one.get("mode", 0o777) & 0o077 and one.get("mine", False)
            yield Door("unix", one["path"].replace("\0", "@"), one["program"], private)
        else:
            host = one["host"] or "0.0.0.0"  # noqa: S104  # what Python means by it
            private = host == "localhost" or ip_address(host).is_loopback
            yield Door("bound", f"{host}:{one['port']}", one["program"], private)


def _raise_loopback() -> None:
    """Switch the loopback device of a new network on; it begins switched off."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        name = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(asking, _GET_FLAGS, name))[1]
        fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


if __name__ == "__main__":
    _raise_loopback()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # a command line of ours, no shell
