"""Makes the bars of a timeline from a trial's spans: which trial, which bars, and what is too short to be seen.

Draws nothing. Tasks too short to be seen are joined, so that a hundred thousand of them become as few bars as fit, and
the area of the bars stays the time that was worked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from parlab import units
from parlab.errors import InputError, unknown_choice
from parlab.plots.style import clean
from parlab.records import Trial

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from parlab.results import Results

    Numbers = npt.NDArray[np.float64]

_TICK_S = 1e-9  # spans are kept to the nanosecond; a task of none is no division by zero


class Lost(NamedTuple):
    """A task that ended its worker, and with it the record of its times."""

    task: int
    submitted_s: float
    how: str  # "lost(SIGKILL)"


@dataclass(frozen=True, slots=True)
class Bars:
    """The spans of one trial as arrays; tasks without times are in ``lost``."""

    worker: "Numbers"
    started: "Numbers"
    finished: "Numbers"
    cpu: "Numbers"  # NaN where it is not known
    failed: "npt.NDArray[np.bool_]"
    lost: tuple["Lost", ...]
    crew: int  # how many workers there were

    @property
    def cpu_known(self) -> bool:
        """Whether any task's CPU time is known."""
        import numpy as np

        return bool(np.isfinite(self.cpu).any())

    @property
    def cpu_share(self) -> "Numbers":
        """Which share of each task was CPU time, 0 to 1; all of it where that is not known."""
        import numpy as np

        share = self.cpu / np.maximum(self.finished - self.started, _TICK_S)
        return np.clip(np.nan_to_num(share, nan=1.0), 0.0, 1.0)


def choose(results: "Results", backend: str, workers: int, round_number: int | None) -> tuple[Trial, str]:
    """Return the trial to draw, and how it was chosen; see ``parlab.plots.timeline.timeline_chart``."""
    runs = [trial for trial in results.records if trial.role != "ceiling"]
    if not runs:
        raise InputError("There is no timeline to draw: this file has no trial yet. Go on with --resume.")
    if backend not in {trial.backend for trial in runs}:
        raise unknown_choice("backend of this file", backend, {clean(trial.backend) for trial in runs})
    counts = sorted({trial.workers for trial in runs if trial.backend == backend})
    if workers not in counts:
        message = f"{clean(backend)} was not measured with {units.count(workers, 'worker')}."
        raise InputError(f"{message} Worker counts in this file: {', '.join(map(str, counts))}.")
    found = [trial for trial in runs if (trial.backend, trial.workers) == (backend, workers) and _has_spans(trial)]
    if not found:
        message = (
            f"There is no timeline of {clean(backend)} with {units.count(workers, 'worker')}: its trials have no spans."
        )
        raise InputError(f"{message} Measure without --no-trace.")
    if round_number is not None:
        return _of_round(found, round_number), f"session {found[-1].session}" if results.session else ""
    good = sorted((trial for trial in found if trial.outcome == "ok"), key=lambda trial: trial.map_s or 0.0)
    if not good:
        return found[-1], "no round went well; this is the last"
    return good[(len(good) - 1) // 2], f"median of {len(good)}" if len(good) > 1 else "the only one"


def _has_spans(trial: Trial) -> bool:
    return bool(trial.spans and trial.spans["task"])


def _of_round(found: Sequence[Trial], number: int) -> Trial:
    for trial in reversed(found):
        if trial.round == number:
            return trial
    rounds = ", ".join(str(one) for one in sorted({trial.round for trial in found}))
    raise InputError(f"There is no round {number} with this configuration. Rounds in this file: {rounds}.")


def read_bars(trial: Trial) -> Bars:
    """Turn a trial's spans into arrays.

    Raises
    ------
    InputError
        They hold what cannot be drawn; files may come from anybody.
    """
    import numpy as np

    spans = trial.spans or {}
    try:
        worker, started, finished, cpu, submitted = (
            np.array(spans[name], dtype=float) for name in ("worker", "started_s", "finished_s", "cpu_s", "submitted_s")
        )
    except (TypeError, ValueError):
        raise InputError(
            f"The spans of {clean(trial.configuration.label)} hold what is no number. Restore the file."
        ) from None
    crew = max(1, len(trial.crew))
    if not ((worker >= 0) & (worker < crew)).all():
        raise InputError(
            f"The spans of {clean(trial.configuration.label)} name workers that its crew lacks. Restore the file."
        )
    timed = np.isfinite(started) & np.isfinite(finished)
    failed = np.array([one != "ok" for one in spans["outcome"]], dtype=bool)
    lost = tuple(
        Lost(spans["task"][place], float(np.nan_to_num(submitted[place])), str(spans["outcome"][place]))
        for place in np.flatnonzero(~timed)
    )
    return Bars(worker[timed], started[timed], finished[timed], cpu[timed], failed[timed], lost, crew)


class Joined(NamedTuple):
    """Bars of tasks that are too short to be seen one by one."""

    left: "Numbers"
    right: "Numbers"
    worker: "Numbers"
    wall: "Numbers"  # share of the stretch that was worked
    cpu: "Numbers"  # share of it that was CPU time


def join(worker: "Numbers", left: "Numbers", right: "Numbers", dark: "Numbers", width: float) -> Joined:
    """Join tasks that are too short to be seen: one bar for each lane and stretch of time, as high as it was busy.

    Parameters
    ----------
    worker, left, right
        Lane and ends of each task.
    dark
        Share of each task that was CPU time.
    width
        Of a stretch, in the unit of the ends.
    """
    import numpy as np

    stretch = np.floor((left + right) / 2 / width)
    first = stretch.min(initial=0.0)
    many = stretch.max(initial=0.0) - first + 1
    # One number for lane and stretch: to sort pairs takes ten times as long, and there may be a million tasks.
    unique, which = np.unique(worker * many + (stretch - first), return_inverse=True)
    wall = np.bincount(which, weights=right - left, minlength=len(unique)) / width
    cpu = np.bincount(which, weights=(right - left) * dark, minlength=len(unique)) / width
    start = (unique % many + first) * width
    return Joined(start, start + width, unique // many, np.minimum(wall, 1), np.minimum(cpu, 1))
