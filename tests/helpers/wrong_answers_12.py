"""Wrong answers to the exercises of notebook 12."""

from wrong_words import ONE_PROCESS, THREADED

_MISSING = "todo = [one for one in numbers if not is_there(one)]\n    "
_FUTURES = "with ProcessPoolExecutor(2) as executor:\n        futures = {one: executor.submit(task, one) for one in "
_NAMES = "names = [f'photo {item}' for item in items]\n    "
_EACH = (
    "\n    return ['there' if is_there(one) else 'broken' if futures[one].exception() else futures[one].result()"
    " for one in numbers]"
)

BODIES = {
    "12-only-missing": [
        (
            "serial",
            (
                "found = []\n    for one in numbers:\n        try:\n"
                "            found.append('there' if is_there(one) else task(one))\n"
                "        except OSError:\n            found.append('broken')\n    return found"
            ),
            "serial",
            ONE_PROCESS,
        ),
        ("done again, and not said", _FUTURES + "numbers}" + _EACH, "again", "is there already"),
        (
            "done again",
            _FUTURES + "numbers}\n"
            "    return ['broken' if futures[one].exception() else futures[one].result() for one in numbers]",
            "wrong",
            "Ask is_there(number) first",
        ),
        (
            "only what was missing is listed",
            _MISSING + _FUTURES + "todo}\n"
            "    return ['broken' if futures[one].exception() else futures[one].result() for one in todo]",
            "wrong",
            "a place for each number",
        ),
        (
            "the broken one is left out",
            _MISSING + _FUTURES + "todo}\n"
            "    return ['there' if is_there(one) else futures[one].result() for one in numbers"
            " if one not in futures or not futures[one].exception()]",
            "wrong",
            "nobody will look for it",
        ),
        (
            "the broken one ends all",
            _MISSING + "with multiprocessing.Pool(2) as pool:\n"
            "        done = dict(zip(todo, pool.map(task, todo, chunksize=1)))\n"
            "    return [done.get(one, 'there') for one in numbers]",
            "broken",
            "exception() returns the error",
        ),
        (
            "in turn",
            _MISSING + "done = {}\n    with ProcessPoolExecutor(2) as executor:\n        for one in todo:\n"
            "            future = executor.submit(task, one)\n"
            "            done[one] = 'broken' if future.exception() else future.result()\n"
            "    return [done.get(one, 'there') for one in numbers]",
            ("in turn", "one worker"),
            "",
        ),
    ],
    "12-wrong-names": [
        ("as given", None, "mixed", "zip takes the names in their own order"),
        ("serial", _NAMES + "return dict(zip(names, map(task, items)))", "serial", ONE_PROCESS),
        (
            "threads",
            _NAMES
            + "with ThreadPoolExecutor(2) as executor:\n        return dict(zip(names, executor.map(task, items)))",
            "threads",
            THREADED,
        ),
        (
            "sorted results",
            _NAMES + "with multiprocessing.Pool(2) as pool:\n"
            "        return dict(zip(names, sorted(pool.imap_unordered(task, items))))",
            "mixed",
            "a name that is not theirs",
        ),
        (
            "items instead of names",
            "with multiprocessing.Pool(2) as pool:\n        return dict(zip(items, pool.imap(task, items)))",
            "wrong",
            "The names were asked for",
        ),
    ],
}
