"""Reads result files, which may come from anybody: sizes are capped, every field is checked, nothing is executed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.codec import decode, dumps, encode, loads
from parlab.errors import ResultFileError
from parlab.records import LATER_SPAN_COLUMNS, SPAN_COLUMNS, Finding, Memory, Sweep, Trial
from parlab.results.plausible import check_header, check_memory, check_sweep, check_trial
from parlab.results.recorded import locate
from parlab.results.schema import ENDS, LARGEST_FILE_BYTES, LARGEST_LINE_BYTES, SCHEMA, Header
from parlab.results.texts import encodable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Results:
    """A sweep as it stands in its file."""

    header: Header
    records: tuple[Trial, ...]
    ended: str | None = None  # why the sweep ended; None when it was cut off
    findings: tuple[Finding, ...] = field(default=())  # about the file itself
    path: Path | None = None
    memory: tuple[Memory, ...] = ()  # what configurations held at most

    @classmethod
    def read(cls, path: str | Path) -> "Results":
        """Read a result file; see ``parlab.results.read``."""
        return read(path)

    @property
    def session(self) -> int:
        """How often the sweep has been resumed."""
        return max((trial.session for trial in self.records), default=0)

    @property
    def complete_rounds(self) -> list[tuple[int, int]]:
        """Session and round of each round that has both its serial brackets, in the order they were run.

        The closing bracket is the last trial of a round, so such a round has all its trials. The others were cut off;
        no ratio is taken in them, and --resume measures them again.
        """
        serial = [trial for trial in self.records if trial.role == "serial" and trial.outcome == "ok"]
        brackets = Counter(trial.round_key for trial in serial)
        return [key for key, count in brackets.items() if count == 2]

    @property
    def trials(self) -> "pd.DataFrame":
        """One row a trial; the columns are the fields of ``Trial``, and ``elapsed_s``."""
        from parlab.results.frames import trial_frame

        return trial_frame(self.records)

    @property
    def spans(self) -> "pd.DataFrame":
        """One row a task; the columns are those of ``Span`` behind the trial's session, round, position and worker."""
        from parlab.results.frames import span_frame

        return span_frame(self.records)


def read(path: str | Path) -> Results:
    """Read a result file.

    Parameters
    ----------
    path
        A file that ``parlab bench`` or ``parlab demo`` wrote, or ``"recorded:NAME"`` for one that comes with parlab.

    Raises
    ------
    InputError
        There is no recorded sweep of that name.
    ResultFileError
        It is missing, cannot be read, is no result file, is too large, or was written by a newer parlab. A last line
        that was cut off is no error: it is left out, and a finding says so.
    """
    place = locate(path)
    try:
        if place.stat().st_size > LARGEST_FILE_BYTES:
            raise ResultFileError(f"{str(place)!r} is larger than {LARGEST_FILE_BYTES >> 30} GiB and is not read.")
        with place.open("rb") as file:
            return _parse(place, _numbered(place, file))
    except FileNotFoundError:
        message = f"There is no result file {str(place)!r}. `parlab bench … --output FILE` writes one."
        raise ResultFileError(message) from None
    except OSError as problem:
        raise ResultFileError(f"{str(place)!r} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:  # a name with a zero byte is no path at all
        raise ResultFileError(f"{str(place)!r} cannot be read: {problem}.") from problem


def _numbered(place: Path, file: Any) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LARGEST_LINE_BYTES):
        number += 1
        if len(line) >= LARGEST_LINE_BYTES:
            raise ResultFileError(f"{place}, line {number}: longer than {LARGEST_LINE_BYTES >> 20} MiB, not read.")
        yield number, line


def _parse(place: Path, lines: Iterator[tuple[int, bytes]]) -> Results:
    header = _header(place, next(lines, (1, b""))[1])
    trials: list[Trial] = []
    findings: list[Finding] = []
    memory: list[Memory] = []
    ended: str | None = None
    for number, line in lines:
        if not line.endswith(b"\n"):
            findings.append(_cut_line(number))
            break
        try:
            data = loads(line)
            kind = data.get("kind") if isinstance(data, dict) else None
            if kind == "trial":
                trials.append(_checked(decode(Trial, data)))
            elif kind == "memory":
                memory.append(_possible(decode(Memory, data)))
            elif kind == "resumed":
                ended, header = None, _going_on(header, data)
            elif kind == "end":
                ended = str(data.get("reason"))
            else:
                raise ValueError(f"a line of kind {kind!r}")  # noqa: TRY301  # one place says where it happened
        except ValueError as problem:
            message = f"{place}, line {number} is broken: {problem}. Restore the file, or measure again."
            raise ResultFileError(message) from problem
    return Results(header, tuple(trials), ended, tuple(findings), place, tuple(memory))


def _possible(memory: Memory) -> Memory:
    check_memory(memory)
    return memory


def _going_on(header: Header, data: dict[str, Any]) -> Header:
    """Take over when a resumed sweep is to end; older files do not say it."""
    plan = loads(dumps(encode(header.sweep)))
    sweep = decode(Sweep, {**plan, **{name: data[name] for name in ENDS if name in data}})
    check_sweep(sweep)
    return replace(header, sweep=sweep)


def _checked(trial: Trial) -> Trial:
    """Refuse what cannot have been measured, and spans that are no table.

    A table has our columns, all of one length.
    """
    check_trial(trial)
    if trial.spans is not None:
        rows = len(trial.spans.get("task", ()))
        for name in LATER_SPAN_COLUMNS:
            trial.spans.setdefault(name, [None] * rows)
        lengths = {len(column) for column in trial.spans.values()}
        if set(trial.spans) != set(SPAN_COLUMNS) or len(lengths) > 1:
            raise ValueError("its spans are no table")
        kept: dict[str, str] = {}  # JSON makes a new text for each of a million "ok"
        for name in SPAN_COLUMNS:
            column = trial.spans[name]
            if str in set(map(type, column)):
                trial.spans[name] = [
                    kept.setdefault(one, encodable(one)) if isinstance(one, str) else one for one in column
                ]
    return trial


def _header(place: Path, line: bytes) -> Header:
    no_results = f"{str(place)!r} is not a parlab result file"
    if not line:
        raise ResultFileError(f"{no_results}: it is empty.")
    try:
        data = loads(line)
    except ValueError as problem:  # UnicodeDecodeError is one
        raise ResultFileError(f"{no_results}: its first line is no JSON.") from problem
    if not isinstance(data, dict) or data.get("kind") != "header" or not isinstance(data.get("schema"), int):
        raise ResultFileError(f"{no_results}: its first line is no header.")
    if data["schema"] > SCHEMA:
        message = f"{str(place)!r} was written by a newer parlab ({data.get('parlab')}, schema {data['schema']})."
        raise ResultFileError(f"{message} This one reads up to schema {SCHEMA}: pip install --upgrade parlab.")
    if not line.endswith(b"\n"):
        raise ResultFileError(f"{no_results}: it ends in the middle of its first line. Measure again.")
    try:
        header = decode(Header, data)
        check_header(header)
    except ValueError as problem:
        raise ResultFileError(f"{place}, line 1 is broken: {problem}. Restore the file, or measure again.") from problem
    return header


def _cut_line(number: int) -> Finding:
    return Finding(
        "cut-line",
        f"The file ends in the middle of line {number}; that trial is left out.",
        "The run was cut off while it wrote. Go on with --resume, which measures the round again.",
        {"line": number},
    )
