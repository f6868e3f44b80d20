"""Wrong answers to the exercises of notebook 10, in the form of ``wrong_answers.py``."""

from wrong_words import ONE_PROCESS, POOL, SERIAL, THREADED, THREADS

_PARTS = (
    "border = max(started for _, started, _ in spans)\n"
    "    inside = sum(finished - started for _, started, finished in spans)\n"
    "    late = sum(max(0, finished - max(started, border)) for _, started, finished in spans)\n"
    "    tail = workers * (elapsed - border) - late\n"
    "    idle = workers * elapsed - inside - tail\n    "
)
_SEEN = "workers = len({worker for worker, _, _ in spans})\n    "
_SORTED = "ordered = sorted(items, reverse=True)\n    "
_BACK = "\n    return [found[item] for item in items]"


def _from(pool: str) -> str:
    """Fetch the results by a dict, from a pool of two processes."""
    return f"with multiprocessing.Pool(2) as pool:\n        found = dict(zip(ordered, {pool}))"


BODIES = {
    "10-parts": [
        ("not begun", "...", "open", "still open"),
        (
            "the tail from the last end",
            (
                "end = max(finished for _, _, finished in spans)\n"
                "    inside = sum(finished - started for _, started, finished in spans)\n"
                "    tail = workers * (elapsed - end)\n"
                "    return [inside, workers * elapsed - inside - tail, tail]"
            ),
            "wrong",
            "when the last task has begun",
        ),
        (
            "each worker's own end",
            (
                "inside = sum(finished - started for _, started, finished in spans)\n"
                "    ends = [max([f for w, _, f in spans if w == worker], default=0.0) for worker in range(workers)]\n"
                "    tail = sum(elapsed - end for end in ends)\n"
                "    return [inside, workers * elapsed - inside - tail, tail]"
            ),
            "wrong",
            "The border is the same for all",
        ),
        ("workers that are seen", _SEEN + _PARTS + "return [inside, idle, tail]", "wrong", "got no task"),
        (
            "the tail of workers that are seen",
            _PARTS + "seen = len({worker for worker, _, _ in spans})\n"
            "    tail = seen * (elapsed - border) - late\n"
            "    return [inside, workers * elapsed - inside - tail, tail]",
            "wrong",
            "got no task",
        ),
        (
            "shares",
            _PARTS + "return [part / workers / elapsed for part in (inside, idle, tail)]",
            "wrong",
            "wants worker-seconds",
        ),
        ("another order", _PARTS + "return [inside, tail, idle]", "wrong", "have changed places"),
        ("no return", _PARTS + "print(inside, idle, tail)", "printed", "return hands it"),
    ],
    "10-one-idle": [
        ("as given", None, "one worker", "in one big chunk"),
        ("all in one", POOL + "return pool.map(task, items, chunksize=len(items))", "one worker", "in one big chunk"),
        ("serial", SERIAL, "serial", ONE_PROCESS),
        ("threads", THREADS, "threads", THREADED),
        (
            "a chunk of nothing",
            POOL + "return list(pool.imap(task, items, chunksize=len(items) // 8))",
            "raised",
            "raised an error",
        ),
        ("an iterator", POOL + "return pool.imap(task, items)", "iterator", "Put list(…) around it"),
    ],
    "10-longest-first": [
        ("serial", _SORTED + "found = {item: task(item) for item in ordered}" + _BACK, "serial", ONE_PROCESS),
        ("threads", THREADS, "threads", THREADED),
        ("not sorted", POOL + "return pool.map(task, items, chunksize=1)", "as given", "Sort the items by size"),
        (
            "the smallest first",
            "ordered = sorted(items)\n    " + _from("pool.map(task, ordered, chunksize=1)") + _BACK,
            "shortest",
            "reverse=True",
        ),
        (
            "in halves",
            _SORTED + _from("pool.map(task, ordered, chunksize=3)") + _BACK,
            "together",
            "one task at a time",
        ),
        (
            "the results stay sorted",
            _SORTED + POOL + "return pool.map(task, ordered, chunksize=1)",
            "order",
            "another order",
        ),
        (
            "in turn",
            _SORTED + _from("[pool.apply(task, (item,)) for item in ordered]") + _BACK,
            ("in turn", "one worker"),
            "waited for",
        ),
    ],
}
