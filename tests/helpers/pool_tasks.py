"""Tasks of parlab.pool's tests: what fails, dies, prints, nests, or cannot travel. Workers import them."""

import multiprocessing
import os
import select
import signal
import sys
import threading
from pathlib import Path

import psutil

import parlab

_state = {}


def remember(value):
    """An initializer."""
    _state["value"] = value


def recall(_item):
    return _state["value"]


def recall_or_die(item):
    """Needs its initializer; item 0 ends its worker."""
    value = _state["value"]
    if item == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def initialise_badly(how):
    """An initializer that raises, leaves, exits or is killed."""
    if how == "raises":
        raise ValueError("no licence")
    if how == "leaves":
        sys.exit("no licence")
    if how == "exits":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGKILL)


def initialise_deaf_or_die(path):
    """An initializer that never ends and hears no SIGTERM in the first worker, and is killed in the others."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        os.kill(os.getpid(), signal.SIGKILL)
    while True:
        signal.pause()


def end_worker(how):
    """End this worker in one of the ways there are, or return what was given."""
    if how == "SIGKILL":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "SIGSEGV":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exit code 0":
        os._exit(0)
    elif how == "exit code 7":
        os._exit(7)
    return how


def print_and_end(word):
    print(f"last words of {word}")
    return end_worker("SIGKILL") if word == "poison" else word


def print_twice(number):
    print("out", number)
    print("err", number, file=sys.stderr)
    return number


def print_then_fail(number):
    print("evidence", number)
    raise ValueError(number)


def print_in_a_fork(number):
    print("before")
    child = multiprocessing.get_context("fork").Process(target=print, args=("child",), kwargs={"flush": True})
    child.start()
    child.join()
    return number


class TravellingError(Exception):
    """Keeps its class, its arguments and its attributes on the way."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class StubbornError(Exception):
    """Pickles, and cannot be rebuilt: its arguments are not those of its class."""

    def __init__(self, code, reason):
        super().__init__(f"{code} because {reason}")


class LockedError(Exception):
    """Holds what cannot be pickled."""

    def __init__(self):
        super().__init__("locked")
        self.lock = threading.Lock()


class FrozenError(Exception):
    """Like a frozen dataclass: no attribute can be set."""

    def __setattr__(self, name, value):
        raise AttributeError(f"cannot assign to {name}")


class TurncoatError(Exception):
    """Comes back as another one."""

    def __reduce__(self):
        return ValueError, ("other",)


def raise_kind(kind):
    """Raise what is named."""
    if kind == "value":
        raise ValueError("no such value") from KeyError("below")
    if kind == "travelling":
        raise TravellingError(42)
    if kind == "stubborn":
        raise StubbornError(1, "two")
    if kind == "locked":
        raise LockedError
    if kind == "frozen":
        raise FrozenError("cold")
    if kind == "turncoat":
        raise TurncoatError
    if kind == "exit":
        sys.exit(3)
    if kind == "interrupt":
        raise KeyboardInterrupt
    if kind == "stop iteration":
        raise StopIteration("the end")
    if kind == "timeout":
        raise TimeoutError("the server does not answer")
    if kind == "large":
        raise ValueError("x" * 2_000_000)
    if kind == "syntax":
        raise SyntaxError("bad", ("file", 1, 1, 5, 1, 1))
    return kind


class Holder:
    """Travels, unless what it holds does not."""

    def __init__(self, held=None):
        self.held = held

    def double(self, number):
        return 2 * number

    def __call__(self, number):
        return (self.held, number)

    def __eq__(self, other):
        return isinstance(other, Holder) and self.held == other.held

    __hash__ = None

    @classmethod
    def triple(cls, number):
        return 3 * number


class Leaver:
    """Can be packed; whoever rebuilds it is told to leave."""

    def __reduce__(self):
        return sys.exit, (4,)


class Turncoat:
    """Comes back as a number."""

    def __reduce__(self):
        return int, ("7",)


class LoudItem:
    """Counts who asks to see it."""

    shown = 0

    def __repr__(self):
        type(self).shown += 1
        return "loud"


class Unshowable:
    """A key whose text cannot be had."""

    def __repr__(self):
        raise LookupError("not to be shown")


def make_holder(held):
    return Holder(held)


def make_turncoat(_item):
    return Turncoat()


def make_leaver(_item):
    return Leaver()


def make_local(_item):
    return lambda: None


def yield_then_raise():
    yield 1
    raise RuntimeError("the generator broke")


def use_pool_inside(number):
    """Use a pool in a worker: how wide it is, what it gives, what it found, and where it ran."""
    with parlab.pool(2) as inner:
        values = inner.map(end_worker, [number, number + 1])
        called = inner.submit(end_worker, number).result()
        return inner.workers, values, called, [one.code for one in inner.findings], os.getpid()


def submit_inside(number):
    with parlab.pool(2) as inner:
        return inner.submit(end_worker, number).result()


def initialise_inside(number):
    with parlab.pool(2, initializer=remember, initargs=(number,)) as inner:
        return inner.map(recall, [0])


def call_itself_through_a_pool(number):
    with parlab.pool(2) as inner:
        return inner.map(call_itself_through_a_pool, [number])


def interrupt_parent(_item):
    """Do as Ctrl-C does to the process that started this worker, and go on for ever."""
    os.kill(multiprocessing.parent_process().pid, signal.SIGINT)
    sleep_deaf(0)


def sleep_deaf(_item):
    """Sleep for ever, and hear no SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def wait_for(path):
    """Read from a named pipe: runs until somebody writes."""
    return Path(path).read_text()


def end_while_sending(number):
    """Send this process a signal as soon as it is in the middle of sending its result, which is large."""
    main = threading.main_thread().ident

    def watch():
        while not _has_sent_some(sys._current_frames()[main]):
            pass
        os.kill(os.getpid(), number)

    threading.Thread(target=watch, daemon=True).start()
    return bytes(300_000_000)


def _has_sent_some(frame):
    """Tell whether a first part has left and more is to come: ``Connection._send`` is at it, and its pipe is full."""
    while frame is not None and frame.f_code.co_name != "_send":
        frame = frame.f_back
    return frame is not None and not select.select([], [frame.f_locals["self"]._handle], [], 0)[1]


def leave_a_child(_item):
    """Fork a child that stays, with all pipes of this worker; return the numbers of both."""
    child = os.fork()
    while child == 0:
        signal.pause()
    return os.getpid(), child


def leave_a_child_and_die(path):
    """The same, but note the child's number, and end this worker."""
    Path(path).write_text(str(leave_a_child(0)[1]))
    os.kill(os.getpid(), signal.SIGKILL)


def who(_item):
    return os.getpid()


def grow_once(_item):
    """Hold twice as much memory as before, once; return who holds it."""
    if "held" not in _state:
        _state["held"] = b"x" * psutil.Process().memory_info().rss
    return os.getpid()


shared = None  # a pool that forked workers have a copy of


def die_once_and_use_the_shared_pool(mark):
    """End this worker, unless one has ended here before; then use a pool of the process that it was forked from."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return shared.map(end_worker, [1])
