"""The watched process: carries out one plan, looks at itself before and after, and writes what it saw into a file.

usage: probe.py PLAN.json

It answers by a file and never through a pipe: an orphan keeps a pipe open, and whoever reads it waits for ever. A dump
of its threads is asked for by a signal: faulthandler's own timer is a thread, and some faults are about threads.
"""

import faulthandler
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

import scenarios
from looking import holdings, strays_after
from spots import Spot


def main() -> None:
    """Prepare this process as a terminal would, and observe."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    os.setpgid(0, 0)  # a Ctrl-C reaches this group
    observe(sys.argv[1])


def observe(path: str) -> None:
    """Carry out a plan and write ``observed.json`` beside it. A notebook's cell calls this, too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    plan = json.loads(Path(path).read_text())
    folder, spot = Path(path).parent, Spot.read(plan["spot"])
    dump = (folder / "dump").open("w")  # open to the end: the watcher may ask at any time
    faulthandler.register(signal.SIGUSR1, file=dump, all_threads=True)
    (folder / "process").write_text(str(os.getpid()))
    before = holdings()
    started = time.monotonic()
    observed = _told(lambda: scenarios.carry_out(plan["scenario"], spot, folder, plan["arguments"]))
    observed.setdefault("seconds", time.monotonic() - started)
    observed["after"] = _difference(before, str(folder))
    observed["next"] = _told(lambda: scenarios.next_run(spot, folder))
    observed["after next"] = _difference(before, str(folder))
    draft = folder / "observed.draft"
    draft.write_text(json.dumps(observed, default=repr))
    draft.replace(folder / "observed.json")


def _told(act) -> dict:
    """Call; what a scenario did not expect is told, not raised."""
    try:
        return act()
    except BaseException:  # noqa: BLE001  # SystemExit and KeyboardInterrupt are what some cases are about
        return {"broken": traceback.format_exc()}


def _difference(before: dict[str, list[str]], mark: str) -> dict[str, list[str]]:
    """List what is there now and was not before."""
    left = strays_after(mark)
    now = holdings()
    return {"strays": left, **{name: _more(now[name], before[name]) for name in now}}


def _more(now: list[str], before: list[str]) -> list[str]:
    rest = list(before)
    return [one for one in now if one not in rest or rest.remove(one)]


if __name__ == "__main__":
    main()
