"""``parlab.SharedArray``: a numpy array that several processes see at once, so that nothing of it has to be pickled."""

import math
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from parlab import blocks
from parlab.errors import InputError
from parlab.forms import checked_form
from parlab.units import size as amount

if TYPE_CHECKING:
    import mmap

    from numpy.typing import ArrayLike, DTypeLike, NDArray


class SharedArray(NDArrayOperatorsMixin):
    """A numpy array in shared memory, made by one process and used in place by others.

    Use it in a ``with`` block: when the block ends, the shared memory is given back. What travels to a worker is a
    small handle, never the data, and what one process writes, all see. Nobody waits for anybody: let each worker write
    a part of its own, or hold a lock.

    Slices, assignment, loops, arithmetic and numpy's functions work as with any array; for its methods take ``view``.

    Parameters
    ----------
    shape
        How many elements in each dimension; a whole number for one dimension.
    dtype
        What an element is: anything numpy takes, save Python objects.

    Attributes
    ----------
    shape, dtype, ndim, size, nbytes
        As numpy has them. They can be read after ``close`` too.
    name
        What the system calls the block.
    owner
        Whether this process made it and will unlink it. Workers never are owners.
    closed
        Whether ``close`` was called.

    Raises
    ------
    InputError
        Shape or dtype cannot be used, or there is no room. It is also raised by every use of the data after ``close``,
        or when the owner's block has ended.

    Notes
    -----
    Only the owner unlinks the block: at the end of its ``with`` block, by ``close``, when the array is garbage, or when
    the process ends. If the owner is killed, Python's resource tracker does it; if that is killed too, the first shared
    array that is made later (on Linux, where such blocks can be seen).

    A view of numpy's that is still there after ``close`` can be read and written without harm: its memory stays until
    nothing refers to it. Others cannot find the block any more.

    A worker maps a block once, however many tasks bring its handle. It lets the memory go when the owner is done and
    another shared array comes, or when it ends.

    All of the memory is taken when the array is made, so that a full ``/dev/shm`` is an error with words then, and no
    crash later. The elements lie in C order.

    Examples
    --------
    >>> import numpy, parlab
    >>> with parlab.SharedArray((2, 3), dtype="int64") as array:
    ...     array[0] = [1, 2, 3]
    ...     array[1] = 10 * array[0]
    ...     print(array.view().sum(axis=0))
    [11 22 33]

    Workers get the handle, and write in place. Here the worker is a thread, which does the same:

    >>> import pickle
    >>> with parlab.SharedArray.copy_of(numpy.arange(4)) as array:
    ...     handle = pickle.dumps(array)
    ...     in_a_worker = pickle.loads(handle)
    ...     in_a_worker[2] = 7
    ...     print(numpy.asarray(array), in_a_worker.owner, len(handle) < 500)
    [0 1 7 3] False True
    """

    _array: "NDArray[Any] | None" = None
    _mapping: "weakref.ref[mmap.mmap] | None" = None
    _unlink: "weakref.finalize[Any, Any] | None" = None
    _maker = 0

    def __init__(self, shape: SupportsIndex | Sequence[SupportsIndex], dtype: "DTypeLike" = float) -> None:
        wanted, kind = checked_form(shape, dtype)
        made, mapping = _made(wanted, kind)
        self._describe(made.name, wanted, kind)
        self._unlink = weakref.finalize(self, blocks.unlink, made, os.getpid())
        self._maker = os.getpid()
        self._open(mapping)

    @classmethod
    def copy_of(cls, existing: "ArrayLike") -> Self:
        """Make a shared array with the values of another array.

        Parameters
        ----------
        existing
            A numpy array, or what numpy makes one of.

        Returns
        -------
        SharedArray
            Of the same shape and dtype; changes of one are not seen in the other.

        Raises
        ------
        InputError
            Its dtype cannot be shared, or there is no room.
        """
        values = np.asarray(existing)
        made = cls(values.shape, values.dtype)
        made[...] = values
        return made

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How much the elements take, in bytes."""
        return self.size * self.dtype.itemsize

    @property
    def owner(self) -> bool:
        """Whether this process made it and will unlink it."""
        return self._unlink is not None and self._unlink.alive and self._maker == os.getpid()

    def view(self) -> "NDArray[Any]":
        """Return a numpy array over the shared memory itself: no copy, and what is written to it all see.

        Raises
        ------
        InputError
            This one is closed, or the owner's block has ended.
        """
        return self._data().view()

    def close(self) -> None:
        """End the use here; the owner's call gives the shared memory back. A second call does nothing.

        Views that are still there can be read, and keep the memory until they are gone. ``repr`` tells.
        """
        self.closed, self._array = True, None
        if self._unlink is not None:
            self._unlink()

    def __enter__(self) -> Self:
        """Return itself."""
        if self.closed:
            raise self._closed_error()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, whatever happened."""
        self.close()

    def __len__(self) -> int:
        return len(self._data())

    def __getitem__(self, key: Any) -> Any:
        return self._data()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data()[key] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self._data())

    def __contains__(self, value: object) -> bool:
        return value in self._data()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> "NDArray[Any]":  # noqa: FBT001  # numpy's protocol
        """Give numpy the memory itself, or a copy where it wants one."""
        return np.array(self.view(), dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Let numpy calculate with the memory itself: ``array + 1`` is a new array, ``array += 1`` changes this one."""
        out = options.get("out", ())
        if out:
            options["out"] = tuple(map(_plain, out))
        result = getattr(ufunc, method)(*map(_plain, inputs), **options)
        return out[0] if len(out) == 1 and out[0] is not None else result

    def __getattr__(self, name: str) -> Any:
        """Say where the rest of numpy's interface is."""
        advice = f"Take array.view().{name}" if hasattr(np.ndarray, name) else "array.view() is a numpy array"
        raise AttributeError(f"A SharedArray has no {name!r} of its own. {advice}.", name=name, obj=self)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.closed:
            raise self._closed_error()
        return _attached, (self.name, self.shape, self.dtype)

    def __repr__(self) -> str:
        state = "owner" if self.owner else "attached"
        if self.closed:
            state = f"closed, {amount(self.nbytes)} still held by views" if self._is_held() else "closed"
        return f"<SharedArray {self.shape} {self.dtype}, {amount(self.nbytes)}, {state}>"

    def _describe(self, name: str, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> None:
        self.name, self.shape, self.dtype, self.closed = name, shape, dtype, False

    def _open(self, mapping: "mmap.mmap") -> None:
        whole = np.frombuffer(mapping, np.uint8)  # numpy keeps this one's buffer; one of ndarray() alone it would not
        self._array = np.ndarray(self.shape, self.dtype, buffer=whole)
        self._mapping = weakref.ref(mapping)

    def _data(self) -> "NDArray[Any]":
        data = self._array  # another thread may close meanwhile
        if data is None:
            if self.closed:
                raise self._closed_error()
            self._attach()
            data = self._data()
        return data

    def _attach(self) -> None:
        try:
            self._open(blocks.attach(self.name))
        except FileNotFoundError:
            raise InputError(
                f"The shared memory behind this SharedArray {self.shape} {self.dtype} is not here: its owner has left "
                "its with block, or has ended, or is on another machine. Keep the owner's block open until all who use "
                "the array are done."
            ) from None
        except (OSError, TypeError) as problem:  # numpy's TypeError: the block is smaller than the handle says
            raise InputError(f"The SharedArray {self.name} cannot be attached here: {problem}.") from problem

    def _closed_error(self) -> InputError:
        return InputError(
            f"This SharedArray {self.shape} {self.dtype} is closed. Use it inside its with block; "
            "what you need longer, copy there: numpy.array(array)."
        )

    def _is_held(self) -> bool:
        return self._maker == os.getpid() and self._mapping is not None and self._mapping() is not None


def _plain(one: Any) -> Any:
    return one.view() if isinstance(one, SharedArray) else one


def _attached(name: str, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> SharedArray:
    """Make an array of a handle. It never raises: pools end, or wait for ever, when an argument cannot be unpickled."""
    made = SharedArray.__new__(SharedArray)
    made._describe(name, shape, dtype)  # noqa: SLF001  # of this module
    with suppress(InputError):  # the first use will say it, inside the task
        made._attach()  # noqa: SLF001  # the same
    return made


def _made(shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Any:
    wanted = max(math.prod(shape) * dtype.itemsize, 1)  # a block has at least one byte
    free = blocks.make_room()
    if free is not None and wanted > free:
        raise _no_room(shape, dtype, free)
    try:
        return blocks.make(wanted)
    except (OSError, OverflowError, ValueError) as problem:
        raise InputError(
            f"The system gives no shared memory for a SharedArray {shape} {dtype} of {amount(wanted)}: {problem}. "
            "Make it smaller, or close others first."
        ) from problem


def _no_room(shape: tuple[int, ...], dtype: "np.dtype[Any]", free: int) -> InputError:
    wanted = math.prod(shape) * dtype.itemsize
    return InputError(
        f"A SharedArray {shape} {dtype} takes {amount(wanted)}, but shared memory (/dev/shm) has only {amount(free)} "
        "free. Make it smaller, use a smaller dtype, or close others first. A container gets more when it is started "
        "with --shm-size, such as docker run --shm-size=4g."
    )
