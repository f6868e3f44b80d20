"""Values as bytes: what travels comes back the same, and what cannot is told by its path before it does harm."""

import decimal
import pickle
import threading
from typing import Any

import numpy as np
import pool_tasks
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pool_tasks import Holder, Leaver, Turncoat, Unshowable

from parlab import parcels
from parlab.parcels import ParcelError, pack, pack_sound, unpack, why_not

PROBLEM = TypeError("no")


class Counted:
    """Counts how often it is rebuilt."""

    rebuilt = 0

    def __setstate__(self, state: object) -> None:
        type(self).rebuilt += 1

    def __getstate__(self) -> int:
        return 1


class Rude:
    def __reduce__(self) -> Any:
        raise RuntimeError("I stay here")


@given(st.recursive(st.integers() | st.text() | st.binary(), lambda inner: st.lists(inner) | st.tuples(inner)))
def test_plain_values_come_back(value: Any) -> None:
    """What is packed is unpacked, by both ways of packing."""
    assert value == unpack(pack(value))
    assert value == unpack(pack_sound(value, "the result"))


def test_a_function_of_a_module_travels_by_its_name() -> None:
    """Only the name goes along, and the very function comes back."""
    assert pool_tasks.end_worker is unpack(pack(pool_tasks.end_worker))


@pytest.mark.parametrize("packed", [pack, lambda value, **more: pack_sound(value, "the result", **more)])
def test_a_closure_travels_by_value_only(packed: Any) -> None:
    """By its name a closure cannot be packed; by its code it can, and works."""
    amount = 41
    closure = lambda number: number + amount
    with pytest.raises((ParcelError, AttributeError, pickle.PicklingError)):
        packed(closure)
    assert 42 == unpack(packed(closure, by_value=True))(1)


def test_somebodys_own_class_is_rebuilt_once_on_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object of a class that is not plain data is unpacked once where it was packed, however deep it lies."""
    monkeypatch.setattr(Counted, "rebuilt", 0)
    pack_sound([{"deep": (Counted(),)}], "the result")
    assert 1 == Counted.rebuilt


@pytest.mark.parametrize("value", [[1, "two"], {"a": np.arange(5)}, decimal.Decimal("1.5"), np.float64(2)])
def test_plain_data_is_not_rebuilt_on_trial(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, texts and arrays, which always come back, do not pay for the trial."""
    monkeypatch.setattr(parcels, "unpack", lambda _data: pytest.fail("unpacked"))
    pack_sound(value, "the result")


def test_an_array_of_own_objects_is_rebuilt_on_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array that holds somebody's own objects is not plain."""
    monkeypatch.setattr(Counted, "rebuilt", 0)
    pack_sound(np.array([Counted()], dtype=object), "the result")
    assert 1 == Counted.rebuilt


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Leaver(), "the result (Leaver) can be pickled, but not be rebuilt: SystemExit: 4"),
        (
            pool_tasks.StubbornError(1, "two"),
            "the result (StubbornError) can be pickled, but not be rebuilt: TypeError",
        ),
        ([Leaver()], "the result (list) can be pickled, but not be rebuilt: SystemExit: 4"),
        (Holder(threading.Lock()), "the result.held (_thread.lock) cannot be pickled: TypeError"),
    ],
)
def test_what_would_not_come_back_is_refused(value: Any, text: str) -> None:
    """A value that cannot be packed or rebuilt is refused, and the text says how."""
    with pytest.raises(ParcelError) as caught:
        pack_sound(value, "the result")
    assert text in str(caught.value)
    assert caught.value.__cause__ is not None


def test_what_comes_back_as_another_type() -> None:
    """It may, as some classes' own pickling wants it, unless the type matters."""
    assert 7 == unpack(pack_sound(Turncoat(), "the result"))
    with pytest.raises(ParcelError, match=r"the result \(Turncoat\) comes back as int"):
        pack_sound(Turncoat(), "the result", same_type=True)


def test_by_value_refuses_too() -> None:
    """What cannot travel by its code either is refused in the same words."""
    with pytest.raises(ParcelError, match=r"the result\[1\] \(_thread.lock\) cannot be pickled"):
        pack_sound([1, threading.Lock()], "the result", by_value=True)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (threading.Lock(), "it (_thread.lock)"),
        ([1, [2, threading.Lock()]], "it[1][1] (_thread.lock)"),
        ({"a": {"b": threading.Lock()}}, "it['a']['b'] (_thread.lock)"),
        ((Holder({"x": threading.Lock()}),), "it[0].held['x'] (_thread.lock)"),
        ({threading.Lock()}, "it{…} (_thread.lock)"),
        ([Rude()], "it[0] (test_parcels.Rude)"),
        ({"k" * 100: threading.Lock()}, f"it[{repr('k' * 100)[:40]}] (_thread.lock)"),
    ],
)
def test_the_culprit_is_named_by_its_path(value: Any, path: str) -> None:
    """The text leads to the smallest part that refuses, through lists, dicts, sets and attributes."""
    assert f"{path} cannot be pickled: TypeError: no" == why_not(value, "it", PROBLEM).replace("tests.", "")


def test_the_search_ends() -> None:
    """A structure that holds itself, or lies very deep, is searched to a depth only."""
    loop: list[Any] = [threading.Lock()]
    loop.insert(0, loop)
    assert why_not(loop, "it", PROBLEM).startswith("it[0][0]")
    deep: Any = threading.Lock()
    for _ in range(100):
        deep = [deep]
    assert "it" + 20 * "[0]" + " (builtins.list)" == why_not(deep, "it", PROBLEM).partition(" cannot")[0]


def test_a_class_is_not_searched() -> None:
    """A local class is named itself, and not by what its body holds."""
    local = type("Local", (), {"lock": threading.Lock(), "__qualname__": "f.<locals>.Local"})
    assert why_not(local, "it", PROBLEM).startswith("it (builtins.type)")


def test_a_part_that_cannot_be_shown() -> None:
    """A key whose repr raises cannot make the search raise."""
    assert "cannot be pickled" in why_not({Unshowable(): threading.Lock()}, "it", PROBLEM)
