"""What a name leads to is found anew by each process: methods of a module's object, lambdas, what cannot be pickled."""

import pickle
import sys
from functools import partial
from importlib.machinery import ModuleSpec

import pytest

from parlab.errors import FunctionError
from parlab.workloads.named import Named, check_fit, refer_by_name, task_of
from parlab.workloads.reference import meant_as_function


@pytest.mark.parametrize("name", ["tasks:anonymous", "tasks:doubler.double"])
def test_a_name_travels_instead_of_what_it_names(name: str) -> None:
    """Neither a lambda nor an object that holds a lock can be pickled; the name can, with a partial around it too."""
    task = task_of(name)
    assert isinstance(task, Named)
    assert name == refer_by_name(name).name
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(task._function)
    assert task(4) == pickle.loads(pickle.dumps(task))(4) == pickle.loads(pickle.dumps(partial(task)))(4)
    assert "tasks" == task.__module__


@pytest.mark.parametrize("name", ["tasks:double", "tasks:Doubler.of_class"])
def test_a_function_with_a_name_of_its_own_stays_as_it_is(name: str) -> None:
    """No shell is around it: the plain loop calls the function itself."""
    assert not isinstance(task_of(name), Named)
    assert 8 == task_of(name)(4)


def test_what_belongs_to_this_process_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in __main__ leads nowhere elsewhere."""
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "mine", lambda number: number, raising=False)
    monkeypatch.setattr(main, "__spec__", ModuleSpec("__main__", None))  # as under python -m
    with pytest.raises(FunctionError, match="Three ways out"):
        refer_by_name("__main__:mine")


def test_what_says_nothing_of_its_parameters_fits() -> None:
    """A type written in C has no signature; whether it takes the item is seen when it runs."""
    check_fit(int, "4", {})
    check_fit(print, "4", {})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a.b.work", "a.b:work"),
        ("a/b.py:work", "a.b:work"),
        ("./b.py:work", "b:work"),
        ("primes", None),
        ("a b.c", None),
    ],
)
def test_what_was_meant(text: str, meant: str | None) -> None:
    """Other tools write a function as module.function or file.py:function."""
    assert meant == meant_as_function(text)
