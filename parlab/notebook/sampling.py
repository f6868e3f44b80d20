"""Looks at how busy each core is, again and again, from a thread that ends itself. Starts no process, shows nothing."""

import threading
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

Reason = Literal["time", "stopped", "block", "interrupted", "replaced"]

_SHORTEST_S = 0.1  # the system counts in hundredths of a second: a shorter stretch says nothing
_JOIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """How busy each core was, from the sample before to ``time_s`` after the start."""

    time_s: float
    percents: "array[float]"


class Sampler:
    """A thread that takes samples until its time is over, or it is stopped.

    Parameters
    ----------
    seconds, every_s
        How long, and how often.
    show
        Called in the thread after each sample.
    ended
        Called in the thread at the end.

    Attributes
    ----------
    samples
        What has been seen so far.
    reason
        Why it ended; None while it goes on.
    watched_s
        For how long it has watched.
    cpu_s
        What the thread itself has cost; known at the end.
    """

    def __init__(
        self,
        seconds: float,
        every_s: float,
        show: Callable[[Sample], None] | None = None,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self._seconds, self._every_s = seconds, every_s
        self._show, self._ended = show, ended
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="parlab-cpu-monitor", daemon=True)
        self.samples: list[Sample] = []
        self.reason: Reason | None = None
        self.watched_s = 0.0
        self.cpu_s = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the thread is there."""
        return self._thread.is_alive()

    def stop(self, reason: Reason = "stopped") -> None:
        """End it and wait for it; the first reason counts. In the thread itself it does not wait."""
        with self._lock:
            self.reason = self.reason or reason
        self._stop.set()
        if self.running and threading.current_thread() is not self._thread:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self.cpu_s = time.thread_time()
            if self._ended is not None:
                with suppress(Exception):  # a page that is gone cannot show the end
                    self._ended()

    def _watch(self) -> None:
        import psutil

        psutil.cpu_percent(percpu=True)  # psutil remembers for each thread where the first stretch begins
        begin = last = time.perf_counter()
        while not self._stop.is_set():
            self._stop.wait(max(0.0, min(last + self._every_s, begin + self._seconds) - time.perf_counter()))
            now = time.perf_counter()
            if now - last >= _SHORTEST_S:
                sample = Sample(now - begin, array("f", psutil.cpu_percent(percpu=True)))
                self.samples.append(sample)
                last = now
                if self._show is not None:
                    self._show(sample)
            if now - begin >= self._seconds:
                with self._lock:
                    self.reason = self.reason or "time"
                self._stop.set()
            self.watched_s = now - begin
