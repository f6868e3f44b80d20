"""Wrong answers to the exercises of notebook 18, in the form of ``wrong_answers.py``; the own programs are whole."""

from wrong_words import ONE_PROCESS, POOL, SERIAL

_TASK = "def work(number):\n    return number * number\n\ndef make_items():\n    return [7, 3, 9, 1, 8, 2]\n\n"
_OPEN = "def work(item):\n    raise NotImplementedError('your code here')\n\ndef make_items():\n    return [1, 2]\n\n"
_LIST = (
    "found = []\n\ndef work(number):\n    found.append(number)\n    return number\n\n"
    "def make_items():\n    return [7, 3, 9]\n\n"
)


def _own(body: str, task: str = _TASK) -> str:
    return f"{task}def run(items):\n    {body}\n"


BODIES = {
    "18-own-function": [
        ("the task is not begun", _own(POOL + "return pool.map(work, items)", _OPEN), "open", "still open"),
        ("serial", _own("return [work(item) for item in items]"), "serial", ONE_PROCESS),
        (
            "another result",
            _own(POOL + "return [value + (value == 81) for value in pool.map(work, items)]"),
            "wrong",
            "For item 2, counted from 0, the plain loop gives 81, and run gave 82.",
        ),
        ("a list of the parent's", _own(POOL + "pool.map(work, items)\n    return found", _LIST), "count", "0 answers"),
        (
            "children that stay",
            _own("global pool\n    pool = multiprocessing.Pool(2)\n    return pool.map(work, items)"),
            "alive",
            "still running after it had returned",
        ),
        (
            "in turn",
            _own(POOL + "return [pool.apply(work, (item,)) for item in items]"),
            ("in turn", "one worker"),
            "",
        ),
        ("not with the task", _own("return [item * item for item in items]"), "unused", "was never called"),
        ("no items", _own("return []", "def work(item):\n    return item\n\n"), "raised", "has no make_items"),
    ],
    "18-generator": [
        ("as given", None, ("in turn", "one worker"), "waited for"),
        ("serial", SERIAL, "serial", ONE_PROCESS),
    ],
}
