"""Dask clusters of real processes for tests: `dask scheduler` and `dask worker` commands on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

BOUND_S = 120
LOOPBACK = "127.0.0.1"
HELPERS = str(Path(__file__).parent)  # the workers find these and parlab, and no module of a test's own


def free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


class Cluster:
    """A scheduler, and the workers that were started for it."""

    def __init__(self, folder: Path, host: str = LOOPBACK, scheme: str = "tcp", prefix: Sequence[str] = ()) -> None:
        self.folder, self.host = folder, host
        self.address = f"{scheme}://{host}:{free_port()}"
        self.processes: list[subprocess.Popen] = []
        listens = ("--host", self.address, "--no-dashboard", "--dashboard-address", f"{host}:0")
        self.scheduler = self.start("scheduler", *listens, prefix=prefix)

    @property
    def spec(self) -> str:
        return f"dask:{self.address}"

    def start(self, *arguments: str, prefix: Sequence[str] = (), **variables: str) -> subprocess.Popen:
        """Start a `dask` command, in an empty folder, in a session of its own."""
        place = self.folder / f"{arguments[0]}-{len(self.processes)}"
        place.mkdir(parents=True)
        environment = {**os.environ, "PYTHONPATH": HELPERS, "DASK_TEMPORARY_DIRECTORY": str(place), **variables}
        with (place / "log").open("wb") as log:
            line = [*prefix, sys.executable, "-m", "dask", *arguments]
            process = subprocess.Popen(line, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def add_worker(
        self, *more: str, host: str = LOOPBACK, threads: int = 1, prefix: Sequence[str] = (), **variables: str
    ) -> subprocess.Popen:
        """Start a worker without a nanny: when it is killed it is gone."""
        options = ("--no-nanny", "--no-dashboard", "--nthreads", str(threads), "--host", host, *more)
        return self.start("worker", self.address, *options, prefix=prefix, **variables)

    def wait_for(self, workers: int) -> None:
        """Wait until as many workers have registered."""
        from parlab.backends.dask_guests import look

        deadline = time.monotonic() + BOUND_S
        while (found := look(self.address))[1] < workers:  # asks all versions as well, so it wants all of them alive
            assert time.monotonic() < deadline, f"{found}\n{self.logs()}"
            time.sleep(0.1)

    def wait_until_gone(self, workers: int) -> None:
        """Wait until no more than this many workers are known: Dask waits half a minute for one that has just died."""
        from parlab.backends.dask_guests import connected, running

        deadline = time.monotonic() + BOUND_S
        with connected(self.address) as client:
            while len(running(client)) > workers:
                assert time.monotonic() < deadline, self.logs()
                time.sleep(0.05)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*/log")))

    def end(self) -> None:
        """Kill all of it."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(BOUND_S)


@contextmanager
def cluster(folder: Path, workers: int = 0, **more) -> Iterator[Cluster]:
    """Start a scheduler and workers, wait for them, and kill them after the block."""
    started = Cluster(folder, **more)
    try:
        for _ in range(workers):
            started.add_worker()
        if workers:
            started.wait_for(workers)
        yield started
    finally:
        started.end()
