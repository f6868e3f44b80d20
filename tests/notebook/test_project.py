"""``parlab.Project`` from the first guess to the report, with sweeps that are made by hand."""

import importlib
import sys
from pathlib import Path

import pytest
from builders import make_results, make_rounds
from pages import Page

import parlab
from parlab.errors import InputError
from parlab.learn import Prediction
from parlab.notebook import project as module_of_project
from parlab.notebook.profiled import Profile
from parlab.notebook.project import Waiting
from parlab.notebook.view import View

OWN = (
    "def work(item):\n    ### BEGIN SOLUTION\n    return {}\n    ### END SOLUTION\n"
    "def make_items():\n    return ['<b>', 'c']\n"
)
OPEN = "def work(item):\n    raise NotImplementedError('your code here')\ndef make_items():\n    return [1, 2]\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch):
    """Write a module into the folder where the test runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        module_of_project, "speedup", lambda *_, **how: View.of(make_results(make_rounds(6, map_s=how["map_s"])))
    )

    def make(name: str, text: str) -> str:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    return make


def test_all_steps_end_in_a_report(write, tmp_path: Path, monkeypatch) -> None:
    """Name, code without the course's marks, guess, profile, before and after: each is on the page, and escaped."""
    monkeypatch.setattr(sys.modules["parlab.report.page"], "pictures", lambda _: ([], []))
    project = parlab.Project(write("own_first", OWN.format("item * 2")), author="Ada <Lovelace>")
    write("own_second", OWN.format("item + item"))
    assert 2 == project.profile().tasks
    project.measure("before", map_s=1.0)
    assert 2.0 == project.predicted(Prediction("mine", 1.9, unit="times")).measured
    project.measure("after", module="own_second", map_s=0.5)
    improved = project.improvement()
    assert (True, "faster") == (improved.same_answers, improved.found.verdict)
    assert "Faster, and the rounds support it" in repr(improved)
    assert Path("page.html") == project.report("page.html")
    found = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    mine = found.part("mine")
    assert "By Ada <Lovelace>" in found.all("header")[0].words
    assert "return item * 2" in mine
    assert "return ['<b>', 'c']" in mine
    assert "SOLUTION" not in mine
    for words in (
        "The plain loop: 2 items",
        "predicted 1.9",
        "measured 2",
        "Before and after",
        "Faster, and the rounds",
    ):
        assert words in mine


def test_a_project_and_a_view_report_in_the_same_words(write, tmp_path: Path, monkeypatch) -> None:
    """The same arguments: an author for this page alone, else the project's; the same refusals, and words for them."""
    monkeypatch.setattr(sys.modules["parlab.report.page"], "pictures", lambda _: ([], []))
    project = parlab.Project(write("own_named", OWN.format("item")), author="Ada")
    view = project.measure("before", map_s=1.0)
    for author, line in ((None, "By Ada"), ("Grace", "By Grace"), ("", None)):
        project.report("page.html", author=author)
        header = Page((tmp_path / "page.html").read_text(encoding="utf-8")).all("header")[0].words
        assert line in header if line else "By " not in header
    for report in (project.report, view.report):
        with pytest.raises(InputError, match=r"A report is a web page, so 'a\.txt' cannot be its name"):
            report("a.txt")
        with pytest.raises(InputError, match="letters"):
            report("page.html", author="x" * 1_000)
    assert "Ada" == project.author


def test_other_answers_are_no_improvement(write) -> None:
    """However fast they come."""
    project = parlab.Project(write("own_third", OWN.format("item * 2")))
    write("own_fourth", OWN.format("item * 3"))
    project.measure("before", map_s=1.0)
    project.measure("after", module="own_fourth", map_s=0.1)
    assert "The answers differ" in repr(project.improvement())


def test_a_setting_that_was_improved_is_told(write, monkeypatch) -> None:
    """Where the code is the same, only the sentence says what has changed; the same setting is not spoken of."""
    monkeypatch.setattr(
        module_of_project,
        "speedup",
        lambda *_, **how: View.of(make_results(make_rounds(6), sweep={"chunksize": how["chunksize"]})),
    )
    project = parlab.Project(write("own_chunks", OWN.format("item * 2")))
    project.measure("before", chunksize=1)
    project.measure("after", chunksize=8)
    assert "The chunk size was 1 before, and is 8 after." in repr(project.improvement())
    project.measure("after", chunksize=1)
    assert "chunk size" not in repr(project.improvement())


def test_an_open_function_stops_nothing(write, tmp_path: Path) -> None:
    """Each step says what it waits for, can be shown, and nothing is written."""
    project = parlab.Project(write("own_open", OPEN), author=...)
    guess = Prediction("mine", 1.9, unit="times")
    steps = [project.profile(), project.measure(), project.predicted(guess), project.improvement()]
    steps += [project.report("page.html"), project.measure("after").plot("time").explain()]
    assert all(isinstance(one, Waiting) and "not yet" in repr(one) and "not yet" in one._repr_html_() for one in steps)
    assert project.cause("tail") is None
    assert not (tmp_path / "page.html").exists()


def test_what_is_missing_is_said(write) -> None:
    """No module, no function, no item."""
    with pytest.raises(InputError, match="%%workers own_nowhere"):
        parlab.Project("own_nowhere")
    with pytest.raises(InputError, match="own_half has no make_items"):
        parlab.Project(write("own_half", "def work(item):\n    return item\n"))
    empty = parlab.Project(write("own_empty", "def work(item):\n    return item\nmake_items = []\n"))
    with pytest.raises(InputError, match="no items"):
        empty.profile()
    two = parlab.Project(write("own_two", "def work(a, b):\n    return a\nmake_items = [(1, 2), (3, 4)]\n"))
    with pytest.raises(TypeError, match="missing") as raised:
        two.profile()
    assert ["It was raised for the item (1, 2), which a task gets as its only argument."] == raised.value.__notes__


def test_an_item_that_cannot_be_shown_hides_no_error(write) -> None:
    """The task's own error is the one that is told."""
    text = "class Item:\n    def __repr__(self):\n        raise OSError\n"
    text += "def work(item):\n    return 1 / 0\nmake_items = [Item()]\n"
    with pytest.raises(ZeroDivisionError) as raised:
        parlab.Project(write("own_unshown", text)).profile()
    (note,) = raised.value.__notes__
    assert note.startswith("It was raised for the item <Item instance at ")


def test_a_profile_says_what_follows_from_it() -> None:
    """Amdahl's limit of what cannot be shared out, and what the loop does; a crowded machine is no waiting."""
    found = Profile(10, items_s=4.0, loop_s=16.0, cpu_s=16.0, lines=())
    assert (0.8, 5.0) == (found.parallel_share, round(found.bound(float("inf")), 9))
    assert 20 / 12 == pytest.approx(found.bound(2))
    assert "It computes: 100%" in repr(found)
    assert "It waits" in repr(Profile(10, 0.0, 16.0, 1.0, ()))
    assert "far more" in repr(Profile(10, 0.0, 16.0, 1.0, ()))
    assert "quiet machine" in repr(Profile(10, 0.0, 16.0, 1.0, (), load=3.0))
    assert "threads of its own" in repr(Profile(10, 0.0, 16.0, 30.0, ()))
