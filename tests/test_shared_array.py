"""A shared array is numpy's in what matters, one process unlinks it, and nothing that is done with it can crash."""

import doctest
import errno
import gc
import os
import pickle
import shutil
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from parlab import SharedArray, blocks, owners, segments, shared_array
from parlab.errors import InputError, ParlabError

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows segments as files")

BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines that run much else beside it
DTYPES = hnp.scalar_dtypes() | hnp.array_dtypes(hnp.scalar_dtypes()) | hnp.unicode_string_dtypes()
SHAPES = hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)


def there(name: str) -> bool:
    return (segments.FOLDER / name).exists()


def mine() -> set[str]:
    """The blocks of this process; others run beside it."""
    return {one.name for one in segments.leftovers() if one.owner == owners.mark()}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """This process forgets its mappings, as if it were a worker; the list gets the name of each mapping it makes."""
    names: list[str] = []
    original = blocks._map

    def noted(name: str, *more: int) -> Any:
        names.append(name)
        return original(name, *more)

    monkeypatch.setattr(blocks, "_map", noted)
    monkeypatch.setattr(blocks, "_mapped", {})
    yield names
    blocks._mapped.clear()


def test_a_new_one_is_numpys_zeros() -> None:
    """It looks like the array of zeros that numpy would make, in all that can be read of it."""
    expected = np.zeros((3, 4), dtype="int16")
    with SharedArray((3, 4), dtype="int16") as array:
        for name in ("shape", "dtype", "ndim", "size", "nbytes"):
            assert getattr(expected, name) == getattr(array, name)
        assert len(expected) == len(array)
        assert (array.view() == expected).all()
        assert "<SharedArray (3, 4) int16, 24 B, owner>" == repr(array)
    assert np.dtype(float) == SharedArray(5).dtype


@settings(BUSY, max_examples=60)
@given(st.data(), DTYPES, SHAPES)
def test_copies_and_handles_round_trip(data: st.DataObject, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """For any dtype and shape a copy has the same bytes, and what is written through a handle is in the original."""
    one = data.draw(hnp.arrays(dtype, shape))
    other = data.draw(hnp.arrays(dtype, shape))
    with SharedArray.copy_of(one) as array:
        assert (one.shape, one.dtype, one.tobytes()) == (array.shape, array.dtype, array.view().tobytes())
        with pickle.loads(pickle.dumps(array)) as attached:
            assert (array.shape, array.dtype, False) == (attached.shape, attached.dtype, attached.owner)
            attached[...] = other
        assert other.tobytes() == np.asarray(array).tobytes()


@settings(BUSY, max_examples=30)
@given(DTYPES, SHAPES)
def test_shape_and_dtype_are_taken_as_numpy_takes_them(dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """A new one has the form and the bytes of ``numpy.zeros``, also where a dtype brings dimensions of its own."""
    expected = np.zeros(shape, dtype)
    with SharedArray(shape, dtype) as array:
        assert (expected.shape, expected.dtype) == (array.shape, array.dtype)
        assert expected.tobytes() == array.view().tobytes()


@pytest.mark.parametrize("dtype", ["U", "S", "V", [("x", "f8"), ("y", "U3")], ("i4", (2, 2)), ">f8", "m8[s]", None])
def test_unusual_dtypes(dtype: Any) -> None:
    """Those without a length, records, subarrays and foreign byte orders come out as numpy makes them."""
    expected = np.zeros(2, dtype)
    with SharedArray(2, dtype) as array:
        assert (expected.shape, expected.dtype) == (array.shape, array.dtype)
        assert expected.tobytes() == array.view().tobytes()


def test_slices_are_views_and_items_are_numbers() -> None:
    """As with numpy: what is written to a slice is in the array, and an item is no array."""
    with SharedArray.copy_of(np.arange(12).reshape(3, 4)) as array:
        row = array[1]
        row[:] = 7
        array[2, ::2] = -1
        assert [[0, 1, 2, 3], [7, 7, 7, 7], [-1, 9, -1, 11]] == array.view().tolist()
        assert [-1, -1] == array[array.view() < 0].tolist()
        assert isinstance(array[0, 3], np.integer)
        assert [6, 28, 18] == [row.sum() for row in array]
        assert [3, 7] == array[[0, 1], 3].tolist()
        assert (True, False) == (11 in array, 12 in array)
        with pytest.raises(IndexError, match="out of bounds"):
            array[3]


def test_numpy_gets_the_memory_itself() -> None:
    """``asarray`` and ``view`` copy nothing, ``array`` and ``copy=True`` do, and a cast that may not is refused."""
    with SharedArray(4, "int32") as array:
        for same in (array.view(), np.asarray(array), np.array(array, copy=False), array[:]):
            assert np.shares_memory(same, array.view())
            assert not same.flags.owndata
        for copied in (np.array(array), np.asarray(array, copy=True), np.asarray(array, dtype=float)):
            assert not np.shares_memory(copied, array.view())
        with pytest.raises(ValueError, match="copy"):
            np.asarray(array, dtype=float, copy=False)
        np.asarray(array).shape = (2, 2)
        assert (4,) == array.view().shape


def test_arithmetic_is_numpys() -> None:
    """An operator makes a new array, an in-place one changes the shared memory, and functions take it as an array."""
    with SharedArray.copy_of([1, 2, 3]) as array:
        same = array
        assert [True, False, False] == (array == 1).tolist()
        assert [2, 4, 6] == (array * 2).tolist() == (array + np.array([1, 2, 3])).tolist()
        array += 1  # noqa: PLW2901  # it must still be the same
        np.multiply(array, 10, out=array)
        assert same is array
        assert ([20, 30, 40], 90, 40) == (array.view().tolist(), np.sum(array), np.max(array))
        other = np.zeros(3)
        other += array
        assert [20.0, 30.0, 40.0] == other.tolist()


def test_the_rest_of_numpy_is_one_step_away() -> None:
    """A method that numpy has and it has not is named with the way there; another name just is not there."""
    with SharedArray(3) as array:
        with pytest.raises(AttributeError, match=r"array\.view\(\)\.mean"):
            array.mean()
        with pytest.raises(AttributeError, match="no 'nonsense' of its own"):
            array.nonsense  # noqa: B018
        assert not hasattr(array, "_repr_html_")


def test_a_copy_is_independent() -> None:
    """Changes of one are not seen in the other, and what is no array yet is made one."""
    original = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    with SharedArray.copy_of(original) as array:
        array[0, 0] = 9
        assert 0.0 == original[0, 0]
        assert [[9, 1, 2], [3, 4, 5]] == array.view().tolist()
        with SharedArray.copy_of(array) as third:
            third[0, 0] = 5
            assert 9.0 == array[0, 0]


@pytest.mark.parametrize("shape", [-1, (2, -3), 2.5, (2, 2.0), "three", None, {"a": 1}, (2, None)])
def test_impossible_shapes_are_refused(shape: Any) -> None:
    """What is no whole number from 0 on is said, with an example of what is."""
    with pytest.raises(InputError, match="cannot have the shape") as caught:
        SharedArray(shape)
    assert repr(shape) in str(caught.value)
    assert "(1000, 3)" in str(caught.value)


@pytest.mark.parametrize("shape", [(1,) * 65, (0, 2**70)])
def test_what_numpy_cannot_have_is_refused(shape: tuple[int, ...]) -> None:
    """Too many dimensions, or too large ones though nothing is in them: numpy's reason is given."""
    with pytest.raises(InputError, match="numpy has no arrays of shape"):
        SharedArray(shape)


@pytest.mark.parametrize(
    "dtype", [object, "O", [("name", object), ("age", int)], (object, (2,)), np.dtypes.StringDType()]
)
def test_objects_are_refused_with_the_reason(dtype: Any) -> None:
    """An address means nothing in another process; the text says what to do instead."""
    with pytest.raises(InputError, match="only addresses.*Use a dtype of plain values"):
        SharedArray(3, dtype)


def test_objects_are_not_copied_either() -> None:
    """An array of lists becomes no shared array."""
    with pytest.raises(InputError, match="only addresses"):
        SharedArray.copy_of(np.array([[1], [2, 3]], dtype=object))


@pytest.mark.parametrize("dtype", ["nonsense", 3.5, "f3", [("a",)]])
def test_unknown_dtypes_are_refused(dtype: Any) -> None:
    """With numpy's words and some examples."""
    with pytest.raises(InputError, match="knows no dtype.*such as float"):
        SharedArray(3, dtype)


def test_no_room_is_said_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much was asked, how much there is, and what to do; an array that just fits is made."""
    monkeypatch.setattr(blocks, "make_room", lambda: 4096)
    before = mine()
    with pytest.raises(InputError) as caught:
        SharedArray(4097, "uint8")
    assert "takes 4 KiB" in str(caught.value)
    assert "only 4 KiB free" in str(caught.value)
    assert "--shm-size" in str(caught.value)
    assert before == mine()
    with SharedArray(4096, "uint8"):
        pass


@LINUX_ONLY
def test_the_room_is_that_of_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More than the file system of /dev/shm holds is refused; where there is no such folder nobody asks."""
    state = os.statvfs(segments.FOLDER)
    with pytest.raises(InputError, match="has only"):
        SharedArray(state.f_blocks * state.f_frsize + 1, "uint8")
    monkeypatch.setattr(segments, "FOLDER", tmp_path / "nowhere")
    assert blocks.make_room() is None


@LINUX_ONLY
def test_room_that_goes_in_the_meantime_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages are reserved at once: the lack of one is an error with words, not a SIGBUS later, and nothing stays."""

    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    before = mine()
    with pytest.raises(InputError, match=r"gives no shared memory.*800 B.*No space left.*smaller"):
        SharedArray(100)
    assert before == mine()


@LINUX_ONLY
def test_the_pages_are_there_from_the_start() -> None:
    """A block takes all of its memory when it is made, so that writing to it cannot fail."""
    with SharedArray(1_000_000, "uint8") as array:
        state = (segments.FOLDER / array.name).stat()
        assert 1_000_000 <= state.st_blocks * 512


@LINUX_ONLY
def test_the_name_says_whose_it_is_and_goes_with_the_block() -> None:
    """It has our prefix and this process's mark, and is gone after the block, also after an exception."""
    with SharedArray(3) as array:
        assert array.name.startswith(segments.name_prefix())
        assert there(array.name)
        assert array.owner
    assert not there(array.name)
    assert not array.owner
    with pytest.raises(RuntimeError, match="enough"), SharedArray(3) as array:
        raise RuntimeError("enough")
    assert not there(array.name)


@LINUX_ONLY
def test_one_that_nobody_closes_goes_with_its_last_reference() -> None:
    """Without a with block the owner unlinks when it is garbage."""
    array = SharedArray(3)
    name = array.name
    assert there(name)
    del array
    gc.collect()
    assert not there(name)


@LINUX_ONLY
def test_the_first_of_a_process_sweeps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What killed owners left goes before a process's first array, so that there is room for it; and only once."""
    calls = []
    made = blocks.make
    monkeypatch.setattr(segments, "sweep", lambda: calls.append("sweep"))
    monkeypatch.setattr(blocks, "make", lambda size_bytes: calls.append("make") or made(size_bytes))
    monkeypatch.setattr(blocks, "_swept", [])
    for _ in range(2):
        SharedArray(3).close()
    assert ["sweep", "make", "make"] == calls
    monkeypatch.setattr(blocks, "_swept", [])
    monkeypatch.setattr(segments, "FOLDER", tmp_path)
    with pytest.raises(InputError, match="has only"):
        SharedArray(shutil.disk_usage(tmp_path).total + 1, "uint8")
    assert "sweep" == calls[-1]


USES = {
    "read": lambda array: array[0],
    "slice": lambda array: array[:],
    "write": lambda array: array.__setitem__(0, 1),
    "length": len,
    "loop": list,
    "search": lambda array: 1 in array,
    "view": lambda array: array.view(),
    "asarray": np.asarray,
    "arithmetic": lambda array: array + 1,
    "pickle": pickle.dumps,
    "with": lambda array: array.__enter__(),
}


@pytest.mark.parametrize("use", USES)
def test_after_close_every_use_is_refused_with_words(use: str) -> None:
    """For the owner and for who attached; what it was can still be read, and a second close does nothing."""
    with SharedArray((2, 3)) as array:
        attached = pickle.loads(pickle.dumps(array))
        attached.close()
        with pytest.raises(InputError, match="closed.*copy"):
            USES[use](attached)
        assert 0.0 == array[0, 0]
    with pytest.raises(InputError, match="closed.*copy"):
        USES[use](array)
    array.close()
    assert ((2, 3), 2, 6, 48, True) == (array.shape, array.ndim, array.size, array.nbytes, array.closed)
    assert "<SharedArray (2, 3) float64, 48 B, closed>" == repr(array)


def test_views_outlive_the_block_without_harm() -> None:
    """Views and slices can be read and written after it: the memory stays for them, and goes with the last of them."""
    with SharedArray.copy_of(np.arange(1000.0)) as array:
        views = [array.view(), array[10:20], np.asarray(array)[::2].reshape(2, -1), array.view().view("u8")]
        mapping = array._mapping
    assert mapping is not None
    with pytest.raises(BufferError):
        mapping().close()  # not even so
    assert sum(range(1000)) == views[0].sum()
    views[0][0] = 5
    assert 5 == views[2][0, 0]
    assert "closed, 7.81 KiB still held by views" in repr(array)
    while views:
        assert mapping() is not None
        views.pop()
    gc.collect()
    assert mapping() is None
    assert "closed>" in repr(array)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_handle_is_small_and_attaches(elsewhere: list[str], protocol: int) -> None:
    """Whatever the array's size; who unpickles it is no owner, and both see one memory."""
    with SharedArray(100_000) as array:
        blocks._mapped.clear()
        handle = pickle.dumps(array, protocol)
        assert 300 > len(handle)
        attached = pickle.loads(handle)
        assert (False, "attached>") == (attached.owner, repr(attached).split()[-1])
        attached[-1] = 3
        array[0] = 4
        assert (3, 4) == (array[-1], attached[0])
        attached.close()
        assert 4 == array[0]
        assert sys.platform != "linux" or there(array.name)


def test_a_process_maps_a_block_once(elsewhere: list[str]) -> None:
    """However many tasks bring its handle, one after the other or many at once."""
    with SharedArray(10) as array:
        blocks._mapped.clear()
        handle = pickle.dumps(array)
        for _ in range(5):
            pickle.loads(handle)[0] += 1
        many = [pickle.loads(handle) for _ in range(5)]
        assert all(np.shares_memory(many[0].view(), one.view()) for one in many)
        assert (5, [array.name] * 2) == (array[0], elsewhere)  # the owner's own mapping, and one


def test_a_handle_whose_owner_is_gone_says_so_in_the_task() -> None:
    """Unpickling it raises nothing, because pools break or hang then; using it does, with words, every time."""
    with SharedArray((2, 3)) as array:
        handle = pickle.dumps(array)
    late = pickle.loads(handle)
    assert (2, 3) == late.shape
    for _ in range(2):
        with pytest.raises(InputError, match="not here: its owner has left its with block.*until all"):
            late[0]
    late.close()
    assert isinstance(pickle.loads(pickle.dumps(InputError("it travels"))), ParlabError)


def test_a_handle_of_a_block_that_is_too_small_is_refused() -> None:
    """A handle that was made up does not read beyond the block."""
    with SharedArray(3) as array:
        wrong = shared_array._attached(array.name, (10_000_000,), np.dtype(float))
        with pytest.raises(InputError, match="cannot be attached"):
            wrong[0]


def test_threads_make_and_attach_at_once(elsewhere: list[str]) -> None:
    """Eight threads at one moment: each gets a block of its own, and all attach the same one."""
    start, found, problems = threading.Barrier(8), [], []

    def work(number: int, handle: bytes) -> None:
        try:
            start.wait(60)
            with SharedArray(1000, int) as own:
                own[...] = number
                pickle.loads(handle)[number] = number
                found.append((own.name, int(own.view().sum())))
        except Exception as problem:  # noqa: BLE001  # the test says it
            problems.append(problem)

    with SharedArray(8, int) as array:
        handle = pickle.dumps(array)
        blocks._mapped.clear()
        threads = [threading.Thread(target=work, args=(number, handle)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert [] == problems
        assert list(range(8)) == array.view().tolist()
    assert 8 == len({name for name, _ in found})
    assert {1000 * number for number in range(8)} == {total for _, total in found}


def test_the_examples_run() -> None:
    """What the docstrings show is what comes out."""
    assert 0 == doctest.testmod(shared_array).failed < doctest.testmod(shared_array).attempted


def test_the_weak_side_keeps_nothing_alive() -> None:
    """An array that is closed can go at once: what unlinks it does not hold it."""
    array = SharedArray(3)
    gone = weakref.ref(array)
    array.close()
    del array
    gc.collect()
    assert gone() is None
