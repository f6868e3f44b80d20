"""Functions that the cells of tests start as processes, which must be able to import them."""

import os
import signal
import sys
import time
from pathlib import Path


def note_number(folder):
    Path(folder, f"{os.getpid()}.number").touch()


def say(number):
    print("hello", number)
    print("and", number, file=sys.stderr)


def say_and_fail(number):
    say(number)
    raise ValueError(number)


def put_much(queue):
    queue.put("x" * 10_000_000)


def ignore_and_sleep(folder):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note_number(folder)
    time.sleep(600)


def sleep_holding_segment(folder, name):
    from multiprocessing.shared_memory import SharedMemory

    segment = SharedMemory(name, create=True, size=100)
    note_number(folder)
    time.sleep(600)
    segment.close()


def say_in_turn(number, tickets):
    """Say something when it is our turn, the last one first."""
    while tickets.value != number:
        time.sleep(0.001)
    print("my turn")
    tickets.value = number - 1
