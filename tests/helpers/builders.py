"""Hand-made records, result files and control groups for tests, and Hypothesis strategies that make many records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from parlab.records import SPAN_COLUMNS, Failure, Finding, Sweep, Trial, Worker
from parlab.results import SCHEMA, Check, Header, Results
from parlab.results.journal import Journal

MOMENT = "2026-01-02T03:04:05.678+00:00"
SWEEP = Sweep("primes", "small", 64, ("threads",), (2,), 6, None)
CHECK = Check(tasks=64, serial_s=2.0, cpu_share=1.0, tracing_s=None, ceiling=True)
MACHINE = {"cores_usable": 4, "cores_limited_by": "logical cores", "cpu_model": None}
HEADER = Header(SCHEMA, "0.1.0", MOMENT, MACHINE, SWEEP, {"numpy": "2.0"}, CHECK)
FAILURE = Failure(3, "'photo.jpg'", "ValueError: no threes", "Traceback (most recent call last):\n…")
WORKER = Worker("here", 10, 11, 0.0, 1e-6)
SPANS: dict[str, list[Any]] = {
    "task": [0, 1],
    "chunk": [None, None],
    "worker": [0, 0],
    "submitted_s": [0.0, 0.1],
    "started_s": [0.1, 0.5],
    "finished_s": [0.5, 0.9],
    "received_s": [0.6, 1.0],
    "cpu_s": [0.4, 0.4],
    "sent_bytes": [10, 10],
    "received_bytes": [20, 20],
    "pickle_s": [0.01, 0.01],
    "unpickle_s": [0.02, 0.02],
    "outcome": ["ok", "ok"],
}
_TRIAL = Trial(
    session=0,
    round=0,
    position=0,
    role="parallel",
    backend="threads",
    workers=2,
    start_method=None,
    tasks=64,
    open_s=0.5,
    warm_up_s=0.1,
    map_s=1.0,
    close_s=0.5,
    cpu_s=1.9,
    ceiling=None,
    outcome="ok",
    message=None,
    fingerprint="abc",
    load=0.1,
    started_at=MOMENT,
)


def parallel(map_s: float | None = 1.0, **fields: Any) -> Trial:
    """Make a trial of an engine: half a second to open and half a second to close, unless told otherwise."""
    return replace(_TRIAL, map_s=map_s, **fields)


def serial(map_s: float | None, **fields: Any) -> Trial:
    """Make a trial of the plain loop."""
    own: dict[str, Any] = {"role": "serial", "backend": "serial", "workers": 1, "open_s": 0.0, "close_s": 0.0}
    return replace(_TRIAL, map_s=map_s, **(own | fields))


def ceiling(speedup: float | None, workers: int = 2, **fields: Any) -> Trial:
    """Make a trial that measured the machine's own speedup."""
    nothing = dict.fromkeys(("open_s", "warm_up_s", "map_s", "close_s", "cpu_s", "fingerprint"))
    own: dict[str, Any] = {"role": "ceiling", "backend": "ceiling", "ceiling": speedup, "workers": workers}
    return replace(_TRIAL, **(nothing | own | fields))


def make_round(number: int, brackets: tuple[float, float], *between: Trial, session: int = 0) -> list[Trial]:
    """Put trials between two serial ones, as one round."""
    trials = [serial(brackets[0]), *between, serial(brackets[1])]
    return [replace(trial, session=session, round=number, position=place) for place, trial in enumerate(trials)]


def make_rounds(count: int, serial_s: float = 2.0, map_s: float = 1.0) -> list[Trial]:
    """Make equal rounds of one engine with two workers."""
    return [trial for number in range(count) for trial in make_round(number, (serial_s, serial_s), parallel(map_s))]


def make_results(
    trials: Iterable[Trial],
    *,
    sweep: Mapping[str, Any] | None = None,
    check: Mapping[str, Any] | None = None,
    machine: Mapping[str, Any] | None = None,
    ended: str | None = "rounds",
    findings: Sequence[Finding] = (),
) -> Results:
    """Make results as if they had been read, with the named fields of sweep, check and machine replaced."""
    header = replace(
        HEADER,
        machine={**MACHINE, **(machine or {})},
        sweep=replace(SWEEP, **(sweep or {})),
        check=replace(CHECK, **(check or {})),
    )
    return Results(header, tuple(trials), ended, tuple(findings))


def write_results(path: Path, trials: Iterable[Trial], reason: str | None = "rounds", header: Header = HEADER) -> bytes:
    """Write a result file the way a sweep does, and return its bytes."""
    journal = Journal(path)
    journal.begin(header)
    for trial in trials:
        journal.add(trial)
    if reason is not None:
        journal.end(reason, MOMENT)
    journal.close()
    return path.read_bytes()


def control_groups(root: Path, groups: str, mounts: str, files: Mapping[str, str] | None = None) -> Path:
    """Make a file system as Linux shows it: ``/proc/self/cgroup``, ``/proc/self/mountinfo`` and the groups' files."""
    made = {"proc/self/cgroup": groups, "proc/self/mountinfo": mounts, **(files or {})}
    for name, text in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


MOUNT_V2 = "30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"


def quota_of(root: Path, cpu_max: str) -> Path:
    """Make a version-2 machine whose one group has this ``cpu.max``."""
    return control_groups(root, "0::/\n", MOUNT_V2, {"sys/fs/cgroup/cpu.max": cpu_max})


# What JSON can hold and gives back unchanged. Big integers stay below what Python turns into text.
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_objects = st.dictionaries(st.text(), json_values, max_size=3)
_finite = st.floats(allow_nan=False, allow_infinity=False)
_seconds = st.none() | _finite
_text = st.text()
_outcome = st.sampled_from(["ok", "error", "timed out", "lost"])
_failures = st.builds(Failure, st.integers(), _text, _text, _text)
_workers = st.builds(Worker, _text, st.integers(), st.integers(), _finite, _finite)

findings = st.builds(Finding, _text, _text, _text, _objects, st.sampled_from(["info", "warning"]))
trials = st.builds(
    Trial,
    role=st.sampled_from(["serial", "parallel", "ceiling"]),
    open_s=_seconds,
    warm_up_s=_seconds,
    map_s=_seconds,
    close_s=_seconds,
    cpu_s=_seconds,
    ceiling=_seconds,
    load=_seconds,
    outcome=_outcome,
    failures=st.lists(_failures, max_size=2).map(tuple),
    crew=st.lists(_workers, max_size=2).map(tuple),
    spans=st.none() | st.fixed_dictionaries({name: st.lists(json_values, max_size=2) for name in SPAN_COLUMNS}),
)
sweeps = st.builds(
    Sweep,
    backends=st.lists(_text, max_size=3).map(tuple),
    workers=st.lists(st.integers(), max_size=3).map(tuple),
    budget_s=_seconds,
    deadline_s=_seconds,
    on_error=st.sampled_from(["stop", "skip"]),
    options=_objects,
    kwargs=_objects,
)
_checks = st.builds(Check, serial_s=_finite, cpu_share=_seconds, tracing_s=_seconds)
headers = st.builds(
    Header, machine=_objects, sweep=sweeps, check=_checks, label=st.dictionaries(_text, _text, max_size=3)
)
