"""Fetch pages over HTTP from a small server of our own on 127.0.0.1, which takes its time before each answer.

The requests are real: a connection each, through the system's network stack. Only the distance is made up: a set delay
stands for it, so nothing leaves this machine and every page is the same for everybody.
"""

import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from parlab.errors import InputError
from parlab.workloads.base import Workload

DELAY_S = 0.02
LONGEST_DELAY_S = 10.0
PAGE_BYTES = 2_048
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was fetched: its path, its length in bytes, and a digest of them."""

    path: str
    size: int
    digest: str


def fetch(url: str) -> Page:
    """Fetch one page.

    Parameters
    ----------
    url
        Such as ``"http://127.0.0.1:8000/page/0/1"``. Proxies of the environment are not asked.

    Raises
    ------
    OSError
        There was no connection, or not the answer 200; the text names the address.
    """
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", where.path)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as problem:
        raise OSError(f"{url} cannot be fetched: {type(problem).__name__}: {problem}") from problem
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"{url} answered with status {answer.status}.")
    return Page(where.path, len(body), blake2b(body, digest_size=16).hexdigest())


async def fetch_awaiting(url: str) -> Page:
    """Fetch one page as ``fetch`` does, and let an event loop do other things while it waits.

    Parameters
    ----------
    url
        Such as ``"http://127.0.0.1:8000/page/0/1"``.

    Raises
    ------
    OSError
        There was no connection, or not the answer 200; the text names the address.
    """
    import asyncio  # no worker of ours needs it

    where = urlsplit(url)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write(f"GET {where.path} HTTP/1.0\r\n\r\n".encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
    except OSError as problem:  # a timeout is one, too
        raise OSError(f"{url} cannot be fetched: {type(problem).__name__}: {problem}") from problem
    status = head.split(maxsplit=2)[1:2]
    if status != [b"200"]:
        raise OSError(f"{url} answered with status {b''.join(status).decode(errors='replace')}.")
    return Page(where.path, len(body), blake2b(body, digest_size=16).hexdigest())


def page(path: str) -> bytes:
    """Make the text of a page from its path alone."""
    return random.Random(path).randbytes(PAGE_BYTES // 2).hex().encode()  # noqa: S311  # a filler, no secret


@contextmanager
def provide(size: int, seed: int = 0, delay: float = DELAY_S) -> Iterator[str]:
    """Run the server, on a free port of 127.0.0.1, until the block ends.

    Parameters
    ----------
    size, seed
        Not needed: every page is made when it is asked for.
    delay
        Seconds before each answer.

    Yields
    ------
    str
        The server's address, such as ``"http://127.0.0.1:8000"``.

    Raises
    ------
    InputError
        The delay is no number of seconds from 0 to 10.
    """
    del size, seed
    server = _Server(_checked(delay))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="parlab-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _checked(delay: float) -> float:
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= LONGEST_DELAY_S:
        raise InputError(f"A delay of {delay!r} s is not allowed: give 0 to {LONGEST_DELAY_S:g} seconds, such as 0.02.")
    return float(delay)


class _Server(ThreadingHTTPServer):
    """Answers each request in a thread of its own, so that none waits for another."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has gone, as one does whose cell was stopped; all else is an error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Waits, then sends the page; paths that are no page get a 404."""

    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        time.sleep(self.server.delay_s)
        if not self.path.startswith("/page/"):
            self.send_error(404)
            return
        body = page(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=ascii")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Say nothing: a line for each request would drown what matters."""


def items(size: int, seed: int = 0, *, place: str) -> list[str]:
    """List the addresses of the pages.

    Parameters
    ----------
    size
        How many.
    seed
        Stands in their paths, and so decides their contents.
    place
        What ``provide`` yielded.
    """
    return [f"{place}/page/{seed}/{number}" for number in range(size)]


def combine(values: Sequence[Page]) -> tuple[int, int, str]:
    """Return the number of pages, their bytes, and a digest of all digests, in order."""
    digest = blake2b(digest_size=16)
    for one in values:
        digest.update(one.digest.encode())
    return len(values), sum(one.size for one in values), digest.hexdigest()


WORKLOAD = Workload(
    name="download",
    title="Fetch pages from a slow server",
    teaches="Waiting needs no core: threads overlap it, far more of them than there are cores.",
    bound="io",
    sizes={"small": 40, "large": 2_000},
    items=items,
    task=fetch,
    combine=combine,
    options=("delay",),
    provide=provide,
)
