"""The user's items travel in one private file that is removed, whoever dies."""

import stat
import tempfile
from functools import partial
from pathlib import Path

import pytest
import tasks
from pool_tasks import Leaver, StubbornError

from parlab import logbook
from parlab.errors import InputError
from parlab.measure import payload
from parlab.measure.payload import Payload


def test_items_and_arguments_come_back() -> None:
    """What is written is read."""
    path, _ = payload.write(Payload([1, "two"], {"amount": 3}))
    try:
        assert Payload([1, "two"], {"amount": 3}, None) == payload.read(str(path))
    finally:
        payload.remove(str(path))
    assert not path.parent.exists()


def test_a_function_travels_by_value() -> None:
    """A function without an importable name is rebuilt from its code."""
    path, _ = payload.write(Payload([1], {}, lambda number: number + 41))
    try:
        function = payload.read(str(path)).function
        assert function is not None
        assert 42 == function(1)
    finally:
        payload.remove(str(path))


def test_nobody_else_can_read_it() -> None:
    """The folder has mode 0700 and the file 0600."""
    path, _ = payload.write(Payload([1]))
    try:
        assert (0o700, 0o600) == tuple(stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path))
    finally:
        payload.remove(str(path))


def test_digests_tell_items_apart() -> None:
    """Equal items have equal digests, others do not."""
    digests = []
    for items in ([1, 2], [1, 2], [1, 3]):
        path, digest = payload.write(Payload(items))
        payload.remove(str(path))
        digests.append(digest)
    assert digests[0] == digests[1] != digests[2]


def test_an_unpicklable_item_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says which item, and nothing stays in the temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(InputError, match=r"item 1 \(builtins.function\) cannot be pickled"):
        payload.write(Payload([1, tasks.outer()]))
    with pytest.raises(InputError, match="the argument 'amount'"):
        payload.write(Payload([1], {"amount": tasks.outer()}))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("ending", "told"), [(OSError(28, "No space left on device"), InputError), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_half_a_payload_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: BaseException, told: type[BaseException]
) -> None:
    """A full disk or an interrupt in the middle of writing leaves no folder behind, and is told."""

    def write_bytes(path: Path, _data: bytes) -> None:
        path.touch()
        raise ending

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(told):
        payload.write(Payload([1]))
    assert [] == list(tmp_path.iterdir())


class Touchy:
    """An item that does not like to be looked at."""

    def __getattr__(self, name: str) -> None:
        if name == "tobytes":
            raise ValueError(name)
        raise AttributeError(name)


def test_no_payload_stays_of_items_without_a_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an item says to being looked at leaves no folder behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="tobytes"):
        payload.write(Payload([Touchy()]))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Payload([1, StubbornError(1, "two")]), "Item 1 cannot be rebuilt in another process: TypeError"),
        (Payload([Leaver()]), "Item 0 cannot be rebuilt in another process: SystemExit: 4"),
        (Payload([], {"amount": StubbornError(1, "two")}), "The argument 'amount' cannot be rebuilt"),
        (Payload([], {}, partial(tasks.add, StubbornError(1, "two"))), "The function cannot be rebuilt"),
    ],
)
def test_what_cannot_be_rebuilt_is_named(given: Payload, words: str) -> None:
    """Each item and argument is packed by itself, so that the one that fails there can be told."""
    path, _ = payload.write(given)
    try:
        with pytest.raises(InputError, match=words):
            payload.read(str(path))
    finally:
        payload.remove(str(path))


def test_the_logbook_names_the_item_that_is_being_rebuilt(tmp_path: Path) -> None:
    """Its code may crash the process: the page says which it was."""
    path, _ = payload.write(Payload([1, Leaver(), 3]))
    try:
        with pytest.raises(InputError):
            payload.read(str(path), str(tmp_path))
        assert [1] == [entry.task for entry in logbook.read(tmp_path)]
    finally:
        payload.remove(str(path))
