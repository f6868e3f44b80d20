"""The process between a notebook and a learner's function: starts a run per start method, and ends what it started.

It ends with whoever asked, however that went; then no worker of the learner's lives on. It imports no learner's code.
"""

import os
import queue
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parlab import groups
from parlab.codec import decode, encode, loads
from parlab.learn import probes
from parlab.learn.job import Job, Order
from parlab.learn.records import Run
from parlab.learn.stacks import in_words
from parlab.machine.detection import crowding, load_average
from parlab.machine.pressure import Pressure
from parlab.measure.channel import Channel
from parlab.measure.child import STOP, Child, StoppedError, TrialTimeoutError
from parlab.temporary import new_folder, remove_folder

_STACKS_S = 2.0  # to wait for stacks that were asked for
_PATIENCE_S = 1.0  # a run that has said its word ends within milliseconds
_STOLEN_SHARE = 0.05
_MOST_PATIENCE = 4.0  # where so many programs want each core
_LOOK_S = 0.01


def main() -> None:
    """Read a job, run it, send the runs."""
    channel = Channel.take_standard_streams()
    line = channel.read_line()
    if not line:
        return
    job = decode(Job, loads(line))
    inboxes: list[queue.SimpleQueue[Any]] = [queue.SimpleQueue() for _ in job.methods]
    channel.when_closed(lambda: _stop(inboxes))
    try:
        runs = watch(job, inboxes)
        channel.send("done", {"runs": [encode(run) for run in runs]})
    except (StoppedError, BrokenPipeError):
        return  # nobody is there to be told


def watch(job: Job, inboxes: "Sequence[queue.SimpleQueue[Any]]") -> list[Run]:
    """Do every run of a job, each with an inbox, and leave nothing of it."""
    watched: list[_Watched] = []
    try:
        for method, inbox in zip(job.methods, inboxes, strict=True):
            watched.append(_Watched(job, method, inbox))  # at once: whoever is there is ended below, come what may
        return [one.run() for one in watched]
    finally:
        for one in watched:
            one.end()


def patience(cores: int) -> float:
    """Return how many times as long a second worker may need to come as on a machine at rest."""
    return min(_MOST_PATIENCE, crowding(cores))


def _stop(inboxes: "list[queue.SimpleQueue[Any]]") -> None:
    for inbox in inboxes:
        inbox.put(STOP)


class _Watched:
    """One run."""

    def __init__(self, job: Job, method: str, inbox: "queue.SimpleQueue[Any]") -> None:
        self.job, self.method = job, method
        self.place = new_folder()
        self.before, self.began = Pressure.read(()), time.monotonic()
        try:
            for name in (probes.WORKERS, probes.STACKS, probes.FILES):
                (self.place / name).mkdir()
            self.child = Child("parlab.learn.runner_entry", inbox, self._environment())
        except BaseException:  # no room, or no more processes: nobody calls ``end`` then
            remove_folder(self.place)
            raise
        self.child.send(encode(Order(job.check, job.function, method, job.path, str(self.place))))

    def run(self) -> Run:
        """Wait for its end."""
        child = self.child
        left_s = max(0.0, self.began + self.job.deadline_s - time.monotonic())
        try:
            line = child.await_line(left_s)
        except TrialTimeoutError:
            lines = self._stacks()
            groups.end(child.process)
            return self._finished(Run(self.method, "late", lines=lines))
        child.dismiss(_PATIENCE_S)
        if not line.endswith(b"\n"):
            return self._finished(Run(self.method, "lost", error=f"exit code {child.process.returncode}"))
        return self._finished(decode(Run, loads(line)))

    def end(self) -> None:
        """End whatever is left of it."""
        if self.child.process.returncode is None:
            groups.end(self.child.process)
        self.child.release()
        remove_folder(self.place)

    def _environment(self) -> dict[str, str]:
        return {
            probes.PLACE: str(self.place),
            probes.DEADLINE: str(time.monotonic() + self.job.deadline_s),
            probes.PATIENCE: str(patience(self.job.cores)),
            "PYTHONDONTWRITEBYTECODE": "1",  # nothing is left in the learner's folder
        }

    def _finished(self, run: Run) -> Run:
        self.child.release()
        if run.ended in ("late", "lost"):
            run = replace(run, met=probes.met(self.place), calls=tuple(probes.calls(self.place)))
        return replace(run, printed=self.child.printed.text(), busy=self._busy())

    def _busy(self) -> str:
        load, took_s = load_average(), time.monotonic() - self.began
        stolen_s = self.before.until(Pressure.read(())).steal_s
        if stolen_s is not None and stolen_s > _STOLEN_SHARE * took_s * self.job.cores:
            return "others took cores from this machine"
        if load is not None and load > self.job.cores + 1:
            return "more programs wanted a core than there are cores"
        return ""

    def _stacks(self) -> tuple[str, ...]:
        """Ask every process of the run for its stacks, and say them in a learner's words."""
        files = sorted((self.place / probes.STACKS).iterdir(), key=lambda path: int(path.name))
        if sys.platform != "win32":  # there they come by themselves
            for file in files:
                self._ask(int(file.name))
        deadline = time.monotonic() + _STACKS_S
        while time.monotonic() < deadline and not all(self._has_said(file) for file in files):
            time.sleep(_LOOK_S)
        root = self.child.process.pid
        texts = [(int(file.name) == root, file.read_text(encoding="utf-8", errors="replace")) for file in files]
        return in_words(texts, Path(self.job.file))

    def _ask(self, process: int) -> None:
        try:
            if os.getpgid(process) == self.child.process.pid:  # else somebody has got its number
                os.kill(process, signal.SIGUSR1)
        except (ProcessLookupError, PermissionError):
            return  # it has ended

    def _has_said(self, file: Path) -> bool:
        return file.stat().st_size > 0 or not groups.is_alive(int(file.name))


if __name__ == "__main__":
    main()
