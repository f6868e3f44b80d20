"""Reads CPU and memory limits of control groups, version 1 and 2, on Linux. Reads files only, changes nothing.

A process can sit in a nested group, and every ancestor's limit holds for it as well, so the walk goes from the group
named in ``/proc/self/cgroup`` up to the mount. Source: the kernel's ``admin-guide/cgroup-v1`` and ``cgroup-v2`` pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path, PurePosixPath

_LONGEST = 20  # digits of what 64 bits hold
_UNLIMITED_BYTES = 1 << 60  # version 1 writes "no limit" as a number near 2**63


@dataclass(frozen=True, slots=True)
class _Mount:
    kind: str  # "cgroup" or "cgroup2"
    inside: PurePosixPath  # which group the mount shows as its top
    point: PurePosixPath
    controllers: frozenset[str]


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Return how many cores the tightest CPU quota allows, such as 1.5, or None where there is none.

    Parameters
    ----------
    root
        Where the file system starts; tests give a made-up tree.
    """
    quotas = [quota for group in _groups(root, "cpu") if (quota := _quota_of(group)) is not None]
    return min(quotas, default=None)


def memory_limit(root: Path = Path("/")) -> int | None:
    """Return the tightest memory limit in bytes, or None where there is none."""
    limits = [limit for group in _groups(root, "memory") if (limit := _memory_of(group)) is not None]
    return min(limits, default=None)


def memory_headroom(root: Path = Path("/")) -> int | None:
    """Return how many bytes may still be taken before the tightest limit is reached, or None where there is none.

    What a group uses counts without the file cache that the kernel would give back (``inactive_file``).
    """
    rooms = []
    for group in _groups(root, "memory"):
        limit = _memory_of(group)
        if limit is not None:
            rooms.append(max(0, limit - _used_by(group)))
    return min(rooms, default=None)


def _used_by(group: Path) -> int:
    words = _words(group / "memory.current") or _words(group / "memory.usage_in_bytes")
    used = _number(words[0]) if words else 0
    for line in _lines(group / "memory.stat"):
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return max(0, used - _number(value))
    return used


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) <= _LONGEST else 0


def _quota_of(group: Path) -> float | None:
    words = _words(group / "cpu.max")
    if not words:
        words = _words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us")
    try:
        quota, period = (float(word) for word in words)
    except ValueError:  # "max 100000", or no such file
        return None
    cores = quota / period if quota > 0 and period > 0 else inf
    return cores if cores < inf else None


def _memory_of(group: Path) -> int | None:
    words = _words(group / "memory.max") or _words(group / "memory.limit_in_bytes")
    try:
        limit = int(words[0])
    except (IndexError, ValueError):
        return None
    return limit if 0 < limit < _UNLIMITED_BYTES else None


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield every group that holds this process for a controller, from the innermost to the mount."""
    mounts = list(_mounts(root))
    for line in _lines(root / "proc/self/cgroup"):
        number, names, path = [*line.split(":", 2), "", ""][:3]
        version_2 = number == "0" and not names
        if not version_2 and controller not in names.split(","):
            continue
        for mount in mounts:
            if mount.kind == ("cgroup2" if version_2 else "cgroup") and (version_2 or controller in mount.controllers):
                yield from _ancestors(root, mount, PurePosixPath(path))


def _ancestors(root: Path, mount: _Mount, path: PurePosixPath) -> Iterator[Path]:
    # In a container the mount may show a deeper group as its top, or the path may point outside of it.
    steps = path.relative_to(mount.inside).parts if path.is_relative_to(mount.inside) else ()
    steps = () if ".." in steps else steps
    top = root / str(mount.point).lstrip("/")  # two of them are a root of its own
    for depth in range(len(steps), -1, -1):
        yield top.joinpath(*steps[:depth])


def _mounts(root: Path) -> Iterator[_Mount]:
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        first, last = before.split(), after.split()
        if len(first) > 4 and len(last) > 2 and last[0] in ("cgroup", "cgroup2") and first[4].startswith("/"):
            yield _Mount(last[0], PurePosixPath(first[3]), PurePosixPath(first[4]), frozenset(last[2].split(",")))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, ValueError):  # ValueError: a group's name with a zero byte is no path at all
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()
