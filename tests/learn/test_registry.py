"""What every exercise, quiz and prediction of the course has: the rules of the catalogue."""

import ast
import json
import subprocess
import sys
from collections import Counter

import pytest

from parlab.errors import InputError
from parlab.learn import given, registry
from parlab.learn.records import Check

CHECKS = list(registry.checks().values())


@pytest.mark.parametrize("found", CHECKS, ids=lambda one: one.name)
def test_an_exercise_is_complete(found: Check) -> None:
    """Its name begins with its notebook, it has three hints of one sentence or more, and its code is code."""
    assert found.name.startswith(f"{found.notebook:02}-")
    assert 1 <= found.difficulty <= 3
    assert all(len(text) > 20 for text in (found.title + found.asks, *found.hints))
    assert len(set(found.hints)) == 3
    assert bool(found.calls) is bool(found.signature) is (found.kind != "read")
    assert bool(found.given) is (found.kind == "fault")
    for text in filter(None, (found.solution, found.given)):
        ast.parse(text)
    if found.calls:
        assert f"def {found.signature}:" in found.solution


@pytest.mark.parametrize("number", sorted({one.notebook for one in CHECKS}))
def test_each_notebook_has_what_it_needs(number: int) -> None:
    """To read, to write, to find the fault; a quiz; a prediction."""
    kinds = Counter(one.kind for one in CHECKS if one.notebook == number)
    assert {"read", "write", "fault"} == set(kinds)
    prefix = f"{number:02}-"
    assert any(name.startswith(prefix) for name in registry.questions())
    assert any(name.startswith(prefix) for name in registry.topics())


def test_the_given_code_is_shown() -> None:
    """A notebook shows what is to be mended."""
    shown = given("01-in-turn")
    assert "process.join()" in shown.code
    assert "def exit_codes(task, codes):" in repr(shown)
    assert "<pre>" in shown._repr_html_()


def test_code_is_given_with_faults_alone() -> None:
    """The text lists the exercises that have some."""
    with pytest.raises(Exception, match="It is with: 00-leave-one-free"):
        given("01-exit-codes")


def test_the_teaching_layer_is_light() -> None:
    """Importing it, its tasks and the entry of a run loads no frame, chart or widget library, and no numpy."""
    code = (
        "import sys, json, parlab.learn, parlab.learn.probes, parlab.learn.runner, parlab.learn.checking;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    heavy = {"pandas", "matplotlib", "scipy", "ipywidgets", "IPython", "rich", "typer", "pyarrow", "numpy"}
    assert set() == heavy & set(json.loads(done.stdout))


def test_a_slip_in_a_name_lists_the_notebook_alone() -> None:
    """Nobody reads seventy names for one letter."""
    with pytest.raises(InputError) as refused:
        registry.find("01-start-and-joinn")
    assert "Did you mean '01-start-and-join'? Allowed: 01-exit-codes, 01-in-turn, 01-start-and-join." in str(
        refused.value
    )
