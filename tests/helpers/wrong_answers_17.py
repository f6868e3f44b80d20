"""Wrong answers to the exercises of notebook 17, in the form of ``wrong_answers.py``."""

from wrong_words import ONE_PROCESS

_OPEN = "with connect(2) as client:\n        "
_SCATTERED = _OPEN + "table = client.scatter(table)\n        "

BODIES = {
    "17-all-items": [
        ("serial", "return [task(item) for item in items]", "serial", ONE_PROCESS),
        ("equal ones once", _OPEN + "return client.gather(client.map(task, items))", "once", "Say pure=False"),
        ("not opened", "client = connect(2)\n    return client.gather(client.map(task, items))", "not opened", "with"),
        ("futures", _OPEN + "return client.map(task, items, pure=False)", "wrong", "<Future>"),
    ],
    "17-slow-table": [
        ("as given", None, ("in turn", "one worker"), ""),
        ("serial", "return [task(item, table) for item in items]", "serial", ONE_PROCESS),
        (
            "the order alone",
            _OPEN + "return client.gather([client.submit(task, item, table) for item in items])",
            "again",
            "client.scatter(table)",
        ),
        (
            "the table alone",
            _SCATTERED + "return [client.submit(task, item, table).result() for item in items]",
            ("in turn", "one worker"),
            "",
        ),
    ],
}
