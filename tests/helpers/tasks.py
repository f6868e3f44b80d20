"""Task functions for tests, in a module of their own, because workers must be able to import them."""

import ctypes
import os
import signal
import sys
import threading
import time

FIXED_SUM = 45


def double(number):
    return 2 * number


def add(number, amount=0):
    return number + amount


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


def loaded_modules(_item):
    return sorted(sys.modules)


def blas_variables(_item):
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


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


def in_parent_or_worker(_item):
    """Give a wrong answer in a worker: true in the main thread of a process without a multiprocessing parent."""
    import multiprocessing

    return multiprocessing.parent_process() is None


def print_much(number):
    print("x" * 1_000_000)
    return number


def read_input(_item):
    return sys.stdin.read()


def exit_quietly(number):
    sys.exit(3)


anonymous = lambda number: number  # noqa: E731  # the thing to be refused


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
