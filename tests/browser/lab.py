"""JupyterLab in a headless Chromium, used as a learner uses it: open, run all, click, look."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from parlab import groups
from parlab.cli.course import command

START_S = 180
CELLS_MS = 240_000
STEP_MS = 90_000
PROMPTS = "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
LOST_MS = 5_000  # JupyterLab shows the stars in the moment of the command
# A star may be gone before the page is drawn again, and whoever looks at each drawing has not seen it.
WATCH_STARS = f"""() => {{
  window.starred = false;
  const look = () => {{ window.starred ||= {PROMPTS}.some(text => text.includes('*')); }};
  new MutationObserver(look).observe(document.body, {{childList: true, subtree: true, characterData: true}});
}}"""
ERRORS = ".jp-Notebook .jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']"
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
VARIABLE = "PARLAB_BROWSER_RUN"  # everything that the server starts has it


def chromium() -> str | None:
    """Return the system's Chromium or Chrome: playwright's own is a download."""
    named = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome")]
    return next((place for place in [*named, *PLACES] if place and Path(place).exists()), None)


@dataclass
class Lab:
    """A server that runs, and a browser."""

    folder: Path
    address: str
    token: str
    browser: Browser
    server: subprocess.Popen

    def ask(self, path: str) -> object:
        with urllib.request.urlopen(f"{self.address}{path}?token={self.token}", timeout=START_S) as answer:  # noqa: S310
            return json.load(answer)

    def shut_down(self, kernel: str) -> None:
        """End a kernel, as a click in JupyterLab's list of kernels does; it is gone when this returns."""
        place = f"{self.address}/api/kernels/{kernel}?token={self.token}"
        request = urllib.request.Request(place, method="DELETE")  # noqa: S310
        urllib.request.urlopen(request, timeout=START_S).close()  # noqa: S310

    @contextmanager
    def page(self, place: str) -> Iterator[Page]:
        """Open a place of the server in a new page, with a workspace of its own."""
        page = self.browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(STEP_MS)  # playwright's own 30 s are over before a busy machine has shown JupyterLab
        try:
            page.goto(f"{self.address}{place}?token={self.token}&reset")
            yield page
        finally:
            page.close()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start a browser. Two playwrights at once in one thread are refused, so that all servers of a file share one."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    folder: Path,
    *,
    within: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    browser: Browser | None = None,
) -> Iterator[Lab]:
    """Start ``parlab lab``'s server on a folder; at the end nothing of it is left, which is looked at.

    ``within`` is a program that starts it with other mounts, and takes its place; ``variables`` are for the server and
    for what it starts. It has a terminal, where the system knows such: without one, Jupyter does not listen to Ctrl-C.
    Without a ``browser`` it has one of its own.
    """
    token = secrets.token_hex(16)
    runtime = folder / ".runtime"
    extra = [
        f"--IdentityProvider.token={token}",
        "--ServerApp.port=0",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    # Without: JupyterLab keeps only the cells in sight in the page, and an error below would not be seen.
    _set(runtime, "notebook-extension/tracker", {"windowingMode": "none"})
    _set(runtime, "apputils-extension/notification", {"fetchNews": "false"})  # a question would cover the page
    own = {
        VARIABLE: token,
        "JUPYTERLAB_SETTINGS_DIR": str(runtime / "settings"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_WORKSPACES_DIR": str(runtime),
    }
    screen, terminal = os.openpty() if hasattr(os, "openpty") else (None, subprocess.DEVNULL)
    server = subprocess.Popen(
        [*within, *command(folder, browser=False), *extra],
        stdin=terminal,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**_as_a_user_has_them(), **own, **(variables or {})},
        **groups.own_group(),
    )
    try:
        with browsing() if browser is None else nullcontext(browser) as one:
            yield Lab(folder, _address(server, runtime), token, one, server)
    finally:
        server.terminate()  # it ends its kernels, and they what they have started
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        groups.end(server)
        for end in (screen, terminal) if screen is not None else ():
            os.close(end)
    left = _left(token)
    assert [] == left, f"left behind: {left}"


def _as_a_user_has_them() -> dict[str, str]:
    """Return this process's variables less pytest's: with one of them ipykernel does not show what children print."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def _set(runtime: Path, name: str, values: dict[str, str]) -> None:
    path = runtime / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def run_all(lab: Lab, page: Page) -> list[str]:
    """Run all cells of a page just opened, from the menu; return the errors that are shown, as texts."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell", timeout=START_S * 1000)
    await_kernel(lab, page)
    begin(page)
    page.wait_for_function(f"() => !{PROMPTS}.some(text => text.includes('*'))", timeout=CELLS_MS)
    return errors(page)


def begin(page: Page) -> None:
    """Choose Run All Cells until a cell begins: about one in 25 fresh pages lets the command fall, kernel or not."""
    page.evaluate(WATCH_STARS)
    until = time.monotonic() + STEP_MS / 1000
    while time.monotonic() < until:
        choose(page, "Run", "Run All Cells")
        with suppress(NotInTime):
            page.wait_for_function("() => window.starred", timeout=LOST_MS)
            return
    asked = page.locator(".jp-Dialog").all_inner_texts()
    raise AssertionError(f"no cell began: prompts {page.evaluate(PROMPTS)}, dialogs {asked}")


def choose(page: Page, menu: str, item: str) -> None:
    """Choose an item of a menu."""
    page.keyboard.press("Escape")
    page.click(f".lm-MenuBar-itemLabel:text-is('{menu}')")
    page.click(f".lm-Menu-itemLabel:text-is('{item}')")


def errors(page: Page) -> list[str]:
    """List what is shown red and is a traceback or an error in one line."""
    texts = page.locator(ERRORS).all_inner_texts()
    return [text for text in texts if "Traceback (most recent call last)" in text or "Error: " in text]


def await_kernel(lab: Lab, page: Page) -> None:
    """Wait until this page's kernel is connected and idle: another's may be so, too, when its page is just closed."""
    until = time.monotonic() + START_S
    path = unquote(urlsplit(page.url).path.partition("/tree/")[2])
    while time.monotonic() < until:
        with suppress(OSError):  # the server has no answer about a kernel that it is starting, or none in time
            kernels = [one["kernel"] for one in lab.ask("/api/sessions") if one["path"] == path]
            if any(one["connections"] and one["execution_state"] == "idle" for one in kernels):
                return
        time.sleep(0.2)
    raise AssertionError(f"no kernel of {path} was connected in time")


def _address(server: subprocess.Popen, runtime: Path) -> str:
    """Return where the server listens: it has chosen a free port, and notes it."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server has ended"
        for note in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(note.read_text())["url"].rstrip("/")
            except ValueError:  # half written
                pass
        time.sleep(0.1)
    raise AssertionError("the server did not start in time")


def _left(token: str) -> list[str]:
    """List live processes that have this run's mark in their environment, after a moment to end."""
    until = time.monotonic() + START_S
    while (found := family(token)) and time.monotonic() < until:
        time.sleep(0.2)
    return [described(one) for one in found]


def family(token: str) -> list[psutil.Process]:
    """List live processes that have this run's mark in their environment, however deep; a zombie is not alive."""
    return [one for one in psutil.process_iter() if _is_ours(one, token)]


def described(process: psutil.Process) -> str:
    """Return how a process was started, in short."""
    try:
        return " ".join(process.cmdline())[:200]
    except psutil.Error:
        return "gone while it was looked at"


def _is_ours(process: psutil.Process, token: str) -> bool:
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.environ().get(VARIABLE) == token and process.pid != os.getpid()
    except psutil.Error:
        return False


if __name__ == "__main__":
    sys.exit("This is a helper of the tests: make browser")
