"""Wrong answers to the exercises of notebook 06; see ``wrong_answers``."""

from wrong_words import IN_TURN, ONE_PROCESS, POOL

_QUEUES = "inbox, outbox = multiprocessing.Queue(), multiprocessing.Queue()\n    "
_START = (
    "workers = [multiprocessing.Process(target=task, args=(inbox, outbox)) for _ in range({})]\n"
    "    for worker in workers:\n        worker.start()\n    "
)
_PUT = "for item in items + [None] * {}:\n        inbox.put(item)\n    "
_GET = "pairs = [outbox.get() for _ in items]\n    "
_JOIN = "for worker in workers:\n        worker.join()\n    "

_LISTS = (
    "queue = multiprocessing.Queue()\n"
    "    processes = [multiprocessing.Process(target=task, args=(queue, item)) for item in items]\n"
    "    for process in processes:\n        process.start()\n    "
)

_WORK = (
    "def work(keep, task, table, item):\n    keep(table)\n    return task(item)\n\n"
    "def looked_up(keep, task, table, items):\n"
)

BODIES = {
    "06-two-queues": [
        (
            "serial",
            _QUEUES + _PUT.format(1) + "task(inbox, outbox)\n    " + _GET + "return sorted(pairs)",
            "serial",
            ONE_PROCESS,
        ),
        (
            "one worker",
            _QUEUES + _START.format(1) + _PUT.format(1) + _GET + _JOIN + "return sorted(pairs)",
            "one worker",
            "there is only one worker",
        ),
        (
            "one None for two",
            _QUEUES + _START.format(2) + _PUT.format(1) + _GET + _JOIN + "return sorted(pairs)",
            "late",
            "is in the check's task, and waits for a message that has not come",
        ),
        (
            "not sorted",
            _QUEUES + _START.format(2) + _PUT.format(2) + _GET + _JOIN + "return pairs",
            "order",
            "another order",
        ),
        (
            "never joined",
            _QUEUES + _START.format(2) + _PUT.format(1) + _GET + "return sorted(pairs)",
            "alive",
            "join()",
        ),
        (
            "joined in turn",
            (
                _QUEUES + "for item in items:\n"
                "        worker = multiprocessing.Process(target=task, args=(inbox, outbox))\n"
                "        worker.start()\n        inbox.put(item)\n        inbox.put(None)\n        worker.join()\n"
                "    return sorted(outbox.get() for _ in items)"
            ),
            "in turn",
            IN_TURN,
        ),
        (
            "asked empty() before anything had come",
            _QUEUES
            + _START.format(2)
            + "pairs = []\n    while not outbox.empty():\n        pairs.append(outbox.get())\n    "
            + _PUT.format(2)
            + _JOIN
            + "return sorted(pairs)",
            "empty",
            "get as many pairs as there are items",
        ),
        ("without the task", "return sorted((item, item * item) for item in items)", "unused", "never called"),
    ],
    "06-join-first": [
        ("as given", None, "late", "waits until somebody takes out what it has put into a queue"),
        (
            "serial",
            (
                "queue = multiprocessing.Queue()\n    for item in items:\n        task(queue, item)\n"
                "    return sorted(len(queue.get()) for _ in items)"
            ),
            "serial",
            ONE_PROCESS,
        ),
        (
            "never joined",
            _LISTS + "return sorted(len(queue.get()) for _ in items)",
            ("alive", "not joined"),
            "join()",
        ),
        (
            "in turn",
            (
                "queue, found = multiprocessing.Queue(), []\n    for item in items:\n"
                "        process = multiprocessing.Process(target=task, args=(queue, item))\n"
                "        process.start()\n        found.append(len(queue.get()))\n        process.join()\n"
                "    return sorted(found)"
            ),
            "in turn",
            IN_TURN,
        ),
        (
            "the lists themselves",
            _LISTS + "found = [queue.get() for _ in items]\n    for process in processes:\n        process.join()\n"
            "    return found",
            ("wrong", "order"),
            "would be right",
        ),
    ],
    "06-send-once": [
        ("serial", "keep(table)\n    return [task(item) for item in items]", "serial", ONE_PROCESS),
        (
            "with each task",
            _WORK + "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.starmap(work, [(keep, task, table, item) for item in items], 1)\n",
            "again",
            "it travelled with the tasks",
        ),
        (
            "in a partial",
            _WORK + "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(partial(work, keep, task, table), items)\n",
            "again",
            "initializer=",
        ),
        (
            "a process for each item",
            _WORK.replace("return task(item)", "item[1].put((item[0], task(item[0])))")
            + "    queue = multiprocessing.SimpleQueue()\n"
            "    processes = [multiprocessing.Process(target=work, args=(keep, task, table, (item, queue)))\n"
            "                 for item in items]\n"
            "    for process in processes:\n        process.start()\n"
            "    found = dict(queue.get() for _ in items)\n"
            "    for process in processes:\n        process.join()\n"
            "    return [found[item] for item in items]\n",
            "everywhere",
            "more than two processes",
        ),
        (
            "kept in the parent",
            "keep(table)\n    " + POOL + "return pool.map(task, items)",
            "raised",
            "keep(table) was called in another one",
        ),
    ],
}
