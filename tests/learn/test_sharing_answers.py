"""Right answers to the exercises about a shared number that go another way than the course's are accepted as well."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from wrong_words import HEAD

from parlab.learn import check, watching

DEADLINE_S = 60
AT_ONCE = 3
PARTS = (
    "    workers = [multiprocessing.Process(target=part, args=(task, half, {shared}))\n"
    "               for half in (items[:3], items[3:])]\n"
    "    [worker.start() for worker in workers]\n    [worker.join() for worker in workers]\n"
)
DEPOSITED = "def deposited(task, items, account):\n"
SOLD = "def sold(task, items, seats):\n"

DEPOSITS = {
    "a pool whose workers are given the lock": (
        f"{DEPOSITED}    with multiprocessing.Pool(2, keep, (multiprocessing.Lock(),)) as pool:\n"
        "        pool.starmap(deposit, [(task, item, account) for item in items], chunksize=1)\n"
        "    return account.read()\n\n"
        "def keep(given):\n    global lock\n    lock = given\n\n"
        "def deposit(task, item, account):\n    amount = task(item)\n"
        "    with lock:\n        account.write(account.read() + amount)\n"
    ),
    "nothing is shared": (
        f"{DEPOSITED}    with multiprocessing.Pool(2) as pool:\n"
        "        total = sum(pool.map(task, items, chunksize=1))\n"
        "    account.write(account.read() + total)\n    return account.read()\n"
    ),
    "own sums, each written once": (
        f"{DEPOSITED}    lock = multiprocessing.Lock()\n{PARTS.format(shared='account, lock')}"
        "    return account.read()\n\n"
        "def part(task, items, account, lock):\n    total = sum(map(task, items))\n"
        "    with lock:\n        account.write(account.read() + total)\n"
    ),
    "a semaphore of one, taken and given back by hand": (
        f"{DEPOSITED}    gate = multiprocessing.Semaphore(1)\n{PARTS.format(shared='account, gate')}"
        "    return account.read()\n\n"
        "def part(task, items, account, gate):\n    for item in items:\n        amount = task(item)\n"
        "        gate.acquire()\n        try:\n            account.write(account.read() + amount)\n"
        "        finally:\n            gate.release()\n"
    ),
    "the lock of a manager": (
        f"{DEPOSITED}    with multiprocessing.Manager() as manager, ProcessPoolExecutor(2) as executor:\n"
        "        lock = manager.Lock()\n"
        "        list(executor.map(partial(deposit, task, account, lock), items))\n"
        "    return account.read()\n\n"
        "def deposit(task, account, lock, item):\n    amount = task(item)\n"
        "    with lock:\n        account.write(account.read() + amount)\n"
    ),
    "a look without the lock, for nothing": (
        f"{DEPOSITED}    lock = multiprocessing.Lock()\n{PARTS.format(shared='account, lock')}"
        "    return account.read()\n\n"
        "def part(task, items, account, lock):\n    for item in items:\n        amount = task(item)\n"
        "        print('before', account.read())\n"
        "        with lock:\n            account.write(account.read() + amount)\n"
    ),
}
SALES = {
    "the parent decides": (
        f"{SOLD}    with multiprocessing.Pool(2) as pool:\n        pool.map(task, items, chunksize=1)\n"
        "    count = min(len(items), seats.read())\n    seats.write(seats.read() - count)\n    return count\n"
    ),
    "looks twice, the second time under the lock": (
        f"{SOLD}    lock, count = multiprocessing.Lock(), multiprocessing.Value('i', 0)\n"
        f"{PARTS.format(shared='seats, lock, count')}    return count.value\n\n"
        "def part(task, items, seats, lock, count):\n    for item in items:\n        task(item)\n"
        "        if seats.read() > 0:\n            with lock:\n                if seats.read() > 0:\n"
        "                    seats.write(seats.read() - 1)\n                    count.value += 1\n"
    ),
    "the lock of the count": (
        f"{SOLD}    count = multiprocessing.Value('i', 0)\n"
        f"{PARTS.format(shared='seats, count')}    return count.value\n\n"
        "def part(task, items, seats, count):\n    for item in items:\n        task(item)\n"
        "        with count.get_lock():\n            free = seats.read()\n            if free:\n"
        "                seats.write(free - 1)\n                count.value += 1\n"
    ),
}


@pytest.mark.parametrize(
    ("name", "function", "answers"), [("07-nothing-lost", "deposited", DEPOSITS), ("07-last-seat", "sold", SALES)]
)
def test_other_right_ways_pass(name, function, answers, written, monkeypatch) -> None:
    """Whoever keeps two others from reading between read and write is right, by whatever means."""
    monkeypatch.setattr(watching, "_WANTED", watching.methods()[:1])  # the second start method would say the same
    functions = [written(HEAD + text, function) for text in answers.values()]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        results = list(threads.map(lambda answer: check(name, answer, deadline_s=DEADLINE_S), functions))
    assert [] == [(way, result) for way, result in zip(answers, results, strict=True) if not result.passed]
