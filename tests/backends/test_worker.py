"""What a worker does when its parent is gone: it ends, whatever happens on the way."""

import os
import shutil
from typing import NoReturn

import pytest

from parlab.backends import worker


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
