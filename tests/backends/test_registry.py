"""A spec becomes a backend, or an error that lists what there is."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

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


def test_every_file_with_a_backend_is_registered() -> None:
    """Whoever writes an engine and forgets its line in the registry is told: only then is it tested and offered."""
    for path in Path(backends.__file__).parent.glob("*.py"):
        for name in re.findall(r'^    name = "([^"]+)"', path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert name in backends.names(), path.name


@pytest.mark.parametrize("name", backends.names())
def test_the_readme_has_its_row(name: str) -> None:
    """Who chooses an engine finds it in the table, alone or with its kin."""
    readme = (Path(backends.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| engine | comes with | what it is |")[2].partition("\n\n")[0]
    assert re.search(rf"(?m)^\|[^|]*`{name}`[^|]*\|", table)


def test_an_unknown_name_lists_the_allowed_ones() -> None:
    """The error names what was given, the nearest name and all names."""
    allowed = ", ".join(sorted(backends.names()))
    with pytest.raises(InputError, match=rf"'proceses'.*'processes'.*{allowed}\. "):
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
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
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
