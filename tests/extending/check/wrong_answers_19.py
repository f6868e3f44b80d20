"""Wrong answers to the exercises of notebook 19, in the form of ``wrong_answers.py``."""

from wrong_words import IN_TURN, ONE_PROCESS, POOL

_SERIAL = "return next((item for item in items if task(item) == wanted), None)"
_PAIRS = POOL + "pairs = dict(zip(pool.map(task, items), items))\n    "

BODIES = {
    "19-call-off": [
        ("serial", _SERIAL, "serial", ONE_PROCESS),
        ("the result instead of its item", _PAIRS + "return wanted if wanted in pairs else 0", "wrong", "81"),
        (
            "in turn",
            POOL + "return [item for item in items if pool.apply(task, (item,)) == wanted][0]",
            ("in turn", "one worker"),
            IN_TURN,
        ),
    ],
    "19-nobody": [
        ("as given", None, "wrong", "None"),
        ("serial", _SERIAL, "serial", ONE_PROCESS),
        ("an error instead of None", _PAIRS + "return pairs[wanted]", "raised", "KeyError"),
    ],
}
