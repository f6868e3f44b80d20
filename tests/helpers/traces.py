"""Traces made by hand: each worker's tasks as pairs of times, and the plain loops they are held against."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from builders import WORKER, parallel, serial

from parlab.records import SPAN_COLUMNS, Trial

Lane = Sequence[tuple[float, float]]


def spans_of(lanes: Sequence[Lane], **columns: Sequence[Any]) -> dict[str, list[Any]]:
    """Make the columns of spans: tasks are numbered worker by worker, and each one is a message of its own.

    CPU time is wall time unless ``cpu_s`` says otherwise; any column can be given.
    """
    rows = [(worker, *times) for worker, lane in enumerate(lanes) for times in lane]
    usual: Mapping[str, Sequence[Any]] = {
        **{name: [None] * len(rows) for name in SPAN_COLUMNS},
        "task": range(len(rows)),
        "chunk": range(len(rows)),
        "worker": [worker for worker, _, _ in rows],
        "started_s": [started for _, started, _ in rows],
        "finished_s": [finished for _, _, finished in rows],
        "cpu_s": [finished - started for _, started, finished in rows],
        "outcome": ["ok"] * len(rows),
    }
    return {name: list({**usual, **columns}[name]) for name in SPAN_COLUMNS}


def traced(map_s: float, lanes: Sequence[Lane], *, trial: Mapping[str, Any] | None = None, **columns: Any) -> Trial:
    """Make a traced trial of an engine with a worker for each lane."""
    spans = spans_of(lanes, **columns)
    usual = {"workers": len(lanes), "tasks": len(spans["task"]), "crew": (WORKER,) * len(lanes)}
    return parallel(map_s, spans=spans, **{**usual, **(trial or {})})


def loop(*costs_s: float, **fields: Any) -> Trial:
    """Make a traced plain loop whose tasks take these CPU times, one after the other."""
    ends = [sum(costs_s[: place + 1]) for place in range(len(costs_s))]
    spans = spans_of([list(zip([0.0, *ends], ends, strict=False))], chunk=[None] * len(ends), cpu_s=costs_s)
    return serial(ends[-1], tasks=len(costs_s), spans=spans, crew=(WORKER,), **fields)


def round_of(trial: Trial, bracket: Trial, number: int = 0) -> list[Trial]:
    """Put a trial between two equal plain loops, as one round."""
    return [replace(one, round=number, position=place) for place, one in enumerate((bracket, trial, bracket))]
