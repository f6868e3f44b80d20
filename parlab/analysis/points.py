"""The points that laws are fitted to: of a sweep, round by round, or of anybody's table. Checks them, judges nothing.

A table may come from anybody: its size is capped, and every cell is checked before a number is made of it.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import median
from typing import Literal

from parlab import units
from parlab.errors import InputError, unknown_choice
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.records import Configuration
from parlab.results import Results
from parlab.results.intervals import Estimate, median_interval
from parlab.results.ratios import RoundKey, brackets, elapsed_s, map_s, ratios, same_work, usable_trials

Column = Literal["speedup", "throughput", "elapsed_s"]
COLUMNS: tuple[Column, ...] = ("speedup", "throughput", "elapsed_s")
LARGEST_TABLE_BYTES = 1 << 20  # a row for each worker count: far more than any table of points has
SMALLEST, LARGEST = 1e-100, 1e100  # squares and products of such numbers are still numbers
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_COUNT = re.compile(r"\+?[0-9]{1,9}(\.0{0,20})?")  # a spreadsheet may write 8 as 8.0
_ALLOWED = "Columns: workers, and exactly one of speedup, throughput, elapsed_s; with commas between."
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Points:
    """How much was got done with how many workers.

    Raises
    ------
    InputError
        The values are as many as the worker counts, positive and finite; the counts rise and are whole, from 1 up.
    """

    workers: tuple[int, ...]
    values: tuple[float, ...]  # speedup, or throughput in any unit; of a sweep the medians over the rounds
    column: Column = "speedup"  # what was given; "elapsed_s" has been turned into throughput
    weak: bool | None = None  # whether the work grew with the workers; None: nobody said
    rounds: tuple[tuple[float, ...], ...] = ()  # a value for each worker count, of each round that has them all
    estimates: tuple[Estimate, ...] = ()  # of a sweep: each median with its interval over the rounds
    cores: int | None = None  # of a sweep that keeps the CPU busy: the cores it could use

    def __post_init__(self) -> None:
        """Hold the points to what the laws can take."""
        if len(self.workers) != len(self.values) or any(len(row) != len(self.workers) for row in self.rounds):
            raise InputError("Points need one value for each worker count.")
        if not all(isinstance(count, int) and count >= 1 for count in self.workers):
            raise InputError(f"The worker counts {self.workers} are not allowed: give whole numbers from 1 up.")
        if any(later <= earlier for earlier, later in zip(self.workers, self.workers[1:], strict=False)):
            raise InputError(f"The worker counts {self.workers} do not rise: sort them, and give each one once.")
        if not all(SMALLEST <= value <= LARGEST for row in (self.values, *self.rounds) for value in row):
            raise InputError(f"The values must be positive numbers from {SMALLEST:g} to {LARGEST:g}.")

    @property
    def is_speedup(self) -> bool:
        """Whether one worker's value is 1 by definition; otherwise the values are throughput in a unit of its own."""
        return self.column == "speedup"

    @property
    def speedups(self) -> tuple[float, ...] | None:
        """The values over that of one worker; None for throughput without a row for one worker."""
        if self.is_speedup:
            return self.values
        if self.workers[:1] != (1,):
            return None
        return tuple(value / self.values[0] for value in self.values)


def points_of(results: Results, backend: str, *, with_startup: bool = False) -> Points:
    """Take the points of one backend from a sweep: its speedups over the plain loop, as ``parlab show`` has them.

    Parameters
    ----------
    results
        A sweep; rounds that were cut off and trials that did other work are left out, as everywhere.
    backend
        As the sweep was given it, such as ``"processes:spawn"``.
    with_startup
        Take the whole time of a trial, opening and closing the engine included, instead of that of ``map`` alone.

    Returns
    -------
    Points
        Medians over the rounds, and the rounds in which every worker count has a ratio. Worker counts without a ratio
        are left out; there may be none at all.

    Raises
    ------
    InputError
        The sweep has no such backend.
    """
    sweep, check = results.header.sweep, results.header.check
    if backend not in sweep.backends or backend == "serial":
        raise unknown_choice("backend", backend, engines(results), "These are the backends of this sweep.")
    usable = usable_trials(results)
    serial = brackets(usable)
    found: dict[int, dict[RoundKey, float]] = {}
    for workers in sorted(set(sweep.workers)):
        configuration = Configuration("parallel", backend, workers)
        trials = [one for one in usable if one.configuration == configuration and same_work(one, serial)]
        if values := ratios(trials, serial, elapsed_s if with_startup else map_s):
            found[workers] = values
    busy = check.cpu_share is not None and check.cpu_share >= CPU_BOUND_SHARE
    cores = results.header.machine.get("cores_usable") if busy else None
    return Points(
        workers=tuple(found),
        values=tuple(median(values.values()) for values in found.values()),
        weak=sweep.weak,
        rounds=_whole_rounds(found),
        estimates=tuple(median_interval(list(values.values())) for values in found.values()),
        cores=cores if isinstance(cores, int) else None,
    )


def points_of_rounds(workers: Sequence[int], rounds: Sequence[Sequence[float]], *, weak: bool = False) -> Points:
    """Take the points of speedups that were measured by hand.

    Parameters
    ----------
    workers
        The worker counts, rising.
    rounds
        For each round a speedup for each of them.
    weak
        Whether the work grew with the workers.

    Returns
    -------
    Points
        Medians over the rounds, with their intervals.

    Raises
    ------
    InputError
        There is no round, or what ``Points`` refuses.
    """
    if not rounds:
        raise InputError("There are no rounds to take points of. Measure at least one.")
    given = tuple(tuple(map(float, row)) for row in rounds)
    columns = list(zip(*given, strict=False))  # Points refuses rows that are too short
    return Points(
        workers=tuple(workers),
        values=tuple(median(column) for column in columns),
        weak=weak,
        rounds=given,
        estimates=tuple(median_interval(list(column)) for column in columns),
    )


def engines(results: Results) -> tuple[str, ...]:
    """List the backends of a sweep that have worker counts, each once, in the order they were given."""
    return tuple(dict.fromkeys(name for name in results.header.sweep.backends if name != "serial"))


def _whole_rounds(found: Mapping[int, Mapping[RoundKey, float]]) -> tuple[tuple[float, ...], ...]:
    if not found:
        return ()
    common = set.intersection(*(set(values) for values in found.values()))
    return tuple(tuple(values[key] for values in found.values()) for key in sorted(common))


def read_points(path: str | Path, *, weak: bool | None = None) -> Points:
    """Read anybody's points: a CSV file with ``workers`` and one of ``speedup``, ``throughput``, ``elapsed_s``.

    Parameters
    ----------
    path
        A CSV file in UTF-8, at most 1 MiB; other columns are not looked at, rows may stand in any order.
    weak
        Whether the work grew with the workers; None where that is not known. Times become throughput: 1 / elapsed_s for
        the same work, workers / elapsed_s for work that grew.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column or has two to choose from; a cell is no positive number, or no whole
        number of workers; a worker count stands twice; there is no second row.
    """
    place = Path(path)
    rows = _rows(place, _text(place))
    column = _value_column(place, rows[0][1])
    found: dict[int, float] = {}
    names = [_name(cell) for cell in rows[0][1]]
    for line, cells in rows[1:]:
        workers, value = _point(f"{str(place)!r}, line {line}", dict(zip(names, cells, strict=True)), column)
        if workers in found:
            advice = "Give each worker count once, with the median of its measurements."
            who = f"{units.count(workers, 'worker')} {'stands' if workers == 1 else 'stand'}"
            raise InputError(f"{str(place)!r}, line {line}: {who} there a second time. {advice}")
        found[workers] = (workers if weak else 1) / value if column == "elapsed_s" else value
    if len(found) < 2:
        many = "only one point" if found else "a header and no point"
        raise InputError(f"{str(place)!r} has {many}. A law needs at least three worker counts, some need four.")
    ordered = dict(sorted(found.items()))
    return Points(tuple(ordered), tuple(ordered.values()), column, weak)


def _text(place: Path) -> str:
    try:
        with place.open("rb") as file:
            data = file.read(LARGEST_TABLE_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"There is no file {str(place)!r}. Give a CSV file with points, or a result file.") from None
    except OSError as problem:
        raise InputError(f"{str(place)!r} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:  # a name with a zero byte is no path at all
        raise InputError(f"{str(place)!r} cannot be read: {problem}.") from problem
    if len(data) > LARGEST_TABLE_BYTES:
        advice = "Give one row for each worker count; a result file's name ends in .jsonl."
        raise InputError(f"{str(place)!r} is larger than {LARGEST_TABLE_BYTES >> 20} MiB and is not read. {advice}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{str(place)!r} is no text in UTF-8 ({problem}). Save it as CSV in UTF-8.") from problem


def _rows(place: Path, text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise InputError(f"{str(place)!r}, line {reader.line_num}: {problem}.") from problem
    if not rows:
        raise InputError(f"{str(place)!r} is empty. {_ALLOWED}")
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise InputError(
                f"{str(place)!r}, line {line}: {units.count(len(cells), 'value')}, but the header has {width} names."
            )
    return rows


def _name(cell: str) -> str:
    return cell.strip().lower()


def _value_column(place: Path, header: Iterable[str]) -> Column:
    names = [_name(cell) for cell in header]
    values = [column for column in COLUMNS if column in names]
    if "workers" not in names or not values:
        lacking = "no column 'workers'" if "workers" not in names else "none of the columns with a value"
        raise InputError(f"{str(place)!r} has {lacking}. It has: {_shown(', '.join(names))}. {_ALLOWED}")
    if len(values) > 1:
        raise InputError(f"{str(place)!r} has {' and '.join(values)}: which one counts? Leave one. {_ALLOWED}")
    if twice := [name for name in ("workers", values[0]) if names.count(name) > 1]:
        raise InputError(f"{str(place)!r} has the column {twice[0]!r} twice. {_ALLOWED}")
    return values[0]


def _point(where: str, row: Mapping[str, str], column: Column) -> tuple[int, float]:
    count = row["workers"].strip()
    if not _COUNT.fullmatch(count) or int(float(count)) < 1:
        raise InputError(f"{where}: {_shown(count)} workers are not allowed: give a whole number from 1 up.")
    text = row[column].strip()
    value = float(text) if _NUMBER.fullmatch(text) else float("nan")
    if not (isfinite(value) and SMALLEST <= value <= LARGEST):
        raise InputError(f"{where}: {column} {_shown(text)} is not allowed: give a positive number, such as 1.75.")
    return int(float(count)), value


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
