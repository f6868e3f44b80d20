"""Starts a probe, waits for it with a deadline of its own, ends whatever is left, and reads what the probe saw."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from looking import GONE_S, LOOK_S, MARK, alive
from spots import ENGINES, Spot

HERE = Path(__file__).parent
AT_FIRST = dict(os.environ)  # probes start in threads, while pytest changes its own variables
BOUND_S = 120.0  # no case takes a tenth of it on a quiet machine
SLOW = 6  # times as long, for engines whose programs start slowly
DUMP_S = 1.0
SHOWN_CHARACTERS = 4_000
LARGEST_PRINT_BYTES = 4 << 20

# The names in /dev/shm are looked at in a mount that nobody else can see, before the probe and when it has ended. The
# resource tracker works on for a moment after its process.
IN_OWN_MOUNT = """
mount -t tmpfs -o "size=$PARLAB_FAULTS_SHM" tmpfs /dev/shm || exit 97
"$@"
code=$?
for _ in $(seq 100); do
  ls -A /dev/shm > "$PARLAB_FAULTS/segments"
  [ -s "$PARLAB_FAULTS/segments" ] || break
  sleep 0.05
done
exit $code
"""


@cache
def can_mount() -> bool:
    """Try whether this user may have mounts of their own: root, and not in every container."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    line = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /dev/shm"]
    return subprocess.run(line, capture_output=True, timeout=BOUND_S, check=False).returncode == 0


@cache
def can_divide() -> bool:
    """Try whether this user may have network namespaces."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"plt{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, timeout=BOUND_S, check=False)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=BOUND_S, check=False)
    return made.returncode == 0


def watch(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run a probe with its plan in an empty folder, and return what it observed and how it ended."""
    (folder / "tmp").mkdir(parents=True)
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    program = "notebook_probe.py" if plan["spot"].startswith("notebook") else "probe.py"
    line = [sys.executable, str(HERE / program), str(path)]
    if can_mount():
        line = ["unshare", "--mount", "sh", "-c", IN_OWN_MOUNT, "sh", *line]
    with (folder / "printed").open("wb") as printed, (folder / "complained").open("wb") as complained:
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complained,
            cwd=folder,
            env=_environment(folder, Spot.read(plan["spot"])),
            start_new_session=True,
        )
        late = _wait(process, folder, BOUND_S * (SLOW if Spot.read(plan["spot"]).group in ENGINES else 1))
    end = _end(folder)
    return {**_observed(folder, process.returncode, late=late), "end": end, "printed": _text(folder / "printed")}


def _environment(folder: Path, spot: Spot) -> dict[str, str]:
    """Mark the family, give it a place for its temporary files, and let it find the task functions."""
    helpers = HERE.parent / "helpers"
    size = "1g" if spot.group == "ray" else "256m"  # Ray's store of objects is there
    own = {"PARLAB_FAULTS_OWN_SHM": "yes", "PARLAB_FAULTS_SHM": size} if can_mount() else {}
    if spot.group == "dask":  # a task is given up after the second of its workers, not the fourth: starts take long
        own["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
    variables = {name: value for name, value in AT_FIRST.items() if not name.startswith("PYTEST_")}
    paths = {"PYTHONPATH": f"{HERE}{os.pathsep}{helpers}", "TMPDIR": str(folder / "tmp")}
    return {**variables, **own, **paths, MARK: str(folder), "IPYTHONDIR": str(folder / "ipython")}


def _wait(process: subprocess.Popen[bytes], folder: Path, bound_s: float) -> bool:
    """Wait for the probe; past the deadline have its threads dumped and end it."""
    try:
        process.wait(bound_s)
    except subprocess.TimeoutExpired:
        with suppress(OSError, ValueError):
            os.kill(int((folder / "process").read_text()), signal.SIGUSR1)
            time.sleep(DUMP_S)
        _kill_all(folder)
        process.kill()
        process.wait()
        return True
    return False


def _end(folder: Path) -> dict[str, list[str]]:
    """Look who is alive and what lies about when the probe is gone, and then end them."""
    deadline = time.monotonic() + GONE_S
    while (left := alive(str(folder))) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    described = [" ".join(_command(one))[:200] for one in left]
    _kill_all(folder)
    segments = folder / "segments"
    names = segments.read_text().split() if segments.exists() else []
    return {
        "strays": described,
        "shared memory": names,
        "temporary files": sorted(one.name for one in (folder / "tmp").iterdir()),
    }


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return ["gone while it was looked at"]


def _kill_all(folder: Path) -> None:
    for process in alive(str(folder)):
        with suppress(psutil.Error):
            process.kill()


def _observed(folder: Path, code: int, *, late: bool) -> dict[str, Any]:
    path = folder / "observed.json"
    seen = json.loads(path.read_text()) if path.exists() else {}
    complaint = _text(folder / "complained")[-SHOWN_CHARACTERS:]
    if late:
        return {**seen, "late": f"no end in time\n{_text(folder / 'dump')}\n{complaint}"}
    if not seen:
        return {"broken": f"exit code {code}, and nothing was observed\n{complaint}"}
    return seen


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return file.read(LARGEST_PRINT_BYTES).decode(errors="replace")
