"""Wrong answers to the exercises of notebook 13, in the form of ``wrong_answers.py``."""

from wrong_words import ONE_PROCESS

_POOL = "with multiprocessing.Pool(2) as pool:\n        "
_UNITED = "return len(set().union(*{}))"
_TRIED = (
    "        for one, call in calls.items():\n"
    "            try:\n                spent += call.get(10)\n"
    "            except ValueError:\n                missing.append(one)\n"
)
_SENT = (
    "spent, missing = 0, []\n    with multiprocessing.Pool(2) as pool:\n"
    "        calls = {one: pool.apply_async(task, (one,)) for one in partitions}\n"
)

BODIES = {
    "13-too-many": [
        ("as given", None, "wrong", "counted three times"),
        ("serial", _UNITED.format("map(task, partitions)"), "serial", ONE_PROCESS),
        (
            "the largest partition",
            _POOL + "return max(len(found) for found in pool.map(task, partitions, chunksize=1))",
            "wrong",
            "only in other weeks",
        ),
        (
            "the customers themselves",
            _POOL + "return sorted(set().union(*pool.map(task, partitions, chunksize=1)))",
            "wrong",
            "wants their number",
        ),
        ("the lists are counted", _POOL + "return len(pool.map(task, partitions))", "wrong", "number of partitions"),
    ],
    "13-total": [
        (
            "serial",
            (
                "spent, missing = 0, []\n    for one in partitions:\n"
                "        try:\n            spent += task(one)\n"
                "        except ValueError:\n            missing.append(one)\n"
                "    return [spent, sorted(missing)]"
            ),
            "serial",
            ONE_PROCESS,
        ),
        ("map", _POOL + "return [sum(pool.map(task, partitions)), []]", "raised", "cannot be read"),
        ("nothing is named", _SENT + _TRIED + "    return [spent, []]", "wrong", "nobody will know"),
        (
            "the loop ends at the first one",
            _SENT + "        try:\n            for one, call in calls.items():\n                spent += call.get(10)\n"
            "        except ValueError:\n            missing.append(one)\n    return [spent, sorted(missing)]",
            "wrong",
            "inside of the loop",
        ),
        ("how many", _SENT + _TRIED + "    return [spent, len(missing)]", "wrong", "not only how many"),
        (
            "what the errors say",
            _SENT
            + _TRIED.replace("except ValueError:", "except ValueError as problem:").replace(
                "append(one)", "append(str(problem))"
            )
            + "    return [spent, sorted(missing)]",
            "wrong",
            "the partitions themselves",
        ),
        ("the wrong way round", _SENT + _TRIED + "    return [sorted(missing), spent]", "order", "the sum first"),
        ("not sorted", _SENT + _TRIED + "    return [spent, missing]", "wrong", "Sort the list"),
    ],
}
