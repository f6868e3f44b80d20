"""What travels with a task, and what packing it takes: means over the tasks of a trial, None where it is not known."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from parlab.analysis.traces import column, traced
from parlab.records import Trial
from parlab.results import Results


@dataclass(frozen=True, slots=True)
class Traffic:
    """One configuration's traffic a task, in the trial with its median speedup. Where memory is shared nothing travels.

    Attributes
    ----------
    pickle_s, unpickle_s
        Spent turning item and result into bytes, and rebuilding them, on both sides together.
    """

    backend: str
    workers: int
    sent_bytes: float | None
    received_bytes: float | None
    pickle_s: float | None
    unpickle_s: float | None

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return any(one is not None for one in (self.sent_bytes, self.received_bytes, self.pickle_s, self.unpickle_s))

    def as_json(self) -> dict[str, Any]:
        """Return the object that stands in ``--json``."""
        return asdict(self)


def traffic_of(results: Results) -> list[Traffic]:
    """Return the traffic of each configuration with traced trials.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be numbers.
    """
    names = ("sent_bytes", "received_bytes", "pickle_s", "unpickle_s")
    rows = []
    for one in traced(results):
        means = {name: _mean(one.typical.trial, name) for name in names}
        rows.append(Traffic(one.configuration.backend, one.configuration.workers, **means))
    return rows


def _mean(trial: Trial, name: str) -> float | None:
    values = column(trial, name)
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
