"""Recorded sweeps for tests: those that come with parlab, and small ones of ``tests/traces``, made the same way."""

from pathlib import Path

from parlab.results import Results, read
from parlab.results.recorded import PREFIX

TRACES = Path(__file__).parents[1] / "traces"


def recording(name: str) -> Results:
    """Read ``recorded:NAME``, or a name of ``tests/traces``."""
    return read(name if name.startswith(PREFIX) else TRACES / f"{name}.jsonl")
