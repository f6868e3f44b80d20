"""What stands in a result file: JSON Lines, a header first, then a line for each trial as it ends. Never pickle."""

from dataclasses import dataclass, field
from typing import Any

from parlab.records import Sweep

SCHEMA = 2  # raised when an older parlab could no longer read the file; 2 has lines of kind "memory"
ENDS = ("rounds", "budget_s", "precision")  # what a resumed sweep may set anew
LARGEST_FILE_BYTES = 2 << 30
LARGEST_LINE_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """What the untimed runs before the rounds found."""

    tasks: int
    serial_s: float  # one plain loop, cold: a size, not a result
    cpu_share: float | None  # CPU time over wall time of that loop; near 0 for work that waits
    tracing_s: float | None  # what the tracing envelope adds to a task; None with tracing off
    ceiling: bool  # whether the machine's CPU ceiling is measured
    costs: dict[str, float] = field(default_factory=dict)  # weak: by number of tasks, CPU time a task over the least's


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: everything that is true for the whole file."""

    schema: int
    parlab: str
    created: str  # ISO 8601, UTC
    machine: dict[str, Any]
    sweep: Sweep
    libraries: dict[str, str]
    check: Check
    label: dict[str, str] = field(default_factory=dict)  # recorded sweeps: "where", "when" and "by" whom measured
