"""Makes the sheet that a learner hands in, from a sweep of theirs, and writes it; see ``parlab.analysis.sheets``.

What would tell who or where somebody is (names, paths, items, the system's exact build) never gets in.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parlab.analysis.sheets import (
    CODE,
    KIND,
    LARGEST_BYTES,
    LARGEST_GUESS,
    LONGEST_NAME,
    LONGEST_TEXT,
    SCHEMA,
    TOPIC,
    Curve,
    Facts,
    Foretold,
    Sheet,
    Spot,
    Work,
    parse,
)
from parlab.analysis.summary import Row, Summary, summarise
from parlab.atomic import replacing
from parlab.codec import dumps, encode
from parlab.errors import InputError
from parlab.results import Results

_GIB, _HUGE = 1 << 30, 1e18


def sheet_of(results: Results, predictions: Iterable[Foretold] = (), name: str = "") -> Sheet:
    """Make the sheet of a sweep.

    Parameters
    ----------
    results
        A sweep of one's own with a complete round.
    predictions
        Of the learner, if there are any.
    name
        As typed; nothing else is ever looked up.

    Raises
    ------
    InputError
        The sweep was recorded elsewhere, has no speedup yet, or is too old to say how many cores there were; or the
        name is too long.
    """
    if results.header.label:
        raise InputError("A recorded sweep says nothing of your machine. Measure one of your own: parlab bench primes.")
    summary = summarise(results)
    curves = _curves(summary.rows)
    if not curves:
        message = "There is nothing to hand in: no backend came through a complete round in this file."
        raise InputError(f"{message} Measure with --backends threads,processes, or go on with --resume.")
    return Sheet(
        parlab=results.header.parlab,
        exported=datetime.now(UTC).isoformat(timespec="seconds"),
        sweep=_digest(results),
        rounds=summary.rounds,
        work=Work(summary.workload, results.header.sweep.size, summary.tasks, summary.weak),
        machine=_facts(summary.machine),
        curves=curves,
        ceilings=_ceilings(summary.rows),
        findings=_codes(summary),
        predictions=tuple(one for one in predictions if _can_be_drawn(one)),
        name=checked_name(name),
    )


def _can_be_drawn(one: Foretold) -> bool:
    known = (one.guess, one.measured or 0.0)
    return TOPIC.fullmatch(one.topic) is not None and all(abs(value) <= LARGEST_GUESS for value in known)


def _codes(summary: Summary) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in summary.findings if CODE.fullmatch(one.code)))


def checked_name(name: str) -> str:
    """Return a name on one line.

    Raises
    ------
    InputError
        It is longer than a label on a chart may be.
    """
    text = " ".join(name.split())
    if len(text) > LONGEST_NAME:
        raise InputError(f"A name has up to {LONGEST_NAME} letters, and this one has {len(text)}. Give a shorter one.")
    return text


def _digest(results: Results) -> str:
    moments = [f"{one.started_at} {one.map_s} {one.ceiling}" for one in results.records]
    return hashlib.sha256("\n".join([results.header.created, *moments]).encode()).hexdigest()[:16]


def _facts(machine: Mapping[str, Any]) -> Facts:
    """Take from a header what a class needs, in a coarse form; a header may hold anything."""
    usable, memory = _number(machine, "cores_usable", whole=True), _number(machine, "memory_bytes")
    if not usable or usable < 1:
        raise InputError("This file does not say how many cores could be used. Measure again with this parlab.")
    load = _number(machine, "load")
    return Facts(
        system=_system(_text(machine, "system") or ""),
        architecture=_text(machine, "architecture") or "",
        cpu_model=_text(machine, "cpu_model"),
        cores_usable=int(usable),
        cores_logical=_number(machine, "cores_logical", whole=True),
        cores_physical=_number(machine, "cores_physical", whole=True),
        cores_limited_by=_text(machine, "cores_limited_by"),
        cores_quota=_number(machine, "cores_quota"),
        memory_gib=None if memory is None else round(memory / _GIB),
        python=_text(machine, "python") or "",
        implementation=_text(machine, "implementation") or "",
        gil_enabled=_flag(machine, "gil_enabled"),
        start_method=_text(machine, "start_method"),
        container=_text(machine, "container"),
        wsl=_flag(machine, "wsl"),
        virtual=_flag(machine, "virtual"),
        on_battery=_flag(machine, "on_battery"),
        power_saver=_flag(machine, "power_saver"),
        load=None if load is None else round(load, 2),
    )


def _system(text: str) -> str:
    """Shorten ``"Linux 6.8.0-45-generic"`` to ``"Linux 6.8"``: the rest may be somebody's own build."""
    found = re.match(r"(\w+)(?: (\d+(?:\.\d+)?))?", text)
    return " ".join(filter(None, found.groups())) if found else ""


def _text(machine: Mapping[str, Any], name: str) -> str | None:
    value = machine.get(name)
    return " ".join(value.split())[:LONGEST_TEXT] or None if isinstance(value, str) else None


def _number(machine: Mapping[str, Any], name: str, *, whole: bool = False) -> Any:
    value = machine.get(name)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return None
    return value if 0 <= value < _HUGE else None


def _flag(machine: Mapping[str, Any], name: str) -> bool | None:
    value = machine.get(name)
    return value if isinstance(value, bool) else None


def _curves(rows: Iterable[Row]) -> tuple[Curve, ...]:
    found: dict[str, list[Spot]] = {}
    for row in rows:
        if row.backend != "serial" and row.speedup:
            spot = Spot(row.workers, _short(row.speedup), *map(_end, (row.speedup_low, row.speedup_high)))
            found.setdefault(row.backend, []).append(spot)
    return tuple(Curve(backend, tuple(points)) for backend, points in found.items())


def _ceilings(rows: Iterable[Row]) -> tuple[Spot, ...]:
    known = {row.workers: row.ceiling for row in rows if row.ceiling}
    return tuple(Spot(workers, _short(known[workers])) for workers in sorted(known))


def _end(value: float | None) -> float | None:
    return None if value is None else _short(value)


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def write_sheet(sheet: Sheet, path: Path) -> int:
    """Write a sheet, whole or not at all; return its size in bytes. An older sheet is replaced, nothing else is.

    Raises
    ------
    InputError
        The name does not end in ``.json``, there is no such folder, something else stands there, it cannot be
        written, or the sweep is too large for a sheet.
    """
    check_sheet_place(path)
    text = dumps({"kind": KIND, "schema": SCHEMA, **encode(sheet)}).encode()
    if len(text) > LARGEST_BYTES:
        message = f"This sweep would make a sheet of {len(text) >> 10} KiB, and {LARGEST_BYTES >> 10} KiB is the most."
        raise InputError(f"{message} Measure fewer backends or worker counts.")
    try:
        with replacing(path) as place:
            place.write_bytes(text + b"\n")
    except OSError as problem:
        reason = problem.strerror or problem
        raise InputError(f"{str(path)!r} cannot be written: {reason}. Choose another place.") from problem
    return len(text) + 1


def check_sheet_place(path: Path) -> None:
    """Refuse a place where no sheet can go, before any work is done; see ``write_sheet`` for the errors."""
    if path.suffix.lower() != ".json":
        raise InputError(f"A sheet is a JSON file, so {path.name or str(path)!r} cannot be its name. Write me.json.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into. Make it first.")
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder. Name a file in it, such as {str(path / 'me.json')!r}.")
    if path.is_file() and not _is_sheet(path):
        raise InputError(f"{str(path)!r} is there, is no sheet, and is not overwritten. Choose another name.")


def _is_sheet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            parse(file.read(LARGEST_BYTES + 1))
    except (OSError, ValueError):
        return False
    return True
