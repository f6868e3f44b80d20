"""What the doctor says of made-up machines, and one real start of a process."""

import sys
import tempfile
from dataclasses import replace
from typing import Any

import marks
import pytest

from parlab import backends, owners, segments, temporary
from parlab.analysis import doctor
from parlab.analysis.doctor import GIB, MIB, Diagnosis, diagnose, probe_process
from parlab.machine import Blas, Machine, detect
from parlab.owners import Leftover

# A machine without a fault: each test takes one good thing away.
GOOD: Machine = replace(
    detect(),
    system="Linux 6.8.0",
    cores_logical=8,
    cores_physical=8,
    cores_affinity=8,
    cores_quota=None,
    cores_slurm=None,
    cores_python=None,
    cores_override=None,
    cores_usable=8,
    cores_limited_by="logical cores",
    memory_bytes=16 * GIB,
    memory_available_bytes=8 * GIB,
    memory_limit_bytes=None,
    shared_memory_bytes=8 * GIB,
    shared_memory_free_bytes=8 * GIB,
    free_threaded_build=False,
    gil_enabled=True,
    start_methods=("fork", "forkserver", "spawn"),
    start_method="forkserver",
    blas=(Blas("openblas", "0.3", 8),),
    in_kernel=False,
    container=None,
    wsl=False,
    browser=False,
    load=0.5,
    on_battery=False,
    power_saver=False,
    virtual=False,
)


@pytest.fixture(autouse=True)
def _tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what killed processes left on this machine out of these tests."""
    monkeypatch.setattr(temporary, "leftovers", list)
    monkeypatch.setattr(segments, "leftovers", list)


def all_of(**changes: Any) -> list[Diagnosis]:
    return diagnose(replace(GOOD, **changes), probe=lambda: None)


def one_of(name: str, **changes: Any) -> Diagnosis:
    (found,) = [diagnosis for diagnosis in all_of(**changes) if diagnosis.name == name]
    return found


def test_a_good_machine() -> None:
    """Nothing fails and nothing is warned of on a machine without a fault, and nothing is advised."""
    doubts = [one for one in all_of() if one.status != "pass" and not one.name.startswith(("backend ", "Jupyter"))]
    assert [] == doubts
    assert {""} == {one.fix for one in all_of() if one.status == "pass"}


def test_the_order_of_the_questions() -> None:
    """First Python and its lock, then cores, memory and processes, at the end the place and JupyterLab."""
    names = [one.name for one in all_of() if not one.name.startswith("backend ")]
    expected = [
        "Python",
        "GIL",
        "cores",
        "physical cores",
        "power",
        "load",
        "memory",
        "shared memory",
        "temporary files",
        "leftovers",
        "start methods",
        "a real process",
        "linear algebra",
        "backends",
        "place",
        "JupyterLab",
    ]
    assert expected == names


def limited(free: int) -> dict[str, Any]:
    """A control group that is empty and allows this many bytes."""
    return {"memory_limit_bytes": free, "memory_available_bytes": free}


ONE_THREAD = (Blas("openblas", "0.3", 1),)

# What is changed, the name of the diagnosis, its status, words of its message, words of its fix.
FAULTS: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"free_threaded_build": True}, "GIL", "warn", "something switched the GIL on", "-X gil=0"),
    (
        {"cores_usable": 1, "cores_limited_by": "CPU affinity", "cores_affinity": 1, "blas": ONE_THREAD},
        "cores",
        "warn",
        "parlab uses 1, decided by CPU affinity (8 logical, 1 by affinity, no cgroup quota): no speedup can be seen",
        "2 cores or more",
    ),
    (
        {"cores_quota": 2.5, "cores_usable": 2, "cores_limited_by": "cgroup CPU quota", "blas": ONE_THREAD},
        "cores",
        "warn",
        "2.5 by cgroup quota): part of a core will throttle a worker",
        "docker run --cpus 2",
    ),
    ({"cores_physical": 4}, "physical cores", "warn", "8 usable cores are hyper-threads of 4", "less than 8 x"),
    ({"load": 4.1}, "load", "warn", "4.1 threads wanted to run", "close other programs"),
    ({"memory_available_bytes": GIB - 1}, "memory", "warn", "no control-group limit", "fewer workers"),
    (
        {"memory_limit_bytes": 512 * MIB, "memory_available_bytes": 512 * MIB},
        "memory",
        "warn",
        "limited to 0.5 GiB by the control group",
        "raise the limit",
    ),
    ({"memory_available_bytes": 256 * MIB - 1}, "memory", "fail", "0.2 GiB free of 16.0 GiB", "fewer workers"),
    (
        {"memory_limit_bytes": 255 * MIB, "memory_available_bytes": 255 * MIB},
        "memory",
        "fail",
        "limited to 0.2 GiB",
        "fewer workers",
    ),
    (
        {"shared_memory_free_bytes": 64 * MIB, "shared_memory_bytes": 64 * MIB},  # Docker's, untouched
        "shared memory",
        "warn",
        "64 MiB free of 64 MiB in /dev/shm",
        "--shm-size",
    ),
    (
        {"shared_memory_free_bytes": None, "shared_memory_bytes": None},
        "shared memory",
        "fail",
        "there is no /dev/shm",
        "mount a tmpfs",
    ),
    ({"start_methods": (), "browser": True}, "start methods", "fail", "runs in a browser", "a computer or a hub"),
    (
        {"blas": (Blas("openblas", "0.3", 8), Blas("mkl", None, 9))},
        "linear algebra",
        "warn",
        "mkl  with 9 threads: more threads than usable cores",
        "OMP_NUM_THREADS=8",
    ),
]


@pytest.mark.parametrize(("changes", "name", "status", "message", "fix"), FAULTS)
def test_a_fault_and_its_fix(changes: dict[str, Any], name: str, status: str, message: str, fix: str) -> None:
    """Each fault is told with its figures, and with a fix of one line."""
    found = one_of(name, **changes)
    assert status == found.status
    assert message in found.message
    assert fix in found.fix
    assert "\n" not in found.fix + found.message


@pytest.mark.parametrize(("changes", "name", "status", "message", "fix"), FAULTS)
def test_one_fault_is_told_once(changes: dict[str, Any], name: str, status: str, message: str, fix: str) -> None:
    """Taking away one thing changes the judgement of that thing alone."""
    before = {one.name: one.status for one in all_of()}
    after = {one.name: one.status for one in all_of(**changes)}
    assert {name} == {one for one in after if after[one] != before.get(one)}


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        ({"gil_enabled": False, "free_threaded_build": True}, "GIL", "off (free-threaded build)"),
        ({"cores_quota": 8.0}, "cores", "8 by cgroup quota"),
        ({"cores_quota": 12.5}, "cores", "12.5 by cgroup quota"),  # beyond the cores it throttles nobody
        ({"cores_slurm": 9}, "cores", "9 by SLURM"),
        ({"cores_python": 9}, "cores", "9 by PYTHON_CPU_COUNT"),
        ({"cores_override": 8}, "cores", "8 by PARLAB_CORES"),
        ({"cores_affinity": None}, "cores", "(8 logical, no cgroup quota)"),
        ({"load": 4.0}, "load", "4.0 threads wanted"),
        ({"memory_available_bytes": GIB}, "memory", "1.0 GiB free"),
        ({"memory_limit_bytes": 32 * GIB}, "memory", "8.0 GiB free of 16.0 GiB, limited to 32.0 GiB"),
        ({"shared_memory_free_bytes": 65 * MIB}, "shared memory", "0.1 GiB free"),
        ({}, "place", "runs directly on the system"),
        (
            {"in_kernel": True, "container": "podman", "wsl": True},
            "place",
            "runs in a Jupyter kernel, a container (podman), WSL",
        ),
        ({}, "start methods", "fork, forkserver, spawn; parlab starts by forkserver"),
        ({}, "linear algebra", "openblas 0.3 with 8 threads; inside trials parlab sets 1"),
    ],
)
def test_what_is_fine(changes: dict[str, Any], name: str, message: str) -> None:
    """What is in order, though only just, passes, and its figures are told."""
    found = one_of(name, **changes)
    assert ("pass", "") == (found.status, found.fix)
    assert message in found.message


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"cores_physical": None}, "physical cores"),
        ({"load": None}, "load"),
        ({"blas": ()}, "linear algebra"),
        ({"system": "Darwin 24.0", "shared_memory_bytes": None, "shared_memory_free_bytes": None}, "shared memory"),
        ({"start_methods": ()}, "a real process"),
    ],
)
def test_what_is_not_known_is_not_judged(changes: dict[str, Any], name: str) -> None:
    """Where the system tells nothing, nothing is said."""
    assert name in [one.name for one in all_of()]
    assert name not in [one.name for one in all_of(**changes)]


def test_a_process_that_does_not_start() -> None:
    """What the probe brings back is a failure, told by its first line, with a fix."""
    found = diagnose(GOOD, probe=lambda: "no more processes\nTraceback of many lines")
    (process,) = [one for one in found if one.name == "a real process"]
    assert ("fail", "no more processes") == (process.status, process.message)
    assert "ulimit -u" in process.fix


def test_no_process_is_started_where_there_are_none() -> None:
    """In a browser the probe is not even tried."""

    def probe() -> str | None:
        raise AssertionError("no process can be started here")

    assert diagnose(replace(GOOD, start_methods=(), browser=True), probe)


def test_no_place_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no temporary file can be written, that is a failure with its fix."""

    def nowhere() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    found = one_of("temporary files")
    assert "fail" == found.status
    assert "TMPDIR" in found.fix


def leave(monkeypatch: pytest.MonkeyPatch, *found: Leftover) -> None:
    """Pretend that these lie about: the first in the temporary folder, the rest in /dev/shm."""
    monkeypatch.setattr(temporary, "leftovers", lambda: list(found[:1]))
    monkeypatch.setattr(segments, "leftovers", lambda: list(found[1:]))


def test_what_killed_runs_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What dead processes left is counted with its size; what living ones use is not."""
    dead = [Leftover(name, 3 * MIB, marks.with_number(1), dead=True) for name in ("folder", "segment")]
    leave(monkeypatch, *dead, Leftover("in use", 50 * MIB, owners.mark(), dead=False))
    found = one_of("leftovers")
    assert ("warn", "killed runs of parlab left 2 things (6.0 MiB)") == (found.status, found.message)
    assert "nothing to do: the next sweep removes what was left" == found.fix


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces of processes")
def test_what_other_containers_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told apart, because only they know whether it is in use, and alone it is no fault."""
    foreign = Leftover("sem", 32, marks.of_another_namespace(1234), dead=False)
    leave(monkeypatch, foreign)
    found = one_of("leftovers")
    theirs = "left alone: 1 thing (under 0.1 MiB) that other containers or machines may use"
    assert ("pass", f"killed runs of parlab left nothing; {theirs}", "") == (found.status, found.message, found.fix)
    leave(monkeypatch, foreign, Leftover("segment", MIB, marks.with_number(1), dead=True))
    assert f"killed runs of parlab left 1 thing (1.0 MiB); {theirs}" == one_of("leftovers").message


def test_nothing_was_left() -> None:
    """An ordinary machine holds nothing of killed runs."""
    assert "killed runs of parlab left nothing" == one_of("leftovers").message


def test_every_engine_is_told_of() -> None:
    """Each backend is ready or named with its reason; that it needs a newer Python or is an extra is no warning."""
    missing = [one.name.removeprefix("backend ") for one in all_of() if one.name.startswith("backend ")]
    ready = one_of("backends").message.removeprefix("ready: ").split(", ")
    assert sorted(backends.names()) == sorted([*ready, *missing])
    unneeded = {name for name in missing if one_of(f"backend {name}").status == "pass"}
    assert unneeded == {name for name in missing if backends.get(name).newer_python or backends.get(name).extra}
    assert {"serial", "threads", "processes"} <= set(ready)


def test_a_missing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that cannot run here is warned of with its reason, and is not among those that are ready."""
    kind = type(backends.get("loky"))
    monkeypatch.setattr(kind, "availability", lambda _self: "loky is not installed: pip install loky")
    found = one_of("backend loky")
    assert ("warn", "not available: loky is not installed: pip install loky") == (found.status, found.message)
    assert found.fix
    assert "loky" not in one_of("backends").message


@pytest.mark.parametrize("missing", ["jupyterlab", "ipykernel"])
def test_jupyter_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Without JupyterLab or its kernel notebooks cannot be opened, and the fix is one command."""
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == missing else object())
    assert ("warn", "pip install 'parlab[lab]'") == (one_of("JupyterLab").status, one_of("JupyterLab").fix)
    monkeypatch.setattr(doctor, "find_spec", lambda _name: object())
    assert "pass" == one_of("JupyterLab").status


def test_every_doubt_has_a_fix() -> None:
    """Whatever fails or is warned of, on any of these machines, comes with a way out."""
    everything = [one for changes, *_ in FAULTS for one in all_of(**changes)]
    assert [] == [one for one in everything if one.status != "pass" and not one.fix]


def test_a_real_process_starts() -> None:
    """The smallest workload runs in a worker process of its own here, and nothing went wrong."""
    assert None is probe_process()


@pytest.mark.parametrize("fact", ["on_battery", "power_saver"])
def test_what_saves_power_is_watched(fact: str) -> None:
    """On battery, or told to save power, the clock is slower; a machine that tells nothing gets no line."""
    assert "pass" == one_of("power").status
    assert ("warn", True) == ((found := one_of("power", **{fact: True})).status, bool(found.fix))
    assert "power" not in {one.name for one in all_of(on_battery=None, power_saver=None)}
