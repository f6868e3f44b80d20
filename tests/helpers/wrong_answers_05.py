"""Wrong answers to the exercises of notebook 05."""

from wrong_words import IN_TURN, ONE_PROCESS, SERIAL, THREADED

_SUBMIT = "with ProcessPoolExecutor(2) as executor:\n        "
_COMPLETED = "from concurrent.futures import as_completed\n    " + _SUBMIT
_BROKEN = "from concurrent.futures.process import BrokenProcessPool\n    "

BODIES = {
    "05-whose-result": [
        ("serial", "return sorted((item, task(item)) for item in items)", "serial", ONE_PROCESS),
        (
            "in the order of the ends",
            _COMPLETED
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "        return sorted(zip(items, (future.result() for future in as_completed(futures))))"
            ),
            "mixed",
            "a dict from each future to its item",
        ),
        (
            "not sorted",
            _COMPLETED
            + (
                "whose = {executor.submit(task, item): item for item in items}\n"
                "        return [(whose[future], future.result()) for future in as_completed(whose)]"
            ),
            "order",
            "another order",
        ),
        (
            "waits for each",
            _SUBMIT + "return sorted((item, executor.submit(task, item).result()) for item in items)",
            ("in turn", "one worker"),
            "",
        ),
        (
            "threads",
            (
                "with ThreadPoolExecutor(2) as executor:\n"
                "        futures = {item: executor.submit(task, item) for item in items}\n"
                "        return sorted((item, future.result()) for item, future in futures.items())"
            ),
            "threads",
            THREADED,
        ),
        ("results alone", _SUBMIT + "return sorted(executor.map(task, items))", "wrong", "would be right"),
        (
            "futures and no results",
            _SUBMIT + "return [(item, executor.submit(task, item)) for item in sorted(items)]",
            "wrong",
            "<Future>",
        ),
    ],
    "05-keep-the-good": [
        (
            "serial",
            (
                "results = []\n    for item in items:\n        try:\n            results.append(task(item))\n"
                "        except Exception as error:\n            results.append(type(error).__name__)\n"
                "    return results"
            ),
            "serial",
            ONE_PROCESS,
        ),
        (
            "each is called a ValueError",
            _SUBMIT
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "    return ['ValueError' if future.exception() else future.result() for future in futures]"
            ),
            "wrong",
            "Not every error is a ValueError.",
        ),
        (
            "ends at the first error",
            (
                "results = []\n    with ProcessPoolExecutor(2) as executor:\n        try:\n"
                "            for result in executor.map(task, items):\n                results.append(result)\n"
                "        except Exception as error:\n            results.append(type(error).__name__)\n"
                "    return results"
            ),
            "wrong",
            "ends at the first error",
        ),
        (
            "asks no more after the first error",
            _SUBMIT
            + (
                "futures, results = [executor.submit(task, item) for item in items], []\n"
                "        for future in futures:\n            if future.exception():\n                break\n"
                "            results.append(future.result())\n    return results"
            ),
            "wrong",
            "ask each future on its own",
        ),
        ("map raises", _SUBMIT + "return list(executor.map(task, items))", "raised", "9 is not welcome"),
        (
            "the text of the error",
            _SUBMIT
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "    return [str(future.exception()) if future.exception() else future.result() for future in futures]"
            ),
            "wrong",
            "This is the error's text.",
        ),
        (
            "the error itself",
            _SUBMIT
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "    return [future.exception() or future.result() for future in futures]"
            ),
            "wrong",
            "This is the error itself.",
        ),
        (
            "the type itself",
            _SUBMIT
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "    return [type(future.exception()) if future.exception() else future.result() for future in futures]"
            ),
            "wrong",
            "This is the type itself.",
        ),
        (
            "in turn",
            (
                "results = []\n    with ProcessPoolExecutor(2) as executor:\n        for item in items:\n"
                "            try:\n                results.append(executor.submit(task, item).result())\n"
                "            except Exception as error:\n                results.append(type(error).__name__)\n"
                "    return results"
            ),
            ("in turn", "one worker"),
            "",
        ),
    ],
    "05-innocent": [
        ("as given", None, "innocent", "the one that fails again is the culprit"),
        (
            "serial",
            (
                "results = []\n    for item in items:\n        try:\n            results.append(task(item))\n"
                "        except RuntimeError:\n            results.append('lost')\n    return results"
            ),
            "serial",
            ONE_PROCESS,
        ),
        ("no care at all", SERIAL, "raised", "leave it to a worker"),
        (
            "each alone, in turn",
            _BROKEN
            + (
                "results = []\n    for item in items:\n        with ProcessPoolExecutor(1) as executor:\n"
                "            try:\n                results.append(executor.submit(task, item).result())\n"
                "            except BrokenProcessPool:\n                results.append('lost')\n    return results"
            ),
            "in turn",
            IN_TURN,
        ),
        (
            "again with the same executor",
            _BROKEN
            + (
                "results = []\n    with ProcessPoolExecutor(2) as executor:\n"
                "        futures = [executor.submit(task, item) for item in items]\n"
                "        for item, future in zip(items, futures):\n            try:\n"
                "                results.append(future.result())\n            except BrokenProcessPool:\n"
                "                results.append(executor.submit(task, item).result())\n    return results"
            ),
            "workers",
            "A worker ended in the middle of its work",
        ),
        (
            "all suspects again, in one other executor",
            _BROKEN
            + (
                "results = []\n    with ProcessPoolExecutor(2) as executor:\n"
                "        futures = [executor.submit(task, item) for item in items]\n"
                "    with ProcessPoolExecutor(1) as other:\n"
                "        for item, future in zip(items, futures):\n            try:\n"
                "                results.append(future.result())\n            except BrokenProcessPool:\n"
                "                try:\n                    results.append(other.submit(task, item).result())\n"
                "                except BrokenProcessPool:\n                    results.append('lost')\n"
                "    return results"
            ),
            "innocent",
            "one that is broken stays broken",
        ),
        (
            "the lost are left out",
            _SUBMIT
            + (
                "futures = [executor.submit(task, item) for item in items]\n"
                "    return [future.result() for future in futures if future.exception() is None]"
            ),
            "wrong",
            "would be right",
        ),
    ],
}
