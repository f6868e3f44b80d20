"""The cell magic ``%%workers``: what it writes, what it says, what it refuses, and that workers run the cell's code."""

import importlib.util
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from kernels import BOUND_S, Kernel, outcome

from parlab.errors import InputError
from parlab.notebook.magics import MARK, provide

CELL = "def one(number):\n    return number + 1\n"
EDIT = "def one(number):\n    return number + 2\n"  # of the same size
NEW = "mine.py is new in this kernel. Workers can import: one().\n"
CHANGED = "mine.py has changed. Workers can import: one().\nPools started before keep the old code: open a new pool.\n"
POOLS = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context
def answers(function):
    for method in sorted(get_all_start_methods()):
        with ProcessPoolExecutor(2, get_context(method)) as pool:
            print(method, list(pool.map(function, range(3))))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to be in; what was imported from it, and the path to it, are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def refusal(line: str, cell: str, namespace: dict[str, Any] | None = None) -> str:
    names = {} if namespace is None else namespace
    before = dict(names)
    with pytest.raises(InputError) as caught:
        provide(line, cell, names)
    assert before == names
    return str(caught.value)


def fresh(folder: Path, code: str) -> str:
    """Run code as a worker would that is started now."""
    line = [sys.executable, "-c", code]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=BOUND_S, check=True).stdout


class TestWriting:
    def test_line_numbers_are_those_of_the_cell(self, folder: Path) -> None:
        """The mark takes the place of the magic's line, and every other line stands where it stands in the cell."""
        provide("mine", CELL, {})
        assert f"{MARK}\n{CELL}" == (folder / "mine.py").read_text()
        assert 2 == sys.modules["mine"].one.__code__.co_firstlineno

    def test_nothing_else_is_left(self, folder: Path) -> None:
        """There is the file and Python's cache, and no temporary file."""
        provide("mine", CELL, {})
        assert {"mine.py"} == {path.name for path in folder.iterdir()} - {"__pycache__"}

    def test_a_file_of_its_own_is_replaced(self, folder: Path) -> None:
        """A file that an earlier kernel has written may be written again, and is new in this one."""
        (folder / "mine.py").write_text(f"{MARK}\n{CELL}")
        assert NEW == provide("mine", EDIT, {}) + "\n"
        assert f"{MARK}\n{EDIT}" == (folder / "mine.py").read_text()

    def test_a_coding_line_in_the_cell_means_nothing(self, folder: Path) -> None:
        """Python looks for a coding in two lines; the mark's comes first."""
        names: dict[str, Any] = {}
        provide("mine", "# coding: latin-1\nname = 'Zoë'\n", names)
        assert "Zoë" == names["name"]

    def test_each_version_has_a_later_second(self, folder: Path) -> None:
        """However fast one edits, the dates of two versions differ by at least two seconds."""
        dates = []
        for number in range(4):
            provide("mine", f"number = {number}\n", {})
            dates.append(int((folder / "mine.py").stat().st_mtime))
        assert all(later - earlier >= 2 for earlier, later in pairwise(dates))

    def test_a_cache_of_the_version_before_is_not_trusted(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker that started before may write the old bytecode late; nobody runs it."""
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        monkeypatch.setattr(sys, "pycache_prefix", None)
        names: dict[str, Any] = {}
        provide("mine", CELL, names)
        cache = Path(importlib.util.cache_from_source(str(folder / "mine.py")))
        late = cache.read_bytes()
        size = (folder / "mine.py").stat().st_size
        provide("mine", EDIT, names)
        assert size == (folder / "mine.py").stat().st_size
        cache.write_bytes(late)
        assert "2\n" == fresh(folder, "import mine; print(mine.one(0))")
        assert 2 == names["one"](0)

    def test_a_cache_that_is_trusted_blindly_is_removed(self, folder: Path) -> None:
        """Bytecode that says it need not be checked against the source goes, too."""
        import py_compile

        (folder / "mine.py").write_text(f"{MARK}\n{CELL}")
        py_compile.compile("mine.py", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        names: dict[str, Any] = {}
        provide("mine", EDIT, names)
        assert 2 == names["one"](0)
        assert "2\n" == fresh(folder, "import mine; print(mine.one(0))")

    def test_a_cell_that_is_as_before_writes_nothing(self, folder: Path) -> None:
        """The file keeps its date, so that caches of it stay good."""
        provide("mine", CELL, {})
        before = (folder / "mine.py").stat()
        provide("mine", CELL, {})
        assert (before.st_mtime_ns, before.st_ino) == ((now := (folder / "mine.py").stat()).st_mtime_ns, now.st_ino)

    def test_a_failed_write_leaves_the_file_and_nothing_else(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk or a locked file is one message; the version before stays on disk and loaded."""
        names: dict[str, Any] = {}
        provide("mine", CELL, names)

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "replace", refuse)
        text = refusal("mine", EDIT, names)
        assert "mine.py cannot be written into the notebook's folder: Permission denied. Go to a folder" in text
        assert {"mine.py"} == {path.name for path in folder.iterdir()} - {"__pycache__"}
        assert f"{MARK}\n{CELL}" == (folder / "mine.py").read_text()
        assert 1 == sys.modules["mine"].one(0)


class TestTelling:
    def test_new_unchanged_changed(self, folder: Path) -> None:
        """What is told is the state in this kernel; after a change, that old pools keep the old code."""
        assert NEW == provide("mine", CELL, {}) + "\n"
        assert NEW.replace("new in this kernel", "unchanged") == provide("mine", CELL, {}) + "\n"
        assert CHANGED == provide("mine", EDIT, {}) + "\n"
        assert CHANGED == provide("mine", CELL, {}) + "\n"

    def test_pools_that_are_open_are_named(self, folder: Path) -> None:
        """Those that keep the old code, of every kind; not those that have ended, nor pools of threads."""
        import parlab

        spawn = multiprocessing.get_context("spawn")
        with parlab.pool(1) as ours, spawn.Pool(1) as pool, ProcessPoolExecutor(1, spawn) as executor:
            names = {"ours": ours, "pool": pool, "executor": executor, "threads": ThreadPoolExecutor(1)}
            names |= {"ended": parlab.pool(1), "thread_pool": ThreadPool(1), "_": pool}
            provide("mine", CELL, names)
            text = provide("mine", EDIT, names)
        names["threads"].shutdown()
        names["thread_pool"].terminate()
        told = "Pools started before keep the old code, here executor, ours, pool: open a new pool."
        assert told == text.splitlines()[1]
        assert CHANGED == provide("mine", CELL, names) + "\n"

    def test_unchanged_keeps_the_objects(self, folder: Path) -> None:
        """A cell that is run again does not load again: functions in lists and pools stay the module's."""
        names: dict[str, Any] = {}
        provide("mine", CELL, names)
        first = names.pop("one")
        provide("mine", CELL, names)
        assert first is names["one"]
        assert first is sys.modules["mine"].one

    def test_another_notebook_wrote_the_file(self, folder: Path) -> None:
        """When the file is not what this kernel wrote, the cell writes it again and says that it has changed."""
        provide("mine", CELL, {})
        (folder / "mine.py").write_text(f"{MARK}\n{EDIT}")
        assert CHANGED == provide("mine", CELL, {}) + "\n"
        assert "1\n" == fresh(folder, "import mine; print(mine.one(0))")

    def test_public_names(self, folder: Path) -> None:
        """Functions, classes and constants of the cell are given in its order; not what it imports, nor _names."""
        names: dict[str, Any] = {}
        cell = "import os\nfrom math import pi\nLIMIT = 3\n_hidden = 4\nclass Thing: pass\ndef one(n): return n\n"
        text = provide("mine", cell, names)
        assert "mine.py is new in this kernel. Workers can import: LIMIT, Thing, one()." == text
        assert ["LIMIT", "Thing", "one"] == list(names)

    def test_all_is_obeyed(self, folder: Path) -> None:
        """``__all__`` names what is given, be it imported or begin with an underscore."""
        names: dict[str, Any] = {}
        cell = "from math import pi\n__all__ = ['_one', 'pi']\ndef _one(n): return n\ndef two(n): return n\n"
        assert provide("mine", cell, names).endswith("Workers can import: _one(), pi.")
        assert ["_one", "pi"] == list(names)

    def test_no_public_name(self, folder: Path) -> None:
        """A cell that only has comments is written and says that it gives nothing."""
        text = provide("mine", "# to come\n", {})
        assert "mine.py is new in this kernel. Workers can import: nothing, for it defines no public name." == text

    def test_a_function_that_is_gone(self, folder: Path) -> None:
        """A renamed function leaves module and notebook; another object of that name stays."""
        names: dict[str, Any] = {}
        provide("mine", CELL + "def two(number): return number\n", names)
        mine = names["two"] = lambda number: number
        text = provide("mine", CELL.replace("one", "three"), names)
        assert "mine.py has changed. Workers can import: three(). Gone: one." == text.splitlines()[0]
        assert ["three", "two"] == sorted(names)
        assert mine is names["two"]
        assert not hasattr(sys.modules["mine"], "one")

    def test_the_module_stays_the_same_object(self, folder: Path) -> None:
        """Who has imported the module sees the new code."""
        provide("mine", CELL, {})
        module = sys.modules["mine"]
        provide("mine", EDIT, {})
        assert module is sys.modules["mine"]
        assert 2 == module.one(0)


class TestPath:
    def test_the_folder_is_on_the_path_once_and_last(self, folder: Path) -> None:
        """Its whole name stands at the end, where it hides nothing, for workers and after another %cd."""
        before = list(sys.path)
        provide("mine", CELL, {})
        provide("mine", EDIT, {})
        assert [*before, str(folder)] == sys.path


NO_NAME = "Allowed: ASCII letters, digits and _, with a letter first, and not one of Python's own words."


class TestRefusals:
    @pytest.fixture(autouse=True)
    def nothing_is_written(self, folder: Path) -> Iterator[None]:
        """Whatever is refused, there is neither the file nor a part of it."""
        yield
        assert [] == [*folder.rglob("mine.py"), *folder.rglob(".*.part")]

    @pytest.mark.parametrize("line", ["", "  "])
    def test_no_name(self, line: str) -> None:
        """Without a name the form is told."""
        text = refusal(line, CELL)
        assert "%%workers needs a name for the module: ASCII letters" in text
        assert "Write, for example, %%workers tasks" in text

    @pytest.mark.parametrize("name", ["1st", "my work", "mine.py", "a-b", "../mine", "for", "None", "_mine", "größe"])
    def test_what_is_no_plain_name(self, name: str, folder: Path) -> None:
        """The name given, what is allowed and an example are told."""
        assert f"%%workers cannot name a module {name!r}. {NO_NAME} Write, for example," in refusal(name, CELL)
        assert [] == list(folder.iterdir())

    @pytest.mark.parametrize(
        ("name", "owner"),
        [
            ("statistics", "a module of Python's standard library"),
            ("sys", "a module of Python's standard library"),
            ("list", "a name that is built into Python"),
            ("parlab", "a module that this kernel has loaded from elsewhere"),
        ],
    )
    def test_a_name_that_hides_a_module(self, name: str, owner: str, folder: Path) -> None:
        """The owner of the name is told, and another name offered."""
        expected = (
            f"%%workers cannot name a module {name!r}: that is {owner}, and one would hide the other. "
            f"Choose another name, for example my_{name}."
        )
        assert expected == refusal(name, CELL)
        assert [] == list(folder.iterdir())

    @pytest.mark.parametrize("installed", ["thing.py", "thing/__init__.py", "thing/inner/__init__.py"])
    @pytest.mark.parametrize("place", [0, -1])
    def test_an_installed_module(
        self, folder: Path, tmp_path_factory: pytest.TempPathFactory, place: int, installed: str
    ) -> None:
        """Modules and packages anywhere on the path count, also one that came after a file of ours hid its name."""
        site = tmp_path_factory.mktemp("site")
        (site / installed).parent.mkdir(parents=True, exist_ok=True)
        (site / installed).touch()
        sys.path.append(str(site))
        sys.path.insert(place, "")
        owner = "that is a module that is installed or lies elsewhere on sys.path, and one would hide the other."
        assert owner in refusal("thing", CELL)
        assert [] == list(folder.iterdir())
        (folder / "thing.py").write_text(f"{MARK}\n{CELL}")
        assert owner in refusal("thing", EDIT)
        assert f"{MARK}\n{CELL}" == (folder / "thing.py").read_text()

    def test_a_module_without_a_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A module that was made by hand is loaded from elsewhere, too."""
        monkeypatch.setitem(sys.modules, "mine", ModuleType("mine"))
        assert "that is a module that this kernel has loaded from elsewhere" in refusal("mine", CELL)

    def test_a_module_of_another_folder(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """After %cd the same name would mean two modules."""
        provide("other", CELL, {})
        (folder / "inner").mkdir()
        monkeypatch.chdir(folder / "inner")
        assert "that is a module that this kernel has loaded from elsewhere" in refusal("other", EDIT)
        assert [] == list((folder / "inner").iterdir())

    def test_a_folder_beside_the_notebook(self, folder: Path) -> None:
        """A folder of that name may be a package, with or without ``__init__.py``."""
        (folder / "mine").mkdir()
        assert "that is a folder beside the notebook, which Python takes for a package" in refusal("mine", CELL)
        (folder / "mine" / "__init__.py").touch()
        assert "that is a folder beside the notebook, which Python takes for a package" in refusal("mine", CELL)

    @pytest.mark.parametrize("content", [b"", b"def one(n): return n\n", b"\xff\xfe", f"\n{MARK}\n".encode()])
    def test_a_file_of_the_learner(self, folder: Path, content: bytes) -> None:
        """A file without our mark in its first line stays as it is."""
        (folder / "notes.py").write_bytes(content)
        expected = (
            "notes.py exists already and was not written by %%workers, so it is not overwritten. "
            "Choose another name, or import it as it is."
        )
        assert expected == refusal("notes", CELL)
        assert content == (folder / "notes.py").read_bytes()

    def test_a_folder_with_the_name_of_the_file(self, folder: Path) -> None:
        """What cannot be read was not written by us."""
        (folder / "notes.py").mkdir()
        assert "notes.py exists already and was not written by %%workers" in refusal("notes", CELL)

    def test_a_syntax_error(self) -> None:
        """The line is shown with its number as the notebook counts it."""
        expected = (
            "Line 4 of the cell, counted with the line of %%workers, is not Python ('(' was never closed): return (n\n"
            "Mend it and run the cell again. Nothing was written."
        )
        assert expected == refusal("mine", "\ndef one(n):\n    return (n\n")

    def test_the_line_is_of_the_cell_not_of_the_file(self, folder: Path) -> None:
        """The line shown is what the learner has just typed, also when an earlier version is on disk."""
        provide("other", CELL, {})
        assert "(invalid syntax): def two(:\n" in refusal("other", "\ndef two(:\n    pass\n")

    @pytest.mark.parametrize("line", ["%matplotlib inline", "!ls"])
    def test_magics_inside(self, line: str) -> None:
        """What only notebooks understand is refused with the reason."""
        text = refusal("mine", f"import os\n{line}\n")
        assert f"Line 3 of the cell, counted with the line of %%workers, is not Python (invalid syntax): {line}" in text
        assert "Use plain Python only: %magics and !commands belong in other cells." in text

    @pytest.mark.parametrize("cell", ["x = '\0'\n", "x = '\ud800'\n"])
    def test_characters_that_no_file_holds(self, cell: str) -> None:
        """A null byte and half of a surrogate pair are refused in words."""
        text = refusal("mine", cell)
        assert "The cell holds a character that no Python file may hold" in text
        assert "Take it out and run the cell again. Nothing was written." in text

    def test_brackets_that_no_parser_can_follow(self) -> None:
        """Python itself raises MemoryError, or since 3.12 a SyntaxError: it is refused in words, like the rest."""
        text = refusal("mine", f"x = {'[' * 5_000}{']' * 5_000}\n")
        assert "more brackets, or blocks, inside each other than Python can read" in text or "is not Python" in text
        assert "Nothing was written." in text

    @pytest.mark.parametrize("cell", ["", "\n", " \n\t\n"])
    def test_an_empty_cell(self, cell: str) -> None:
        """There must be something to write."""
        expected = "The cell is empty, so there is nothing to write to mine.py. Put functions below the first line."
        assert expected == refusal("mine", cell)

    def test_a_folder_that_is_gone(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A notebook whose folder was removed is told so."""

        def gone() -> Path:
            raise FileNotFoundError

        monkeypatch.setattr(Path, "cwd", gone)
        assert "The notebook's folder is gone, so nothing can be written there. Go to another" in refusal("mine", CELL)

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write")
    def test_a_folder_that_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Even for root there are such folders; the reason is the system's."""
        monkeypatch.chdir("/proc")
        text = refusal("mine", CELL)
        assert "mine.py cannot be written into the notebook's folder: " in text
        assert "mine" not in sys.modules


class TestModulesThatRaise:
    def test_the_first_time(self, folder: Path) -> None:
        """The file stays, the message has exception and line, and nothing is loaded."""
        expected = (
            "mine.py was written, but raises ZeroDivisionError in line 3 of the cell while it is imported: "
            "division by zero\n"
            "The notebook's names are as before. Mend the cell and run it again."
        )
        assert expected == refusal("mine", "LIMIT = 1\nLIMIT / 0\n", {"LIMIT": 5})
        assert f"{MARK}\nLIMIT = 1\nLIMIT / 0\n" == (folder / "mine.py").read_text()
        assert "mine" not in sys.modules

    def test_a_working_version_before_stays_loaded(self, folder: Path) -> None:
        """Module and names are those of the working version; a mended cell has changed."""
        names: dict[str, Any] = {}
        provide("mine", CELL, names)
        module, one = sys.modules["mine"], names["one"]
        text = refusal("mine", EDIT + "def two(): return nothing\ntwo()\n", names)
        assert "raises NameError in line 4 of the cell" in text
        assert "The notebook's names and its module are as before, but new workers read the new file." in text
        assert module is sys.modules["mine"]
        assert one is module.one is names["one"]
        assert 1 == one(0)
        assert not hasattr(module, "two")
        assert CHANGED == provide("mine", EDIT, names) + "\n"
        assert 2 == names["one"](0)

    def test_the_same_cell_again_raises_again(self, folder: Path) -> None:
        """What failed is tried again, though the file is as it was."""
        assert refusal("mine", "1 / 0\n") == refusal("mine", "1 / 0\n")

    def test_a_module_that_leaves(self, folder: Path) -> None:
        """``sys.exit`` does not end the kernel."""
        assert "raises SystemExit in line 2 of the cell" in refusal("mine", "import sys; sys.exit(3)\n")

    def test_an_error_that_cannot_be_said(self, folder: Path) -> None:
        """Its own ``__str__`` raises; where it was raised is told all the same."""
        cell = "class Odd(Exception):\n    def __str__(self):\n        return 1\nraise Odd\n"
        assert "raises Odd in line 5 of the cell while it is imported: (its message" in refusal("mine", cell)

    def test_an_interrupt_goes_through(self, folder: Path) -> None:
        """The stop button is no error of the module, and leaves the version before."""
        names: dict[str, Any] = {}
        provide("mine", CELL, names)
        with pytest.raises(KeyboardInterrupt):
            provide("mine", "raise KeyboardInterrupt\n", names)
        assert 1 == sys.modules["mine"].one(0)

    def test_all_with_a_name_that_is_not_there(self, folder: Path) -> None:
        """A slip in ``__all__`` is told as the import of all names would tell it."""
        text = refusal("mine", "__all__ = ['oen']\ndef one(n): return n\n")
        assert "raises AttributeError while it is imported: __all__ names 'oen', which the cell does not define" in text
        assert "mine" not in sys.modules


SHELL = """
import sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
import parlab
print([name for name in sys.modules if name.startswith("parlab.notebook")])
def cell(text):
    return type(shell.run_cell(text).error_in_exec).__name__
"""


@pytest.fixture
def shell(tmp_path: Path) -> Callable[[str], list[str]]:
    """Run code beside a shell of IPython, in a process of its own: there can be only one in each."""
    return lambda code: fresh(tmp_path, SHELL + code).splitlines()


class TestExtension:
    def test_it_loads_late_and_twice(self, shell: Callable[[str], list[str]]) -> None:
        """Importing parlab loads no magic; %load_ext does, a second time and a reload do no harm."""
        code = """
for line in ("%load_ext parlab", "%load_ext parlab", "%reload_ext parlab"):
    print(cell(line), "workers" in shell.magics_manager.magics["cell"])
print(cell("%%workers mine\\ndef one(n): return n + 1"), shell.user_ns["one"](1))
"""
        already = "The parlab extension is already loaded. To reload it, use:"
        expected = ["[]", "NoneType True", already, "  %reload_ext parlab", "NoneType True", "NoneType True"]
        assert [*expected, NEW.strip(), "NoneType 2"] == shell(code)

    def test_it_unloads(self, shell: Callable[[str], list[str]]) -> None:
        """After %unload_ext there is no such magic; to unload what is not there is no error."""
        code = """
cell("%load_ext parlab"); cell("%unload_ext parlab")
magics = shell.magics_manager.magics
print({"workers", "deadline"} & set(magics["cell"]) | {"speedup"} & set(magics["line"]))
parlab.unload_ipython_extension(shell)
"""
        assert ["[]", "set()"] == shell(code)

    def test_a_refusal_is_one_message(self, shell: Callable[[str], list[str]]) -> None:
        """The learner sees the text alone, without frames of parlab."""
        lines = shell('cell("%load_ext parlab"); print(cell("%%workers\\nx = 1"))')
        assert ["InputError"] == lines[-1:]
        assert ["[]", "InputError: %%workers needs a name for the module"] == [
            line.partition(": ASCII")[0] for line in lines[:2]
        ]
        assert 3 == len(lines)

    def test_a_cell_without_a_body(self, shell: Callable[[str], list[str]]) -> None:
        """IPython itself refuses a magic with nothing below, before anyone is asked."""
        lines = shell('cell("%load_ext parlab"); print(cell("%%workers mine"))')
        assert "UsageError" == lines[-1]


def run(kernel: Kernel, code: str) -> str:
    reply, shown = outcome(kernel[1], kernel[1].execute(code))
    assert "ok" == reply["status"], reply
    return shown


def of_all(answer: list[int]) -> str:
    return "".join(f"{method} {answer}\n" for method in sorted(multiprocessing.get_all_start_methods()))


def test_workers_run_the_cell_and_its_edit(kernel: Kernel, tmp_path: Path) -> None:
    """In a kernel all three start methods run the code, and right after an edit of the same size the new code."""
    assert "True\n" == run(kernel, "import os; print('PYTEST_CURRENT_TEST' in os.environ)")  # as under nbval
    assert "" == run(kernel, f"%load_ext parlab\n{POOLS}")
    assert NEW == run(kernel, f"%%workers mine\n{CELL}")
    assert of_all([1, 2, 3]) == run(kernel, "answers(one)")
    assert CHANGED == run(kernel, f"%%workers mine\n{EDIT}")
    assert of_all([2, 3, 4]) == run(kernel, "answers(one)")
    assert CHANGED == run(kernel, f"%%workers mine\n{CELL}")
    assert of_all([1, 2, 3]) == run(kernel, "answers(one)")
    assert {"mine.py"} == {path.name for path in tmp_path.iterdir()} - {"__pycache__"}


def test_parlab_measures_the_cell(kernel: Kernel) -> None:
    """``parlab.speedup`` takes the function for pools that could not import it from a cell, and runs the edit."""
    code = """
import parlab
view = parlab.speedup(one, range(8), workers=[2], backends=["processes", "processes:spawn"], rounds=1, progress=False)
print(view.summary.workload, [row.backend for row in view.summary.rows])
"""
    raising = "def one(number):\n    raise ValueError('edited')\n"
    run(kernel, "%load_ext parlab")
    run(kernel, f"%%workers mine\n{CELL}")
    assert "mine:one ['serial', 'processes', 'processes:spawn']\n" == run(kernel, code)
    run(kernel, f"%%workers mine\n{raising}")
    reply, _ = outcome(kernel[1], kernel[1].execute(code))
    assert "TaskError" == reply["ename"]
    assert "edited" in reply["evalue"]


def test_it_works_in_another_folder(kernel: Kernel, tmp_path: Path) -> None:
    """After a change of folder the module is written there, workers find it, and still do in the next folder."""
    for name in ("inner", "next"):
        (tmp_path / name).mkdir()
    run(kernel, f"%load_ext parlab\n{POOLS}\nimport os, parlab; os.chdir('inner')")
    assert NEW == run(kernel, f"%%workers mine\n{CELL}")
    assert (tmp_path / "inner" / "mine.py").exists()
    assert of_all([1, 2, 3]) == run(kernel, "answers(one)")
    run(kernel, "os.chdir('../next')")
    assert of_all([1, 2, 3]) == run(kernel, "answers(one)")
    code = "parlab.speedup(one, range(4), backends=['processes'], workers=[2], rounds=1, progress=False)"
    assert "1\n" == run(kernel, f"print({code}.summary.rounds)")
    assert [] == list((tmp_path / "next").iterdir())


def test_it_works_without_the_empty_entry(kernel: Kernel) -> None:
    """Where '' is not on the path, as under ``python -P``, the folder's whole name does."""
    run(kernel, f"%load_ext parlab\n{POOLS}\nimport sys; sys.path[:] = [one for one in sys.path if one]")
    assert NEW == run(kernel, f"%%workers mine\n{CELL}")
    assert of_all([1, 2, 3]) == run(kernel, "answers(one)")


def cell_of(source: str, *outputs: str) -> nbformat.NotebookNode:
    shown = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in outputs]
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=shown)


def test_nbval_compares_its_output(tmp_path: Path) -> None:
    """A notebook with the magic passes nbval, and passes again in the same folder, where its file lies already."""
    refused = nbformat.v4.new_code_cell("%%workers sys\nx = 1", execution_count=1)
    text = (
        "%%workers cannot name a module 'sys': that is a module of Python's standard library, "
        "and one would hide the other. Choose another name, for example my_sys."
    )
    refused.outputs = [nbformat.v4.new_output("error", ename="InputError", evalue=text, traceback=[])]
    refused.metadata["tags"] = ["raises-exception"]
    cells = [
        cell_of(f"%load_ext parlab\n{POOLS}"),
        cell_of(f"%%workers mine\n{CELL}", NEW),
        cell_of("answers(one)", of_all([1, 2, 3])),
        cell_of(f"%%workers mine\n{EDIT}", CHANGED),
        cell_of("answers(one)", of_all([2, 3, 4])),
        refused,
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebook.ipynb")
    options = ["-c", os.devnull, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=150", "-p", "no:cacheprovider"]
    for _ in range(2):
        line = [sys.executable, "-m", "pytest", *options, "notebook.ipynb"]
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=BOUND_S, check=False)
        assert 0 == done.returncode, done.stdout[-3000:]
        assert f"{len(cells)} passed" in done.stdout
