"""Wrong answers to the exercises: what a learner might write, the fault, and words of the advice.

Those of later notebooks have a file each, ``wrong_answers_NN.py``, with a ``BODIES`` of the same form.
"""

from importlib import import_module
from pathlib import Path

from wrong_words import IN_TURN, LOOPS, ONE_PROCESS, POOL, RATIOS, SERIAL, THREADED, THREADS

# check: (what is wrong, body of the function or a whole module, fault, words of the advice)
BODIES = {
    "00-workers-that-fit": [
        ("no limit by cores", "return machine.memory_available_bytes // bytes_each", "wrong", "what fits, and nothing"),
        (
            "never 0",
            "return min(machine.cores_usable, machine.memory_available_bytes // bytes_each)",
            "wrong",
            "When not even one fits",
        ),
        (
            "the cores alone",
            "return machine.cores_usable",
            "wrong",
            "does the memory suffice",
        ),
        (
            "a third of a worker",
            "return max(1, min(machine.cores_usable, machine.memory_available_bytes / bytes_each))",
            "wrong",
            "// rounds down",
        ),
        (
            "the memory that is installed",
            "return max(1, min(machine.cores_usable, machine.memory_bytes // bytes_each))",
            "wrong",
            "machine.memory_available_bytes",
        ),
        (
            "two where one would do",
            "return max(2, min(machine.cores_usable, machine.memory_available_bytes // bytes_each))",
            "wrong",
            "(<8 usable of 16 logical cores, 4 GiB free>, 9663676416) returned 2, and 1 would be right.",
        ),
        ("no return", "print(min(8, 4))", "printed", "return hands it"),
        ("not begun", "pass", "open", "still open"),
        ("not begun", "...", "open", "still open"),
        ("not begun", "raise NotImplementedError", "open", "still open"),
        ("an error", "return machine.cores // bytes_each", "raised", "AttributeError"),
    ],
    "00-leave-one-free": [
        ("as given", "return machine.cores_logical - 1", "wrong", "In a container with 2 of 16 cores it gives 15"),
        ("0 workers", "return machine.cores_usable - 1", "wrong", "With a single core it gives 0"),
        ("the label's cores", "return max(1, machine.cores_logical - 1)", "wrong", "2 of 16 cores it gives 15"),
    ],
    "01-start-and-join": [
        (
            "serial",
            (
                "queue = multiprocessing.SimpleQueue()\n"
                "    for number in numbers:\n        task(queue, number)\n"
                "    return sorted(queue.get() for _ in numbers)"
            ),
            "serial",
            ONE_PROCESS,
        ),
        (
            "in turn",
            (
                "queue = multiprocessing.SimpleQueue()\n    for number in numbers:\n"
                "        process = multiprocessing.Process(target=task, args=(queue, number))\n"
                "        process.start()\n        process.join()\n"
                "    return sorted(queue.get() for _ in numbers)"
            ),
            "in turn",
            IN_TURN,
        ),
        (
            "never joined",
            (
                "queue = multiprocessing.Queue()\n    for number in numbers:\n"
                "        multiprocessing.Process(target=task, args=(queue, number)).start()\n"
                "    return sorted(queue.get() for _ in numbers)"
            ),
            ("alive", "not joined"),
            "join()",
        ),
        (
            "not sorted",
            (
                "queue = multiprocessing.SimpleQueue()\n"
                "    processes = [multiprocessing.Process(target=task, args=(queue, number)) for number in numbers]\n"
                "    for process in processes:\n        process.start()\n"
                "    for process in processes:\n        process.join()\n"
                "    return [queue.get() for _ in numbers]"
            ),
            "order",
            "another order",
        ),
        (
            "arguments in another order",
            (
                "queue = multiprocessing.SimpleQueue()\n"
                "    process = multiprocessing.Process(target=task, args=(numbers[0], queue))\n"
                "    process.start()\n    process.join()\n    return []"
            ),
            "worker",
            "the task got a SimpleQueue where a number belongs: is the order of its arguments right?",
        ),
        (
            "calls the function",
            (
                "queue = multiprocessing.SimpleQueue()\n    for number in numbers:\n"
                "        multiprocessing.Process(target=task(queue, number)).start()\n"
                "    return sorted(queue.get() for _ in numbers)"
            ),
            "serial",
            ONE_PROCESS,
        ),
        ("not with the task", "return sorted((number, number**2) for number in numbers)", "unused", "never called"),
    ],
    "01-in-turn": [
        (
            "as given",
            (
                "found = []\n    for code in codes:\n"
                "        process = multiprocessing.Process(target=task, args=(code,))\n"
                "        process.start()\n        process.join()\n        found.append(process.exitcode)\n"
                "    return found"
            ),
            "in turn",
            IN_TURN,
        ),
        (
            "serial",
            (
                "found = []\n    for code in codes:\n        try:\n            task(code)\n"
                "        except SystemExit as end:\n            found.append(end.code)\n    return found"
            ),
            "serial",
            ONE_PROCESS,
        ),
        (
            "terminated",
            (
                "processes = [multiprocessing.Process(target=task, args=(code,)) for code in codes]\n"
                "    for process in processes:\n        process.start()\n"
                "    for process in processes:\n        process.terminate()\n        process.join()\n"
                "    return [process.exitcode for process in processes]"
            ),
            "wrong",
            "would be right",
        ),
        (
            "no join",
            (
                "processes = [multiprocessing.Process(target=task, args=(code,)) for code in codes]\n"
                "    for process in processes:\n        process.start()\n"
                "    return [process.exitcode for process in processes]"
            ),
            "wrong",
            "still run",
        ),
        ("its exit", "for code in codes:\n        task(code)", "raised", "SystemExit"),
    ],
    "02-wait-together": [
        ("serial", SERIAL, "serial", "one thread did all the work"),
        ("processes", POOL + "return pool.map(task, items)", "processes", "asks for threads"),
        (
            "in turn",
            (
                "with ThreadPoolExecutor(2) as executor:\n"
                "        return [executor.submit(task, item).result() for item in items]"
            ),
            ("in turn", "serial"),
            "waited for",
        ),
        ("an iterator", "return ThreadPoolExecutor(2).map(task, items)", "iterator", "list("),
    ],
    "02-count-together": [
        ("serial", SERIAL, "serial", ONE_PROCESS),
        ("threads", THREADS, "threads", THREADED),
        (
            "in turn",
            (
                "with ProcessPoolExecutor(2) as executor:\n"
                "        return [executor.submit(task, item).result() for item in items]"
            ),
            ("in turn", "one worker"),
            "",
        ),
        (
            "as they come",
            (
                "from concurrent.futures import as_completed\n"
                "    with ProcessPoolExecutor(2) as executor:\n"
                "        calls = [executor.submit(task, item) for item in items]\n"
                "        return [call.result() for call in as_completed(calls)]"
            ),
            "order",
            "order of the ends",
        ),
    ],
    "02-lost-list": [
        ("as given", None, "empty", "its own memory"),
        ("serial", SERIAL, "serial", ONE_PROCESS),
        ("threads", THREADS, "threads", THREADED),
    ],
    "03-tell-the-workers": [
        ("serial", "return [task(item, factor) for item in items]", "serial", ONE_PROCESS),
        ("without the factor", POOL + "return pool.map(task, items)", "raised", "TypeError"),
        ("a lambda", POOL + "return pool.map(lambda item: task(item, factor), items)", "pickle", "Lambdas"),
        (
            "a global of the parent",
            (
                "known = []\n\ndef work(pair):\n    return pair[0](pair[1], known[0])\n\n"
                "def scaled(task, items, factor):\n    known.append(factor)\n"
                "    with multiprocessing.Pool(2) as pool:\n"
                "        return pool.map(work, [(task, item) for item in items])\n"
            ),
            "raised",
            "IndexError",
        ),
        (
            "a global of the parent that has a value",
            (
                "known = 1\n\ndef work(pair):\n    return pair[0](pair[1], known)\n\n"
                "def scaled(task, items, factor):\n    global known\n    known = factor\n"
                "    with multiprocessing.Pool(2) as pool:\n"
                "        return pool.map(work, [(task, item) for item in items])\n"
            ),
            "wrong",
            "Your workers had the factor 1.",
        ),
    ],
    "03-no-lambda": [
        ("as given", None, "pickle", "Lambdas"),
        ("serial", "return [task(item) + 1 for item in items]", "serial", ONE_PROCESS),
        ("plus 1 is forgotten", POOL + "return pool.map(task, items)", "wrong", "would be right"),
    ],
    "04-share-out": [
        ("serial", SERIAL, "serial", ONE_PROCESS),
        ("one chunk", POOL + "return pool.map(task, items, len(items))", "one worker", "one big chunk"),
        (
            "a pool of one",
            "with multiprocessing.Pool(1) as pool:\n        return pool.map(task, items)",
            "one worker",
            "",
        ),
        ("as they come", POOL + "return list(pool.imap_unordered(task, items))", "order", "order of the ends"),
        ("never closed", "pool = multiprocessing.Pool(2)\n    return pool.map(task, items)", "pool", "with block"),
        ("left open", "global pool\n    pool = multiprocessing.Pool(2)\n    return pool.map(task, items)", "alive", ""),
        ("printed only", POOL + "print(pool.map(task, items))", "printed", "return hands it"),
        ("forgotten return", POOL + "pool.map(task, items)", "no return", "End it with return"),
        ("threads", THREADS, "threads", THREADED),
        ("other parameters", "def share_out(items):\n    return items\n", "signature", "share_out(task, items)"),
        (
            "a temporary file",
            "import tempfile\n    tempfile.mkstemp('.txt', 'mine-')\n    " + POOL + "return pool.map(task, items)",
            "file",
            "Temporary files",
        ),
        ("an early end", "os._exit(3)", "lost", "exit code 3"),
    ],
    "04-load-once": [
        ("serial", "load()\n    return [task(item) for item in items]", "serial", ONE_PROCESS),
        (
            "loaded in the parent",
            "load()\n    with multiprocessing.Pool(2) as pool:\n        return pool.map(task, items)",
            "raised",
            "LookupError",
        ),
        (
            "loaded with each task",
            (
                "def work(load, task, item):\n    load()\n    return task(item)\n\n"
                "def looked_up(load, task, items):\n    with multiprocessing.Pool(2) as pool:\n"
                "        return pool.starmap(work, [(load, task, item) for item in items])\n"
            ),
            "again",
            "initializer=load",
        ),
    ],
    "04-one-at-a-time": [
        ("as given", None, ("in turn", "one worker"), ""),
        ("serial", SERIAL, "serial", ONE_PROCESS),
        (
            "got outside",
            (
                "calls = []\n    with multiprocessing.Pool(2) as pool:\n"
                "        calls = [pool.apply_async(task, (item,)) for item in items]\n"
                "    return [call.get(2) for call in calls]"
            ),
            "time",
            "inside of the with block",
        ),
    ],
    "09-median-speedup": [
        ("best round", RATIOS + "return max(ratios)", "wrong", "the best round of each"),
        ("mean of the ratios", RATIOS + "return sum(ratios) / len(ratios)", "wrong", "One lucky round"),
        ("all the ratios", RATIOS + "return ratios", "wrong", "Return one number"),
        (
            "upside down",
            LOOPS + "return statistics.median(p / s for s, p in zip(loops, parallel_s))",
            "wrong",
            "upside down",
        ),
        (
            "arithmetic mean",
            "return statistics.median((a + b) / 2 / p for (a, b), p in zip(serial_s, parallel_s))",
            "wrong",
            "the geometric mean",
        ),
        (
            "before alone",
            "return statistics.median(a / p for (a, b), p in zip(serial_s, parallel_s))",
            "wrong",
            "the loop before alone",
        ),
        (
            "medians",
            LOOPS + "return statistics.median(loops) / statistics.median(parallel_s)",
            "wrong",
            "a median by a median",
        ),
        ("upper median", RATIOS + "return sorted(ratios)[len(ratios) // 2]", "wrong", "an even number of rounds"),
        ("totals", LOOPS + "return sum(loops) / sum(parallel_s)", "wrong", "slow rounds count more"),
        ("minima", LOOPS + "return min(loops) / min(parallel_s)", "wrong", "the fastest loop"),
        ("a constant", "return 2.0", "wrong", "[2.0, 5.0, 4.0, 10.0]) returned 2.0, and 1.7 would be right."),
        ("forgotten return", RATIOS + "statistics.median(ratios)", "open", "It returned nothing"),
        ("divides lists", "return serial_s / parallel_s", "raised", "TypeError"),
    ],
    "09-too-good": [
        ("as given", None, "wrong", "the fastest loop"),
        ("totals", "return sum(serial_s) / sum(parallel_s)", "wrong", "slow rounds count more"),
        ("means", "return statistics.mean(serial_s) / statistics.mean(parallel_s)", "wrong", "slow rounds count more"),
        (
            "medians",
            "return statistics.median(serial_s) / statistics.median(parallel_s)",
            "wrong",
            "a median by a median",
        ),
        ("best round", "return max(s / p for s, p in zip(serial_s, parallel_s))", "wrong", "the best round of each"),
    ],
}

for _later in sorted(Path(__file__).parent.glob("wrong_answers_*.py")):
    BODIES |= import_module(_later.stem).BODIES
