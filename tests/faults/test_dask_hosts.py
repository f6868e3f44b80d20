"""Dask across hosts, as near as one machine comes: network and time namespaces, certificates. Slow: ``make faults``."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import dask_tasks
import pytest
from clusters import cluster
from sweeps import measure

from parlab import backends
from parlab.analysis.summary import summarise
from parlab.backends.base import processes_here
from parlab.errors import BackendUnavailableError

AHEAD_S = 3600  # the first host's clock
BRIDGE, HOSTS = "plbridge", {"plhost1": "10.77.113.11", "plhost2": "10.77.113.12"}
HERE = "10.77.113.1"


def _do(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True, timeout=30)


def _remove() -> None:
    for command in [f"ip link del {BRIDGE}", *(f"ip netns del {name}" for name in HOSTS)]:
        subprocess.run(command.split(), check=False, capture_output=True, timeout=30)


@pytest.fixture
def hosts() -> Iterator[dict[str, str]]:
    """Two network namespaces beside this one, on a bridge: each has addresses and a loopback of its own."""
    _remove()
    try:
        _do("unshare --time --monotonic 1 true")
        _do(f"ip link add {BRIDGE} type bridge")
        _do(f"ip addr add {HERE}/24 dev {BRIDGE}")
        _do(f"ip link set {BRIDGE} up")
        for name, address in HOSTS.items():
            _do(f"ip netns add {name}")
            _do(f"ip link add {name}v type veth peer name eth0 netns {name}")
            _do(f"ip link set {name}v master {BRIDGE} up")
            for words in (f"addr add {address}/24 dev eth0", "link set eth0 up", "link set lo up"):
                _do(f"ip -n {name} {words}")
    except (OSError, subprocess.CalledProcessError) as problem:
        _remove()
        pytest.skip(f"namespaces are not permitted here: {problem}")
    try:
        yield HOSTS
    finally:
        _remove()


def test_workers_on_other_hosts(hosts: dict[str, str], tmp_path: Path) -> None:
    """Hosts are told apart, their clocks' offsets are estimated, spans lie where they were, this host is not blamed."""
    clocks = {"plhost1": ["unshare", "--time", "--monotonic", str(AHEAD_S)], "plhost2": []}
    with cluster(tmp_path / "cluster", host=HERE) as others:
        for name, address in hosts.items():
            others.add_worker(host=address, prefix=["ip", "netns", "exec", name, *clocks[name]])
        others.wait_for(len(hosts))
        results, _ = measure(
            tmp_path / "sweep.jsonl",
            subject=dask_tasks.note_and_nap,
            kwargs={"folder": str(tmp_path)},
            items=range(12),
            backends=[others.spec],
            workers=[2],
        )
    (trial,) = [one for one in results.records if one.role == "parallel"]
    assert "ok" == trial.outcome
    assert {one.role for one in results.records} == {"serial", "parallel"}, "a ceiling of this machine says nothing"
    assert 2 == len({one.host for one in trial.crew})
    assert processes_here(trial.crew) is None
    assert (None, None) == (trial.steal_s, trial.preempted)
    first, second = sorted(trial.crew, key=lambda one: one.clock_offset_s)
    assert abs(first.clock_offset_s + AHEAD_S) <= first.clock_error_s
    assert second.clock_offset_s == 0
    assert {0, 1} == set(trial.spans["worker"])
    columns = [trial.spans[name] for name in ("worker", "submitted_s", "started_s", "finished_s", "received_s")]
    for worker, *times in zip(*columns, strict=True):
        error_s = trial.crew[worker].clock_error_s
        assert all(earlier <= later + error_s for earlier, later in pairwise(times))
    (found,) = [one for one in summarise(results).findings if one.code == "estimated-clocks"]
    assert found.evidence["error_s"] == max(first.clock_error_s, second.clock_error_s)


def test_certificates_come_from_dasks_own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that speaks TLS is used with them, and refused without, with the place where they belong."""
    import dask  # not above: it changes how all exceptions of this process are pickled

    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    _do(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=parlab -keyout {tmp_path}/key.pem "
        f"-out {tmp_path}/cert.pem"
    )
    names = {"CA_FILE": "cert.pem"} | {
        f"{who}__{what}": f"{what.lower()}.pem" for who in ("SCHEDULER", "WORKER", "CLIENT") for what in ("CERT", "KEY")
    }
    for name, file in names.items():
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{name}", str(tmp_path / file))
    with cluster(tmp_path / "cluster", scheme="tls") as others:
        others.add_worker()
        with pytest.raises(BackendUnavailableError, match=r"(?s)no Dask scheduler answers at tls://.*comm\.tls"):
            backends.require(others.spec)
        tls = "distributed.comm.tls"  # as a new process would read it from its environment
        files = {f"{tls}.ca-file": "cert.pem", f"{tls}.client.cert": "cert.pem", f"{tls}.client.key": "key.pem"}
        with dask.config.set({name: str(tmp_path / file) for name, file in files.items()}):
            others.wait_for(1)
            results, _ = measure(
                tmp_path / "sweep.jsonl",
                subject=dask_tasks.note_and_nap,
                kwargs={"folder": str(tmp_path)},
                items=range(4),
                backends=[others.spec],
                workers=[1],
            )
    assert ["ok"] == [one.outcome for one in results.records if one.role == "parallel"]
