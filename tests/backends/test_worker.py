"""What a worker does when its parent is gone: it ends, whatever happens on the way."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pool_tasks
import pytest

from parlab import groups
from parlab.backends import worker

BOUND_S = 30
PROGRAM = """
import json, os, signal, sys
import parlab, pool_tasks
from parlab.backends.base import on_every_worker
if __name__ == "__main__":
    with parlab.pool(2, start_method=sys.argv[1]) as pool:
        found = on_every_worker(pool._force.executor, 2, pool_tasks.leave_a_child, None)
        print(json.dumps([one.result for one in found]), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


class Ended(BaseException):  # stands for the end of a process
    """What ``os._exit`` does here."""


def test_a_worker_whose_parent_is_gone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when, at this moment, a task notes one more folder that is to go, or one cannot be removed at all."""
    removed: list[str] = []

    def rmtree(folder: str, **_options: bool) -> None:
        removed.append(folder)
        worker.remove_with_parent("another")
        if folder == "stubborn":
            raise RecursionError

    def leave(code: int) -> NoReturn:
        raise Ended(code)

    monkeypatch.setattr(worker, "_belongings", {"folder"})
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(Ended):
        worker._end_with_parent(-1)  # nobody's parent
    worker._belongings.update({"stubborn"})
    with pytest.raises(Ended):
        worker._end_with_parent(-1)
    assert {"folder", "stubborn"} <= {*removed}


@pytest.mark.skipif(sys.platform == "win32", reason="nobody forks there")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_ends_though_its_siblings_child_lives_on(tmp_path: Path, method: str) -> None:
    """The child of a worker that was forked holds what would tell the workers before it that their parent is gone."""
    program, printed = tmp_path / "program.py", tmp_path / "printed"
    program.write_text(PROGRAM)
    here = os.pathsep.join((str(Path(pool_tasks.__file__).parent), str(Path(worker.__file__).parents[2])))
    with printed.open("wb") as file:  # not a pipe: the children would keep it open
        environment = {**os.environ, "PYTHONPATH": here}
        subprocess.run([sys.executable, program, method], stdout=file, env=environment, timeout=BOUND_S, check=False)
    workers, children = zip(*json.loads(printed.read_text()), strict=True)
    try:
        deadline = time.monotonic() + BOUND_S
        while any(map(groups.is_alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [False, False] == [groups.is_alive(one) for one in workers]
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
