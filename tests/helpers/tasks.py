"""Task functions for tests, in a module of their own, because workers must be able to import them."""

import ctypes
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import types
from pathlib import Path


def double(number):
    return 2 * number


def first_half(data):
    return data[: len(data) // 2]


def sum_of_doubles(number):
    return sum(double(one) for one in range(number))


def add(number, amount=0, more=None):
    return number + amount


def append_one(numbers):
    numbers.append(1)
    return len(numbers)


def nap(seconds):
    time.sleep(seconds)
    return seconds


def nap_50ms(number):
    time.sleep(0.05)
    return number


def sleep_for_ever(number):
    time.sleep(3600)


def refuse_three(number):
    if number == 3:
        raise ValueError("no threes")
    return number


def who(_item):
    return os.getpid(), threading.get_native_id()


def kill_own_worker(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def crash(number):
    ctypes.string_at(0)


def clock(_item):
    return time.perf_counter_ns()


def unpicklable_result(number):
    return lambda: number


def in_main_process(_item):
    """Answer differently in a worker process than in the plain loop."""
    return multiprocessing.parent_process() is None


def write_modules(path):
    Path(path).write_text(json.dumps(sorted(sys.modules)))


def write_blas_variables(path):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    Path(path).write_text(json.dumps({name: os.environ.get(name) for name in names}))


def empty_text(_item):
    return ""


def homeless_item():
    """An instance of a class that other processes cannot import: as if it came from a notebook cell."""
    module = types.ModuleType("a_notebook_cell")
    sys.modules["a_notebook_cell"] = module
    module.Item = type("Item", (), {"__module__": "a_notebook_cell", "__qualname__": "Item"})
    return module.Item()


def print_much(number):
    print("x" * 1_000_000)
    return number


def read_input(_item):
    return sys.stdin.read()


def exit_quietly(number):
    sys.exit(3)


class Doubler:
    def __init__(self):
        self.lock = threading.Lock()  # which cannot travel

    def double(self, number):
        with self.lock:
            return 2 * number

    @classmethod
    def of_class(cls, number):
        return 2 * number


doubler = Doubler()


def any_words(number, **_words):
    return number


def each(number):
    yield number


def nothing_given():
    return 0


async def later(number):
    return number


anonymous = lambda number: number  # has no name of its own


def outer():
    def inner(number):
        return number

    return inner


def yield_three():
    yield from ("a", "b", "c")


def yield_nothing():
    return iter(())


def yield_then_raise():
    yield 1
    raise RuntimeError("the generator broke")


NOT_A_FUNCTION = 3


def die_in_later_trials(folder):
    """Live in the workers of the first trial, which is the check; be killed in those of every later one."""
    if multiprocessing.parent_process() is not None:
        mine = Path(folder) / str(os.getppid())  # the forkserver's: one a trial
        earlier = set(Path(folder).iterdir()) - {mine}
        mine.touch()
        if earlier:
            os.kill(os.getpid(), signal.SIGKILL)
    return 1


def bad_result_of_one(number):
    return (lambda: number) if number == 1 else number


class InputError(Exception):
    """Named like one of parlab's errors."""


def raise_own_input_error(number):
    raise InputError("mine")


def count_then_fail(path):
    """Count calls in a file; the third call fails."""
    place = Path(path)
    calls = place.read_text() if place.exists() else ""
    place.write_text(calls + "x")
    if len(calls) == 2:
        raise ValueError("the third call")


def kill_own_worker_once(numbered):
    """Be killed at number 3, unless somebody was before."""
    number, mark = numbered
    if number == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def is_mapped(data):
    """Tell whether an array came as a file that is mapped into memory."""
    return type(data).__name__ == "memmap"


def listen_nowhere(number):
    """Refuse to work in a process that others could reach from outside this machine."""
    import psutil

    heard = [one.laddr.ip for one in psutil.Process().net_connections() if one.status == psutil.CONN_LISTEN]
    outside = [ip for ip in heard if not ip.removeprefix("::ffff:").startswith("127.") and ip != "::1"]
    if outside:
        raise RuntimeError(f"this worker listens at {outside}")
    return number


def wait_with_a_folder(note):
    from parlab.temporary import private_folder

    with private_folder() as folder:
        if isinstance(note, str):
            Path(note).write_text(str(folder))
        time.sleep(600)
