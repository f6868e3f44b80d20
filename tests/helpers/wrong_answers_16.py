"""Wrong answers to the exercises of notebook 16, in the form of ``wrong_answers.py``."""

from wrong_words import ONE_PROCESS, THREADED

_RUN = "with engine(2) as executor:\n        "
_SUBMIT = "futures = [executor.submit(task, item) for item in items]\n    "
_KEEP = "return [future.exception() or future.result() for future in futures]"
_PROCESSES = "with ProcessPoolExecutor(2) as executor:\n        "
_IN_TURN = (
    "results = []\n    for item in items:\n        try:\n            results.append({call})\n"
    "        except Exception as error:\n            results.append(error)\n    return results"
)

BODIES = {
    "16-any-engine": [
        ("no engine at all", "return [task(item) for item in items]", "called here", "hands over the function"),
        (
            "called too soon",
            _RUN + _SUBMIT.replace("task, item", "task(item)") + _KEEP,
            "called here",
            "submit(task, item)",
        ),
        (
            "a lambda",
            _RUN + _SUBMIT.replace("task, item", "lambda: task(item)") + _KEEP,
            "not sent",
            "could not travel",
        ),
        ("the class", _SUBMIT.join(("with engine as executor:\n        ", _KEEP)), "not started", "engine(2) starts"),
        ("futures", _RUN + _SUBMIT + "return futures", "wrong", "These are futures"),
        ("serial", _IN_TURN.format(call="task(item)"), "no processes", "not two of them were at work at once"),
        ("always processes", _PROCESSES + _SUBMIT + _KEEP, "elsewhere", "names an engine of its own"),
        (
            "always threads",
            "with ThreadPoolExecutor(2) as executor:\n        " + _SUBMIT + _KEEP,
            "threads",
            THREADED,
        ),
        (
            "processes or a plain loop",
            (
                "if engine is not ProcessPoolExecutor:\n"
                "        return [future_of(task, item) for item in items]\n    "
                + _PROCESSES
                + _SUBMIT
                + _KEEP
                + "\n\n\n"
                "def future_of(task, item):\n"
                "    try:\n"
                "        return task(item)\n"
                "    except Exception as error:\n"
                "        return error"
            ),
            "alone",
            "no two threads were at work at once",
        ),
        ("map", _RUN + "return list(executor.map(task, items))", "let out", "came out of your function: ValueError"),
        (
            "not started",
            "futures = [engine.submit(task, item) for item in items]\n    " + _KEEP,
            "not started",
            "engine is no executor yet",
        ),
        (
            "as they come",
            "from concurrent.futures import as_completed\n    "
            + _RUN
            + _SUBMIT
            + "return [future.exception() or future.result() for future in as_completed(futures)]",
            "order",
            "another order",
        ),
        (
            "errors left out",
            _RUN + _SUBMIT + "return [future.result() for future in futures if not future.exception()]",
            "wrong",
            "nobody can tell whose result is whose",
        ),
        ("no return", _RUN + _SUBMIT.rstrip(), "no return", "returned nothing"),
    ],
    "16-wrong-engine": [
        ("as given", None, "threads", THREADED),
        ("serial", "return [task(item, factor) for item in items]", "serial", ONE_PROCESS),
        (
            "the engine alone",
            _PROCESSES + "return list(executor.map(lambda item: task(item, factor), items))",
            "pickle",
            "could not be pickled",
        ),
        ("one factor", _PROCESSES + "return list(executor.map(task, items, [factor]))", "wrong", "Like zip"),
        ("an iterator", _PROCESSES + "return executor.map(partial(task, factor=factor), items)", "iterator", "list(…)"),
    ],
}
