"""Answers ``parlab plan``: chooses what a prediction may rest on, refuses what nothing supports, says what it assumes.

The numbers are those of ``parlab.analysis.sizing``. What is not in the sweep is asked for, never invented: the queue of
an engine that was not measured, and worker counts far beyond all that was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from parlab import units
from parlab.analysis.contention import Contention, contention_of
from parlab.analysis.dispatching import Dispatch, dispatch_of, given, same_payload
from parlab.analysis.grounds import MOST_TASKS, MOST_WORKERS, Ground, Wanted, check, ground_of, shares_memory
from parlab.analysis.laws import FARTHEST
from parlab.analysis.sizing import Model, Plan, Prediction, counts_of, predicted, runs_of
from parlab.analysis.tasktimes import task_times
from parlab.analysis.traces import trace_of, traced
from parlab.errors import InputError, unknown_choice
from parlab.results import Results
from parlab.results.intervals import FEWEST_ROUNDS, Estimate, median_interval
from parlab.results.ratios import ceilings, usable_trials


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
    check(wanted)
    ground, sweep = ground_of(results, wanted), results.header.sweep
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


def _contention(ground: Ground, wanted: Wanted) -> Contention:
    cores = wanted.cores if wanted.cores is not None or ground.busy else ground.machine_cores
    others, machine = list(ground.usable[1:]), {}
    one_line = shares_memory(ground.base.configuration.backend)
    if ground.busy:
        limit = ground.machine_cores or MOST_WORKERS
        others = [one for one in others if one.configuration.workers <= limit]
        if not one_line:
            machine = ceilings(usable_trials(ground.results))
    return contention_of(ground.base, others, machine, cores=cores, one_line=one_line)


def _refuse_unsupported(ground: Ground, contention: Contention, asked: Sequence[int], *, far: bool) -> None:
    configuration = ground.base.configuration
    if not _can_be_more(ground, contention) and any(workers > configuration.workers for workers in asked):
        why = "in threads, tasks that compute may wait for each other (the GIL)"
        if not shares_memory(configuration.backend):
            why = "tasks that compute slow each other down, and the machine's ceiling was not measured either"
        raise InputError(
            f"Spans with {units.count(configuration.workers, 'worker')} of "
            f"{configuration.backend} alone support no prediction for more: {why}. Measure with --workers 1,2."
        )
    limit = FARTHEST * contention.reach
    if not far and (beyond := [workers for workers in asked if workers > limit]):
        raise InputError(
            f"{beyond[0]} workers are more than {FARTHEST:g} times the {contention.reach} that something was measured "
            f"with. Measure more of them, ask for at most {limit:g}, or add --far and trust it less."
        )


def _can_be_more(ground: Ground, contention: Contention) -> bool:
    """Tell whether anything says how tasks fare beside more of them; those that wait do not need it."""
    return not ground.busy or bool(contention.measured) or bool(contention.machine)


def _dispatch(ground: Ground, wanted: Wanted) -> Dispatch:
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


def _calibrated(ground: Ground, calibration: Results) -> Dispatch:
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


def _model(ground: Ground, contention: Contention, dispatch: Dispatch) -> Model:
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


def _rows(ground: Ground, wanted: Wanted, model: Model, asked: Sequence[int]) -> list[Prediction]:
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


def _measured(ground: Ground, wanted: Wanted) -> dict[int, Estimate]:
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


def _notes(ground: Ground, contention: Contention, dispatch: Dispatch, rows: Sequence[Prediction]) -> Iterator[str]:
    sources = {row.slowdown_source for row in rows}
    if ground.busy and contention.cores is None:
        yield "Assumed: a core for each worker, each like those that were measured. --cores says how many there are."
    if ground.busy and contention.cores is not None:
        yield f"The workers share {units.count(contention.cores, 'core')}: more workers than that share their time."
    if not ground.busy:
        cores = units.count(contention.cores, "core") if contention.cores else "the cores"
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
