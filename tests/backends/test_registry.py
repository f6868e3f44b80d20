"""A spec becomes a backend, or an error that lists what there is."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from parlab import backends
from parlab.backends.base import Facts
from parlab.backends.threads import ThreadsBackend
from parlab.errors import BackendUnavailableError, InputError


class BorrowedBackend(ThreadsBackend):
    """An engine of a third party."""

    name = "borrowed"
    facts = Facts("threads under another name", shares_memory=True, needs_importable_task=False)


def test_every_name_makes_its_backend() -> None:
    """The registry's names and the backends' own names agree."""
    assert list(backends.names()) == [backends.get(name).name for name in backends.names()]


def test_an_unknown_name_lists_the_allowed_ones() -> None:
    """The error names what was given, the nearest name and all names."""
    with pytest.raises(InputError, match=r"'proceses'.*'processes'.*loky, mpi, pool, processes, ray, serial, threads"):
        backends.get("proceses")


def test_an_unknown_start_method_lists_the_allowed_ones() -> None:
    """A wrong option is refused as clearly as a wrong name."""
    with pytest.raises(InputError, match=r"'spwan'.*'spawn'.*fork, forkserver, spawn.*processes:spawn"):
        backends.get("processes:spwan")


@pytest.mark.parametrize("spec", ["threads:2", "serial:x", "loky:", "processes:"])
def test_an_option_where_none_is_taken(spec: str) -> None:
    """An option or a colon too many is refused, not ignored."""
    with pytest.raises(InputError):
        backends.get(spec)


def test_a_missing_engine_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no silent fallback: the reason and the install line are in the error."""
    monkeypatch.setattr("parlab.backends.loky.find_spec", lambda _name: None)
    with pytest.raises(BackendUnavailableError, match="pip install loky"):
        backends.require("loky")


def test_a_third_party_adds_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of the group ``parlab.backends`` is listed and can be used."""
    point = EntryPoint("borrowed", f"{__name__}:BorrowedBackend", backends.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _self: BorrowedBackend)
    monkeypatch.setattr("parlab.backends._foreign", lambda: {"borrowed": point})
    assert "borrowed" in backends.names()
    assert isinstance(backends.require("borrowed"), BorrowedBackend)


def test_a_third_party_cannot_replace_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point named like one of our backends is not used."""
    point = EntryPoint("threads", "nowhere:Nothing", backends.GROUP)
    monkeypatch.setattr("parlab.backends._foreign", lambda: {"threads": point})
    assert isinstance(backends.get("threads"), ThreadsBackend)
    assert 1 == backends.names().count("threads")


def test_the_registry_imports_engines_when_asked() -> None:
    """Naming the backends loads neither loky nor multiprocessing's pools."""
    looked_at = "print('loky' in sys.modules, 'multiprocessing.pool' in sys.modules)"
    code = f"import sys, parlab.backends; parlab.backends.names(); {looked_at}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert "False False" == done.stdout.strip()


def test_a_broken_plug_in_spoils_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be imported is listed as not available, with the reason; the others are listed as ever."""
    point = EntryPoint("broken", "no_such_module_at_all:Backend", backends.GROUP)
    monkeypatch.setattr("parlab.backends._foreign", lambda: {"broken": point})
    found = {name: reason for name, _, reason in backends.survey()}
    assert found["threads"] is None
    assert "no_such_module_at_all" in str(found["broken"])
    with pytest.raises(BackendUnavailableError, match="cannot be loaded"):
        backends.require("broken")
