"""Each exercise accepts the course's own solution, and rejects wrong answers with the advice that fits."""

import ast
import re
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest
import watched_here
from wrong_answers import BODIES
from wrong_words import HEAD

from parlab.learn import check, registry, watching
from parlab.learn.records import Check
from parlab.learn.stubs import BEGIN, END

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHECKS = list(registry.checks().values())
FUNCTIONS = [one for one in CHECKS if one.calls]
VALUES = [one for one in CHECKS if not one.calls]
DEADLINE_S = 60  # of a right answer on a machine that does other things as well
QUICK_S = 120  # of an answer that ends by itself
LATE_S, VERY_LATE_S = 10, 60  # of an answer that would never end: all its processes have begun by then
SERIAL = {"serial", "no processes"}  # the latter where threads would do for another call of the same check
AT_ONCE = 4  # most of them wait for somebody who never comes


def named(value: Any) -> str | None:
    return value.name if isinstance(value, Check) else None


def is_the_notebooks_own(found: Check) -> bool:
    """Whether the notebook has the same solution: then its check runs there, by nbval, under both start methods."""
    (path,) = NOTEBOOKS.glob(f"{found.notebook:02}_*.ipynb")
    sources = [
        cell.source for cell in nbformat.read(path, as_version=4).cells if f"def {found.function}(" in cell.source
    ]
    bodies = [textwrap.dedent(one.split(BEGIN)[1].split(END)[0]) for one in sources if BEGIN in one]
    return any(_plain(body) in _plain(found.solution) for body in bodies)


def _plain(code: str) -> str:
    return re.sub(r"\s+", " ", code.strip())


@pytest.mark.parametrize("found", [one for one in FUNCTIONS if not is_the_notebooks_own(one)], ids=named)
def test_the_solution_passes_under_both_start_methods(found: Check, written) -> None:
    """A solution that the notebook has in other words is accepted, under forkserver and spawn where both exist."""
    result = check(found.name, written(found.solution, found.function), deadline_s=DEADLINE_S)
    assert "passed" == result.state, repr(result)
    assert {"yes"} == {mark for _, mark in result.claims}
    assert watching.methods() == result.methods


@pytest.mark.parametrize("found", VALUES, ids=named)
def test_the_right_value_passes(found: Check) -> None:
    """What the course calls a solution is accepted."""
    assert check(found.name, ast.literal_eval(found.solution)).passed


@pytest.mark.parametrize("name", BODIES)
def test_wrong_answers_are_rejected_with_the_advice_that_fits(name, written, monkeypatch) -> None:
    """Each fault is recognised, and the words that the learner reads say what to do."""
    monkeypatch.setattr(watching, "_WANTED", watching.methods()[:1])  # the second start method would say the same
    monkeypatch.setattr(watching, "runs", watched_here.runs)
    found = registry.find(name)
    answers = [written(module(found, body), found.function) for _, body, _, _ in BODIES[name]]
    deadlines = [LATE_S if fault == "late" else QUICK_S for _, _, fault, _ in BODIES[name]]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        results = list(threads.map(lambda answer, end_s: check(name, answer, deadline_s=end_s), answers, deadlines))
    for (what, _, fault, words), answer, first in zip(BODIES[name], answers, results, strict=True):
        begun = fault != "late" or words in " ".join(repr(first).split())
        result = first if begun else check(name, answer, deadline_s=VERY_LATE_S)  # a busy machine starts slowly
        assert "not yet" == result.state, f"{what}\n{result}"
        assert result.fault in ((fault,) if isinstance(fault, str) else fault), f"{what}\n{result}"
        assert words in " ".join(repr(result).split()), what


def module(found: Check, body: str | None) -> str:
    """Make a learner's module: what was given, a whole one, or the body of the function."""
    if body is None:
        return found.given
    whole = f"def {found.function}(" in body
    return HEAD + (body if whole else f"def {found.signature}:\n    {body}\n")


@pytest.mark.parametrize("found", VALUES, ids=named)
def test_each_known_mistake_has_its_own_answer(found: Check) -> None:
    """A wrong value that many choose is rejected with its own explanation, and any other with a general one."""
    said = [check(found.name, mistake.value) for mistake in found.mistakes]
    assert [one.advice for one in found.mistakes] == [result.advice for result in said]
    assert len(found.mistakes) >= 2
    assert {"not yet"} == {result.state for result in said}
    assert "is not right" in check(found.name, "something else").advice


def test_every_exercise_has_two_wrong_answers_and_a_serial_one() -> None:
    """No check is without proof: two wrong answers each, the serial one among them where workers are asked for."""
    for found in FUNCTIONS:
        faults = [case[2] for case in BODIES[found.name]]
        assert len(faults) >= 2, found.name
        if "task" in found.signature:
            assert not SERIAL.isdisjoint(faults), found.name


def test_what_is_given_is_wrong() -> None:
    """Each code in which a fault is to be found stands among the wrong answers."""
    for found in FUNCTIONS:
        if found.kind == "fault":
            assert any(case[0] == "as given" for case in BODIES[found.name]), found.name
