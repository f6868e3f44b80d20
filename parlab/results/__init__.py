"""Result files: reading, writing, and the tidy frames they become. pandas is imported when a frame is asked for."""

from parlab.results.reader import Results, read
from parlab.results.recorded import names as recorded_names
from parlab.results.schema import SCHEMA, Check, Header

__all__ = ["SCHEMA", "Check", "Header", "Results", "read", "recorded_names"]
