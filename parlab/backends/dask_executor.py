"""A ``concurrent.futures.Executor`` over a Dask client: results, losses and large data in the terms of the harness.

It starts no cluster and ends none. Every call is a task of its own (``pure=False``), or equal ones would run once.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from parlab.backends.base import START_TIMEOUT_S, Answer
from parlab.backends.dask_clock import narrowest
from parlab.backends.dask_losses import Losses
from parlab.backends.dask_worker import GUESTS_THREAD, call, call_each, call_packed, introduce
from parlab.backends.dask_workers import there
from parlab.backends.endings import WorkerGoneError
from parlab.backends.memory import memory_advice
from parlab.errors import LostTaskError, TrialError, WorkersLostError, text_of

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as DaskFuture

P = ParamSpec("P")
T = TypeVar("T")
_LARGE_BYTES = 1_000_000  # from here on data goes to the workers once, and the scheduler gets a reference to it
_PATIENCE_S = 5.0  # for a scheduler that was there and does not answer
_LOOK_S, _LOOK_AFTER_S = 0.05, 1.0
_RUNNING, _PAUSED = "running", "paused"
_DESERTED_S = 15.0  # while the network is down for a moment, a client knows of no workers either
_PAUSED_S = 10.0  # some heartbeats, in which a worker that has room again says so


class LostDataError(WorkerGoneError):
    """A worker was lost with data that Dask cannot compute again."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "KilledWorker")  # Dask's own word for a worker that a task has ended


class DaskExecutor(Executor):
    """Runs calls on the workers of a client's cluster.

    Parameters
    ----------
    client
        Connected; it stays the caller's.
    workers
        How many workers there are to be.
    chosen
        The addresses of those that may be used, in a cluster of others; None: all, in a cluster of our own.
    """

    def __init__(self, client: "Client", workers: int, chosen: Sequence[str] | None = None) -> None:
        self.client, self.workers = client, workers
        self.chosen = None if chosen is None else tuple(chosen)
        self.losses = Losses(client)
        self._where: dict[str, Any] = {} if chosen is None else {"workers": list(chosen), "allow_other_workers": False}
        self._loop = client.loop.asyncio_loop
        self._pending: set[Future[Any]] = set()
        self._references: dict[int, tuple[Any, DaskFuture | None]] = {}
        self._silent_since_s: float | None = None
        self._deserted_since_s: float | None = None
        self._paused_since_s: float | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand over one call."""
        fn = partial(fn, **kwargs) if kwargs else fn  # some names mean something to ``Client.submit``
        reference = self._reference(fn)
        values = [self._scattered(one) for one in args]
        whole = (fn, *values) if reference is None else (call, reference, *values)
        future = self._send(*whole, where=self._where)
        self.losses.watch(future.key, args)
        waiting = self._promised(self._outcome(future))
        waiting.add_done_callback(lambda _: self.losses.forget(future.key))
        return waiting

    def map(
        self, fn: Callable[..., T], *iterables: Any, timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Call ``Client.map``, with pieces of the work where a chunk size is given.

        Raises
        ------
        WorkersLostError
            A worker was lost: which calls ran again this way does not tell.
        """
        del timeout
        calls = list(zip(*iterables, strict=False))
        pieces = [calls[first : first + chunksize] for first in range(0, len(calls), chunksize)]
        with self._in_guests_thread():
            futures = self.client.map(*self._work(fn, pieces), pure=False, **self._where)
        waiting = self._promised(self._outcome(futures))
        while not wait([waiting], _LOOK_AFTER_S).done:
            self.release_stuck()
        if self.losses.noticed:
            self.losses.take()
            raise WorkersLostError("A Dask worker was lost, and Dask has run its tasks again: these times say nothing.")
        return (value for piece in waiting.result() for value in piece)

    def _work(self, function: Any, pieces: Sequence[Any]) -> tuple[Any, ...]:
        """Say what ``Client.map`` is to map over what."""
        if self.chosen is not None:
            import cloudpickle

            return call_packed, [self._scattered(cloudpickle.dumps((function, piece))) for piece in pieces]
        reference = self._reference(function)
        return (
            call_each,
            [function if reference is None else reference] * len(pieces),
            list(map(self._scattered, pieces)),
        )

    def everywhere(self, errand: Callable[[Any], Any] | None, argument: Any) -> list[Answer]:
        """Run an errand once on every worker, in the thread that runs its tasks.

        Raises
        ------
        TrialError
            Not all workers are there, or one has not answered in time.
        """
        addresses = self._assembled()
        answers = self._asked(addresses, errand, argument)
        if errand is None:
            answers = narrowest(answers, lambda: self._asked(addresses, None, None))
        self.losses.know(addresses)
        return answers

    def take_losses(self) -> tuple[list[tuple[Any, ...]], list[Answer]]:
        """Return the arguments of the calls that ran again since the last time, and who has come as a replacement."""
        newcomers = self.losses.newcomers(self._addresses()) if self.losses.noticed else []
        return self.losses.take(), self._asked(newcomers, None, None, may_go=True)

    def release_stuck(self) -> None:
        """Look, when nothing has come for a while, whether anything can still come.

        Raises
        ------
        WorkersLostError
            The scheduler does not answer any more, or all workers that were chosen have gone.
        """
        if self.client.status != _RUNNING:
            self._silent_since_s = self._silent_since_s or time.monotonic()
            if self.client.status == "closed" or time.monotonic() - self._silent_since_s > _PATIENCE_S:
                raise self._scheduler_gone()
            return
        self._silent_since_s = None
        told = there(self.client)
        if here := self._ours(told):
            self._deserted_since_s = None
            self._refuse_pause({address: told[address] for address in here})
            return
        now_s = time.monotonic()
        self._deserted_since_s = self._deserted_since_s or now_s
        if now_s - self._deserted_since_s > (START_TIMEOUT_S if self.chosen is None else _DESERTED_S):
            raise self._deserted()

    def _deserted(self) -> WorkersLostError:
        if self.chosen is None:
            text = f"All {self.workers} Dask workers were lost, and none has come back for {START_TIMEOUT_S:.0f} s."
            return WorkersLostError(f"{text} Does a task end them? Is there memory for so many?")
        text = f"All {self.workers} Dask workers that were chosen have gone: {', '.join(self.chosen)}."
        return WorkersLostError(f"{text} What runs on them may end them, or their hosts; look at their logs.")

    def _refuse_pause(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        """Give up where every worker has stopped taking tasks and runs none: nothing would give memory back there."""
        if not all(map(_stands_still, told.values())):
            self._paused_since_s = None
            return
        now_s = time.monotonic()
        self._paused_since_s = self._paused_since_s or now_s
        if now_s - self._paused_since_s > _PAUSED_S:
            text = f"All Dask workers that are left are paused: they hold too much memory. {', '.join(told)}."
            raise WorkersLostError(f"{text} Start them with a larger --memory-limit, or give smaller items.")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """Wait for what was submitted, or cancel it. The cluster is ended by who started it."""
        if cancel_futures:
            for one in list(self._pending):
                one.cancel()
        if wait:
            self._settle()
        self._references.clear()
        if self.client.status == _RUNNING:
            self.losses.end()

    def _settle(self) -> None:
        """Wait for what was submitted, as long as anything can still come."""
        while self._pending and self.client.status == _RUNNING:
            if wait(list(self._pending), _LOOK_AFTER_S).not_done:
                self.release_stuck()

    def _addresses(self) -> list[str]:
        """Say where the workers are that are there now."""
        return self._ours(there(self.client))

    def _ours(self, told: Mapping[str, Any]) -> list[str]:
        return sorted(told) if self.chosen is None else [one for one in self.chosen if one in told]

    def _assembled(self) -> list[str]:
        """Wait until as many workers are there as were asked for."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while len(found := self._addresses()) < self.workers:
            self.release_stuck()
            if time.monotonic() > deadline:
                text = f"Only {len(found)} of {self.workers} Dask workers are there after {START_TIMEOUT_S:.0f} s."
                raise TrialError(f"{text} Give fewer workers, or look for what blocks their start.")
            time.sleep(_LOOK_S)
        return found

    def _asked(
        self, addresses: Sequence[str], errand: Callable[[Any], Any] | None, argument: Any, *, may_go: bool = False
    ) -> list[Answer]:
        """Let workers introduce themselves and run an errand.

        With ``may_go`` one that is lost before it has answered is left out: a task that ends its workers ends one
        replacement after the other, and what is meant for one address would wait for ever for one that has gone.
        """
        told, asked = partial(introduce, guest=self.chosen is not None), []
        for address in addresses:
            sent_s = time.perf_counter()
            where = {"workers": [address], "allow_other_workers": False}
            future = self._send(told, errand, argument, where=where)
            asked.append((address, sent_s, self._followed(self._timed(future))))
        try:
            self._wait_for([(address, waiting) for address, _, waiting in asked], may_go=may_go)
        except BaseException:
            for _, _, waiting in asked:  # nobody asks for them any more
                waiting.cancel()
            raise
        answers = []
        for _, sent_s, waiting in asked:
            if may_go and (waiting.cancelled() or isinstance(waiting.exception(), (LostTaskError, WorkerGoneError))):
                continue
            (introduction, result), answered_s = waiting.result()
            answers.append(Answer(introduction, result, sent_s, answered_s))
        return answers

    def _wait_for(self, asked: Sequence[tuple[str, Future[Any]]], *, may_go: bool) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while late := wait([waiting for _, waiting in asked], _LOOK_AFTER_S).not_done:
            self.release_stuck()
            here = self._addresses()
            gone = [(address, waiting) for address, waiting in asked if waiting in late and address not in here]
            if gone and here and not may_go:
                raise LostDataError(f"The Dask worker at {gone[0][0]} was lost before it had answered.")
            for _, waiting in gone if may_go else ():
                waiting.cancel()
            if time.monotonic() > deadline:
                raise TrialError(f"{len(late)} of {len(asked)} Dask workers did not answer; look at their logs.")

    def _send(self, *call: Any, where: dict[str, Any]) -> "DaskFuture":
        with self._in_guests_thread():
            return self.client.submit(*call, pure=False, **where)

    def _in_guests_thread(self) -> Any:
        """In a cluster of others tasks run in a thread of their own, one at a time, whatever else the worker has."""
        import dask

        return dask.annotate() if self.chosen is None else dask.annotate(executor=GUESTS_THREAD)

    def _promised(self, outcome: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Follow what the caller has submitted: the orderly end waits for it, and not for what we ask workers."""
        waiting = self._followed(outcome)
        self._pending.add(waiting)
        waiting.add_done_callback(self._pending.discard)
        return waiting

    def _followed(self, outcome: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(outcome, self._loop)

    async def _timed(self, future: "DaskFuture") -> tuple[Any, float]:
        return await self._outcome(future), time.perf_counter()

    async def _outcome(self, futures: Any) -> Any:
        """Wait for results, and say losses in the words of the harness."""
        from distributed import CancelledError, KilledWorker

        try:
            return await self.client.gather(futures, asynchronous=True)
        except KilledWorker as problem:
            times = problem.allowed_failures + 1
            text = f"Each of {times} workers that ran it ended, the last one at {problem.last_worker.address}."
            advice = "Was it killed, did memory run out, or did C code crash? The workers' logs say more."
            if self.chosen is None:  # this machine is theirs
                advice = f"Something killed them, or C code crashed. Where memory runs out: {memory_advice()}"
            raise LostTaskError(f"{text} {advice}", how="lost(KilledWorker)") from problem
        except CancelledError as problem:
            if self.client.status != _RUNNING:
                raise self._scheduler_gone() from problem
            raise LostDataError(f"Dask gave a task up: {problem}") from problem

    def _scheduler_gone(self) -> WorkersLostError:
        where = getattr(self.client.scheduler, "address", "")
        text = f"The Dask scheduler {where} does not answer any more: it ended, or the network to it is gone."
        return WorkersLostError(f"{text} Start it again with its workers, then go on with --resume.")

    def _reference(self, function: Any) -> "DaskFuture | None":
        """Bring a function that holds much data to all workers, once; a small one travels with each call."""
        known = self._references.get(id(function))
        if known is None:
            known = function, self._broadcast(function)
            self._references[id(function)] = known  # with the function, so that nothing else gets its id
        return known[1]

    def _broadcast(self, function: Any) -> "DaskFuture | None":
        import cloudpickle

        try:
            size_bytes = len(cloudpickle.dumps(function))
        except Exception:  # what it holds refuses, and ``Client.submit`` will say so
            return None
        if size_bytes < _LARGE_BYTES:
            return None
        return self._scatter(function, broadcast=True)

    def _scattered(self, value: Any) -> Any:
        """Bring a large argument to a worker, so that it does not go through the scheduler's own memory."""
        from dask.sizeof import sizeof

        if sizeof(value) < _LARGE_BYTES:
            return value
        return self._scatter(value)

    def _scatter(self, value: Any, *, broadcast: bool = False) -> "DaskFuture":
        """Bring data to workers that are there; one that goes meanwhile makes the scheduler fail, and is left out."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return self.client.scatter([value], broadcast=broadcast, hash=False, workers=self._addresses())[0]
            except (KeyError, OSError) as problem:  # it knows the address no more, or nobody answers there
                self.release_stuck()
                if time.monotonic() > deadline:
                    raise LostDataError(f"No Dask worker took the data of a task: {text_of(problem)}") from problem
                time.sleep(_LOOK_S)


def _stands_still(told: Mapping[str, Any]) -> bool:
    """Tell from what the scheduler knows of a worker whether it takes no tasks and runs none."""
    running = told.get("metrics", {}).get("task_counts", {}).get("executing", 0)
    return told.get("status") == _PAUSED and not running
