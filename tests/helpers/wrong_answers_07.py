"""Wrong answers to the exercises of notebook 07: what a learner might write, the fault, and words of the advice."""

from wrong_words import ONE_PROCESS

START = "    for worker in workers:\n        worker.start()\n    for worker in workers:\n        worker.join()\n"
HALVES = "    halves = [items[::2], items[1::2]]\n"
MEMBERS = (
    "    workers = [multiprocessing.Process(target=deposit, args=(task, half, account, lock)) for half in halves]\n"
)
WHOLE = f"def deposited(task, items, account):\n    lock = multiprocessing.Lock()\n{HALVES}{MEMBERS}{START}"
DEPOSITED = f"{WHOLE}    return account.read()\n\n\n"
DEPOSIT = "def deposit(task, items, account, lock):\n    for item in items:\n"

SOLD = (
    "def sold(task, customers, seats):\n"
    '    lock, count = multiprocessing.Lock(), multiprocessing.Value("i", 0)\n'
    "    halves = [customers[::2], customers[1::2]]\n"
    "    workers = [multiprocessing.Process(target=sell, args=(task, half, seats, lock, count)) for half in halves]\n"
    f"{START}    return count.value\n\n\n"
    "def sell(task, customers, seats, lock, count):\n"
    "    for customer in customers:\n"
)

BODIES = {
    "07-nothing-lost": [
        (
            "serial",
            "for item in items:\n        account.write(account.read() + task(item))\n    return account.read()",
            "serial",
            ONE_PROCESS,
        ),
        (
            "no lock",
            f"{DEPOSITED}{DEPOSIT}        amount = task(item)\n        account.write(account.read() + amount)\n",
            "lost update",
            "hold one lock for both",
        ),
        (
            "no lock, the task between reading and writing",
            f"{DEPOSITED}{DEPOSIT}        account.write(account.read() + task(item))\n",
            "lost update",
            "does not depend on luck",
        ),
        (
            "the lock for writing alone",
            (
                f"{DEPOSITED}{DEPOSIT}        balance = account.read() + task(item)\n"
                "        with lock:\n            account.write(balance)\n"
            ),
            "lost update",
            "Reading and writing must be one step",
        ),
        (
            "looks first, and takes no lock",
            (
                f"{DEPOSITED}{DEPOSIT}        amount, before = task(item), account.read()\n"
                "        if account.read() >= before:\n            account.write(account.read() + amount)\n"
            ),
            "lost update",
            "another one has read the same number",
        ),
        (
            "each worker has a lock of its own",
            (
                f"{DEPOSITED}{DEPOSIT.replace('    for', '    lock = multiprocessing.Lock()' + chr(10) + '    for')}"
                "        amount = task(item)\n        with lock:\n            account.write(account.read() + amount)\n"
            ),
            "lost update",
            "the same lock for all workers",
        ),
        (
            "one lock for each of both steps",
            (
                f"{DEPOSITED}{DEPOSIT}        amount = task(item)\n"
                "        with lock:\n            now = account.read()\n"
                "        with lock:\n            account.write(now + amount)\n"
            ),
            "lost update",
            "hold one lock for both",
        ),
        (
            "own sums, added without a lock",
            f"{DEPOSITED}{DEPOSIT}        pass\n    account.write(sum(map(task, items)) + account.read())\n",
            "lost update",
            "some additions are lost",
        ),
        (
            "the task under the lock",
            (
                f"{DEPOSITED}{DEPOSIT}        with lock:\n            amount = task(item)\n"
                "            account.write(account.read() + amount)\n"
            ),
            "in turn",
            "the task is called while the lock is held",
        ),
        (
            "a lock for each step, without with",
            (
                f"{DEPOSITED}{DEPOSIT}        amount = task(item)\n"
                "        lock.acquire()\n        now = account.read()\n        lock.release()\n"
                "        lock.acquire()\n        account.write(now + amount)\n        lock.release()\n"
            ),
            "lost update",
            "hold one lock for both",
        ),
        (
            "the lock as a task's argument",
            (
                "lock = multiprocessing.Lock()\n    with multiprocessing.Pool(2) as pool:\n"
                "        pool.starmap(task, [(item, lock) for item in items])\n    return account.read()"
            ),
            "pickle",
            "the initargs of a pool",
        ),
        (
            "the sum of the deposits alone",
            "with multiprocessing.Pool(2) as pool:\n        return sum(pool.map(task, items))",
            "lost update",
            "The number is",
        ),
        ("no return", f"{WHOLE}\n\n{DEPOSIT}        task(item)\n", "no return", "End it with return"),
        ("not begun", "pass", "open", "still open"),
    ],
    "07-last-seat": [
        ("as given", None, "oversold", "the question belongs under the same lock"),
        (
            "serial",
            (
                "count = 0\n    for customer in customers:\n        task(customer)\n        if seats.read() > 0:\n"
                "            seats.write(seats.read() - 1)\n            count += 1\n    return count"
            ),
            "serial",
            ONE_PROCESS,
        ),
        (
            "no lock at all",
            (
                f"{SOLD}        task(customer)\n        if seats.read() > 0:\n"
                "            seats.write(seats.read() - 1)\n            with lock:\n                count.value += 1\n"
            ),
            "oversold",
            "both have seen the same free seat",
        ),
        (
            "looks under the lock, and acts after it",
            (
                f"{SOLD}        task(customer)\n        with lock:\n            free = seats.read() > 0\n"
                "        if free:\n            with lock:\n"
                "                seats.write(seats.read() - 1)\n                count.value += 1\n"
            ),
            "oversold",
            "What was seen must still be true",
        ),
        (
            "counts what was not sold",
            (
                f"{SOLD}        task(customer)\n        with lock:\n            if seats.read() > 0:\n"
                "                seats.write(seats.read() - 1)\n            count.value += 1\n"
            ),
            "to everybody",
            "a sale is counted that was not made",
        ),
        (
            "the customer under the lock",
            (
                f"{SOLD}        with lock:\n            task(customer)\n            if seats.read() > 0:\n"
                "                seats.write(seats.read() - 1)\n                count.value += 1\n"
            ),
            "in turn",
            "the task is called while the lock is held",
        ),
    ],
}
