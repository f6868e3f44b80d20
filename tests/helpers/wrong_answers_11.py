"""Wrong answers to the exercises of notebook 11, in the form of ``wrong_answers.py``."""

_AMDAHL = "workers / (1 + serial * (workers - 1))"
_EACH = " for n, s in zip(workers, speedups)]"

BODIES = {
    "11-karp-flatt": [
        ("not begun", "...", "open", "still open"),
        ("the last step is missing", "return [1 / s - 1 / n" + _EACH, "wrong", "divided by 1 - 1/workers"),
        ("all that is lost", "return [1 - s / n" + _EACH, "wrong", "1 - efficiency"),
        ("of work that grows", "return [(n - s) / (n - 1)" + _EACH, "wrong", "grows with the workers"),
        ("a generator", "return ((1 / s - 1 / n) / (1 - 1 / n)" + _EACH[:-1] + ")", "iterator", "list(…)"),
        ("for one point", "return (1 / speedups - 1 / workers) / (1 - 1 / workers)", "raised", "TypeError"),
    ],
    "11-too-far": [
        ("as given", None, "wrong", "Efficiency does not stay the same"),
        (
            "the limit",
            "serial = (1 / speedup - 1 / measured) / (1 - 1 / measured)\n    return 1 / serial",
            "wrong",
            "That is the limit",
        ),
        (
            "of work that grows",
            "serial = (measured - speedup) / (measured - 1)\n    return workers - serial * (workers - 1)",
            "wrong",
            "Gustafson's law",
        ),
        ("all that is lost", "serial = 1 - speedup / measured\n    return " + _AMDAHL, "wrong", "1 - efficiency"),
    ],
    "11-enough": [
        ("nothing is serial", "return wanted", "wrong", "if nothing was serial"),
        (
            "rounded down",
            (
                "if serial * wanted >= 1 and wanted > 1:\n        return None\n"
                "    return int(wanted * (1 - serial) / (1 - serial * wanted))"
            ),
            "wrong",
            "math.ceil",
        ),
        (
            "of work that grows",
            (
                "workers = 1\n    while workers - serial * (workers - 1) < wanted:\n        workers += 1\n"
                "    return workers"
            ),
            "wrong",
            "Gustafson's law",
        ),
        (
            "no limit is known",
            "return int(-(-wanted * (1 - serial) // (1 - serial * wanted)))",
            "raised",
            "ZeroDivisionError",
        ),
    ],
}
