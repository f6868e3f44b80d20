"""No listener that nobody asked for: every command, and every notebook, in a network of its own where all is theirs.

A few of them in every run; all with ``--all-listeners`` (``make security``). ``bench --backends mpi`` is not there, as
Open MPI's ``mpiexec`` listens on every interface (docs/security.md), which is why no notebook starts it by itself.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import classes
import listening
import pytest
from typer.main import get_command

from parlab.backends import get
from parlab.cli.app import app

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXECUTE = ROOT / "tests" / "notebooks" / "execute.py"
BOUND_S = 900
KERNEL, SERVER, TRIAL = r"ipykernel_launcher|nbclient|execute\.py", r"measure\.provision", r"trial_entry|spawn_main"
CLUSTER = r"dask|--nthreads|--scheduler-file|learn\.runner_entry"  # a check has a cluster of its own

pytestmark = pytest.mark.skipif(
    listening.own_network() is None, reason="needs Linux, and the right to make a network of one's own (unshare --net)"
)


@dataclass(frozen=True)
class Case:
    """A command line, and who may listen on 127.0.0.1 during it; empty: nobody."""

    line: str
    allowed: str = ""
    quick: bool = False

    @property
    def command(self) -> str:
        return self.line.split()[0]


def bench(backend: str, allowed: str = "", *, quick: bool = False, workload: str = "primes") -> Case:
    return Case(f"bench {workload} --size 8 --workers 2 --rounds 1 --backends {backend}", allowed, quick)


SWEEP = "recorded:primes-2-cores"
CASES = [
    *(bench(one) for one in ("serial", "threads", "pool", "loky", "joblib", "interpreters")),
    bench("processes", quick=True),
    *(bench(f"{one}:{method}") for one in ("processes", "pool") for method in ("fork", "forkserver", "spawn")),
    bench("threads", SERVER, workload="download"),
    bench("dask", TRIAL),
    bench("dask:dashboard", TRIAL),
    bench("ray", r"ray|trial_entry"),
    *(bench("processes", workload=one) for one in ("photos", "customers", "simulation", "payload")),
    Case("demo --budget 5s"),
    Case("doctor"),
    Case("backends", quick=True),
    *(Case(f"{one} {SWEEP}") for one in ("show", "explain", "fit", "plan")),
    Case(f"compare {SWEEP} {SWEEP}"),
    Case(f"plot {SWEEP} -o chart.png"),
    Case(f"report {SWEEP} -o page.html"),
    Case(f"export {SWEEP} -o table.csv"),
    *(Case(one) for one in ("workloads", "recorded", "learn mine", "class . -o wall.html")),
]
ELSEWHERE = {"lab": "test_jupyter.py", "progress": "reads a file, as learn's copy below"}


def is_there(case: Case) -> bool:
    """Tell whether an engine that is an extra can run here."""
    name = case.line.partition("--backends ")[2].partition(":")[0]
    return not name or get(name).availability() is None


def judged(doors: listening.Doors, allowed: str) -> None:
    """Hold what was seen: it was looked at, all of it is private, and only who may listens on 127.0.0.1."""
    assert doors.looks > 3
    assert set() == doors.open_to_others()
    strangers = {one for one in doors.internet() if not allowed or not re.search(allowed, one.owner)}
    assert set() == {one for one in strangers if allowed == "" or one.owner != "?"}


def marked(case: Case) -> object:
    marks = [] if case.quick else [pytest.mark.long_watch]
    absent = not is_there(case)
    return pytest.param(
        case, id=case.line, marks=[*marks, pytest.mark.skipif(absent, reason="this engine is not installed here")]
    )


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_commands(case: Case, tmp_path: Path) -> None:
    """What a command opens is on this machine alone, and what nobody asked for is not opened at all."""
    classes.put(tmp_path, "me.json", classes.sheet())
    doors = listening.run([sys.executable, "-P", "-m", "parlab", *case.line.split()], tmp_path, BOUND_S)
    judged(doors, case.allowed)


def test_every_command_is_tried() -> None:
    """A new command is put into the list above, or into the one that says where it is looked at."""
    assert set(get_command(app).commands) == {case.command for case in CASES} | set(ELSEWHERE)


@pytest.mark.long_watch
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks(notebook: Path, tmp_path: Path) -> None:
    """A kernel listens on 127.0.0.1; beside it the slow server and Dask, in notebooks that are about them."""
    text = notebook.read_text(encoding="utf-8")
    allowed = [KERNEL, *([SERVER] if "download" in text else [])]
    allowed += [TRIAL, CLUSTER] if re.search(r"dask|Cluster", text) and find_spec("distributed") else []
    shutil.copy(notebook, tmp_path)
    doors = listening.run([sys.executable, str(EXECUTE), str(tmp_path / notebook.name)], tmp_path, BOUND_S)
    judged(doors, "|".join(allowed))


NAPS_S = (("short", 0.4), ("long", 5), ("longer", 30))  # on a busy machine the watcher may look seldom


def napping(code: str, nap_s: float) -> str:
    return code.replace("time.sleep(0.4)", f"time.sleep({nap_s})")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import socket, time; s = socket.create_server(('', 0)); time.sleep(0.4)", "tcp"),
        ("import socket, time; s = socket.create_server(('::', 0), family=socket.AF_INET6); time.sleep(0.4)", "tcp6"),
        (
            "import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('0.0.0.0', 0)); time.sleep(0.4)",
            "udp",
        ),
        ("import socket; socket.create_server(('', 0)).close()", "bound"),
        ("import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('\\0x'); s.listen(); time.sleep(0.4)", "unix"),
        ("import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('s'); s.listen(); time.sleep(0.4)", "unix"),
    ],
)
def test_the_watcher_sees(tmp_path: Path, code: str, kind: str) -> None:
    """A socket for everybody is seen, of each kind, also one that is closed at once, also in a grandchild."""
    tmp_path.chmod(0o755)
    for name, nap_s in NAPS_S:
        nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {napping(code, nap_s)!r}], check=True)"
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
        doors = listening.run([sys.executable, "-c", nested], tmp_path / name, 120)
        if kind in {one.kind for one in doors.open_to_others()}:
            break
    assert kind in {one.kind for one in doors.open_to_others()}


def test_loopback_is_told_apart(tmp_path: Path) -> None:
    """One on 127.0.0.1 is seen and is private."""
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(0.4)"
    for name, nap_s in NAPS_S:
        (tmp_path / name).mkdir()
        doors = listening.run([sys.executable, "-c", napping(code, nap_s)], tmp_path / name, 120)
        if {"tcp", "bound"} == {one.kind for one in doors.internet()}:
            break
    assert {"tcp", "bound"} == {one.kind for one in doors.internet()}
    assert set() == doors.open_to_others()


def test_the_network_is_its_own(tmp_path: Path) -> None:
    """Nothing of this machine's network is reachable from there but the loopback device."""
    before = listening.own_network()
    assert before is not None
    code = "import socket; print(sorted(name for _, name in socket.if_nameindex()))"
    done = subprocess.run([*before, sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "'lo'" in done.stdout
    assert "'eth0'" not in done.stdout
