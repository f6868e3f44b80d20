"""Pages from a server of our own: here alone, for as long as the block, and errors that say where."""

import asyncio
import socket
import struct
import threading
from hashlib import blake2b

import psutil
import pytest

from parlab.errors import InputError
from parlab.workloads import download
from parlab.workloads.download import (
    LONGEST_DELAY_S,
    PAGE_BYTES,
    Page,
    combine,
    fetch,
    fetch_awaiting,
    items,
    page,
    provide,
)

BOUND_S = 20


def port_of(place: str) -> int:
    return int(place.rpartition(":")[2])


def test_a_fetched_page_is_that_of_its_path() -> None:
    """Path, length and digest are those of the page which its path alone decides."""
    with provide(3, delay=0) as place:
        urls = items(3, 7, place=place)
        pages = [fetch(url) for url in urls]
    assert [f"{place}/page/7/{number}" for number in range(3)] == urls
    for number, found in enumerate(pages):
        body = page(f"/page/7/{number}")
        assert Page(f"/page/7/{number}", len(body), blake2b(body, digest_size=16).hexdigest()) == found
        assert PAGE_BYTES == found.size


def test_an_event_loop_fetches_the_same_pages() -> None:
    """Coroutines, all of them under way at once, bring what plain calls bring."""

    async def fetch_all() -> list[Page]:
        return await asyncio.gather(*map(fetch_awaiting, urls))

    with provide(20, delay=0) as place:
        urls = items(20, 7, place=place)
        assert [fetch(url) for url in urls] == asyncio.run(fetch_all())


def test_an_event_loop_hears_of_errors_with_the_address() -> None:
    """A page that is not there, and a server that is not there, are errors that name the address."""
    with provide(1, delay=0) as place, pytest.raises(OSError, match=rf"{place}/nothing answered with status 404"):
        asyncio.run(fetch_awaiting(f"{place}/nothing"))
    with pytest.raises(OSError, match=rf"{place}/page/0/0 cannot be fetched: ConnectionRefusedError"):
        asyncio.run(fetch_awaiting(f"{place}/page/0/0"))


def test_an_event_loop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the request and never answers is an error, and the connection is closed."""
    monkeypatch.setattr("parlab.workloads.download._TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/page/0/0"
        with pytest.raises(OSError, match=f"{url} cannot be fetched: TimeoutError"):
            asyncio.run(fetch_awaiting(url))


def test_the_seed_decides() -> None:
    """The path alone decides on the page, which is hexadecimal text; other seeds and numbers give others."""
    assert page("/page/0/1") == page("/page/0/1")
    assert PAGE_BYTES // 2 == len(bytes.fromhex(page("/page/0/1").decode()))
    assert 4 == len({page(f"/page/{seed}/{number}") for seed in (0, 1) for number in (0, 1)})
    assert items(2, 5, place="http://here") == items(4, 5, place="http://here")[:2]
    assert items(2, 5, place="http://here") != items(2, 6, place="http://here")


def test_the_answer_has_every_page_in_order() -> None:
    """Number, bytes, and a digest that another order or another page changes."""
    pages = [Page(f"/page/0/{number}", 10 + number, f"{number:032x}") for number in range(3)]
    digest = blake2b(b"".join(f"{number:032x}".encode() for number in range(3)), digest_size=16).hexdigest()
    assert (3, 33, digest) == combine(pages)
    assert 3 == len({combine(pages), combine(pages[::-1]), combine(pages[:2])})


@pytest.mark.skipif(not hasattr(psutil.Process, "net_connections"), reason="psutil 6 or newer lists connections")
def test_the_server_listens_on_this_machine_only() -> None:
    """Its one socket is bound to 127.0.0.1: nobody else on the network can reach it."""
    with provide(1) as place:
        listening = [
            one.laddr
            for one in psutil.Process().net_connections("inet")
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port_of(place)
        ]
    assert [("127.0.0.1", port_of(place))] == [tuple(one) for one in listening]


def test_the_port_is_gone_after_the_block() -> None:
    """However the block ends, nobody listens any more and no thread of the server is left; the error says where."""
    before = threading.active_count()
    with provide(1, delay=0) as place:
        fetch(f"{place}/page/0/0")
    with pytest.raises(OSError, match=rf"{place}/page/0/0 cannot be fetched: ConnectionRefusedError"):
        fetch(f"{place}/page/0/0")
    with pytest.raises(RuntimeError, match="enough"), provide(1) as place:
        raise RuntimeError("enough")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(place)), BOUND_S)
    wait_for_threads(before)


def wait_for_threads(most: int) -> None:
    """Threads that answered a request end a moment after their answer."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(BOUND_S)
    assert threading.active_count() <= most


@pytest.mark.parametrize(
    "delay", [-0.001, -1, LONGEST_DELAY_S + 0.001, 1e9, float("nan"), float("inf"), True, "1", None]
)
def test_a_delay_out_of_range(delay: object) -> None:
    """What is no number of seconds from 0 to 10 is refused, and no server is started."""
    before = threading.active_count()
    with pytest.raises(InputError, match=r"A delay of .* s is not allowed: give 0 to 10 seconds"):
        provide(1, delay=delay).__enter__()  # type: ignore[arg-type]  # that is what is refused
    assert threading.active_count() <= before  # less: those of a test before may have been ending


@pytest.mark.parametrize("delay", [0, 0.0, 0.001])
def test_a_delay_in_range(delay: float) -> None:
    """Whole numbers and fractions are delays, and none at all is one."""
    with provide(1, delay=delay) as place:
        assert PAGE_BYTES == fetch(f"{place}/page/0/0").size


@pytest.mark.parametrize("path", ["/", "/pages/1", "/../page/1", ""])
def test_what_is_no_page(path: str) -> None:
    """Any other path is answered with 404, and the error names the address."""
    with provide(1, delay=0) as place, pytest.raises(OSError, match=rf"{place}{path} answered with status 404"):
        fetch(f"{place}{path}")


def test_an_answer_that_is_none() -> None:
    """Where something else than a web server listens the error names the address, too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(BOUND_S)

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(b"good day\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/page/0/0"
        with pytest.raises(OSError, match=f"{url} cannot be fetched: BadStatusLine"):
            fetch(url)
        thread.join(BOUND_S)


def test_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment, here one that is dead, takes no part."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with provide(1, delay=0) as place:
        assert PAGE_BYTES == fetch(f"{place}/page/0/0").size


def test_no_request_waits_for_another() -> None:
    """While one client takes for ever to say what it wants, others are answered."""
    with provide(1, delay=0) as place, socket.create_connection(("127.0.0.1", port_of(place)), BOUND_S) as slow:
        slow.sendall(b"GET /page/0/0 HTT")
        assert PAGE_BYTES == fetch(f"{place}/page/0/1").size
        slow.sendall(b"P/1.0\r\n\r\n")
        assert slow.recv(15).startswith(b"HTTP/1.0 200")


def test_the_server_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """A request prints no line, also one that fails."""
    with provide(1, delay=0) as place:
        fetch(f"{place}/page/0/0")
        with pytest.raises(OSError, match="404"):
            fetch(f"{place}/")
    assert ("", "") == tuple(capfd.readouterr())


def test_who_does_not_wait_for_the_answer_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that is killed resets its connection: nothing is said, and others are answered."""
    with provide(1, delay=0.1) as place:
        with socket.create_connection(("127.0.0.1", port_of(place)), BOUND_S) as hasty:
            hasty.sendall(b"GET /page/0/0 HTTP/1.0\r\n\r\n")
            hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() resets
        assert PAGE_BYTES == fetch(f"{place}/page/0/1").size
        for thread in threading.enumerate():  # the first request came in first, so its thread is here, or has ended
            if "process_request_thread" in thread.name:
                thread.join(BOUND_S)
    assert ("", "") == tuple(capfd.readouterr())


def test_an_error_of_the_server_is_told(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """What is no lost connection is a defect, and is shown."""
    monkeypatch.setattr(download, "page", lambda _path: 1 // 0)
    with provide(1, delay=0) as place, pytest.raises(OSError, match="cannot be fetched"):
        fetch(f"{place}/page/0/0")
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_two_servers_at_once() -> None:
    """Each one gets a free port of its own."""
    with provide(1, delay=0) as one, provide(1, delay=0) as other:
        assert port_of(one) != port_of(other)
        assert fetch(f"{one}/page/0/0") == fetch(f"{other}/page/0/0")
