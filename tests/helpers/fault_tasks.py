"""Tasks, items and results that go wrong in every way that the fault suite knows. Workers load it: nothing heavy.

A task strikes at one item only, and by default only in a worker: the plain loop of a sweep runs the same function, and
a fault there would say nothing about the engine. ``where="rounds"`` spares the first trial too, which is the check
before the rounds, so that the fault lands in a trial that is written down.
"""

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path

TARGET = 3  # the item that is struck; never the first, which warms every worker up
NAP_S = 0.01  # so that every worker gets tasks, and that the sweep counts as waiting and measures no ceiling
LONG_S = 3_600
ONE_MIB = 1 << 20
LONG_TEXT = 100 * ONE_MIB


def in_worker():
    """Tell a worker, be it a process or a thread, from the plain loop and from the process that asked."""
    return in_worker_process() or threading.current_thread() is not threading.main_thread()


def in_worker_process():
    """Tell a worker that shares no interpreter with who asked. Programs of MPI and of Ray call themselves main."""
    return (
        multiprocessing.current_process().name != "MainProcess"
        or os.environ.get("OMPI_COMM_WORLD_RANK", "0") != "0"
        or "RAY_RAYLET_PID" in os.environ
        or _in_subinterpreter()
    )


def _in_subinterpreter():
    if sys.version_info < (3, 14):
        return False
    from concurrent import interpreters

    return interpreters.get_current() != interpreters.get_main()


def is_due(where, place):
    """Tell whether a fault shall happen here and now.

    ``anywhere``; in any ``worker``; in those of the ``rounds``; ``once`` in the rounds; in the ``parent`` alone.
    """
    if where in ("anywhere", "parent"):
        return where == "anywhere" or not in_worker()
    if not in_worker():
        return False
    return where == "worker" or (_is_later_trial(place) and (where == "rounds" or _is_first_time(place)))


def _is_later_trial(place):
    """Know whether another trial has been here before this one."""
    folder = Path(place)
    mine = folder / f"trial-{_trial()}"
    others = set(folder.glob("trial-*")) - {mine}
    mine.touch()
    return bool(others)


def _trial():
    """Know trials by their process group: each is started in one of its own, and its workers stay in it.

    Not so under mpiexec, which gives each process a group of its own, and under Ray; theirs have a name for the job.
    """
    job = os.environ.get("PMIX_NAMESPACE", os.environ.get("RAY_RAYLET_PID"))
    return os.getpgid(0) if job is None else "".join(letter for letter in job if letter.isalnum())


def _is_first_time(place):
    try:
        (Path(place) / "struck").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def strike(item, fault="nothing", where="worker", place=None, target=TARGET):
    """Do a little work and return the item; for the target, do the fault and return what that gives."""
    number = number_of(item)
    time.sleep(NAP_S)
    if number == target and is_due(where, place):
        return FAULTS[fault](item)
    return number


def number_of(item):
    """Return what an item stands for; parcels and bombs carry it."""
    return getattr(item, "number", item)


def strike_with(fault="nothing", where="worker", place=None):
    """Make the task that parlab.pool is given: it has no keyword arguments of its own."""
    return partial(strike, fault=fault, where=where, place=place)


# Faults of a process


def die_by(number):
    """Return a fault that sends a signal to its own process."""

    def die(_item):
        os.kill(os.getpid(), number)
        time.sleep(LONG_S)

    return die


def read_address_zero(_item):
    ctypes.string_at(0)


def exit_at_once(_item):
    os._exit(0)


def exit_through_c(_item):
    """End the process behind Python's back, with the C library's own clean-up."""
    ctypes.CDLL(None).exit(0)


def die_while_data_is_under_way(_item):
    """Die a moment after a large result was handed over, in the middle of its journey."""
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(64 * ONE_MIB)


# Faults of other workers. They know each other by files, because no engine says who they are.


def kill_idle_worker(item):
    """Wait until the others have nothing left to do, then kill one of them."""
    time.sleep(0.3)
    _kill(_colleagues()[:1])
    return item


def kill_all_workers(item):
    """Kill every worker at once, this one last."""
    _kill(_colleagues())
    os.kill(os.getpid(), signal.SIGKILL)


def kill_program(item, word):
    """Kill the program that started this worker, or one beside it: mpiexec, or one of Ray's."""
    parent = os.getppid()
    family = [parent, *_children_of(_parent_of(parent))]
    found = [one for one in family if word in (_name_of(one) or b"")]
    if not found:
        raise RuntimeError(f"there is no {word!r} to be killed")
    _kill(found[:1])
    time.sleep(LONG_S)


def _children_of(parent):
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [one for one in found if _parent_of(one) == parent]


def _kill(processes):
    for process in processes:
        os.kill(process, signal.SIGKILL)


def _colleagues():
    """Find the processes with this one's parent that run the same program: its fellow workers."""
    mine, parent = _name_of(os.getpid()), os.getppid()
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [one for one in found if one != os.getpid() and _parent_of(one) == parent and _name_of(one) == mine]


def _parent_of(process):
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _name_of(process):
    """Return what a process was started as, less the numbers that make each command line another."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return None
    if words.startswith(b"ray::") and b"Agent" not in words:  # Ray's say what they do; its agents are no workers
        return b"ray::"
    return bytes(letter for letter in words if not chr(letter).isdecimal())


# Faults that are errors


def exit_politely(_item):
    sys.exit(3)


def interrupt(_item):
    raise KeyboardInterrupt


class LockedError(Exception):
    """Carries what cannot travel."""

    def __init__(self, text):
        super().__init__(text, threading.Lock())


class PickyError(Exception):
    """Wants two arguments and keeps one, so that it cannot be made again from what it keeps."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


class RefusingError(Exception):
    """Can be asked for nothing: neither its text nor its parts."""

    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__

    def __reduce__(self):
        raise ValueError("no parts")


def raise_locked(_item):
    raise LockedError("the text of a locked error")


def raise_picky(_item):
    raise PickyError("one", "two")


def raise_refusing(_item):
    raise RefusingError


def recurse(item):
    return recurse(item) + 1


def raise_long_text(_item):
    raise ValueError("x" * LONG_TEXT)


def raise_memory_error(_item):
    return bytearray(1 << 60)


def raise_memory_error_at_a_limit(_item):
    """Meet a limit that the system set, as a container or a batch system would."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, before[1]))
    try:
        return len(bytearray(2 << 30))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


# Faults that never end


def sleep_for_ever(_item):
    time.sleep(LONG_S)


def ignore_termination(_item):
    """Ignore every request to end, in a loop that never comes up for air."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(NAP_S)


def hold_the_lock_of_python(_item):
    """Wait in C without giving the interpreter's lock back: no other thread of the process runs again."""
    ctypes.PyDLL(None).sleep(LONG_S)


def stand_still(_item):
    """Stop like a process in a debugger: it does not even notice a request to end."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(LONG_S)


# Results


def lock_result(_item):
    return threading.Lock()


def fail(text="this cannot be made again"):
    raise pickle.UnpicklingError(text)


class Bomb:
    """An object that goes off when it is packed or unpacked.

    Parameters
    ----------
    fault
        What then happens, a name of ``FAULTS``.
    stage
        ``pack`` or ``unpack``.
    where, place
        See ``is_due``.
    """

    def __init__(self, fault, stage, where="worker", place=None, number=TARGET):
        self.fault, self.stage, self.where, self.place, self.number = fault, stage, where, place, number

    def __reduce__(self):
        if self.stage == "pack" and is_due(self.where, self.place):
            FAULTS[self.fault](self.number)
        return unpack, (self.fault, self.stage, self.where, self.place, self.number)


def unpack(fault, stage, where, place, number):
    if stage == "unpack" and is_due(where, place):
        FAULTS[fault](number)
    return Bomb(fault, stage, where, place, number)


class Parcel:
    """An item with a weight in MiB, so that it is still under way when its worker dies."""

    def __init__(self, number, mebibytes):
        self.number, self.load = number, bytes(mebibytes * ONE_MIB)


class LastWill:
    """An item that crashes its worker when it is thrown away there, after the task was done."""

    def __init__(self, where="worker", place=None, number=TARGET):
        self.where, self.place, self.number = where, place, number

    def __del__(self):
        if is_due(self.where, self.place):
            os.kill(os.getpid(), signal.SIGSEGV)


def bomb_result(fault, stage, item):
    return Bomb(fault, stage, "anywhere", number=number_of(item))


# Faults of the streams


def read_input(_item):
    return sys.stdin.read() or TARGET


def close_output(item):
    """Close standard output in both senses, and print nevertheless."""
    sys.stdout.close()
    os.close(1)
    return item


def flood(item):
    for _ in range(20):
        print("x" * ONE_MIB)
    return item


def close_everything(item):
    """Close every open file of the process, those of the engine included."""
    os.closerange(3, 256)
    return item


def tell(item):
    """Print where this task is; the one that is asked for first answers last."""
    time.sleep(0.05 * (5 - item))
    print(f"task {item} speaks", flush=True)
    return item


def leave_a_child(item):
    """Start a program that would outlive everybody, and forget it."""
    import subprocess

    subprocess.Popen(["sleep", str(LONG_S)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return item


def leak(item):
    """Keep 30 MiB for ever, as a cache without an end does; answer who keeps them."""
    _kept.append(bytes(os.urandom(1) * (30 * ONE_MIB)))
    time.sleep(0.1)
    return os.getpid()


_kept = []


# parlab inside a worker


def nest(item, depth=2):
    """Open a pool in a worker; answer which processes did the work, and what the pool found remarkable."""
    import parlab

    with parlab.pool(2) as inner:
        made = inner.map(partial(nest, depth=depth - 1) if depth else who, range(3))
    processes = {os.getpid(), *(process for one in made for process in (one[0] if depth else [one]))}
    codes = {finding.code for finding in inner.findings}
    return sorted(processes), sorted(codes)


def nest_and_check(item):
    """Open a pool in a worker; fail unless its tasks ran in this very process."""
    import parlab

    with parlab.pool(2) as inner:
        found = set(inner.map(who, range(3)))
    if found != {os.getpid()}:
        raise RuntimeError(f"{len(found)} other processes were started inside a worker")
    return number_of(item)


def who(_item):
    return os.getpid()


def who_naps(_item):
    time.sleep(0.05)
    return os.getpid()


FAULTS = {
    "nothing": number_of,
    "kill": die_by(signal.SIGKILL),
    "segfault": read_address_zero,
    "exit at once": exit_at_once,
    "exit through c": exit_through_c,
    "kill under way": die_while_data_is_under_way,
    "kill idle": kill_idle_worker,
    "kill all": kill_all_workers,
    "kill mpiexec": partial(kill_program, word=b"prterun"),
    "kill raylet": partial(kill_program, word=b"raylet/raylet"),
    "kill gcs": partial(kill_program, word=b"gcs_server"),
    "sys.exit": exit_politely,
    "interrupt": interrupt,
    "locked error": raise_locked,
    "picky error": raise_picky,
    "refusing error": raise_refusing,
    "recursion": recurse,
    "long text": raise_long_text,
    "memory error": raise_memory_error,
    "memory limit": raise_memory_error_at_a_limit,
    "sleep": sleep_for_ever,
    "stubborn": ignore_termination,
    "lock of python": hold_the_lock_of_python,
    "stopped": stand_still,
    "lock result": lock_result,
    "unpickling": lambda _item: fail(),
    "result fails to unpack": partial(bomb_result, "unpickling", "unpack"),
    "result exits when packed": partial(bomb_result, "sys.exit", "pack"),
    "result crashes when packed": partial(bomb_result, "kill", "pack"),
    "result exits when unpacked": partial(bomb_result, "sys.exit", "unpack"),
    "read input": read_input,
    "close output": close_output,
    "flood": flood,
    "close everything": close_everything,
    "leave a child": leave_a_child,
    "nest": nest_and_check,
}


# Initializers


def raise_at_start(log):
    _note_start(log)
    raise RuntimeError("the initializer broke")


def exit_at_start(log):
    _note_start(log)
    sys.exit(3)


def crash_at_start(log):
    _note_start(log)
    os.kill(os.getpid(), signal.SIGSEGV)


def _note_start(log):
    with Path(log).open("a") as file:
        file.write(f"{os.getpid()}\n")


# Endings of a whole program, for children of a probe


def work_for_ever(entrance, method, place):
    """Start tasks that never end, with a list of those who work, and wait for them."""
    task = partial(sign_and_sleep, place=place)
    if entrance == "sweep":
        import parlab

        parlab.speedup(
            sign_and_sleep, range(4), kwargs={"place": place}, backends=[method], workers=[2], rounds=1,
            output=f"{place}/killed.jsonl", progress=False,
        )  # fmt: skip
    else:
        import parlab

        with parlab.pool(2, start_method=method) as pool:
            pool.map(task, range(4))


def sign_and_sleep(item, place):
    if in_worker() and _is_not_the_check(place):
        (Path(place) / f"busy-{os.getpid()}-{threading.get_native_id()}").touch()
        time.sleep(LONG_S)
    time.sleep(NAP_S)
    return item


def _is_not_the_check(place):
    """Let a sweep's check through, so that its file has begun; a pool has no check and no trial of its own."""
    return not (Path(place) / "sweep").exists() or _is_later_trial(place)


def forget_a_pool(busy, method, place):
    """End a program without closing its pool: idle, or with tasks that never end."""
    import parlab

    pool = parlab.pool(2, start_method=method)
    opened = pool.__enter__()
    opened.map(who, range(4))
    if busy == "busy":
        for number in range(4):
            opened.submit(sleep_for_ever, number)
        time.sleep(0.3)
    globals()["_forgotten"] = pool, opened  # as a notebook's variable would keep it
    (Path(place) / "forgotten").touch()


def forget_a_sweep(method, place):
    """End a program while a thread of it measures."""
    runner = threading.Thread(target=work_for_ever, args=("sweep", method, place), daemon=True)
    runner.start()
    while not list(Path(place).glob("busy-*")):
        time.sleep(NAP_S)
    (Path(place) / "forgotten").touch()
