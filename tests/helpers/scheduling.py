"""Which worker of pytest-xdist runs which tests of ``make test``, and what happens when one of them dies.

Who looks for leftovers knows its own by their parent, or by a mark; so what may run at the same time is said here.
"""

import re
from typing import Any

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Tests of these folders do all in their own process, save a command now and then that reads a file.
IN_PROCESS = ("analysis", "machine", "plots", "report", "results", "workloads")
# Dask leaves threads in the process, which must not fork any more: its tests come last.
WITH_THREADS = re.compile(r"tests/(backends/.*dask|notebook/test_cluster)")
OF_ONE_NOTEBOOK = re.compile(r"tests/notebooks/.*\[(\d\d)_")


class Units(LoadScopeScheduling):
    """Shares out notebooks, files and folders; the test that a worker died of has failed, and the others are run.

    Of a dead worker's tests, pytest-xdist 3.8 runs the deadly one again and waits for ever for units that were done
    (its issues 1323, 1327 and 1378).
    """

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker off the list, and give what it had not done to the others; return the test it died of."""
        died_of, left = None, {}
        for unit, tests in self.assigned_work.pop(node).items():
            waiting = [name for name, done in tests.items() if not done]
            if waiting and died_of is None:
                died_of = waiting.pop(0)
            if waiting:
                left[unit] = dict.fromkeys(waiting, False)
        self.workqueue.update(left)
        for other in self.nodes:
            self._reschedule(other)
        return died_of

    def schedule(self) -> None:
        """Hand out units; a new worker gets a second one, since it begins a test only when it knows the next."""
        super().schedule()
        for node in self.nodes:
            self._reschedule(node)

    def _split_scope(self, nodeid: str) -> str:
        """Name the unit that a test belongs to: a notebook, a file, or a folder."""
        path = nodeid.partition("::")[0]
        folder = path.split("/")[1]
        notebook = OF_ONE_NOTEBOOK.match(nodeid)
        if WITH_THREADS.match(nodeid):
            return f"{path} of Dask"
        return notebook[1] if notebook else path if folder in IN_PROCESS else folder


def make(config: Any, log: Any) -> Units:
    """Make the scheduler of a run: units come in the order in which their tests were collected."""
    config.option.loadscopereorder = False
    return Units(config, log)
