"""What can befall a running Dask cluster of others in the middle of a sweep: done to real processes and networks."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask_tasks
import psutil
from clusters import LOOPBACK, Cluster, cluster
from looking import SHARED_MEMORY
from scenarios import MOST_S, Seen, in_file, run_sweep, wait_until
from spots import Spot

ITEMS, WANTED = 12, 2
BACK_AFTER_S = 5.0
SLOWLY = 3  # minutes, for a cluster that starts
HOARD_BYTES = "600MB"  # what a worker may hold in the case of memory


@dataclass(frozen=True)
class Network:
    """A second host, as near as one machine comes: a network namespace behind a port of a bridge."""

    name: str
    here: str
    there: str

    @property
    def prefix(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        """Close the port: whatever is sent from now on vanishes, and nobody is told."""
        _do(f"ip link set {self.name}v down")

    def mend(self) -> None:
        _do(f"ip link set {self.name}v up")


def _do(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True, timeout=MOST_S)


@contextmanager
def second_host() -> Iterator[Network]:
    """Make one for this probe, with names of its own, and remove it."""
    number = os.getpid()
    subnet = f"10.{128 + number // 250 % 100}.{number % 250}"
    made = Network(f"plf{number}", f"{subnet}.1", f"{subnet}.2")
    name = made.name
    try:
        _do(f"ip link add {name}b type bridge")
        _do(f"ip addr add {made.here}/24 dev {name}b")
        _do(f"ip link set {name}b up")
        _do(f"ip netns add {name}")
        _do(f"ip link add {name}v type veth peer name eth0 netns {name}")
        _do(f"ip link set {name}v master {name}b up")
        for words in (f"addr add {made.there}/24 dev eth0", "link set eth0 up", "link set lo up"):
            _do(f"ip -n {name} {words}")
        yield made
    finally:
        for command in (f"ip link del {name}b", f"ip netns del {name}"):
            subprocess.run(command.split(), check=False, capture_output=True, timeout=MOST_S)


class Trouble:
    """A thread that waits until a second parallel trial has begun its tasks, and then does something to the cluster."""

    def __init__(self, notes: Path, path: Path, act: Callable[[list[int]], object]) -> None:
        self.notes, self.path, self.act, self.struck = notes, path, act, False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        wait_until(lambda: _parallel_trials(self.path) >= 1, SLOWLY)
        before = self._workers()
        wait_until(lambda: [who for who, seen in self._workers().items() if seen > before.get(who, 0)], SLOWLY)
        busy = [who for who, seen in self._workers().items() if seen > before.get(who, 0)]
        self.struck = True
        self.act(busy)

    def _workers(self) -> dict[int, int]:
        """Count the notes of each process; the plain loops' processes are children of the probe's own supervisor."""
        found: dict[int, int] = {}
        for path in self.notes.iterdir():
            process = int(path.name.partition("-")[0])
            found[process] = found.get(process, 0) + 1
        return {process: seen for process, seen in found.items() if _is_of_a_cluster(process)}


def _parallel_trials(path: Path) -> int:
    """Count them; lines of the memory that each configuration needs have a role as well."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return sum(b'"kind":"trial"' in line and b'"role":"parallel"' in line for line in lines)


def _is_of_a_cluster(process: int) -> bool:
    """Tell workers from plain loops, and from those that have just ended, whose command lines are empty."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return b"dask" in words or b"multiprocessing" in words


def cluster_in_trouble(spot: Spot, folder: Path, trouble: str, deadline_s: float = 12.0) -> Seen:
    """Measure three rounds on a running cluster of three workers, and let something happen in the second."""
    notes = folder / "place"
    with _made(trouble, folder / "cluster") as (others, act):
        path = folder / "out.jsonl"
        befalls = Trouble(notes, path, act)
        started = time.monotonic()
        seen = run_sweep(
            spot,
            path,
            items=range(ITEMS),
            function=dask_tasks.hoard if trouble == "memory" else dask_tasks.note_and_nap,
            kwargs={"folder": str(notes)},
            backends=[others.spec],
            workers=[WANTED],
            rounds=3,
            deadline_s=deadline_s,
        )
        seen["seconds"] = time.monotonic() - started
        befalls.thread.join(BACK_AFTER_S + MOST_S)
    return {**seen, **in_file(path), "struck": befalls.struck}


@contextmanager
def _made(trouble: str, folder: Path) -> Iterator[tuple[Cluster, Callable[[list[int]], Any]]]:
    """Start the cluster that a trouble needs, and say what shall happen to it."""
    if trouble.startswith("cut"):
        with second_host() as network, _divided(trouble, folder, network) as others:
            yield others, lambda _busy: _cut(network, comes_back=trouble.endswith("back"))
        return
    theirs: set[Path] = set()
    with _removed_at_last(theirs), cluster(folder) as others:
        spare = 0 if trouble in ("all workers", "memory") else 1
        started = [_worker(others, trouble) for _ in range(WANTED + spare)]
        others.wait_for(len(started))
        acts: dict[str, Callable[[list[int]], Any]] = {
            "worker": lambda busy: os.kill(busy[0], signal.SIGKILL),
            "stopped worker": lambda busy: os.kill(busy[0], signal.SIGSTOP),
            "all workers": lambda _busy: [os.kill(one.pid, signal.SIGKILL) for one in started],
            "scheduler": lambda _busy: others.scheduler.kill(),
            "nanny": lambda busy: _kill_nanny(psutil.Process(busy[0]).ppid(), [one.pid for one in started], theirs),
            "memory": lambda _busy: (folder / "hoard").touch(),
        }
        yield others, acts[trouble]


def _kill_nanny(nanny: int, nannies: list[int], theirs: set[Path]) -> None:
    """Kill one, and note the semaphores of all: they are of a cluster that parlab did not start, and are killed too.

    Who has made a semaphore has it under a name that is gone (glibc), so the workers are asked, who opened it.
    """
    for worker in (one for number in nannies for one in psutil.Process(number).children(recursive=True)):
        lines = Path(f"/proc/{worker.pid}/maps").read_text().splitlines()
        theirs.update(Path(line.split()[-1]) for line in lines if f"{SHARED_MEMORY}/sem.mp-" in line)
    os.kill(nanny, signal.SIGKILL)


@contextmanager
def _removed_at_last(names: set[Path]) -> Iterator[None]:
    """Remove what killed nannies had, so that what remains then would be parlab's."""
    try:
        yield
    finally:
        for path in names:
            path.unlink(missing_ok=True)


def _worker(others: Cluster, trouble: str) -> Any:
    if trouble == "nanny":
        return others.start(
            "worker", others.address, "--nanny", "--no-dashboard", "--nthreads", "1", "--host", LOOPBACK
        )
    more = ("--memory-limit", HOARD_BYTES) if trouble == "memory" else ()
    return others.add_worker(*more, PARLAB_HOARD=str(others.folder / "hoard"))


@contextmanager
def _divided(trouble: str, folder: Path, network: Network) -> Iterator[Cluster]:
    """Have the whole cluster on the second host, or one of its workers only."""
    if "client" in trouble:
        with cluster(folder, host=network.there, prefix=network.prefix) as others:
            for _ in range(WANTED):
                others.add_worker(host=network.there, prefix=network.prefix)
            others.wait_for(WANTED)
            yield others
        return
    with cluster(folder, host=network.here) as others:
        others.add_worker(host=network.here)
        others.add_worker(host=network.there, prefix=network.prefix)
        others.wait_for(WANTED)
        yield others


def _cut(network: Network, *, comes_back: bool) -> None:
    network.cut()
    if comes_back:
        time.sleep(BACK_AFTER_S)
        network.mend()
