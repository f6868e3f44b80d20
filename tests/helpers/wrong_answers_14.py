"""Wrong answers to the exercises of notebook 14, in the form of ``wrong_answers.py``."""

from wrong_words import ONE_PROCESS, POOL, THREADED, THREADS

_NUMPY = "import numpy as np\n    "
_CHILDREN = _NUMPY + "children = np.random.SeedSequence(seed).spawn(len(items))\n    "
_GENERATOR = _NUMPY + "random = np.random.default_rng(seed)\n    " + POOL + "return pool.starmap(task, "
_THREADS = THREADS.replace("task, items", "task, items, children")
_STOP = "if total >= enough:\n                break"
_LOOP = (
    "for result in {results}:\n            count, total = count + 1, total + result\n            {after}\n"
    "    return [count, total]"
)


def _added(results: str, after: str = _STOP) -> str:
    """Add up what comes from a pool of two processes."""
    start = "count = total = 0\n    with multiprocessing.Pool(2) as pool:\n        "
    return start + _LOOP.format(results=results, after=after)


_SERIAL = _added("map(task, items)").replace("with multiprocessing.Pool(2) as pool", "if True")
_OPEN = "global pool\n    pool = multiprocessing.Pool(2)\n    " + _added("pool.imap(task, items)").replace(
    "with multiprocessing.Pool(2) as pool", "if True"
)

BODIES = {
    "14-same-numbers": [
        ("as given", None, "wrong", "know what one knows"),
        ("serial", _CHILDREN + "return list(map(task, items, children))", "serial", ONE_PROCESS),
        (
            "neighbouring seeds",
            POOL + "return pool.starmap(task, [(item, seed + place) for place, item in enumerate(items)])",
            "wrong",
            "not of the next experiment",
        ),
        ("a generator travels", _GENERATOR + "[(item, random) for item in items])", "raised", "where a seed belongs"),
        ("two lists", _CHILDREN + POOL + "return pool.starmap(task, items, children)", "unpaired", "*one* list"),
        ("threads", _CHILDREN + _THREADS, "threads", THREADED),
    ],
    "14-stop-in-order": [
        ("serial", _SERIAL, "serial", ONE_PROCESS),
        ("as they come", _added("pool.imap_unordered(task, items)"), "arrival", "depends on which worker was faster"),
        ("all", _added("pool.map(task, items)", after="pass"), "all", "though fewer were enough"),
        (
            "looks twice",
            _added("pool.imap(task, items)", after=_STOP.replace("if", "if count > 1 and")),
            "too far",
            "look",
        ),
        ("never closed", _OPEN, ("alive", "pool"), ""),
    ],
}
