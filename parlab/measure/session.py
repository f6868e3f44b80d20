"""The face's side of a sweep: starts the supervisor, yields its events, and ends it, whatever happens here."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import TimeoutExpired
from types import TracebackType
from typing import Any, Self

from parlab import groups, segments
from parlab.codec import dumps, encode, loads
from parlab.errors import TrialError, rebuild
from parlab.measure import payload
from parlab.measure.job import Job
from parlab.temporary import new_folder, remove_folder

STOP_S = 15.0  # the supervisor may need 2 x 2 s to end a stubborn trial, and as long again for what it was given


class Session:
    """A running sweep, as a context manager. Leaving the block ends everything that it started.

    Parameters
    ----------
    job
        What to run; see ``parlab.measure.request.make_job``.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.reason: str | None = None
        self._logbook: Path | None = None

    def __enter__(self) -> Self:
        """Start the supervisor in a process group of its own: Ctrl-C in a terminal reaches the face alone.

        What killed sweeps left goes first: it may be what fills the memory.
        """
        try:
            segments.sweep()
            self._logbook = new_folder()  # which sweeps the temporary folder
            self.job = replace(self.job, logbook=str(self._logbook))
            self._start()
        except BaseException:  # an interrupt, no room, no more processes: nobody calls ``__exit__`` then
            self._remove_files()
            raise
        return self

    def _start(self) -> None:
        try:
            self._process = groups.start("parlab.measure.supervisor")
        except OSError as problem:
            advice = "Close other programs, or allow more processes (ulimit -u) and open files (ulimit -n)."
            raise TrialError(f"The sweep's own process cannot be started: {problem.strerror}. {advice}") from problem
        assert self._process.stdin and self._process.stderr  # noqa: S101  # both were asked for
        self._printed = groups.Printed()
        self._drain = threading.Thread(target=self._printed.drain, args=(self._process.stderr,), daemon=True)
        try:
            self._drain.start()
            with suppress(OSError):  # it died at once; events() says so
                self._process.stdin.write(dumps(encode(self.job)).encode() + b"\n")
                self._process.stdin.flush()
        except BaseException:
            groups.end(self._process)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the sweep if it still runs, wait until nothing of it is alive, and remove what is left of it."""
        try:
            self.stop()
        finally:  # an impatient user interrupts again
            self._remove_files()
            segments.sweep_all()  # of a supervisor that had to be killed

    def _remove_files(self) -> None:
        payload.remove(self.job.payload)
        remove_folder(self._logbook)

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what happens, until the sweep is over.

        Yields
        ------
        dict
            ``event`` is ``"running"`` (with ``stage``, ``label`` and ``left_s``), ``"checked"`` or ``"trial"``.

        Raises
        ------
        ParlabError
            The sweep failed; the class and the text are those of the process where it happened.
        """
        assert self._process.stdout  # noqa: S101  # it was asked for
        for line in self._process.stdout:
            event = loads(line)
            if event["event"] == "finished":
                self.reason = event["reason"]
                return
            if event["event"] == "failed":
                raise rebuild(event["error"], event["text"])
            yield event
        self._process.wait()
        self._drain.join(groups.SETTLE_S)
        from parlab.measure.runner import farewell

        kept = " What has been measured is kept; go on with --resume." if Path(self.job.output).is_file() else ""
        message = f"The supervisor {farewell(self._process)} before the sweep was over.{kept}"
        raise TrialError(f"{message}\n{self._printed.text()}".strip())

    def ask_to_stop(self) -> None:
        """Close the line to the supervisor, which makes it end its trial and itself. Returns at once.

        Another thread may do so while ``events`` is read: that ends then as always, and ``reason`` is ``"stopped"``.
        """
        assert self._process.stdin  # noqa: S101  # it was asked for
        with suppress(OSError):
            self._process.stdin.close()

    def kill(self) -> None:
        """End a supervisor that was asked and did not stop, with everything of its group."""
        groups.end(self._process)

    def stop(self) -> None:
        """Close the line to the supervisor, and kill it when it does not end by that."""
        assert self._process.stdout and self._process.stderr  # noqa: S101  # they were asked for
        self.ask_to_stop()
        try:
            self._process.wait(STOP_S)
        except TimeoutExpired:
            self.kill()
        self._drain.join(groups.SETTLE_S)
        self._process.stdout.close()
        self._process.stderr.close()
