"""A Dask cluster for notebooks whose scheduler and workers are programs of their own, as on many machines.

They listen on 127.0.0.1 alone, and all of them end with the block, with ``end()``, with the program that started them,
and when that one is killed: ``parlab.notebook.cluster_guard`` sees to it. It gives nobody any work.
"""

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from parlab import groups, segments, temporary
from parlab.errors import BackendUnavailableError, InputError, InterruptedTasksError, TrialError, unknown_choice
from parlab.notebook.ending import end_at_exit

if TYPE_CHECKING:
    import pandas as pd

LOOPBACK, SCHEDULER = "127.0.0.1", "scheduler"
_START_S = 120.0
_LOOK_S = 0.02
_MOST_WORKERS = 16
_PAGE = (
    "--no-dashboard",
    "--dashboard-address",
    f"{LOOPBACK}:0",
)  # without a page Dask still listens, for all to reach
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_ENDED = "This cluster has ended. Start another one: Cluster(workers=2)."
_FILE = f"{SCHEDULER}.json"  # the scheduler writes its address there


@dataclass(slots=True)
class _Program:
    """One command, as the guard tells of it."""

    command: str
    process: int | None = None
    code: int | None = None
    is_over: bool = False  # the whole cluster has ended

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.code is None and not self.is_over

    @property
    def state(self) -> str:
        """Say whether it runs, or how it ended."""
        if self.runs:
            return "runs" if self.process else "starts"
        if self.code is None:
            return "ended with the cluster"
        if self.code < 0:
            return f"ended by {groups.signal_name(-self.code)}"
        return f"ended, exit code {self.code}"


class Cluster:
    """A scheduler and workers, each of them a ``dask`` command.

    Parameters
    ----------
    workers
        How many to begin with, from 1 to 16. They are called ``worker-1``, ``worker-2``, and so on.

    Attributes
    ----------
    address
        Where the scheduler listens, such as ``tcp://127.0.0.1:40779``.

    Raises
    ------
    InputError
        There cannot be so many workers.
    BackendUnavailableError
        Dask is not installed.
    TrialError
        They could not be started; the text ends with what they have logged.
    InterruptedTasksError
        The user stopped it before all were there; nothing of it is left.
    """

    def __init__(self, workers: int = 2) -> None:
        if not isinstance(workers, int) or not 1 <= workers <= _MOST_WORKERS:
            raise InputError(f"A cluster with {workers!r} workers? Give a number from 1 to {_MOST_WORKERS}.")
        if find_spec("distributed") is None:
            raise BackendUnavailableError("Dask is not installed: pip install 'parlab[dask]'")
        self._programs: dict[str, _Program] = {}
        self._folder = temporary.new_folder()
        try:
            self._guard = groups.start("parlab.notebook.cluster_guard", arguments=[str(self._folder)], merged=True)
        except BaseException:
            temporary.remove_folder(self._folder)
            raise
        self._said = ""
        self._reader = threading.Thread(target=self._listen, daemon=True)
        try:
            self._reader.start()
            end_at_exit(self)
            file = self._folder / _FILE
            self._order(
                SCHEDULER,
                ("--host", LOOPBACK, "--port", "0"),
                ("--scheduler-file", str(file), *_PAGE, "--no-jupyter"),
            )
            for _ in range(workers):
                self._add(file)
            self.address = self._await_address(file)
            self.wait()
        except KeyboardInterrupt:
            self.end()
            raise InterruptedTasksError(
                "Stopped: the cluster had not started yet, and nothing of it is left."
            ) from None
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Self:
        """Take it for a block; it has started already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End all of it."""
        self.end()

    def add_worker(self) -> str:
        """Start one more worker, which joins by the scheduler's address; return its name once it is there."""
        name = self._add(self.address)
        self.wait()
        return name

    def kill(self, name: str) -> None:
        """Kill a program of the cluster, as a power cut would: it cannot say goodbye.

        Raises
        ------
        InputError
            There is none of that name, or it has ended.
        TrialError
            The whole cluster has ended.
        """
        if name not in self._programs:
            raise unknown_choice("program of this cluster", name, self._programs)
        program = self._programs[name]
        if program.process is None or not program.runs:
            raise InputError(f"{name} has ended already. Running: {', '.join(self._running()) or 'none'}.")
        if self._guard.poll() is not None:  # then nobody tells any more whose the number is
            raise TrialError(_ENDED)
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(program.process, _KILL)
        self._until(lambda: program.code is not None, f"{name} has not ended")

    def log(self, name: str, lines: int = 5) -> str:
        """Return the last lines that a program of the cluster has logged, without the paths of this machine.

        Raises
        ------
        InputError
            There is none of that name.
        """
        if name not in self._programs:
            raise unknown_choice("program of this cluster", name, self._programs)
        with suppress(OSError):
            text = (self._folder / name / "log").read_text(encoding="utf-8", errors="replace")
            return "\n".join(re.sub(r"\S*parlab-private-[^/\s]*", "…", text).splitlines()[-lines:])
        return ""

    def table(self) -> "pd.DataFrame":
        """Say of each program what was typed to start it, and what has become of it.

        Returns
        -------
        pandas.DataFrame
            A row a program: ``command``, ``state``. Options that only keep quiet or tidy are left out.
        """
        import pandas as pd

        rows = {name: {"command": one.command, "state": one.state} for name, one in self._programs.items()}
        return pd.DataFrame.from_dict(rows, orient="index")

    def wait(self) -> None:
        """Wait until every worker that runs has registered with the scheduler.

        Raises
        ------
        TrialError
            One ended, or it takes too long.
        """
        from parlab.backends.dask_guests import connected, running

        before = {name for name, one in self._programs.items() if one.code is not None}

        def all_there() -> bool:
            ended = {name for name, one in self._programs.items() if one.code is not None} - before
            if ended:
                raise TrialError(f"{min(ended)} has ended as soon as it was started.\n{self.log(min(ended))}")
            return len(running(client)) >= len(self._programs) - 1 - len(before - {SCHEDULER})

        with connected(self.address) as client:
            self._until(all_there, "Not all workers of the cluster are there")

    def end(self) -> None:
        """End all of it and remove its folder; once it has ended, this does nothing."""
        if self._guard.stdin is None or self._guard.stdin.closed:
            return  # a number that is free again may be another group's by now
        groups.end(self._guard)
        if self._reader.ident is not None:  # else it was not even begun
            self._reader.join(_START_S)
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        for one in self._programs.values():
            one.is_over = True
        temporary.remove_folder(self._folder)
        segments.sweep_all()  # tasks that were ended in the middle could not remove what was their own

    def __repr__(self) -> str:
        """Say who runs, and where."""
        crew = ", ".join(self._running())
        return f"<cluster at {self.address}: {crew}>" if crew else "<cluster that has ended>"

    def __str__(self) -> str:
        """Show the table as text, what was typed last."""
        rows = [
            ("program", "state", "typed"),
            *((name, one.state, one.command) for name, one in self._programs.items()),
        ]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        return "\n".join(f"{name:<{widths[0]}}  {state:<{widths[1]}}  {typed}" for name, state, typed in rows)

    def _running(self) -> list[str]:
        return [name for name, one in self._programs.items() if one.runs]

    def _add(self, scheduler: str | Path) -> str:
        name = f"worker-{len(self._programs)}"  # the scheduler is the first
        where = ("--scheduler-file", str(scheduler)) if isinstance(scheduler, Path) else (scheduler,)
        quiet = ("--no-nanny", *_PAGE, "--host", LOOPBACK, "--name", name, "--memory-limit", "0")
        self._order("worker", (*where, "--nthreads", "1"), (*quiet, "--local-directory", "."), name)
        return name

    def _order(self, what: str, typed: tuple[str, ...], more: tuple[str, ...], name: str = SCHEDULER) -> None:
        """Let the guard start a command, of which ``typed`` is shown to people."""
        shown = " ".join(
            ("dask", what, *(Path(one).name if os.sep in one and "://" not in one else one for one in typed))
        )
        self._programs[name] = _Program(shown)
        assert self._guard.stdin is not None  # noqa: S101  # groups.start makes a pipe
        try:
            self._guard.stdin.write(json.dumps({"name": name, "arguments": [what, *typed, *more]}).encode() + b"\n")
            self._guard.stdin.flush()
        except (OSError, ValueError) as problem:
            raise TrialError(_ENDED) from problem

    def _listen(self) -> None:
        """Take in what the guard tells, until it ends."""
        pipe = self._guard.stdout
        assert pipe is not None  # noqa: S101  # groups.start makes a pipe
        for line in pipe:
            try:
                event = json.loads(line)
                program = self._programs[event["name"]]
            except (ValueError, KeyError, TypeError):  # the guard itself has failed
                self._said += line.decode(errors="replace")
                continue
            if "process" in event:
                program.process = event["process"]
            else:
                program.code = event["code"]

    def _await_address(self, file: Path) -> str:
        found: list[str] = []

        def is_written() -> bool:
            if self._programs[SCHEDULER].code is not None:
                raise TrialError(f"The scheduler has ended as soon as it was started.\n{self.log(SCHEDULER)}")
            with suppress(OSError, ValueError):  # not yet there, or not yet whole
                found.append(str(json.loads(file.read_text(encoding="utf-8"))["address"]))
            return bool(found)

        self._until(is_written, "The scheduler has not said where it listens")
        return found[0]

    def _until(self, true: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _START_S
        while not true():
            if self._guard.poll() is not None:
                raise TrialError(f"The cluster has ended. {self._said.strip()}".strip())
            if time.monotonic() > deadline:
                raise TrialError(f"{otherwise} after {_START_S:.0f} s. Is the machine busy?\n{self.log(SCHEDULER)}")
            time.sleep(_LOOK_S)
