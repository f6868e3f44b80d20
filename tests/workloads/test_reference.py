"""Names for functions: which can be found again by another process, and what is said of the others."""

import functools
import math
import sys
import types
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tasks
from pool_tasks import Holder

from parlab.errors import FunctionError, InputError
from parlab.workloads.reference import WAYS_OUT, check, looks_like_function, refer, resolve


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a folder on the module path; what was imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("parlab_")]:
        del sys.modules[name]


def said(call: Callable[..., Any], *arguments: Any, kind: type[Exception] = InputError) -> str:
    with pytest.raises(kind) as caught:
        call(*arguments)
    assert kind is type(caught.value)
    return str(caught.value)


class Tool:
    def __call__(self, number: int) -> int:
        return number


class TestRefer:
    def test_a_function_of_a_module(self) -> None:
        """A module-level function is named by module and name, without keyword arguments."""
        found = refer(tasks.double)
        assert (found.name, found.kwargs) == ("tasks:double", {})

    @pytest.mark.parametrize("function", [len, math.sqrt, Path])
    def test_builtins_and_classes(self, function: Any) -> None:
        """Builtins and classes can be called by another process too."""
        assert function is resolve(refer(function).name)

    def test_keywords_of_a_partial(self) -> None:
        """A partial with keywords is its function and its keywords, however deeply it is wrapped."""
        found = refer(partial(partial(tasks.add, amount=1)))
        assert (found.name, found.kwargs) == ("tasks:add", {"amount": 1})

    def test_outer_keywords_go_before_inner_ones(self) -> None:
        """Of two wrappings the outer one holds, as in calling them, and what is given beside holds before both."""
        nested = partial(partial(tasks.add, amount=1), amount=2)
        assert nested(0) == refer(nested).kwargs["amount"]
        assert refer(nested, {"amount": 3}).kwargs == {"amount": 3}
        assert refer(nested, {"more": 4}).kwargs == {"amount": 2, "more": 4}

    def test_the_given_keywords_are_not_changed(self) -> None:
        """The caller's dict stays as it was."""
        given = {"more": 1}
        assert refer(partial(tasks.add, amount=2), given).kwargs == {"amount": 2, "more": 1}
        assert given == {"more": 1}

    def test_positional_arguments_of_a_partial_are_refused(self) -> None:
        """A positional argument would take the item's place."""
        assert "use keywords" in said(refer, partial(tasks.add, 1))
        assert "use keywords" in said(refer, partial(partial(tasks.add, 1), amount=1))

    def test_a_lambda_is_refused(self) -> None:
        """A lambda has no name, and the ways out are told."""
        text = said(refer, tasks.anonymous, kind=FunctionError)
        assert f"A lambda has no name that another process could import. With def it has one. {WAYS_OUT}" == text

    def test_the_ways_out(self) -> None:
        """There are three: the cell magic and how to load it, a module of one's own, loky."""
        assert (
            "Three ways out: in a notebook, write %%workers NAME above it in its cell (after %load_ext parlab); "
            "put it in a module of your own and import it from there; "
            "or use a backend that ships functions by value (loky)."
        ) == WAYS_OUT

    def test_a_local_function_is_refused(self) -> None:
        """A function inside a function is refused, and both are named."""
        text = said(refer, tasks.outer(), kind=FunctionError)
        assert "'outer.<locals>.inner' is local to 'outer'" in text
        assert "Three ways out" in text

    def test_a_function_of_a_cell_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was defined in a notebook cell or script is refused before anything starts."""
        monkeypatch.setattr(tasks.double, "__module__", "__main__")
        text = said(refer, tasks.double, kind=FunctionError)
        assert "'double' was defined in a notebook cell or script" in text
        assert text.endswith(WAYS_OUT)

    def test_a_module_that_no_other_process_finds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A function of a module that was made by hand has a name, but only in this process."""
        made = types.ModuleType("parlab_made")
        made.double = types.FunctionType(tasks.double.__code__, vars(made), "double")
        monkeypatch.setitem(sys.modules, "parlab_made", made)
        text = said(refer, made.double, kind=FunctionError)
        assert "'double' is of the module 'parlab_made', which no other process can find" in text
        assert text.endswith(WAYS_OUT)

    @pytest.mark.parametrize("module", ["parlab_nowhere", "parlab_nowhere.inner", "tasks.inner"])
    def test_a_module_that_is_not_there(self, module: str) -> None:
        """The same for a function whose module cannot be found at all, or whose package cannot."""

        def double(number: int) -> int:
            return 2 * number

        double.__module__, double.__qualname__ = module, "double"
        text = said(refer, double, kind=FunctionError)
        assert f"of the module {module!r}, which no other process can find" in text
        assert text.endswith(WAYS_OUT)

    def test_decorated_functions(self, folder: Path) -> None:
        """What a decorator made is taken when its name leads to it, so when the decorator passes the name on."""
        (folder / "parlab_decorated.py").write_text(
            "import functools\n"
            "def careful(function):\n"
            "    @functools.wraps(function)\n"
            "    def inner(*given): return function(*given)\n"
            "    return inner\n"
            "def careless(function):\n"
            "    def inner(*given): return function(*given)\n"
            "    return inner\n"
            "@careful\n"
            "def one(number): return number\n"
            "@functools.lru_cache\n"
            "def two(number): return number\n"
            "@careless\n"
            "def three(number): return number\n"
        )
        import parlab_decorated

        assert "parlab_decorated:one" == refer(parlab_decorated.one).name
        assert "parlab_decorated:two" == refer(partial(parlab_decorated.two)).name
        assert "leads to another object" in said(refer, parlab_decorated.one.__wrapped__, kind=FunctionError)
        assert "'careless.<locals>.inner' is local to 'careless'" in said(
            refer, parlab_decorated.three, kind=FunctionError
        )

    def test_another_object_of_that_name_is_refused(self) -> None:
        """A decorated function's original cannot be found again: its name leads to the wrapper."""

        @functools.wraps(tasks.double)
        def wrapped(number: int) -> int:
            return number

        assert "tasks:double leads to another object" in said(refer, wrapped, kind=FunctionError)

    def test_what_has_no_name_is_refused(self) -> None:
        """An object that can be called but has no name of its own is refused."""
        assert "has no importable name" in said(refer, Tool(), kind=FunctionError)

    @pytest.mark.parametrize("thing", [3, "tasks:double", None, [tasks.double]])
    def test_what_cannot_be_called_is_refused(self, thing: Any) -> None:
        """A number, a text or a list is no task, and the text says what it is."""
        assert f"not {type(thing).__name__}" in said(refer, thing)

    def test_methods(self, folder: Path) -> None:
        """A static method is found by its dotted name; one bound to an object is not."""
        (folder / "parlab_tools.py").write_text(
            "class Tools:\n"
            "    @staticmethod\n"
            "    def double(number): return 2 * number\n"
            "    def triple(self, number): return 3 * number\n"
        )
        import parlab_tools

        assert refer(parlab_tools.Tools.double).name == "parlab_tools:Tools.double"
        said(refer, parlab_tools.Tools().triple, kind=FunctionError)


class TestResolve:
    def test_a_name_leads_to_the_function(self) -> None:
        """Module and name lead to the very function."""
        assert tasks.double is resolve("tasks:double")

    @pytest.mark.parametrize(
        ("name", "function"), [("os.path:join", "join"), ("collections:OrderedDict.fromkeys", "fromkeys")]
    )
    def test_dotted_names(self, name: str, function: str) -> None:
        """Modules of packages and attributes of classes are reached by dots."""
        assert function == resolve(name).__name__

    @pytest.mark.parametrize(
        "name", ["tasks", "tasks:", ":double", "tasks:double:more", "tasks/double", "ta sks:double", "", "tasks.:f"]
    )
    def test_another_form_is_refused(self, name: str) -> None:
        """A text of another form is refused, and the form is told."""
        assert not looks_like_function(name)
        text = said(resolve, name)
        assert repr(name) in text
        assert "module:function" in text

    @pytest.mark.parametrize("name", ["nowhere_at_all", "nowhere.at_all", "tasks.inside", "os.path.inside"])
    def test_a_missing_module_is_named(self, name: str) -> None:
        """A module that is not there is refused by its name, whether it or its package is missing."""
        text = said(resolve, f"{name}:work")
        assert f"There is no module {name!r} here" in text
        assert "PYTHONPATH" in text

    def test_a_missing_function_suggests_the_nearest(self) -> None:
        """A slip in the function's name is answered with the nearest one and all others."""
        text = said(resolve, "tasks:doubel")
        assert "Unknown function of tasks 'doubel'" in text
        assert "Did you mean 'double'?" in text

    @pytest.mark.parametrize("name", ["tasks:NOT_A_FUNCTION.nothing", "math:sqrt.nothing", "tasks:double.nothing"])
    def test_a_missing_part_is_refused(self, name: str) -> None:
        """A dotted name that leads into a number or a function is refused by its name."""
        assert "nothing" in said(resolve, name)

    @pytest.mark.parametrize(("name", "kind"), [("tasks:NOT_A_FUNCTION", "int"), ("os:path", "module")])
    def test_what_cannot_be_called_is_refused(self, name: str, kind: str) -> None:
        """A name that leads to something else than a function is refused, and the text says what it is."""
        assert f"{name} is {kind}, which cannot be called" in said(resolve, name)

    def test_a_module_that_raises(self, folder: Path) -> None:
        """An error while a module is imported is passed on with its kind and words."""
        (folder / "parlab_broken.py").write_text("raise RuntimeError('the disk is upside down')\n")
        text = said(resolve, "parlab_broken:work")
        assert "'parlab_broken' raises RuntimeError" in text
        assert "the disk is upside down" in text

    def test_a_module_with_a_slip(self, folder: Path) -> None:
        """A syntax error in a module is passed on as text."""
        (folder / "parlab_slip.py").write_text("def work(:\n")
        assert "'parlab_slip' raises SyntaxError" in said(resolve, "parlab_slip:work")

    def test_a_module_that_leaves(self, folder: Path) -> None:
        """A script that calls sys.exit while it is imported is refused and does not end the program."""
        (folder / "parlab_leaves.py").write_text("import sys\nsys.exit(0)\n")
        assert "'parlab_leaves' raises SystemExit" in said(resolve, "parlab_leaves:work")

    def test_a_module_that_lacks_another(self, folder: Path) -> None:
        """When a module imports one that is missing, the missing one is named."""
        (folder / "parlab_needs.py").write_text("import not_installed_anywhere\n")
        assert "not_installed_anywhere" in said(resolve, "parlab_needs:work")

    def test_a_package_that_lacks_another(self, folder: Path) -> None:
        """The same for a module in a package: it is there, and what its package imports is what is missing."""
        (folder / "parlab_package").mkdir()
        (folder / "parlab_package" / "__init__.py").write_text("import not_installed_anywhere\n")
        (folder / "parlab_package" / "module.py").write_text("def work(item): return item\n")
        assert "not_installed_anywhere" in said(resolve, "parlab_package.module:work")


class TestCheck:
    """What a pool asks of a function before anything starts: less than a sweep, since it travels as it is."""

    @pytest.mark.parametrize(
        "function",
        [
            tasks.double, partial(tasks.add, 3), partial(partial(tasks.add, 1), amount=2), len, Path, Holder().double,
            Holder.triple, Holder(), functools.partial(Holder(), 1), functools.lru_cache, math.sqrt,
        ],
    )  # fmt: skip
    def test_what_others_can_import_passes(self, function: Any) -> None:
        """Functions, classes, methods and objects of importable classes, and partials of all these."""
        check(function)

    @pytest.mark.parametrize("wrap", [lambda function: function, partial, lambda function: partial(partial(function))])
    @pytest.mark.parametrize("kind", ["lambda", "closure", "object", "method", "class"])
    def test_what_others_cannot_import_is_refused(self, kind: str, wrap: Callable[..., Any]) -> None:
        """Lambdas, closures, and objects, methods and classes of a local class, also inside partials."""

        class Local:
            def __call__(self, item: Any) -> Any:
                return item

            def method(self, item: Any) -> Any:
                return item

        function = {
            "lambda": tasks.anonymous, "closure": tasks.outer(), "object": Local(), "method": Local().method,
            "class": Local,
        }[kind]  # fmt: skip
        assert WAYS_OUT in said(check, wrap(function), kind=FunctionError)

    @pytest.mark.parametrize("thing", [3, "tasks:double", None])
    def test_what_cannot_be_called_is_refused(self, thing: Any) -> None:
        """A number or a text is no task."""
        assert f"not {type(thing).__name__}" in said(check, thing)
