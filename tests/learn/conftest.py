"""Fixtures of the teaching layer's tests: a learner's folder, and proof that a check leaves nothing behind."""

import importlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from parlab.learn import store

_MARK = "PARLAB_TEST_OF_LEARN"
_GONE_S = 60.0

Written = Callable[[str, str], Any]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A learner's folder without a manifest, and one for temporary files; afterwards nothing lives or lies there."""
    place, temporary = tmp_path / "notebooks", tmp_path / "tmp"
    place.mkdir()
    temporary.mkdir()
    token = secrets.token_hex(8)
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv(_MARK, token)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setattr(store, "_memory", {})
    monkeypatch.setattr(store, "_said", set())
    yield place
    deadline = time.monotonic() + _GONE_S
    while marked(token) and time.monotonic() < deadline:  # who was killed a moment ago may still be listed
        time.sleep(0.05)
    assert [] == marked(token)
    assert [] == sorted(path.name for path in temporary.iterdir())
    assert not (place / "__pycache__").exists() or sys.dont_write_bytecode is False  # no worker has written it


def marked(token: str) -> list[str]:
    """List the processes that were started by this test, by whomever, and still live."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            alive = process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
            if alive and process.environ().get(_MARK) == token:
                found.append(" ".join(process.cmdline()))
    return found


@pytest.fixture
def written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write a module as ``%%workers`` does, and return one of its functions."""

    def write(text: str, function: str) -> Any:
        name = f"cell_{secrets.token_hex(4)}"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, name, module)
        return getattr(module, function)

    return write


@pytest.fixture
def course(folder: Path) -> Path:
    """A learner's copy of the course, as ``parlab learn DIR`` marks it."""
    (folder / store.MANIFEST).write_text("{}", encoding="utf-8")
    return folder
