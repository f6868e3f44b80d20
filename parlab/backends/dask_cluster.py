"""Starts a Dask cluster on this machine that nobody else can reach, and ends it whatever its tasks do.

It never decides what runs. Scheduler and nannies live in this process, workers are processes below it.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from parlab.backends.closing import ended_after
from parlab.temporary import private_folder

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

LOOPBACK = "127.0.0.1"
_DASHBOARD_PORT = 8787  # Dask's own; another one is taken when it is not free
_CLOSE_S = 10.0
_CONNECTS_WITHIN = "distributed.comm.timeouts.connect"
_SET_BEFORE = "distributed.nanny.pre-spawn-environ"
# A cluster closes a nanny whose worker is not back after 15 s, for good. On a busy machine a start takes longer, and
# with the last nanny nobody would ever come back.
_GIVES_UP_AFTER, _NEVER = "distributed.deploy.lost-worker-timeout", "1 day"
# Every two seconds a scheduler drops copies of data that no task waits for at that moment. What all tasks need is
# brought to each worker once, before the clock starts, and shall stay there.
_DROPS_COPIES = "distributed.scheduler.active-memory-manager.start"


@contextmanager
def started(workers: int, *, dashboard: bool) -> "Iterator[Client]":
    """Start a cluster with one thread a worker, and yield a client of it.

    Parameters
    ----------
    workers
        How many processes.
    dashboard
        Whether the scheduler shows its page, on this machine alone.
    """
    import dask
    from distributed import Client

    cluster: LocalCluster | None = None

    def close() -> None:
        if cluster is not None:
            with suppress(TimeoutError, OSError):
                cluster.close(timeout=_CLOSE_S)

    with (
        private_folder() as folder,
        dask.config.set(_settings(str(folder), dashboard=dashboard)),
        _quiet(),
        ended_after(close) as kill,
    ):
        try:
            with _clock_is_suspected():
                cluster = _local_cluster(workers, str(folder), dashboard=dashboard)
                client = Client(cluster, set_as_default=False)
            with client:
                yield client
        except BaseException:
            _stop_replacing(cluster)
            kill()
            raise


@contextmanager
def _clock_is_suspected() -> Iterator[None]:
    """Explain a timeout that came too early: Dask reckons its deadlines by the wall clock, which may be set."""
    import dask
    from dask.utils import parse_timedelta

    began = time.monotonic()
    try:
        yield
    except (OSError, RuntimeError) as problem:
        waited_s = time.monotonic() - began
        allowed_s = parse_timedelta(dask.config.get(_CONNECTS_WITHIN))
        if "Timed out" not in str(problem) or waited_s >= allowed_s:
            raise
        why = f"In truth it was {waited_s:.1f} s: Dask reckons by the machine's clock, which somebody may have set."
        raise TimeoutError(f"{problem}. {why} Start again.") from problem


def _local_cluster(workers: int, folder: str, *, dashboard: bool) -> "LocalCluster":
    """Start it; what the system lacked is told as such, where Dask tells only that a nanny did not start."""
    from distributed import LocalCluster

    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=None,
            scheduler_kwargs={
                # A port of the system's choice: without one, each trial would go for 8787, dashboard or not.
                "dashboard_address": f"{LOOPBACK}:{_DASHBOARD_PORT if dashboard else 0}",
                "dashboard": dashboard,
            },
            preload=["parlab.backends.dask_worker"],
            memory_limit=None,  # parlab looks after memory alike for all engines, and kills nobody for it
            local_directory=folder,
            silence_logs=logging.ERROR,
        )
    except RuntimeError as problem:
        if (lacking := _lacking(problem)) is None:
            raise
        raise OSError(lacking.errno, lacking.strerror) from problem


def _lacking(problem: BaseException | None) -> OSError | None:
    """Find what the system said, below the errors that came of it."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno is not None:  # a timeout is one without a number
            return problem
        problem = problem.__cause__ or problem.__context__
    return None


def _settings(folder: str, *, dashboard: bool) -> dict[str, Any]:
    """Keep Dask from setting thread limits of its own, which this process's environment has, and from serving pages."""
    import dask

    kept = {name: one for name, one in dask.config.get(_SET_BEFORE).items() if not name.endswith("_NUM_THREADS")}
    pages: dict[str, Any] = (
        {} if dashboard else {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
    )
    return {
        _SET_BEFORE: kept,
        _GIVES_UP_AFTER: _NEVER,
        _DROPS_COPIES: False,
        "temporary-directory": folder,  # the scheduler looks here, and would leave a folder among everybody's files
        **pages,
    }


def _stop_replacing(cluster: "LocalCluster | None") -> None:
    """Tell the nannies that the deaths to come are meant."""
    for nanny in {} if cluster is None else cluster.workers.values():
        nanny.close_gracefully()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs about workers that end to itself: what it means is said by the trial's outcome."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
