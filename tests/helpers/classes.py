"""Classes for tests: as many differing sheets as wanted, made up from a seed, as they would lie in a folder."""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from parlab.analysis.sheets import KIND, SCHEMA, Curve, Facts, Foretold, Sheet, Spot, Work
from parlab.codec import dumps, encode

BEGIN = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
FACTS = Facts(
    system="Linux 6.8",
    architecture="x86_64",
    cpu_model="Example 3000",
    cores_usable=4,
    cores_logical=4,
    cores_physical=4,
    cores_limited_by="logical cores",
    cores_quota=None,
    memory_gib=16,
    python="3.12.3",
    implementation="CPython",
    gil_enabled=True,
    start_method="forkserver",
    container=None,
    wsl=False,
    virtual=False,
    on_battery=False,
    power_saver=False,
    load=0.2,
)
WORK = Work("primes", "small", 64, weak=False)


class _Kind(NamedTuple):
    share: int
    cpu: str
    cores: int
    system: str
    gain: float  # the efficiency of the last core


_KINDS = (
    _Kind(6, "Intel(R) Core(TM) i5-1235U", 12, "Windows 11", 0.5),
    _Kind(5, "Apple M2", 8, "Darwin 23.5", 0.6),
    _Kind(3, "AMD Ryzen 7 5800U with Radeon Graphics", 16, "Windows 11", 0.55),
    _Kind(2, "AMD EPYC 7763 64-Core Processor", 2, "Linux 6.8", 0.95),
    _Kind(1, "Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz", 8, "Linux 6.5", 0.45),
    _Kind(1, "13th Gen Intel(R) Core(TM) i7-1360P", 16, "Windows 10", 0.5),
    _Kind(1, "Intel(R) Xeon(R) Processor", 1, "Linux 6.8", 1.0),
)
_TOPICS = ("00-cores", "00-two-copies", "01-together", "02-threads-count", "04-pool", "09-processes")


def sheet(number: int = 1, speedups: Sequence[float] = (1.0, 1.9, 3.4), **fields: Any) -> Sheet:
    """Make one sheet: processes with 1, 2 and 4 workers; ``machine`` replaces facts."""
    machine = replace(FACTS, **fields.pop("machine", {}))
    points = tuple(
        Spot(workers, value, value * 0.97, value * 1.03) for workers, value in zip((1, 2, 4), speedups, strict=False)
    )
    usual: dict[str, Any] = {
        "parlab": "0.1.0",
        "exported": (BEGIN + timedelta(seconds=number)).isoformat(),
        "sweep": f"{number:016x}",
        "rounds": 7,
        "work": WORK,
        "machine": machine,
        "curves": (Curve("processes", points),),
        "ceilings": (Spot(1, 1.0), Spot(2, 1.95), Spot(4, 3.7)),
    }
    return Sheet(**(usual | fields))


def as_data(one: Sheet, **more: Any) -> dict[str, Any]:
    """Return the JSON object of a sheet, with fields replaced."""
    return {"kind": KIND, "schema": SCHEMA, **json.loads(dumps(encode(one))), **more}


def put(folder: Path, name: str, one: Sheet | Mapping[str, Any]) -> Path:
    """Write a sheet, or any object, as a file."""
    path = folder / name
    path.write_text(json.dumps(as_data(one) if isinstance(one, Sheet) else one), encoding="utf-8")
    return path


def crowd(folder: Path, count: int, *, first: int = 1) -> None:
    """Write sheets of the same hardware that differ by a percent or two."""
    for number in range(first, first + count):
        wobble = 1 + 0.01 * ((number * 7) % 5 - 2)
        put(folder, f"{number:03}.json", sheet(number, (1.0, 1.9 * wobble, 3.4 * wobble)))


def room(folder: Path, count: int, seed: int = 1) -> None:
    """Write the sheets of a mixed class: laptops, some on battery, containers with a quota, a few names and guesses."""
    draw = random.Random(seed)  # noqa: S311  # made-up classes, the same each time
    for number in range(1, count + 1):
        put(folder, f"learner-{number:03}.json", _learner(number, draw))


def _learner(number: int, draw: random.Random) -> Sheet:
    kind = draw.choices(_KINDS, [one.share for one in _KINDS])[0]
    slow = draw.random() < 0.06
    machine = replace(
        FACTS, cpu_model=kind.cpu, cores_usable=kind.cores, cores_logical=kind.cores, system=kind.system,
        start_method="forkserver" if kind.system.startswith("Linux") else "spawn", on_battery=slow,
        memory_gib=draw.choice((8, 16, 16, 32)), python=draw.choice(("3.11.9", "3.12.3", "3.12.3", "3.13.1")),
        load=None if kind.system.startswith("Windows") else round(draw.uniform(0, 0.4), 2),
    )  # fmt: skip
    counts = sorted({1, 2, 4, kind.cores} & set(range(1, 2 * kind.cores + 1)))
    luck = draw.gauss(1, 0.02) * (draw.uniform(0.5, 0.75) if slow else 1)
    curves = tuple(
        Curve(backend, tuple(_spot(workers, kind, luck * draw.gauss(1, 0.02), share, draw) for workers in counts))
        for backend, share in (("threads", 0.0), ("processes", 1.0), ("loky", 0.93))
    )
    ceilings = tuple(Spot(workers, _gain(workers, kind, 1.0) * 1.04) for workers in counts)
    work = WORK if draw.random() < 0.7 else Work("photos", "small", 24, weak=False)
    name = draw.choice(("Ada", "Grace", "Müller, Jörg", "李雷")) if draw.random() < 0.05 else ""
    return sheet(
        number, machine=encode(machine), curves=curves, ceilings=ceilings, work=work, name=name,
        findings=("noisy-machine",) if slow or draw.random() < 0.1 else (), predictions=_guesses(kind, luck, draw),
    )  # fmt: skip


def _gain(workers: int, kind: _Kind, share: float) -> float:
    """Return what so many workers give: each further one brings less, and none beyond the cores."""
    within = min(workers, kind.cores)
    slope = (1 - kind.gain) / max(1, kind.cores - 1)
    return 1 + share * sum(1 - slope * other for other in range(1, within))


def _spot(workers: int, kind: _Kind, luck: float, share: float, draw: random.Random) -> Spot:
    value = round(max(0.2, 1 + (_gain(workers, kind, share) - 1) * luck - 0.06 * draw.random()), 4)
    half = value * draw.uniform(0.005, 0.03)
    return Spot(workers, value, round(value - half, 4), round(value + half, 4))


def _guesses(kind: _Kind, luck: float, draw: random.Random) -> tuple[Foretold, ...]:
    measured = {
        "00-cores": float(kind.cores),
        "00-two-copies": 1.9 * luck if kind.cores > 1 else 1.0 * luck,
        "01-together": 0.9 * _gain(4, kind, 1.0) * luck,
        "02-threads-count": 0.97 * luck,
        "04-pool": 0.9 * _gain(2, kind, 1.0) * luck,
        "09-processes": 0.95 * _gain(2, kind, 1.0) * luck,
    }
    guesses = {"02-threads-count": (1.0, 1.5, 1.8, 2.0, 2.0), "00-cores": (2.0, 4.0, 8.0, 8.0, 16.0)}
    return tuple(
        Foretold(topic, draw.choice(guesses.get(topic, (1.5, 2.0, 2.0, 3.0, 4.0))), round(measured[topic], 5))
        for topic in _TOPICS[: draw.randint(0, len(_TOPICS))]
    )


if __name__ == "__main__":  # usage: python tests/helpers/classes.py FOLDER COUNT
    room(Path(sys.argv[1]), int(sys.argv[2]))
