"""Where a program is, in a learner's words: what is shown of a dump, and what is not."""

import queue
from pathlib import Path

from parlab.dumps import Frame, parse
from parlab.notebook.stacks import traceback_text, where

DUMP = """Thread 0x00007f1b (most recent call first):
  File "{folder}/mine.py", line 2 in wait
  File "{folder}/mine.py", line ??? in odd
Current thread 0x00007f1c (most recent call first):
  File "{queue}", line 171 in get
  File "<cell>", line 2 in ask
  File "<cell>", line 3 in <module>
  File "<frozen runpy>", line 88 in _run_code
"""
CELL = "\ndef ask(): queue.Queue().get()\nask()\n"


def dump(folder: Path) -> str:
    return DUMP.format(folder=folder, queue=queue.__file__)


def test_a_line_number_of_thousands_of_digits_is_not_known() -> None:
    """Half-written notes hold anything: the frame is kept, and its line is not known."""
    head = "Thread 0x1 (most recent call first):\n"
    assert [[Frame("a.py", 0, "f")]] == parse(head + f'  File "a.py", line {"9" * 5_001} in f\n')


def test_threads_are_read_main_first_and_outermost_first(tmp_path: Path) -> None:
    """faulthandler writes the main thread last, and the innermost line first."""
    main, other = parse(dump(tmp_path))
    assert Frame("<cell>", 3, "<module>") == main[1]
    assert [0, 2] == [frame.line for frame in other]


def test_only_the_learners_lines_are_shown(tmp_path: Path) -> None:
    """Lines of the cell and of files beside the notebook, with their text; none of Python's, and no folder."""
    (tmp_path / "mine.py").write_text("def wait():\n    lock.acquire()\n")
    expected = [
        "was in",
        "    line 3 of the cell: ask()",
        "    line 2 of the cell, in ask: def ask(): queue.Queue().get()",
        "  and another of its threads in",
        "    line 0 of mine.py, in odd",
        "    line 2 of mine.py, in wait: lock.acquire()",
    ]
    assert expected == where(dump(tmp_path), CELL, tmp_path)


def test_without_a_line_of_the_learner(tmp_path: Path) -> None:
    """It is said in words, or by the name that Python has for it, without its line number."""
    known = f'Thread 0x1 (most recent call first):\n  File "{queue.__file__}", line 5 in _finalize_join\n'
    assert where(known, "", tmp_path)[0].startswith("had ended its function, and waited until somebody takes out")
    other = f'Thread 0x1 (most recent call first):\n  File "{queue.__file__}", line 5 in get\n'
    assert ["was in Python's own queue, in get."] == where(other, "", tmp_path)
    assert ["did not say where it was."] == where("", "", tmp_path)


def test_a_deep_recursion_is_cut(tmp_path: Path) -> None:
    """A hundred lines of the same function are no help."""
    deep = "Thread 0x1 (most recent call first):\n" + '  File "<cell>", line 2 in ask\n' * 100
    told = where(deep, CELL, tmp_path)
    assert 14 == len(told)
    assert "    … 88 more …" == told[7]


def test_a_traceback_without_own_lines_is_the_error_alone(tmp_path: Path) -> None:
    """As for what cannot be unpickled: none of the learner's lines has run."""
    assert "ValueError: odd" == traceback_text(ValueError("odd"), "", tmp_path)
