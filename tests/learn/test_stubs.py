"""A learner's notebook: solutions are cut, outputs are cleared, and what is left can be run."""

import json

import pytest

from parlab.errors import InputError
from parlab.learn.stubs import is_stub, learners_copy, without_solutions

INSIDE = """%%workers mine
def one(number):
    \"\"\"Add one.\"\"\"
    ### BEGIN SOLUTION
    return number + 1
    ### END SOLUTION
"""


def test_inside_of_a_function_an_error_takes_its_place() -> None:
    """The def line and the docstring stay; the check knows the error as "not yet"."""
    expected = """%%workers mine
def one(number):
    \"\"\"Add one.\"\"\"
    # your code here
    raise NotImplementedError("your code here")
"""
    assert expected == without_solutions(INSIDE)


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ("codes = [0, 1]", "# your code here\ncodes = ..."),
        ("a, b = 1, 2\nfor i in range(3):\n    a += i", "# your code here\na = ...\nb = ...\ni = ..."),
        ("import os\nos.getpid()", "# your code here"),
        ("%speedup f items", "# your code here"),
        ("squares = [n * n for n in range(9)]", "# your code here\nsquares = ..."),
        (
            'def f(a, b=2):\n    """Say."""\n    c = a\n    return c\n',
            '# your code here\ndef f(a, b=2):\n    """Say."""\n    raise NotImplementedError("your code here")',
        ),
        ("def f(a): return a", '# your code here\ndef f(a):\n    raise NotImplementedError("your code here")'),
        ("class Thing:\n    x = 1", "# your code here\nclass Thing:\n    ..."),
    ],
)
def test_at_the_top_names_stay_open(solution: str, expected: str) -> None:
    """What later cells use exists, and is no answer; nothing of the solution is left."""
    stub = without_solutions(f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION")
    assert expected == stub
    compile(stub, "stub", "exec")


def test_a_name_that_is_there_already_keeps_its_value() -> None:
    """What stands above the marks is the learner's start."""
    source = "codes = None\n### BEGIN SOLUTION\ncodes = [1]\n### END SOLUTION\nprint(codes)"
    assert "codes = None\n# your code here\nprint(codes)" == without_solutions(source)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('"""Add one."""\n    ### BEGIN SOLUTION\n    return number\n    ### END SOLUTION', True),
        ("### BEGIN SOLUTION\n    return number\n    ### END SOLUTION", True),
        ("numbers = [number]\n    ### BEGIN SOLUTION\n    return numbers\n    ### END SOLUTION", False),
        ("return number + 1", False),
        ("if number:\n        raise NotImplementedError('your code here')", False),
        ("raise NotImplementedError('not for negative numbers')", False),
        ("raise ValueError('your code here')", False),
        ("return 'your code here'", False),
    ],
)
def test_what_is_only_a_stub(body: str, expected: bool, written) -> None:  # noqa: FBT001
    """Nobody has begun it: it need not be called to know that. With a line of the learner's own it must be."""
    source = without_solutions(f"def one(number, more=(), *rest, **named):\n    {body}\n")
    assert expected == is_stub(written(source, "one"))


def test_no_function_is_no_stub() -> None:
    """Whatever else an answer may be."""
    assert [False] * 4 == [is_stub(one) for one in (None, 3, len, type)]


@pytest.mark.parametrize(
    "source", ["### BEGIN SOLUTION\n1", "### END SOLUTION", "### BEGIN SOLUTION\n### BEGIN SOLUTION"]
)
def test_a_mark_without_a_partner_is_refused(source: str) -> None:
    """With the notebook's name and the cell: a solution must never reach a learner."""
    text = json.dumps({"cells": [{"cell_type": "code", "source": source, "metadata": {}}]})
    with pytest.raises(InputError, match="odd.ipynb, cell 0: '### .*' has no partner"):
        learners_copy(text, "odd.ipynb")


def test_outputs_and_numbers_are_cleared() -> None:
    """Nothing of a run is left, also no widget; text cells and tags stay."""
    code = {
        "cell_type": "code",
        "source": ["1 + 1"],
        "outputs": [{"text": "2"}],
        "execution_count": 3,
        "metadata": {"tags": ["nbval-ignore-output"], "execution": {"iopub": "now"}},
    }
    text = {"cell_type": "markdown", "source": "### BEGIN SOLUTION is a mark", "metadata": {}}
    copy = json.loads(learners_copy(json.dumps({"cells": [code, text], "metadata": {"widgets": {}}}), "a.ipynb"))
    cleared = {**code, "outputs": [], "execution_count": None, "metadata": {"tags": ["nbval-ignore-output"]}}
    assert [cleared, text] == copy["cells"]
    assert {} == copy["metadata"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}', "\x00"])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    """The name of the file is told."""
    with pytest.raises(InputError, match="odd.ipynb is no notebook"):
        learners_copy(text, "odd.ipynb")
