"""The line magic ``%speedup``: what it finds, what it passes on, and what it refuses."""

import types

import pytest
import tasks

from parlab.errors import InputError
from parlab.notebook.speedup_line import measure
from parlab.notebook.view import View

NAMES = {"double": tasks.double, "tasks": tasks, "numbers": [1, 2, 3]}


@pytest.mark.parametrize("line", ["double numbers", "tasks.double 3", "tasks:double numbers"])
def test_a_function_and_items(line: str) -> None:
    """A name, a name in a module and ``module:function``; items by name, or a number for a range."""
    view = measure(f"{line} --workers 1,2 --backends=threads --rounds 1", NAMES)
    assert [("serial", 1), ("threads", 1), ("threads", 2)] == [(row.backend, row.workers) for row in view.summary.rows]
    assert "tasks:double" == view.summary.workload


def test_a_workload_needs_no_items() -> None:
    """The name of a workload of parlab stands alone; its size is an option."""
    view = measure("primes --size 3 --backends threads --workers 2 --rounds 1", {})
    assert isinstance(view, View)
    assert "primes" == view.summary.workload


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "%speedup needs a function and its items; nothing was given. Write, for example, %speedup f items"),
        ("a b c", "3 words were given: a b c"),
        ("doubl numbers", "this notebook has no 'doubl'. Did you mean 'double'? Run the cell that makes it first."),
        ("double nubmers", "this notebook has no 'nubmers'. Did you mean 'numbers'?"),
        ("tasks.duoble numbers", "cannot find 'tasks.duoble': 'tasks' has no 'duoble'"),
        ("double range(3)", "a name or a number as its items, not 'range(3)': store them first, as items = range(3)"),
        ("double 3 --wrokers 2", "Unknown option of %speedup '--wrokers'. Did you mean '--workers'?"),
        ("double 3 --workers", "--workers needs a value behind it."),
        ("double 3 --workers --rounds 2", "--workers needs a value behind it."),
        ("double 3 --workers 1,x", "--workers '1,x' is not allowed: 'x' is no whole number from 1 up."),
        ("double 3 --rounds 0", "--rounds '0' is not allowed: give a whole number from 1 up."),
        ("double 3 --budget soon", "--budget 'soon' is no duration above 0. Write 60s, 2m or 1h."),
        ("double 3 --backends thraeds", "Did you mean 'threads'?"),
        ("double 'open", "%speedup cannot read its line (No closing quotation)."),
        ("double " + "1, " * 2_000, "a line of 6,007 letters is too long; 4,096 are allowed."),
        ("prmes", "Did you mean 'primes'?"),
    ],
)
def test_what_cannot_be_used(line: str, message: str) -> None:
    """Each slip is told with what was given, what is allowed, and what to write."""
    with pytest.raises(InputError) as caught:
        measure(line, NAMES)
    assert message in str(caught.value)


def test_nothing_is_evaluated() -> None:
    """A line is words: no attribute is called, and no expression runs."""
    trap = types.SimpleNamespace(called=False)
    with pytest.raises(InputError):
        measure("trap.__setattr__('called',True) 3", {"trap": trap})
    assert not trap.called
