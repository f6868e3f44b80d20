"""How many cores are ours: each limit decides in its turn, and nonsense decides nothing."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from builders import quota_of

from parlab.machine.cores import OVERRIDE, count, physical_cores

LINUX = sys.platform == "linux"
ONLY_ONE = not LINUX or len(os.sched_getaffinity(0)) < 2
needs_linux = pytest.mark.skipif(not LINUX, reason="control groups are Linux's")
needs_two_cores = pytest.mark.skipif(ONLY_ONE, reason="on one core no limit can be tighter")


@pytest.fixture
def one_core() -> Iterator[None]:
    """Put this thread on one core for the length of a test."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def test_without_limits_the_logical_cores_count(tmp_path: Path) -> None:
    """Where nothing is tighter, "logical cores" is the reason."""
    cores = count(tmp_path, {})
    if cores.affinity is None or cores.affinity == cores.logical:
        assert (psutil.cpu_count(), "logical cores") == (cores.usable, cores.limited_by)
    else:
        assert (cores.affinity, "CPU affinity") == (cores.usable, cores.limited_by)
    assert (cores.quota, cores.slurm, cores.python, cores.override) == (None, None, None, None)


@needs_two_cores
@pytest.mark.usefixtures("one_core")
def test_affinity_decides(tmp_path: Path) -> None:
    """A process that may run on one core has one, whatever the machine has."""
    cores = count(tmp_path, {})
    assert (cores.affinity, cores.usable, cores.limited_by) == (1, 1, "CPU affinity")
    assert cores.physical == 1
    assert cores.logical >= 2


@needs_two_cores
@pytest.mark.parametrize(("cpu_max", "quota"), [("100000 100000", 1.0), ("190000 100000", 1.9), ("50000 100000", 0.5)])
def test_quota_decides(tmp_path: Path, cpu_max: str, quota: float) -> None:
    """A quota is rounded down to whole cores, and never below 1."""
    cores = count(quota_of(tmp_path, cpu_max), {})
    assert (quota, 1, "cgroup CPU quota") == (cores.quota, cores.usable, cores.limited_by)


@needs_linux
def test_a_wide_quota_decides_nothing(tmp_path: Path) -> None:
    """A quota beyond the machine's cores is told and does not count."""
    cores = count(quota_of(tmp_path, "100000000 100000"), {})
    assert cores.quota == 1000.0
    assert cores.limited_by != "cgroup CPU quota"
    assert cores.usable < 1000


@needs_two_cores
@pytest.mark.parametrize(
    ("variable", "field"), [("SLURM_CPUS_PER_TASK", "slurm"), ("PYTHON_CPU_COUNT", "python"), (OVERRIDE, "override")]
)
def test_variables_decide(tmp_path: Path, variable: str, field: str) -> None:
    """A batch system's, Python's and the user's own number each decide where they are the smallest."""
    cores = count(tmp_path, {variable: "1"})
    assert (1, 1, variable) == (getattr(cores, field), cores.usable, cores.limited_by)


@needs_two_cores
def test_the_smallest_limit_wins(tmp_path: Path) -> None:
    """Several limits stand side by side, and the smallest one decides."""
    cores = count(quota_of(tmp_path, "200000 100000"), {"SLURM_CPUS_PER_TASK": "7", "PYTHON_CPU_COUNT": "1"})
    assert (cores.quota, cores.slurm, cores.python) == (2.0, 7, 1)
    assert (cores.usable, cores.limited_by) == (1, "PYTHON_CPU_COUNT")


def test_the_override_goes_before_all(tmp_path: Path) -> None:
    """The user's own number holds, also when it is larger than every limit; what was overridden is still told."""
    cores = count(quota_of(tmp_path, "50000 100000"), {OVERRIDE: "5000", "SLURM_CPUS_PER_TASK": "1"})
    assert (cores.usable, cores.limited_by) == (5000, OVERRIDE)
    assert cores.slurm == 1


@pytest.mark.parametrize("text", ["", "0", "-2", "two", "1.5", "default", "2 3", "9" * 5_000, "0x2", "2,2"])
@pytest.mark.parametrize("variable", ["SLURM_CPUS_PER_TASK", "PYTHON_CPU_COUNT", OVERRIDE])
def test_nonsense_is_ignored(tmp_path: Path, variable: str, text: str) -> None:
    """What is no whole number above 0 says nothing."""
    assert count(tmp_path, {}) == count(tmp_path, {variable: text})


def test_the_environment_is_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the process's own variables count."""
    monkeypatch.setenv(OVERRIDE, "3")
    assert count(tmp_path).usable == 3


@needs_linux
@pytest.mark.parametrize("cpu_max", ["1 1000000", "1000 100000", "max 100000"])
def test_never_below_one(tmp_path: Path, cpu_max: str) -> None:
    """However tight the limits, one core is ours."""
    assert count(quota_of(tmp_path, cpu_max), {}).usable >= 1


def test_physical_cores_are_no_more_than_allowed_ones(tmp_path: Path) -> None:
    """Hyper-threads share a core, so the physical cores behind ours are at most as many as ours."""
    cores = count(tmp_path, {})
    if cores.physical is not None and cores.affinity is not None:
        assert 1 <= cores.physical <= cores.affinity


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ({"cores_physical": 8, "cores_logical": 16}, 8),
        ({"cores_physical": 16, "cores_logical": 16, "cores_usable": 16}, None),  # as every virtual machine may say
        ({"cores_physical": 8, "cores_logical": 16, "cores_affinity": 8}, None),
        ({"cores_physical": 8, "cores_logical": 16, "cores_usable": 2}, 8),
        ({"cores_physical": 2, "cores_usable": 4}, 2),
        ({"cores_physical": None, "cores_logical": 4}, None),
        ({"cores_physical": "<b>", "cores_logical": 4}, None),
        ({}, None),
    ],
)
def test_physical_cores_are_told_where_hyper_threads_are_seen(machine: dict, told: int | None) -> None:
    """Where each core seems to be one of its own, a virtual machine may have said so: then nothing is claimed."""
    assert told == physical_cores(machine)
