"""The process that holds a workload's files or server: what it hands over, and that nothing of it stays."""

import queue
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from pyarrow import parquet
from sweeps import BOUND_S, alive, bench, private_folders, running, supervisor_of, trials_in, wait_until

from parlab import groups
from parlab.errors import InputError, TrialError
from parlab.measure import provider
from parlab.measure.child import STOP, StoppedError
from parlab.measure.plan import with_tasks
from parlab.measure.provider import provided
from parlab.measure.runner import TrialLostError
from parlab.records import Sweep
from parlab.workloads.download import PAGE_BYTES

HOLDER = "parlab.measure.provision"
CUSTOMERS = Sweep("customers", "1", 1, ("threads",), (1, 2), 1, None)
DOWNLOAD = Sweep("download", "3", 3, ("threads",), (1, 2), 1, None)
# What a test needs to catch it in: many partitions take a minute to make, many rounds minutes to measure.
PREPARING = ("customers", "--size", "1000", "--rounds", "1")
READING = ("customers", "--size", "1", "--backends", "serial", "--rounds", "500")
FETCHING = ("download", "--size", "2", "--backends", "threads,processes", "--workers", "2", "--rounds", "500")


@pytest.fixture
def place_for_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give this process and what it starts a temporary folder of their own, and look whether it is empty afterwards."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def inbox_with(*words: Any) -> "queue.SimpleQueue[Any]":
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for word in words:
        inbox.put(word)
    return inbox


def holders() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.Error):  # one of another test's that ends, or has ended, has no command line
            if HOLDER in " ".join(one.cmdline()):
                found.append(one)
    return found


def test_files_are_there_for_the_block_and_gone_after_it(place_for_folders: Path) -> None:
    """The partitions lie in a private folder that another process made; both are gone when the block is left."""
    with provided(CUSTOMERS, inbox_with()) as found:
        assert 1 == len(list(Path(found.place).glob("*.parquet"))) == found.tasks
        assert place_for_folders == Path(found.place).parent
        (holder,) = holders()
        assert f"-{holder.pid}-" in found.place
    assert [] == list(place_for_folders.iterdir())
    assert not holder.is_running()


def test_a_server_answers_for_the_block_and_not_after_it() -> None:
    """Its address is handed over; after the block nobody listens there."""
    with provided(DOWNLOAD, inbox_with()) as found:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{found.place}/page/1") as answer:
            assert PAGE_BYTES == len(answer.read())
        assert 3 == found.tasks
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found.place.rpartition(":")[2])), BOUND_S)
    assert [] == holders()


def test_nothing_stays_when_the_block_raises(place_for_folders: Path) -> None:
    """A sweep that fails takes its files along."""
    with pytest.raises(RuntimeError, match="enough"), provided(CUSTOMERS, inbox_with()):
        raise RuntimeError("enough")
    assert [] == list(place_for_folders.iterdir())
    assert [] == holders()


@pytest.mark.usefixtures("place_for_folders")
def test_own_data_are_cut_alike_when_a_sweep_goes_on(tmp_path: Path) -> None:
    """Without a size the user's file decides on 8 partitions, also when a resumed file knows of 2 tasks a worker."""
    rows = "".join(f"{customer},2024-05-31,1.25\n" for customer in range(100))
    (tmp_path / "a.csv").write_text(f"customer,date,amount\n{rows}")
    usual = Sweep(
        "customers", None, None, ("threads",), (1, 3), 1, None, weak=True, options={"data": f"{tmp_path}/a.csv"}
    )
    cuts = []
    for sweep in (usual, replace(usual, tasks=2)):
        with provided(sweep, inbox_with()) as found:
            assert 8 == found.tasks
            assert 2 == with_tasks(sweep, found.tasks).tasks
            cuts.append([parquet.read_table(path)["customer"] for path in sorted(Path(found.place).iterdir())])
    assert cuts[0] == cuts[1]


@pytest.mark.usefixtures("place_for_folders")
def test_own_data_of_a_given_size(tmp_path: Path) -> None:
    """A size is the number of partitions, under weak scaling for each worker."""
    (tmp_path / "a.csv").write_text("customer,date,amount\nA,2024-05-31,12.50\n")
    sweep = Sweep("customers", "3", 3, ("threads",), (1, 2), 1, None, weak=True, options={"data": f"{tmp_path}/a.csv"})
    with provided(sweep, inbox_with()) as found:
        assert 6 == found.tasks


def test_weak_scaling_provides_for_the_widest() -> None:
    """The trial with the most workers has the most tasks."""
    sweep = Sweep("download", "3", 3, ("threads",), (1, 2, 5), 1, None, weak=True)
    with provided(sweep, inbox_with()) as found:
        assert 15 == found.tasks


@pytest.mark.parametrize(
    ("sweep", "kind", "text"),
    [
        (Sweep("customers", None, None, (), (1,), 1, None, options={"data": "nowhere.csv"}), InputError, "no file"),
        (Sweep("download", "1", 1, (), (1,), 1, None, options={"delay": 99.0}), InputError, "99.0 s is not allowed"),
        (
            Sweep("download", "1", 1, (), (1,), 1, None, options={"colour": 1}),
            TrialError,
            "What the workload needs could not be made: TypeError(.|\n)*Traceback",
        ),
    ],
    ids=["data", "delay", "defect"],
)
def test_what_cannot_be_made_is_told(place_for_folders: Path, sweep: Sweep, kind: type[Exception], text: str) -> None:
    """A refusal keeps its class and its words, a defect shows its traceback, and nothing stays."""
    with pytest.raises(kind, match=text), provided(sweep, inbox_with()):
        pytest.fail("it was provided")
    assert [] == list(place_for_folders.iterdir())
    assert [] == holders()


def test_stop_ends_the_making(place_for_folders: Path) -> None:
    """When the face says stop while files are made, they go, and the word stays for whoever asks next."""
    inbox = inbox_with(STOP)
    many = Sweep("customers", "900", 900, ("threads",), (1,), 1, None)
    with pytest.raises(StoppedError), provided(many, inbox):
        pytest.fail("it was provided")
    assert STOP == inbox.get_nowait()
    assert [] == list(place_for_folders.iterdir())
    assert [] == holders()


def test_one_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the process ends before it is ready, the error says how, and what it printed, though that is read late."""
    drain = groups.Printed.drain

    def drain_late(printed: groups.Printed, pipe: IO[bytes]) -> None:
        time.sleep(0.5)
        drain(printed, pipe)

    monkeypatch.setattr(groups.Printed, "drain", drain_late)
    monkeypatch.setattr(provider, "ENTRY", "parlab.measure.no_such_module")
    with (
        pytest.raises(TrialLostError, match=r"exit code 1 before it was ready(.|\n)*no_such_module"),
        provided(CUSTOMERS, inbox_with()),
    ):
        pytest.fail("it was provided")


def test_words_of_others_are_not_taken_for_its_own(place_for_folders: Path) -> None:
    """A late line of a trial that has ended stands in the same inbox."""
    with provided(DOWNLOAD, inbox_with((1, b"not for you\n"))) as found:
        assert found.place.startswith("http://127.0.0.1:")


# What follows starts the command itself, ends it in different ways, and looks what is left.


def end(process: subprocess.Popen, how: str) -> None:
    """Press Ctrl-C, or kill -9 the command or its supervisor."""
    if how == "interrupt":
        process.send_signal(signal.SIGINT)
    elif how == "command":
        process.kill()
    else:
        supervisor_of(process).kill()


def check_that_nothing_stays(process: subprocess.Popen, folder: Path, how: str) -> None:
    """No process, no folder; after Ctrl-C at once, after a kill within a bound."""
    assert {"interrupt": 130, "command": -signal.SIGKILL, "supervisor": 1}[how] == process.wait(BOUND_S)
    bound_s = 0.0 if how == "interrupt" else BOUND_S
    wait_until(lambda: not alive(folder) and not private_folders(folder), bound_s)


@pytest.mark.parametrize("how", ["interrupt", "command", "supervisor"])
def test_nothing_stays_after_an_end_while_preparing(tmp_path: Path, how: str) -> None:
    """Files that were being made are removed, no result file is begun, and no process is left."""
    with bench(tmp_path, *PREPARING, "--output", str(tmp_path / "out.jsonl")) as process:
        wait_until(lambda: any(list(one.glob("*.parquet")) for one in private_folders(tmp_path)))
        assert 1 == len(running(tmp_path, HOLDER))
        end(process, how)
        check_that_nothing_stays(process, tmp_path, how)
    assert {"log", "tmp"} == {one.name for one in tmp_path.iterdir()}


@pytest.mark.parametrize("how", ["interrupt", "command", "supervisor"])
def test_nothing_stays_after_an_end_while_measuring(tmp_path: Path, how: str) -> None:
    """Files that trials were reading are removed, the trial that runs ends, and what was measured is kept."""
    path = tmp_path / "out.jsonl"
    with bench(tmp_path, *READING, "--output", str(path)) as process:
        wait_until(lambda: trials_in(path))
        assert 2 == len(private_folders(tmp_path))  # the files, and the logbook
        end(process, how)
        check_that_nothing_stays(process, tmp_path, how)
    assert trials_in(path)


@pytest.mark.parametrize("how", ["interrupt", "command", "supervisor"])
def test_no_server_stays_after_an_end(tmp_path: Path, how: str) -> None:
    """The port that answered while trials were measured is free again."""
    path = tmp_path / "out.jsonl"
    with bench(tmp_path, *FETCHING, "--output", str(path)) as process:
        wait_until(lambda: trials_in(path))
        (holder,) = running(tmp_path, HOLDER)
        (address,) = {one.laddr for one in holder.net_connections("inet") if one.status == psutil.CONN_LISTEN}
        socket.create_connection(address, BOUND_S).close()
        end(process, how)
        check_that_nothing_stays(process, tmp_path, how)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, BOUND_S)


def test_a_holder_that_is_killed_fails_the_sweep(tmp_path: Path) -> None:
    """When the server dies in the middle the sweep ends with an error that names the address, and nothing stays."""
    path = tmp_path / "out.jsonl"
    with bench(tmp_path, *FETCHING, "--output", str(path)) as process:
        wait_until(lambda: trials_in(path))
        (holder,) = running(tmp_path, HOLDER)
        holder.kill()
        assert 1 == process.wait(BOUND_S)
        wait_until(lambda: not alive(tmp_path))
    # Nobody listens any more, or the connection ends before the answer, or in the middle of it.
    said = r"cannot be fetched: (Connection\w+Error|RemoteDisconnected|IncompleteRead)"
    assert re.search(said, (tmp_path / "log").read_text())
