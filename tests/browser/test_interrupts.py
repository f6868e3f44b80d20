"""Whatever runs in a notebook is stopped in the real browser: nothing is left, and the kernel answers again.

Six ways: the stop button, a restart from the menu, a tab that is closed, and a server that gets Ctrl-C twice, is told
to end, or is killed. ``make test`` stops one case in two ways, ``make interrupts`` (``--interrupts``) all of them, and
the long cells of each notebook; the table goes to ``benchmarks/interrupts.md``, the pictures to
``screenshots/interrupts``.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil
import pytest
from interrupt_cases import (
    FACES,
    GOES_ON,
    NOTEBOOKS,
    RESULTS,
    Case,
    Long,
    as_case,
    at_once,
    sources_of,
    trials_are_done,
)
from lab import Lab, await_kernel, browsing, choose, chromium, described, family, opened
from living import lives
from playwright.sync_api import Browser, Page
from room import Room, opened_room, owner_of

from parlab.results import read

PICTURES = Path(__file__).parents[2] / "screenshots" / "interrupts"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without, JupyterLab asks for one
# Named semaphores go with the object that made them; names that are new, and the last error, hold some.
KNOWN = '_known = {*globals(), "_known"}'
ANSWER = """import gc as _gc, sys as _sys, time as _time
for one in {*globals()} - globals().get("_known", {*globals()}):
    if not one.startswith("_"):
        del globals()[one]
_sys.last_value = _sys.last_traceback = _sys.last_exc = None
_gc.collect()
print("the kernel answers at", _time.time())"""
STEP_S, LONG_S = 300, 600  # bounds for a machine with fifty others at work
GONE_S = 30  # a bound for a busy machine; the table has what it took
TRIES = 3
LIVES_ON_S = 2
HELPERS = ("resource_tracker", "forkserver")
CELL = ".jp-Notebook .jp-CodeCell"
RED = "[data-mime-type='application/vnd.jupyter.stderr']"
MESSAGE = re.compile(r"^\w+(Error|Interrupt): .*")
QUICK = (("speedup", ("stop button", "restart")),)
SEEN = "interrupt"  # tests/browser/conftest.py makes the table of these
OF_A_NOTEBOOK = ("stop button", "restart")
CLOSED = "closed tab"
IN_THE_PAGE, OF_THE_SERVER = ("stop button", "restart", CLOSED), ("Ctrl-C twice", "SIGTERM", "SIGKILL")
TOGETHER = 3  # notebooks in a server that is ended: its start costs as much as one of them

Record = Callable[[str, object], None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose what is stopped, and how."""
    every = metafunc.config.getoption("--interrupts")
    if "ways" in metafunc.fixturenames:
        chosen = [pair for name in FACES for pair in _sittings(name)] if every else QUICK
        ids = [name if FACES[name].again else f"{name}-{ways[0].replace(' ', '-')}" for name, ways in chosen]
        metafunc.parametrize(("name", "ways"), chosen, ids=ids)
    if "way" in metafunc.fixturenames:
        groups = [[*FACES][at : at + TOGETHER] for at in range(0, len(FACES), TOGETHER)] if every else []
        pairs = [(way, names) for way in OF_THE_SERVER for names in groups]
        ids = ["-".join((way.replace(" ", "-"), *names)) for way, names in pairs]
        metafunc.parametrize(("way", "names"), pairs, ids=ids)
    if "rounds" in metafunc.fixturenames:
        metafunc.parametrize("rounds", [3] if every else [])
    if "long" in metafunc.fixturenames:
        chosen = NOTEBOOKS if every else ()
        metafunc.parametrize("long", chosen, ids=[f"{one.number}-{one.nickname}" for one in chosen])


def _sittings(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the ways that are tried in one notebook, one after another."""
    return [(name, IN_THE_PAGE)] if FACES[name].again else [(name, (way,)) for way in IN_THE_PAGE]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with opened_room() as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all servers of this file."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and this is CI: .ci/run installs it.")
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium")
    with browsing() as one:
        yield one


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, room: Room, browser: Browser) -> Iterator[Lab]:
    """A server whose temporary files and shared memory are its own."""
    with a_lab(tmp_path_factory.mktemp("interrupts"), room, browser) as running:
        yield running


def a_lab(folder: Path, room: Room, browser: Browser) -> AbstractContextManager[Lab]:
    return opened(folder, within=room.within, variables=room.variables, browser=browser)


@dataclass
class Sitting:
    """A notebook in a page, and what there was before its long cell."""

    lab: Lab
    room: Room
    page: Page
    folder: Path
    case: Case
    before: frozenset[int] = field(default_factory=frozenset)
    contents: frozenset[str] = field(default_factory=frozenset)
    older: frozenset[str] = field(default_factory=frozenset)

    def left(self) -> set[str]:
        """List what nobody owns, less what a case before has left behind, which has failed for it."""
        return self.room.left() - self.older

    @property
    def long(self) -> int:
        """The number of the cell that is stopped; the one after it only asks whether the kernel answers."""
        return len(self.case.before)

    def kernel(self) -> tuple[str, psutil.Process]:
        """Return the kernel's name at the server, and its process; a fork of it has the same words."""
        name = self.session()["id"]
        found = [one for one in family(self.lab.token) if f"kernel-{name}" in described(one)]
        return name, min(found, key=lambda one: one.create_time())

    def session(self) -> dict[str, object]:
        """Return what the server tells of this notebook's kernel."""
        (mine,) = [one for one in self.lab.ask("/api/sessions") if one["path"].startswith(f"{self.folder.name}/")]
        return mine["kernel"]

    def is_connected(self) -> bool:
        try:  # the server has no answer about a kernel that it is starting, or none in time
            mine = self.session()
        except (OSError, ValueError):
            return False
        return bool(mine["connections"]) and mine["execution_state"] == "idle"

    def run(self, number: int) -> None:
        """Run one cell by keyboard, and do not wait for it."""
        cell = self.page.locator(CELL).nth(number)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def await_end(self, number: int, bound_s: float) -> None:
        """Wait until a cell has a number."""
        prompt = f"document.querySelectorAll('{CELL} .jp-InputPrompt')[{number}].textContent"
        self.page.wait_for_function(f"() => /\\[\\d+\\]/.test({prompt})", timeout=bound_s * 1000)

    def runs(self, number: int) -> bool:
        return "*" in self.page.locator(f"{CELL} .jp-InputPrompt").nth(number).inner_text()

    def prepare(self) -> None:
        """Run what comes before the long cell."""
        self.page.wait_for_selector(CELL, timeout=STEP_S * 1000)
        wait_until(self.is_connected, STEP_S)
        for number in range(self.long):
            self.run(number)
        self.run(self.long + 2)
        self.await_answer(LONG_S)  # named semaphores that nobody has any more are gone before we look
        self.before = frozenset(one.pid for one in family(self.lab.token))
        self.contents = frozenset(self.room.contents())

    def start(self) -> None:
        """Run the long cell until it is in the middle of its work."""
        wait_s = self.case.wait_s
        for _ in range(TRIES):
            for old in (*self.folder.glob("busy-*"), self.folder / RESULTS, self.folder / "calls"):
                old.unlink(missing_ok=True)
            self.run(self.long)
            if self.case.button:
                button = self.page.get_by_role("button", name=self.case.button, exact=True)
                button.click(timeout=STEP_S * 1000)
            wait_until(lambda: self.case.moment(self.folder), STEP_S)
            time.sleep(wait_s)
            if self.case.button or self.runs(self.long):
                self.room.makers |= {one.pid for one in family(self.lab.token)}
                return
            wait_s /= 2  # it was faster today
        raise AssertionError(f"it ended by itself, and showed: {self.shown()}")

    def strays(self) -> list[str]:
        """List who was not there before, less kernels and the two helpers that stay as long as a kernel."""
        return [described(one) for one in family(self.lab.token) if one.pid not in self.before and not _stays(one)]

    def shown(self) -> str:
        return self.page.locator(CELL).nth(self.long).locator(".jp-Cell-outputArea").inner_text()

    def shown_red(self) -> list[str]:
        """Return the lines that are shown as an error: the message, and what processes of plain Python say."""
        texts = self.page.locator(CELL).nth(self.long).locator(RED).all_inner_texts()
        return [line for text in texts for line in text.splitlines() if line.strip()]

    def await_answer(self, bound_s: float = STEP_S) -> None:
        """Ask twice: the first answer takes the place of the error that holds what was stopped."""
        for _ in range(2):
            asked = time.time()
            self.run(self.long + 1)
            wait_until(lambda asked=asked: self._answered_at() > asked, bound_s)

    def _answered_at(self) -> float:
        """Return when the kernel has answered last, by the clock of this machine; an old answer stays in the page."""
        text = self.page.locator(CELL).nth(self.long + 1).inner_text()
        found = re.search(r"answers at ([\d.]+)", text)
        return float(found[1]) if found else 0.0

    def photograph(self, way: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.locator(CELL).nth(self.long).scroll_into_view_if_needed()
        self.page.screenshot(path=str(PICTURES / f"{self.folder.name}-{way.replace(' ', '-')}.png"))

    def check_results(self) -> None:
        if self.case.keeps:
            assert read(self.folder / RESULTS).complete_rounds, "the trials that were finished are lost"


def _stays(process: psutil.Process) -> bool:
    try:
        if any(one in described(process) for one in HELPERS):
            process = process.parent()
        mother = process.parent()
        return "ipykernel_launcher" in described(process) and "ipykernel_launcher" not in described(mother)
    except (psutil.Error, AttributeError):  # it has just gone
        return False


@contextmanager
def seated(lab: Lab, room: Room, name: str, case: Case) -> Iterator[Sitting]:
    """Open a case's notebook, and run what comes before the long cell."""
    with seats(lab, room, name, case) as sitting:
        sitting.prepare()
        yield sitting


@contextmanager
def seats(lab: Lab, room: Room, name: str, case: Case) -> Iterator[Sitting]:
    """Open a case's notebook."""
    folder = lab.folder / name
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in (*case.before, case.cell, ANSWER, KNOWN)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), folder / "made.ipynb")
    with lab.page(f"/lab/tree/{folder.name}/made.ipynb") as page:
        try:
            yield Sitting(lab, room, page, folder, case, older=frozenset(room.left()))
        finally:
            _end_kernels(lab)


def _end_kernels(lab: Lab) -> None:
    """End this case's kernel, so that the next case starts with none."""
    if lab.server.poll() is None:
        for one in lab.ask("/api/kernels"):
            lab.shut_down(one["id"])


def wait_until(true: Callable[[], object], bound_s: float) -> float:
    """Wait, and return how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < bound_s, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def nobody(strays: Callable[[], list[str]], began: float | None = None) -> float:
    """Wait until nobody is left, and return how long it took; name who is left nevertheless."""
    began = time.monotonic() if began is None else began
    while (left := strays()) and time.monotonic() - began < GONE_S:
        time.sleep(0.05)
    assert [] == left
    return time.monotonic() - began


def check_contents(sitting: Sitting) -> None:
    """See that nothing is left. In a lesson, a variable of the notebook may hold a queue, with its semaphores."""
    now = sitting.room.contents()
    new = now - sitting.contents
    semaphores = {name for name in new if name.startswith("sem.")}
    assert set() == new - semaphores
    if sitting.case.strict:
        assert set() == semaphores
    assert not semaphores & sitting.left()


def stop(sitting: Sitting) -> dict[str, object]:
    """Press the stop button: the cell ends with a message, who worked for it is gone, and the next cell answers."""
    case, began, presses = sitting.case, time.monotonic(), 0
    while presses < case.presses and (case.button or sitting.runs(sitting.long)):
        sitting.page.click(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']")
        presses += 1
        time.sleep(0 if presses == case.presses else 2)
    took_s = nobody(sitting.strays, began)
    if case.over:
        sitting.page.get_by_text(case.over).first.wait_for(timeout=GONE_S * 1000)
    else:
        sitting.await_end(sitting.long, GONE_S)
    ended_s = time.monotonic() - began
    nobody(sitting.strays)  # nobody came after that either
    sitting.await_answer()
    sitting.photograph("stop button")
    red = sitting.shown_red()
    messages = [line for line in red if MESSAGE.match(line)]
    check_contents(sitting)
    assert re.search(case.says, sitting.shown()), sitting.shown()
    assert case.most_lines >= len(red), "\n".join(red)
    sitting.check_results()
    seen = {"presses": presses, "lines": len(red), "message": messages[-1] if messages else ""}
    return {"took_s": took_s, "ended_s": ended_s, **seen}


def restart(sitting: Sitting) -> dict[str, object]:
    """Restart from the menu: the old kernel's family is gone, and a new kernel answers."""
    _, old = sitting.kernel()
    began = time.monotonic()
    choose(sitting.page, "Kernel", "Restart Kernel…")
    sitting.page.click(".jp-Dialog button.jp-mod-accept")
    wait_until(lambda: not lives(old), GONE_S)
    sitting.before = frozenset({sitting.lab.server.pid})
    nobody(sitting.strays)
    took_s = time.monotonic() - began
    wait_until(sitting.is_connected, STEP_S)
    (load,) = [at for at, source in enumerate(sitting.case.before) if "%load_ext" in source]
    sitting.run(load)  # as a learner begins again at the top
    sitting.await_answer()
    sitting.photograph("restart")
    assert set() == sitting.left()
    sitting.check_results()
    return {"took_s": took_s}


def close(sitting: Sitting) -> dict[str, object]:
    """Close the tab: the kernel and its work go on, until the kernel is shut down."""
    name, process = sitting.kernel()
    workers = [one for one in family(sitting.lab.token) if one.pid not in sitting.before]
    sitting.page.close()
    time.sleep(LIVES_ON_S)
    assert process.is_running()
    assert not workers or sitting.strays() or any(one.is_running() for one in workers)
    began = time.monotonic()
    sitting.lab.shut_down(name)
    sitting.before = frozenset({sitting.lab.server.pid})
    nobody(sitting.strays)
    return {"took_s": time.monotonic() - began, **swept(sitting)}


def swept(sitting: Sitting) -> dict[str, object]:
    """Return what was left for the next start of parlab, and see that this removes it."""
    left = sorted(sitting.left())
    sitting.room.sweep()
    assert set() == sitting.left()
    sitting.check_results()
    return {"swept": len(left)}


WAYS = {"stop button": stop, "restart": restart, "closed tab": close}


def test_it_ends_in_the_page(lab: Lab, room: Room, name: str, ways: tuple[str, ...], record_property: Record) -> None:
    """Stop button, restart and a closed tab, for each face of parlab and each raw pattern."""
    with seated(lab, room, f"{name}-{len(ways)}-{ways[0].split()[0]}", FACES[name]) as sitting:
        for before, way in zip(("", *ways), ways, strict=False):
            if before == "restart":
                sitting.prepare()
            sitting.start()
            noted(record_property, sitting, way, WAYS[way])


def test_they_end_with_their_server(
    tmp_path: Path, browser: Browser, way: str, names: list[str], record_property: Record
) -> None:
    """Ctrl-C twice, SIGTERM and SIGKILL: kernels and workers end with the server. Several notebooks run in one."""
    with opened_room() as room, a_lab(tmp_path, room, browser) as lab, ExitStack() as pages:
        sittings = [pages.enter_context(seats(lab, room, name, FACES[name])) for name in names]
        for sitting in sittings:
            sitting.prepare()
        for sitting in sorted(sittings, key=lambda one: one.case.moment is at_once):  # the last ones are over soon
            sitting.start()
        for sitting in sittings:
            record_property(SEEN, (sitting.case.title, way, None))
        for sitting, told in zip(sittings, end_server(sittings, way), strict=True):
            record_property(SEEN, (sitting.case.title, way, {**told, "day": today()}))


def noted(record: Record, sitting: Sitting, way: str, act: Callable[[Sitting], dict[str, object]]) -> None:
    """Stop it, and note for the table what was seen; that it was tried is noted before."""
    record(SEEN, (sitting.case.title, way, None))
    told = act(sitting)
    record(SEEN, (sitting.case.title, way, {**told, "day": today()}))


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def end_server(sittings: list[Sitting], way: str) -> list[dict[str, object]]:
    """End the server; say of each notebook how long its processes lived, and how many files they left.

    Who is plain multiprocessing may outlive a kernel that is killed: these are counted, and ended by hand.
    """
    lab, room = sittings[0].lab, sittings[0].room
    crews, kernels = [crew(sitting) for sitting in sittings], {sitting.kernel()[1].pid for sitting in sittings}
    plain = [mine for sitting, mine in zip(sittings, crews, strict=True) if sitting.case.plain and way == "SIGKILL"]
    may_stay = set().union(*plain) - kernels
    took_s, began = [0.0] * len(sittings), time.monotonic()
    if way == "Ctrl-C twice":
        os.killpg(lab.server.pid, signal.SIGINT)
        time.sleep(0.5)
        os.killpg(lab.server.pid, signal.SIGINT)
    else:
        os.kill(lab.server.pid, signal.SIGTERM if way == "SIGTERM" else signal.SIGKILL)

    def alive() -> list[str]:
        found = living(lab)
        for at, mine in enumerate(crews):
            if any(one.pid in mine for one in found):
                took_s[at] = time.monotonic() - began
        return [described(one) for one in found if one.pid not in may_stay]

    nobody(alive)
    stay = stayed(lab, crews) if may_stay else [0] * len(crews)
    marks = [int(mark.partition("-")[0]) for name in room.left() if (mark := owner_of(name))]
    room.sweep()
    assert set() == room.left()
    for sitting in sittings:
        sitting.check_results()
    left = [sum(mark in mine for mark in marks) for mine in crews]
    seen = zip(took_s, left, stay, strict=True)
    return [{"took_s": lived_s, "swept": files, "stay": many} for lived_s, files, many in seen]


def living(lab: Lab) -> list[psutil.Process]:
    """List who lives of a server and its family; a server that has ended is not, though nobody has asked for it."""
    return [one for one in family(lab.token) if one.pid != lab.server.pid or lab.server.poll() is None]


def stayed(lab: Lab, crews: list[set[int]]) -> list[int]:
    """Count who of each crew lives on, end them as a user would, and see that their own helpers end then, too."""
    time.sleep(LIVES_ON_S)
    left = living(lab)
    for one in left:
        if HELPERS[0] not in described(one):  # it removes what they had, and ends
            with suppress(psutil.NoSuchProcess):
                one.terminate()
    nobody(lambda: [described(one) for one in living(lab)])
    return [sum(one.pid in mine for one in left) for mine in crews]


def crew(sitting: Sitting) -> set[int]:
    """Return the numbers of a notebook's kernel and of all that it has started."""
    _, kernel = sitting.kernel()
    return {kernel.pid, *(one.pid for one in kernel.children(recursive=True))}


def test_a_notebook_ends(lab: Lab, room: Room, long: Long, record_property: Record) -> None:
    """A long cell of a committed notebook: stopped, and the longest of each notebook then run again and restarted."""
    case = as_case(long)
    with seated(lab, room, f"{long.number}-{long.nickname}", case) as sitting:
        for way in OF_A_NOTEBOOK if long.longest else OF_A_NOTEBOOK[:1]:
            sitting.start()
            noted(record_property, sitting, way, WAYS[way])


def test_a_sweep_goes_on_behind_a_closed_tab(lab: Lab, room: Room, rounds: int, record_property: Record) -> None:
    """A tab that is closed ends nothing: the sweep comes to its end, its file is whole, and the next tab can use it."""
    record_property(SEEN, (GOES_ON, CLOSED, None))
    sweep = FACES["speedup"].cell.replace("rounds=500", f"rounds={rounds}")
    case = Case("", sweep, "", trials_are_done, FACES["speedup"].before)
    with seated(lab, room, "goes-on", case) as sitting:
        sitting.start()
        sitting.page.close()
        wait_until(lambda: read(sitting.folder / RESULTS).ended == "rounds", STEP_S)
        nobody(sitting.strays)
        with lab.page("/lab/tree/goes-on/made.ipynb") as again:
            back = Sitting(lab, room, again, sitting.folder, case)
            again.wait_for_selector(CELL, timeout=STEP_S * 1000)
            await_kernel(lab, again)
            again.locator(f"{CELL} .cm-content").nth(back.long + 1).fill("print(view.results.ended, 'is what it has')")
            back.run(back.long + 1)
            again.get_by_text("rounds is what it has").first.wait_for(timeout=STEP_S * 1000)
        check_contents(sitting)
    record_property(SEEN, (GOES_ON, CLOSED, {"rounds": rounds, "day": today()}))


@pytest.mark.parametrize("one", NOTEBOOKS, ids=[f"{one.number}-{one.nickname}" for one in NOTEBOOKS])
def test_each_long_cell_is_there(one: Long) -> None:
    """The text that finds a long cell stands in one cell of its notebook, and what that cell needs can be found."""
    assert sum(one.begins in source for source in sources_of(one.number)) == 1
    assert any("%load_ext" in source for source in as_case(one).before)
