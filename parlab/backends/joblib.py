"""joblib: loky's workers as ``joblib.Parallel`` uses them, with its batches, and large arrays mapped instead of sent.

With ``--no-trace`` the work goes through ``joblib.Parallel``, which joins short tasks into batches; traced messages go
one by one to the executor below. One worker is a process here, where ``Parallel(n_jobs=1)`` would be a plain loop.
"""

import os
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from typing import Any, ParamSpec, TypeVar

from parlab.backends.base import Backend, Facts
from parlab.backends.closing import StuckWatch, closing
from parlab.backends.meeting import Meeting
from parlab.backends.worker import enter_process

P = ParamSpec("P")
T = TypeVar("T")
_CONTEXT = "parlab"  # joblib keeps a folder of mapped arrays for each of its contexts
_NEVER_S = 24 * 3600  # joblib ends workers that are idle for this long; a trial must not lose any


class JoblibExecutor(Executor):
    """The executor that joblib keeps, with ``joblib.Parallel`` for its ``map``."""

    def __init__(self, workers: int) -> None:
        from joblib.executor import get_memmapping_executor
        from joblib.externals.loky.backend import get_context

        self.workers, self.meeting = workers, Meeting(get_context("loky"))
        self.inner: Any = get_memmapping_executor(
            workers,
            timeout=_NEVER_S,
            initializer=enter_process,
            initargs=(self.meeting, os.getpid()),
            context_id=_CONTEXT,
        )
        self.inner._temp_folder_manager.set_current_context(_CONTEXT)  # noqa: SLF001
        self.release_stuck = StuckWatch(self.inner)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand over one call."""
        future: Future[T] = self.inner.submit(fn, *args, **kwargs)
        return future

    def map(self, fn: Callable[..., T], *iterables: Any, timeout: Any = None, chunksize: int = 1) -> Iterator[T]:
        """Call ``joblib.Parallel``; a chunk size of 1 leaves its size of batches to joblib, as users do."""
        from joblib import Parallel, delayed

        if self.workers == 1:  # there ``Parallel`` would be the plain loop
            return iter(self.inner.map(fn, *iterables, chunksize=chunksize))
        batch = "auto" if chunksize == 1 else chunksize
        parallel = Parallel(self.workers, backend=_on(self.inner), batch_size=batch, timeout=timeout)
        try:
            return iter(parallel(delayed(fn)(*arguments) for arguments in zip(*iterables, strict=False)))
        finally:
            self.inner._temp_folder_manager.set_current_context(_CONTEXT)  # noqa: SLF001  # it has removed its own

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """End the workers; what waits is cancelled with them when it is not wanted any more."""
        if cancel_futures:
            # Its thread would look for calls that its own killing has taken away, and stumble (KeyError, joblib 1.6).
            with suppress(queue.Empty):
                while True:
                    self.inner._work_ids.get_nowait()  # noqa: SLF001
        self.inner.shutdown(wait=wait, kill_workers=cancel_futures)

    @property
    def _processes(self) -> Any:
        return self.inner._processes  # noqa: SLF001  # what tells how a worker ended


def _on(executor: Any) -> Any:
    """Make a backend of joblib's that works on an executor that is there already, and leaves it open."""
    from joblib._parallel_backends import LokyBackend

    class Kept(LokyBackend):  # type: ignore[misc,unused-ignore]
        def configure(self, n_jobs: int = 1, parallel: Any = None, **_more: Any) -> int:
            self._workers, self.parallel = executor, parallel
            executor._temp_folder_manager.register_new_context(parallel._id)  # noqa: SLF001  # as LokyBackend does
            return n_jobs

    return Kept()


class JoblibBackend(Backend):
    """``joblib.Parallel`` over its own loky."""

    name = "joblib"
    extra = True
    facts = Facts(
        "joblib.Parallel over loky: batches, maps large arrays",
        shares_memory=False,
        needs_importable_task=False,
        start_method="loky",
        lost_worker="is told",
    )

    def availability(self) -> str | None:
        """Look for the joblib package."""
        return None if find_spec("joblib") else "joblib is not installed: pip install 'parlab[joblib]'"

    def prepare(self) -> None:
        """Import joblib."""
        import joblib  # noqa: F401

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the pool; on an exception its workers are killed."""
        executor = JoblibExecutor(workers)
        try:
            with closing(executor.inner, partial(executor.shutdown, wait=False, cancel_futures=True)):
                yield executor
        finally:
            executor.inner.terminate(kill_workers=True)  # removes what was mapped for them
