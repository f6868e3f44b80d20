"""Chooses what a prediction rests on: whose spans, of which worker counts. It predicts nothing and invents nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from parlab import backends
from parlab.analysis.contention import cpu_share_of
from parlab.analysis.traces import Traced, traced
from parlab.errors import InputError, ParlabError
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.results import Results
from parlab.results.ratios import brackets, order, usable_trials

SEED = 20240229  # as in sweeps that name none
MOST_WORKERS = 10_000
MOST_TASKS = 100_000  # of one run: beyond, playing hundreds of them takes minutes and gigabytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    workers
        Worker counts; empty for twice and four times the most that something was measured with.
    engine
        A backend's spec; None for the fastest one of the sweep.
    using
        The worker counts whose trials may be used; the others are only held against the predictions. Empty for all.
    tasks
        How many; None for as many as were measured (weak scaling: for each worker).
    chunksize
        Tasks in a message; None for the sweep's.
    cores
        How many the workers share; None for one each, and for the measured machine's where tasks wait.
    far
        Go further than four times the most workers that something was measured with.
    calibration
        A sweep with the engine, where it is not in this one.
    message_s
        What a message costs, where that is known from elsewhere.
    """

    workers: Sequence[int] = ()
    engine: str | None = None
    using: Sequence[int] = ()
    tasks: int | None = None
    chunksize: int | None = None
    cores: int | None = None
    far: bool = False
    calibration: Results | None = None
    message_s: float | None = None
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Ground:
    """What a prediction rests on."""

    results: Results
    engine: str
    family: Sequence[Traced]  # one engine's configurations, by worker count
    usable: Sequence[Traced]  # those that may be used; the first is drawn from
    busy: bool  # the tasks keep a core busy
    share: float

    @property
    def base(self) -> Traced:
        """The configuration whose spans are drawn from: that with the fewest workers."""
        return self.usable[0]

    @property
    def machine_cores(self) -> int | None:
        """The cores that the measured machine could use."""
        found = self.results.header.machine.get("cores_usable")
        return found if isinstance(found, int) and found > 0 else None


def check(wanted: Wanted) -> None:
    """Refuse what cannot be asked.

    Raises
    ------
    InputError
        A number is out of its range, or two answers to one question were given.
    """
    counts = {"--workers": wanted.workers, "--from": wanted.using}
    single = {"--tasks": wanted.tasks, "--chunksize": wanted.chunksize, "--cores": wanted.cores}
    given_counts = [*((name, one) for name, many in counts.items() for one in many), *single.items()]
    for name, count in given_counts:
        most = MOST_TASKS if name in ("--tasks", "--chunksize") else MOST_WORKERS
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most):
            raise InputError(f"{name} {count!r} is not allowed: give a whole number from 1 to {most}.")
    if wanted.message_s is not None and not 0 < wanted.message_s < float("inf"):
        raise InputError(f"A dispatch cost of {wanted.message_s!r} s is not allowed: give seconds above 0, as 0.0016.")
    if wanted.message_s is not None and wanted.calibration is not None:
        raise InputError("--dispatch-cost and --calibration say the same thing twice. Give one of them.")


def ground_of(results: Results, wanted: Wanted) -> Ground:
    """Choose what a prediction rests on.

    Raises
    ------
    InputError
        There are no spans, none of an engine like the one asked for, or none of the worker counts to predict from.
    """
    known = traced(results)
    if not known:
        raise InputError(_why_not(results))
    engine = wanted.engine or _fastest(known)
    family = _family(known, engine)
    usable = [one for one in family if not wanted.using or one.configuration.workers in wanted.using]
    if not usable:
        counts = ", ".join(str(one.configuration.workers) for one in family)
        asked = ", ".join(map(str, wanted.using))
        raise InputError(f"There are no spans with {asked} workers to predict from. There are those of: {counts}.")
    share = cpu_share_of(usable[0])
    return Ground(results, engine, family, usable, share >= CPU_BOUND_SHARE, share)


def _fastest(known: Sequence[Traced]) -> str:
    """Name the engine that was fastest with the most workers."""
    most = max(one.configuration.workers for one in known)
    widest = [one for one in known if one.configuration.workers == most]
    return max(widest, key=lambda one: one.typical.speedup).configuration.backend


def _family(known: Sequence[Traced], engine: str) -> list[Traced]:
    """List the configurations whose task times hold for an engine: its own, else those of one that is like it."""
    names = list(dict.fromkeys(one.configuration.backend for one in known))
    chosen = engine if engine in names else None
    if chosen is None:
        backends.get(engine)  # refuses what is no engine at all
        chosen = next((name for name in names if shares_memory(name) == shares_memory(engine)), None)
    if chosen is None:
        chosen = next((one.configuration.backend for one in known if cpu_share_of(one) < CPU_BOUND_SHARE), None)
    if chosen is None:
        raise InputError(
            f"The task times of {', '.join(names)} say nothing of {engine}: threads share one interpreter and others "
            f"do not, and these tasks compute. Measure {engine} with --workers 1,2."
        )
    found = [one for one in known if one.configuration.backend == chosen]
    return sorted(found, key=lambda one: one.configuration.workers)


def shares_memory(engine: str) -> bool:
    """Tell whether an engine's workers are threads of one interpreter."""
    try:
        return backends.get(engine).facts.shares_memory
    except ParlabError:  # an engine of another package, on another machine
        return False


def _why_not(results: Results) -> str:
    nothing = "There is nothing to predict from"
    if not order(results):
        return f"{nothing}: this is the plain loop alone. Measure an engine beside it, as --backends processes."
    if not brackets(usable_trials(results)):
        return f"{nothing}: no round is complete in this file. Go on with `parlab bench … --resume`."
    if not results.header.sweep.trace:
        return f"{nothing}: this was measured with --no-trace, so no task's times were taken. Measure without it."
    return (
        f"{nothing}: no traced trial of an engine did the same work as the plain loops of its round. "
        "`parlab show FILE` tells what became of them."
    )
