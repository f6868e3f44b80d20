"""What is found out about this machine, and what is left out on purpose."""

import getpass
import multiprocessing
import platform
import socket
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import psutil
import pytest
from builders import MOUNT_V2, control_groups

from parlab import backends
from parlab.codec import decode, dumps, encode, loads
from parlab.errors import InputError
from parlab.machine import Machine, detect
from parlab.machine.detection import START_METHOD

LINUX = sys.platform == "linux"


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def test_the_fields_fit_together() -> None:
    """What was found about cores, memory and Python does not contradict itself."""
    machine = detect()
    assert machine.cores_usable >= 1
    assert machine.cores_override is not None or machine.cores_usable <= machine.cores_logical
    assert 0 < machine.memory_available_bytes <= machine.memory_bytes
    assert psutil.virtual_memory().total == machine.memory_bytes
    assert platform.python_version() == machine.python
    assert set(multiprocessing.get_all_start_methods()) == set(machine.start_methods)
    assert {machine.start_method, machine.python_start_method} <= set(machine.start_methods)
    assert machine.free_threaded_build or machine.gil_enabled
    assert (machine.shared_memory_bytes is None) == (machine.shared_memory_free_bytes is None)
    assert not machine.browser


def test_a_library_for_linear_algebra_is_found() -> None:
    """A BLAS comes with numpy, and its thread count is known."""
    assert all(one.threads >= 1 and one.library for one in detect().blas)
    assert detect().blas


@pytest.mark.skipif(not LINUX, reason="elsewhere the start method is spawn")
def test_forkserver_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux `processes` means forkserver, because a kernel has threads that fork would lose."""
    monkeypatch.delenv(START_METHOD, raising=False)
    assert detect().start_method == "forkserver"


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_variable_chooses_the_start_method(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """What PARLAB_START_METHOD names is what `processes` means, for the machine and for the engine."""
    monkeypatch.setenv(START_METHOD, method)
    assert (method, method) == (detect().start_method, backends.get("processes").start_method)


def test_a_variable_that_names_no_start_method_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error must not measure something else in silence."""
    monkeypatch.setenv(START_METHOD, "spwan")
    with pytest.raises(InputError, match="start method in PARLAB_START_METHOD.*'spwan'.*spawn"):
        detect()


def test_a_machine_is_frozen() -> None:
    """Nobody can change a machine after it was looked at."""
    machine = detect()
    with pytest.raises(FrozenInstanceError):
        machine.cores_usable = 64  # type: ignore[misc]


def test_a_machine_travels() -> None:
    """A machine goes into the result file's header and comes back equal."""
    machine = detect()
    assert machine == decode(Machine, loads(dumps(encode(machine))))


def test_no_names_of_host_or_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the host's nor the user's name, nor a home folder, goes into a result file."""
    own = {platform.node(), socket.gethostname(), socket.getfqdn(), str(Path.home())} - {"", "localhost"}
    for variable in ("USER", "LOGNAME", "LNAME", "USERNAME", "HOSTNAME", "HOME"):
        monkeypatch.setenv(variable, "zaphod-beeblebrox")
    assert getpass.getuser() == "zaphod-beeblebrox"
    words = {word for text in texts(encode(detect())) for word in text.split()}
    assert set() == words & own
    assert not [word for word in words if "zaphod" in word]


def test_the_summary_is_one_line() -> None:
    """The line under a chart names the cores and the Python."""
    machine = detect()
    assert f"{machine.cores_usable} usable of {machine.cores_logical} logical cores" in machine.summary
    assert f"{machine.implementation} {machine.python}" in machine.summary
    assert "\n" not in machine.summary


@pytest.mark.skipif(not LINUX, reason="control groups are Linux's")
def test_limits_come_from_the_control_group(tmp_path: Path) -> None:
    """Quota, memory limit and processor are read from the same file system."""
    files = {
        "sys/fs/cgroup/job/cpu.max": "150000 100000",
        "sys/fs/cgroup/memory.max": "1073741824",
        "proc/cpuinfo": "processor\t: 0\nmodel name\t: Deep   Thought  7.5\n",
    }
    machine = detect(control_groups(tmp_path, "0::/job\n", MOUNT_V2, files))
    assert (machine.cores_quota, machine.memory_limit_bytes) == (1.5, 1 << 30)
    assert machine.cpu_model == "Deep Thought 7.5"


@pytest.mark.parametrize(("mark", "name"), [(".dockerenv", "docker"), ("run/.containerenv", "podman"), (None, None)])
def test_containers_leave_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str | None, name: str | None
) -> None:
    """Docker and podman leave a file each; without one, and without variables, there is no container."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("container", raising=False)
    if mark is not None:
        (tmp_path / mark).parent.mkdir(exist_ok=True)
        (tmp_path / mark).touch()
    assert name == detect(tmp_path).container


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [("KUBERNETES_SERVICE_HOST", "10.0.0.1", "kubernetes"), ("container", "systemd-nspawn", "systemd-nspawn")],
)
def test_containers_set_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    """Kubernetes and systemd tell by a variable."""
    for one in ("KUBERNETES_SERVICE_HOST", "container"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(variable, value)
    assert name == detect(tmp_path).container
