"""Reads result files, which may come from anybody: sizes are capped, every field is checked, nothing is executed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.codec import decode, dumps, encode, loads
from parlab.errors import ResultFileError
from parlab.records import LATER_SPAN_COLUMNS, SPAN_COLUMNS, Finding, Memory, Sweep, Trial
from parlab.results.plausible import check_header, check_memory, check_spans, check_sweep, check_trial
from parlab.results.recorded import locate
from parlab.results.schema import ENDS, LARGEST_FILE_BYTES, LARGEST_LINE_BYTES, SCHEMA, Header

if TYPE_CHECKING:
    import pandas as pd

_PATHS = ("options", "kwargs", "items")  # of a header's sweep
_MOST_LETTERS = 200  # of what is wrong with a line: a file may hold a name of a hundred megabytes


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
            data = _whole(loads(line)) if _may_have_halves(line) else loads(line)
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
            message = f"{place}, line {number} is broken: {_short(problem)}. Restore the file, or measure again."
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
        check_spans(trial.spans)
        kept: dict[str, str] = {}  # JSON makes a new text for each of a million "ok"
        outcomes = trial.spans["outcome"]
        trial.spans["outcome"] = [kept.setdefault(one, one) for one in outcomes]
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
        who = f"{_short(data.get('parlab'))}, schema {_short(data['schema'])}"
        message = f"{str(place)!r} was written by a newer parlab ({who})."
        raise ResultFileError(f"{message} This one reads up to schema {SCHEMA}: pip install --upgrade parlab.")
    if not line.endswith(b"\n"):
        raise ResultFileError(f"{no_results}: it ends in the middle of its first line. Measure again.")
    try:
        header = decode(Header, _cleaned(data) if _may_have_halves(line) else data)
        check_header(header)
    except ValueError as problem:
        message = f"{place}, line 1 is broken: {_short(problem)}. Restore the file, or measure again."
        raise ResultFileError(message) from problem
    return header


def _may_have_halves(line: bytes) -> bool:
    r"""Tell cheaply whether a line can hold half a letter: written as ``\ud800``, or as bytes that UTF-8 forbids."""
    return b"\\ud" in line or b"\\uD" in line or b"\xed" in line


def _whole(value: Any) -> Any:
    r"""Write half of a letter as its number, ``\udce9``: a file's name that is no text has such, and no table can."""
    try:
        return _without_halves(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _without_halves(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_without_halves(one) for one in value]
    if isinstance(value, dict):
        return {_without_halves(name): _without_halves(one) for name, one in value.items()}
    return value


def _cleaned(data: dict[str, Any]) -> dict[str, Any]:
    """Clean a header, save where a folder's name may stand: --resume opens it by that name."""
    sweep = data.get("sweep")
    kept = {name: sweep[name] for name in _PATHS if name in sweep} if isinstance(sweep, dict) else {}
    clean: dict[str, Any] = _whole(data)
    if kept:
        clean["sweep"] |= kept
    return clean


def _short(told: object) -> str:
    try:
        text = str(told)
    except ValueError:  # a whole number of more digits than Python writes
        return "a huge number"
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _cut_line(number: int) -> Finding:
    return Finding(
        "cut-line",
        f"The file ends in the middle of line {number}; that trial is left out.",
        "The run was cut off while it wrote. Go on with --resume, which measures the round again.",
        {"line": number},
    )
