"""Answers ``parlab plan``: chooses what a prediction may rest on, refuses what nothing supports, says what it assumes.

The numbers are those of ``parlab.analysis.sizing``. What is not in the sweep is asked for, never invented: the queue of
an engine that was not measured, and worker counts far beyond all that was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parlab import backends
from parlab.analysis.contention import Contention, contention_of, cpu_share_of
from parlab.analysis.dispatching import Dispatch, dispatch_of, given, same_payload
from parlab.analysis.laws import FARTHEST
from parlab.analysis.sizing import Model, Plan, Prediction, counts_of, predicted, runs_of
from parlab.analysis.tasktimes import task_times
from parlab.analysis.traces import Traced, trace_of, traced
from parlab.errors import InputError, ParlabError, unknown_choice
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.results import Results
from parlab.results.intervals import FEWEST_ROUNDS, Estimate, median_interval
from parlab.results.ratios import brackets, ceilings, order, usable_trials

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
class _Ground:
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


def make_plan(results: Results, wanted: Wanted, origin: str | None = None) -> Plan:
    """Predict how long the work of a sweep takes with other worker counts.

    Parameters
    ----------
    results
        A traced sweep with at least one complete round.
    wanted
        Worker counts, engine and assumptions.
    origin
        Where and when it was measured, if not here: ``Summary.origin``.

    Raises
    ------
    InputError
        There are no spans, or nothing supports what was asked for; the text says what to measure or to say.
    ResultFileError
        Spans hold what cannot be times.
    """
    _check(wanted)
    ground, sweep = _ground(results, wanted), results.header.sweep
    contention = _contention(ground, wanted)
    asked = tuple(wanted.workers) or tuple(factor * contention.reach for factor in (2, 4))
    _refuse_unsupported(ground, contention, asked, far=wanted.far)
    dispatch = _dispatch(ground, wanted)
    rows = _rows(ground, wanted, _model(ground, contention, dispatch), asked)
    return Plan(
        workload=sweep.workload,
        engine=ground.engine,
        source=ground.base.configuration.backend,
        source_workers=ground.base.configuration.workers,
        rounds=len(ground.base.pairs),
        tasks_measured=ground.base.typical.trial.tasks,
        chunksize=wanted.chunksize or sweep.chunksize,
        weak=sweep.weak,
        cores=contention.cores,
        usable_cores=ground.machine_cores,
        cpu_share=ground.share,
        message_s=dispatch.message_s,
        dispatch_origin=dispatch.origin,
        reach=contention.reach,
        predictions=tuple(rows),
        notes=tuple(_notes(ground, contention, dispatch, rows)),
        origin=origin,
    )


def _check(wanted: Wanted) -> None:
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


def _ground(results: Results, wanted: Wanted) -> _Ground:
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
    return _Ground(results, engine, family, usable, share >= CPU_BOUND_SHARE, share)


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
        chosen = next((name for name in names if _shares_memory(name) == _shares_memory(engine)), None)
    if chosen is None:
        chosen = next((one.configuration.backend for one in known if cpu_share_of(one) < CPU_BOUND_SHARE), None)
    if chosen is None:
        raise InputError(
            f"The task times of {', '.join(names)} say nothing of {engine}: threads share one interpreter and others "
            f"do not, and these tasks compute. Measure {engine} with --workers 1,2."
        )
    found = [one for one in known if one.configuration.backend == chosen]
    return sorted(found, key=lambda one: one.configuration.workers)


def _shares_memory(engine: str) -> bool:
    try:
        return backends.get(engine).facts.shares_memory
    except ParlabError:  # an engine of another package, on another machine
        return False


def _contention(ground: _Ground, wanted: Wanted) -> Contention:
    cores = wanted.cores if wanted.cores is not None or ground.busy else ground.machine_cores
    others, machine = list(ground.usable[1:]), {}
    one_line = _shares_memory(ground.base.configuration.backend)
    if ground.busy:
        limit = ground.machine_cores or MOST_WORKERS
        others = [one for one in others if one.configuration.workers <= limit]
        if not one_line:
            machine = ceilings(usable_trials(ground.results))
    return contention_of(ground.base, others, machine, cores=cores, one_line=one_line)


def _refuse_unsupported(ground: _Ground, contention: Contention, asked: Sequence[int], *, far: bool) -> None:
    configuration = ground.base.configuration
    if not _can_be_more(ground, contention) and any(workers > configuration.workers for workers in asked):
        why = "in threads, tasks that compute may wait for each other (the GIL)"
        if not _shares_memory(configuration.backend):
            why = "tasks that compute slow each other down, and the machine's ceiling was not measured either"
        raise InputError(
            f"Spans with {configuration.workers} worker{'' if configuration.workers == 1 else 's'} of "
            f"{configuration.backend} alone support no prediction for more: {why}. Measure with --workers 1,2."
        )
    limit = FARTHEST * contention.reach
    if not far and (beyond := [workers for workers in asked if workers > limit]):
        raise InputError(
            f"{beyond[0]} workers are more than {FARTHEST:g} times the {contention.reach} that something was measured "
            f"with. Measure more of them, ask for at most {limit:g}, or add --far and trust it less."
        )


def _can_be_more(ground: _Ground, contention: Contention) -> bool:
    """Tell whether anything says how tasks fare beside more of them; those that wait do not need it."""
    return not ground.busy or bool(contention.measured) or bool(contention.machine)


def _dispatch(ground: _Ground, wanted: Wanted) -> Dispatch:
    engine, sweep = ground.engine, ground.results.header.sweep
    if wanted.message_s is not None:
        return given(engine, wanted.message_s, wanted.chunksize or sweep.chunksize)
    if wanted.calibration is not None:
        return _calibrated(ground, wanted.calibration)
    if ground.base.configuration.backend != engine:
        command = f"parlab bench hello --backends {engine} --workers 1 --rounds 6 --output costs.jsonl"
        raise InputError(
            f"What a message costs with {engine} was not measured in this sweep. Measure it here with `{command}` and "
            "add --calibration costs.jsonl, or give --dispatch-cost."
        )
    found = dispatch_of(ground.base, ground.usable[1:], sweep.chunksize, "this sweep")
    if found is None:
        raise InputError("No trial in this sweep tells what its workers waited for: workers were lost. Measure again.")
    return found


def _calibrated(ground: _Ground, calibration: Results) -> Dispatch:
    known = traced(calibration)
    family = [one for one in known if one.configuration.backend == ground.engine]
    if not family:
        names = dict.fromkeys(one.configuration.backend for one in known)
        raise unknown_choice("engine of the calibration", ground.engine, list(names), "It takes one with spans.")
    family.sort(key=lambda one: one.configuration.workers)
    alike = same_payload(ground.base, family[0])
    header = calibration.header
    where = header.label.get("where") if header.label else None
    origin = f"a sweep of {header.sweep.workload}" + (f", recorded on {where}" if where else "")
    found = dispatch_of(family[0], family[1:], header.sweep.chunksize, origin)
    if found is None:
        raise InputError("No trial of the calibration tells what its workers waited for. Measure it again.")
    return replace(found, same_payload=alike)


def _model(ground: _Ground, contention: Contention, dispatch: Dispatch) -> Model:
    """Put together what runs are drawn from: rounds in which all tasks have times, here and in the plain loop."""
    found = []
    for pair in ground.base.pairs:
        trace, loops = trace_of(pair.trial), [one for loop in pair.serial if (one := trace_of(loop)) is not None]
        times = [loop.map_s / loop.tasks for loop in pair.serial if loop.map_s and loop.tasks]
        if trace is not None and loops and times:
            inside_s = sum(float(loop.wall_s.mean()) for loop in loops) / len(loops)
            found.append((trace, inside_s, sum(times) / len(times)))
    most = max((len(trace.task) for trace, _, _ in found), default=0)
    whole = [one for one in found if len(one[0].task) == most]
    if not whole:
        raise InputError("There is nothing to predict from: no task of these trials has times. Measure again.")
    times_of_tasks = task_times([trace for trace, _, _ in whole], [inside_s for _, inside_s, _ in whole])
    return Model(times_of_tasks, contention, dispatch, np.array([loop_s for _, _, loop_s in whole]))


def _rows(ground: _Ground, wanted: Wanted, model: Model, asked: Sequence[int]) -> list[Prediction]:
    sweep, used = ground.results.header.sweep, [one.configuration.workers for one in ground.usable]
    limit = FARTHEST * model.contention.reach if not wanted.far else MOST_WORKERS
    if not _can_be_more(ground, model.contention):
        limit = ground.base.configuration.workers
    measured = {workers: found for workers, found in _measured(ground, wanted).items() if workers <= limit}
    each = wanted.tasks or sweep.tasks or ground.base.typical.trial.tasks
    rows = []
    for workers in counts_of(asked, list(measured)):
        tasks = each * workers if sweep.weak and wanted.tasks is None else each
        if tasks > MOST_TASKS:
            raise InputError(
                f"A run of {tasks} tasks is too many to play. Add --tasks {MOST_TASKS}: more take as much longer."
            )
        rows.append(
            predicted(
                runs_of(model, workers, tasks, wanted.chunksize or sweep.chunksize, wanted.seed),
                workers,
                tasks,
                slowdown_source=model.contention.source(workers),
                beyond=workers > max(used),
                measured_s=measured.get(workers),
                used=workers in used,
            )
        )
    return rows


def _measured(ground: _Ground, wanted: Wanted) -> dict[int, Estimate]:
    """Return what was measured of the very work that is predicted, by worker count; the same cores included."""
    sweep = ground.results.header.sweep
    other_work = wanted.tasks not in (None, sweep.tasks) or wanted.chunksize not in (None, sweep.chunksize)
    if other_work or ground.base.configuration.backend != ground.engine:
        return {}
    limit = MOST_WORKERS
    if ground.busy and ground.machine_cores is not None and wanted.cores != ground.machine_cores:
        limit = ground.machine_cores  # beyond, the measured ones shared cores, and the predicted ones do not
    return {
        one.configuration.workers: median_interval([pair.trial.map_s or 0.0 for pair in one.pairs])
        for one in ground.family
        if one.configuration.workers <= limit
    }


def _notes(ground: _Ground, contention: Contention, dispatch: Dispatch, rows: Sequence[Prediction]) -> Iterator[str]:
    sources = {row.slowdown_source for row in rows}
    if ground.busy and contention.cores is None:
        yield "Assumed: a core for each worker, each like those that were measured. --cores says how many there are."
    if ground.busy and contention.cores is not None:
        yield f"The workers share {contention.cores} cores: more workers than that share their time."
    if not ground.busy:
        cores = f"{contention.cores} cores" if contention.cores else "the cores"
        yield f"The tasks wait for {1 - ground.share:.0%} of their time; the workers share {cores}."
    if "ceiling" in sources:
        yield (
            "How tasks slow each other down is taken from the machine's ceiling, which is of pure computing: work that "
            "reads much memory gets slower than that"
            + ("." if contention.measured else ", so up to twice is drawn. Two worker counts would tell.")
        )
    if not dispatch.same_payload:
        yield (
            "Assumed: messages carry about as many bytes as in the calibration; how many they carry is not known in "
            "one of the two."
        )
    if "assumed" in sources:
        yield "Assumed: what the tasks wait for (a server, a disk) serves more workers as fast. Measure some to know."
    if "widened" in sources:
        yield (
            "Beyond all that was measured, slowing down is drawn between staying as it is and growing with each worker."
        )
    if len(ground.base.pairs) < FEWEST_ROUNDS:
        yield f"Under {FEWEST_ROUNDS} rounds: how rounds differ is hardly known, and the bands may be too narrow."


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
