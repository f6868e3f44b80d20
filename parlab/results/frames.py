"""Turns trials into tidy pandas frames: one row a trial, one row a task, units in the column names."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import chain

import numpy as np
import pandas as pd

from parlab.records import SPAN_COLUMNS, Trial

_NESTED = ("crew", "failures", "spans")
_NUMBERS = ("ceiling", "load", "preempted", "pace")  # and all that ends in "_s": also where none of them is known
_KEYS = ("session", "round", "position", "role", "backend", "workers")
_PART_ROWS = 50_000
_RENAMED = tuple("worker_index" if name == "worker" else name for name in SPAN_COLUMNS)


def trial_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """One row a trial, with its scalar fields, ``elapsed_s``, and the number of failed tasks."""
    names = [spec.name for spec in fields(Trial) if spec.name not in _NESTED]
    rows = [{name: getattr(trial, name) for name in names} for trial in trials]
    frame = pd.DataFrame(rows, columns=names)
    numbers = [name for name in names if name.endswith("_s") or name in _NUMBERS]
    frame[numbers] = frame[numbers].astype(float)
    frame["elapsed_s"] = [trial.elapsed_s for trial in trials]
    frame["failed_tasks"] = [len(trial.failures) for trial in trials]
    return frame


def span_frame(trials: Sequence[Trial]) -> pd.DataFrame:
    """One row a task of each traced trial, behind the columns that name the trial."""
    frames = list(span_frames(trials))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*_KEYS, *_RENAMED])


def span_frames(trials: Sequence[Trial]) -> Iterator[pd.DataFrame]:
    """Make the same frame in parts, for who has no use for all of a million rows at once.

    A part holds whole trials: many small ones, since a frame for each of ten thousand would take a minute.
    """
    part: list[Trial] = []
    rows = 0
    for trial in trials:
        if trial.spans:
            part.append(trial)
            rows += len(trial.spans["task"])
            if rows >= _PART_ROWS:
                yield _joined(part)
                part, rows = [], 0
    if part:
        yield _joined(part)


def _joined(trials: Sequence[Trial]) -> pd.DataFrame:
    spans = [trial.spans or {} for trial in trials]
    sizes = [len(one["task"]) for one in spans]
    keys = {name: np.repeat(np.array([getattr(one, name) for one in trials], object), sizes) for name in _KEYS}
    columns = {name: list(chain.from_iterable(one[name] for one in spans)) for name in SPAN_COLUMNS}
    frame = pd.DataFrame(columns).rename(columns={"worker": "worker_index"})
    for place, (name, values) in enumerate(keys.items()):
        frame.insert(place, name, pd.Series(values.tolist()))
    return frame
