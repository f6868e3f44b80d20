"""Holds a reader to its bounds, and gathers what it must not raise: once for each kind and place, with its input."""

import hashlib
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MOST_S = 5.0  # of CPU time, for one input: others may be at work on the same cores
MOST_BYTES = 500 << 20  # beyond what the process held before it began
PACKAGE = str(Path(__file__).parents[2] / "parlab")


class TooSlowError(BaseException):
    """An input took more CPU time than it may; ``except Exception`` does not swallow it."""


@contextmanager
def bounded(most_s: float = MOST_S) -> Iterator[None]:
    """Raise TooSlowError in the block when it takes more CPU time than it may; for main threads of POSIX systems."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {most_s:g} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory(more_bytes: int = MOST_BYTES) -> None:
    """Let this process take so much more memory than it holds now; beyond, Python raises MemoryError. Linux only."""
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])  # data and stacks
    held = pages * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_DATA, (held + more_bytes, resource.RLIM_INFINITY))


@dataclass
class Finds:
    """What leaked out of a reader.

    Attributes
    ----------
    folder
        Where the first input of each is kept.
    seen
        Kind and innermost place in parlab, with how often.
    """

    folder: Path
    seen: dict[str, int] = field(default_factory=dict)
    inputs: int = 0

    def watch(self, reader: Callable[[bytes], None], data: bytes) -> None:
        """Run a reader on one input, within the bounds of time, and note what it must not raise."""
        self.inputs += 1
        try:
            with bounded():
                reader(data)
        except KeyboardInterrupt:
            raise
        except BaseException as leak:  # noqa: BLE001  # that is what is sought
            self._note(leak, data)

    def _note(self, leak: BaseException, data: bytes) -> None:
        frames = traceback.extract_tb(leak.__traceback__)
        inner = [one for one in frames if one.filename.startswith(PACKAGE)] or frames[-1:]
        where = f"{Path(inner[-1].filename).name}:{inner[-1].name}" if inner else "?"
        key = f"{type(leak).__name__} in {where}"
        self.seen[key] = self.seen.get(key, 0) + 1
        if self.seen[key] > 1:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(key.encode()).hexdigest()[:12]
        (self.folder / name).write_bytes(data)
        (self.folder / f"{name}.txt").write_text(
            f"{key}\n\n{''.join(traceback.format_exception(leak))[-6000:]}", encoding="utf-8", errors="replace"
        )
        print(f"LEAK {key}: {str(leak)[:200]!r} -> {self.folder / name}", flush=True)
