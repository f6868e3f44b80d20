"""One learner's sheet: what a class lays over one another, as a small JSON file. No name that was not typed.

The file is one JSON object, ``{"kind": "parlab-sheet", "schema": 1, …}``, with the fields of ``Sheet``: what was
measured (``work``), where (``machine``, a few facts; no host, no user, no path), what came of it (``curves``,
``ceilings``, ``findings`` by their codes), and the learner's ``predictions``. ``sweep`` is a digest of the trials'
moments and times, by which the same sweep is known again. Sheets come from anybody: what is read is checked.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from parlab import units
from parlab.codec import decode, loads

KIND, SCHEMA = "parlab-sheet", 1  # raised when an older parlab could no longer read the file
LARGEST_BYTES = 32 << 10  # a sweep of eight engines at eight worker counts takes a third of it
LONGEST_NAME = 60
LONGEST_TEXT = 100
_MOST = {"curves": 40, "points": 64, "ceilings": 64, "findings": 60, "predictions": 200}
_OTHERS = {  # what is handed in instead, by its first bytes
    b'{"kind":"header"': "it is a result file, and a sheet is wanted: parlab export FILE -o me.json",
    b"PK\x03\x04": "it is a zip file; unpack it here",
}
_MOST_WORKERS, _BEYOND = 1 << 16, 1e6  # no speedup, guess or measured number of the course goes beyond
CODE, TOPIC = re.compile(r"[a-z][a-z-]{1,40}"), re.compile(r"[0-9]{2}-[a-z0-9-]{1,40}")
LARGEST_GUESS = 1e9


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sheet tells of a machine. None means "not known"."""

    system: str  # "Linux 6.8"
    architecture: str
    cpu_model: str | None
    cores_usable: int
    cores_logical: int | None
    cores_physical: int | None
    cores_limited_by: str | None
    cores_quota: float | None
    memory_gib: int | None
    python: str
    implementation: str
    gil_enabled: bool | None
    start_method: str | None
    container: str | None
    wsl: bool | None
    virtual: bool | None
    on_battery: bool | None
    power_saver: bool | None
    load: float | None  # before the sweep


@dataclass(frozen=True, slots=True)
class Work:
    """What was measured; only equal works are laid over one another."""

    workload: str
    size: str | None
    tasks: int | None
    weak: bool

    @property
    def title(self) -> str:
        """Name it in a few words."""
        if self.tasks is None:
            return self.workload
        return f"{self.workload}, {units.count(self.tasks, 'task')}{' for each worker' if self.weak else ''}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A speedup at a worker count, with the ends of its 95 % interval where they are known."""

    workers: int
    speedup: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The speedups of one backend, by worker count."""

    backend: str
    points: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Foretold:
    """A prediction of the course, and what was measured then; None while nothing was."""

    topic: str  # such as "01-together"
    guess: float
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one learner hands in."""

    parlab: str
    exported: str  # ISO 8601, with its offset
    sweep: str
    rounds: int
    work: Work
    machine: Facts
    curves: tuple[Curve, ...]
    ceilings: tuple[Spot, ...] = ()
    findings: tuple[str, ...] = ()
    predictions: tuple[Foretold, ...] = ()
    name: str = ""


def mistaken(beginning: bytes) -> str | None:
    """Say what a file is that learners often hand in instead of a sheet; None for all others."""
    return next((text for first, text in _OTHERS.items() if beginning.lstrip().startswith(first)), None)


def parse(data: bytes) -> Sheet:
    """Read a sheet that may come from anybody.

    Raises
    ------
    ValueError
        It is none, is too large, was written by a newer parlab, or holds what no sheet can; the text says what.
    """
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"it is larger than {LARGEST_BYTES >> 10} KiB, the most that a sheet can be")
    if not data.strip():
        raise ValueError("it is empty")
    if reason := mistaken(data):
        raise ValueError(reason)
    found = _json(data)
    if not isinstance(found, dict) or found.get("kind") != KIND:
        raise ValueError("it is no sheet; `parlab export FILE -o me.json` writes one")
    schema = found.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ValueError("it does not say of which version it is")
    if schema > SCHEMA:
        text = f"it was written by a newer parlab (schema {schema!r:.20}, this one reads up to {SCHEMA})"
        raise ValueError(f"{text}: pip install --upgrade parlab")
    return _checked(decode(Sheet, found))


def _json(data: bytes) -> Any:
    try:
        return loads(data)
    except UnicodeDecodeError:
        raise ValueError("it is no text") from None
    except ValueError as problem:
        raise ValueError(f"it is no JSON that can be used ({problem})") from None


def _checked(sheet: Sheet) -> Sheet:
    """Refuse what decodes and cannot be: too many, too long, numbers that no machine gives."""
    _few(sheet, "curves", "ceilings", "findings", "predictions")
    machine, work = sheet.machine, sheet.work
    texts = [getattr(record, name) for record in (machine, work, sheet) for name in record.__slots__]
    texts += [one.backend for one in sheet.curves]
    if any(isinstance(text, str) and len(text) > LONGEST_TEXT for text in texts) or len(sheet.name) > LONGEST_NAME:
        raise ValueError("a text in it is too long")
    if not sheet.curves or not all(curve.points for curve in sheet.curves):
        raise ValueError("there is no curve in it")
    if not 1 <= machine.cores_usable <= _MOST_WORKERS or not 1 <= sheet.rounds < _BEYOND:
        raise ValueError("its number of cores or of rounds cannot be")
    for points in (*(curve.points for curve in sheet.curves), sheet.ceilings):
        _possible(points)
    if len({curve.backend for curve in sheet.curves}) < len(sheet.curves):
        raise ValueError("a backend is in it twice")
    if not all(CODE.fullmatch(code) for code in sheet.findings):
        raise ValueError("one of its findings has no code")
    _foretold(sheet.predictions)
    moment(sheet.exported)
    return sheet


def _few(record: Any, *names: str) -> None:
    for name in names:
        if len(getattr(record, name)) > _MOST[name]:
            raise ValueError(f"it has more than {_MOST[name]} {name}")


def _possible(points: tuple[Spot, ...]) -> None:
    if len(points) > _MOST["points"]:
        raise ValueError(f"it has more than {_MOST['points']} points in a curve")
    counts = [one.workers for one in points]
    if counts != sorted(set(counts)) or any(not 1 <= count <= _MOST_WORKERS for count in counts):
        raise ValueError("its worker counts are not in order")
    for one in points:
        ends = (one.speedup if one.low is None else one.low, one.speedup if one.high is None else one.high)
        if not 0 < one.speedup < _BEYOND or not 0 <= ends[0] <= one.speedup <= ends[1] < _BEYOND:
            raise ValueError(f"its speedup with {units.count(one.workers, 'worker')} cannot be")


def _foretold(predictions: tuple[Foretold, ...]) -> None:
    names = [one.topic for one in predictions]
    if len(set(names)) < len(names) or not all(TOPIC.fullmatch(name) for name in names):
        raise ValueError("a prediction in it is of no topic, or is there twice")
    if any(abs(value) > LARGEST_GUESS for one in predictions for value in (one.guess, one.measured or 0.0)):
        raise ValueError("a guess in it is beyond all that the course asks for")


def moment(text: str) -> datetime:
    """Read when a sheet was written.

    Raises
    ------
    ValueError
        It is no moment in ISO 8601.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("it does not say when it was written") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
