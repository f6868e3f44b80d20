"""``parlab lab`` is for its user alone: a token, this machine, no other origin; held against the real server."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from parlab import groups
from parlab.cli.course import command

pytest.importorskip("jupyterlab")
ROOT = Path(__file__).parents[2]
_START_S = 120
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/lab\S*\?token=([0-9a-f]+)")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str, int]]:
    """The command as a learner starts it; its port and token as it prints them, and its process."""
    folder = tmp_path_factory.mktemp("lab")
    own = {
        name: str(folder / name.lower()) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    }
    own |= {"PYTHONPATH": "", "JUPYTER_TOKEN": ""}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "parlab", "lab", "mine", "--no-browser"],
            cwd=folder,
            env={name: one for name, one in {**os.environ, **own}.items() if name != "JUPYTER_TOKEN"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            **groups.own_group(),
        )
    try:
        deadline = time.monotonic() + _START_S
        while not (found := _ADDRESS.search((folder / "said").read_bytes())):
            assert process.poll() is None, (folder / "said").read_text()
            assert time.monotonic() < deadline, (folder / "said").read_text()
            time.sleep(0.1)
        while not _listens(int(found[1])):  # the address is printed a moment before
            assert time.monotonic() < deadline, (folder / "said").read_text()
            time.sleep(0.1)
        yield int(found[1]), found[2].decode(), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        groups.end(process)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answer(port: int, path: str, **headers: str) -> int:
    """Ask the server, and return its status; redirects count as they are."""
    opener = urllib.request.build_opener(_NoRedirects)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with opener.open(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=named), timeout=30) as one:
            return one.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


@pytest.mark.parametrize("path", ["/api/contents", "/api/kernels", "/api/sessions", "/api/terminals"])
def test_without_the_token_nobody_comes_in(lab, path: str) -> None:
    """No token, an empty one and a wrong one are refused; the right one is not."""
    port, token, _ = lab
    assert 403 == answer(port, path)
    assert 403 == answer(port, f"{path}?token=")
    assert 403 == answer(port, path, Authorization="token wrong")
    assert 200 == answer(port, path, Authorization=f"token {token}")


def test_the_pages_ask_who_one_is(lab) -> None:
    """Without the token the browser is sent to the login."""
    assert 302 == answer(lab[0], "/lab")


def test_another_host_is_refused(lab) -> None:
    """A page that gives its own name this machine's address (DNS rebinding) is refused, token or not."""
    port, token, _ = lab
    assert 403 == answer(port, "/api/contents", Host="evil.example", Authorization=f"token {token}")


def test_another_page_gets_no_socket(lab) -> None:
    """A page of somebody else's cannot open the event stream with the user's cookie: its origin is refused."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    port, token, _ = lab
    key = {"Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    path = f"/api/events/subscribe?token={token}"
    assert 403 == answer(port, path.partition("?")[0], Origin="http://evil.example", **upgrade, **key)


def test_it_listens_on_this_machine_alone(lab) -> None:
    """Every socket of the server and of what it starts."""
    process = psutil.Process(lab[2])
    found = [one for each in (process, *process.children(recursive=True)) for one in each.net_connections("inet")]
    listening = {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN}
    assert listening
    assert listening <= {"127.0.0.1", "::1"}


def test_the_token_is_long_and_new(lab) -> None:
    """192 bits in hexadecimal digits, chosen by the server itself."""
    assert len(lab[1]) >= 40


def test_the_line_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty token or password, no other origin, no other interface; root only where one is root."""
    line = " ".join(command(tmp_path, browser=True))
    for word in ("token", "password", "allow_origin", "allow-origin", "0.0.0.0", "disable_check_xsrf", "--ip=*"):  # noqa: S104
        assert word not in line
    if hasattr(os, "geteuid"):
        for user in (0, 1000):
            monkeypatch.setattr(os, "geteuid", lambda user=user: user)
            assert ("--allow-root" in command(tmp_path, browser=True)) == (user == 0)


@pytest.mark.parametrize("suffix", [".md", ".ipynb", ".py", ".yml"])
def test_no_page_shows_how_to_open_it(suffix: str) -> None:
    """No document, notebook or workflow of ours has an empty token, all interfaces, or trusts a notebook."""
    wrong = re.compile(
        r"token=(''|\"\"|\s|$)|--ip[= ](0\.0\.0\.0|\*|'\*')|allow_origin=.?\*|jupyter trust|disable_check_xsrf=True"
    )
    files = [path for path in ROOT.rglob(f"*{suffix}") if not {".venv", "build", "tests"} & set(path.parts)]
    assert [] == [path.name for path in files if wrong.search(path.read_text(encoding="utf-8"))]
