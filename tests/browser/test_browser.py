"""The course in JupyterLab and a real browser: opened, run from top to bottom, used, and photographed.

``make test`` opens some notebooks, ``make browser`` (``--all-notebooks``) all. The pictures go to ``screenshots``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from lab import STEP_MS, Lab, chromium, errors, opened, run_all
from playwright.sync_api import Page

from parlab.learn.choosing import CLASS
from parlab.learn.contents import course_folder, lessons
from parlab.learn.copies import START, make_copy
from parlab.learn.store import Store

PICTURES = Path(__file__).parents[2] / "screenshots"
ALWAYS = ("01",)  # nbval runs all of them; this one has a quiz, a prediction, and what children print
OPTION = f".jp-Notebook button.{CLASS}"
NUMBER = ".jp-Notebook .jupyter-widgets input[type=number], .jp-Notebook .jupyter-widgets.widget-text input"
SETTLE_MS = 500


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server on the committed notebooks and the start page."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and this is CI: .ci/run installs it.")
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium")
    folder = tmp_path_factory.mktemp("course")
    make_copy(folder)
    for lesson in lessons():  # with the solutions, which must run without an error
        (folder / lesson.file).write_bytes((course_folder() / lesson.file).read_bytes())
    with opened(folder) as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the notebooks."""
    if "file" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-notebooks")
        files = [one.file for one in lessons() if every or one.number in ALWAYS]
        metafunc.parametrize("file", files, ids=[file.removesuffix(".ipynb") for file in files])


def photograph(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def test_the_start_page_is_shown(lab: Lab) -> None:
    """What `parlab lab` opens has a link to each notebook, and a click on one opens it."""
    with lab.page(f"/lab/tree/{START}") as page:
        link = page.locator(".jp-RenderedMarkdown a", has_text=lessons()[0].question)
        link.wait_for(timeout=STEP_MS)
        photograph(page, "start")
        assert len(lessons()) == page.locator(".jp-RenderedMarkdown td a").count()
        link.click()
        page.wait_for_selector(f".lm-TabBar-tabLabel:text-is('{lessons()[0].file}')", timeout=STEP_MS)


def test_a_notebook_runs_and_reacts(lab: Lab, file: str) -> None:
    """Run All shows no error; a click on a quiz's option and a number for a prediction change what is shown."""
    with lab.page(f"/lab/tree/{file}") as page:
        shown = run_all(lab, page)
        photograph(page, file.removesuffix(".ipynb"))
        assert [] == shown
        use_widgets(page, file.removesuffix(".ipynb"))
        page.wait_for_timeout(SETTLE_MS)
        assert [] == errors(page)


MADE = """
from parlab import learn
one_of, any_number = learn.Prediction("One?", unit="tasks", options=[1, 10]), learn.Prediction("Any?", unit="tasks")
display(learn.quiz("00-label"), one_of, any_number)
"""
FOCUSED_BEGINS = "text => document.activeElement.textContent.startsWith(text)"
CUT = "all => all.filter(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length"
MOST_TABS = 8
NARROW = {"width": 700, "height": 1000}


def test_widgets_react(lab: Lab) -> None:
    """A quiz and two predictions, by keyboard alone and by mouse: what is chosen arrives in the kernel and is shown."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without, JupyterLab asks for one
    cells = [nbformat.v4.new_code_cell(source) for source in (MADE.strip(), "1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab.folder / "made.ipynb")
    with lab.page("/lab/tree/made.ipynb") as page:
        assert [] == run_all(lab, page)
        page.locator(NUMBER).wait_for(timeout=STEP_MS)  # the last of what the page makes after the cell has ended
        press(page, "ArrowUp", "[1]:")  # from the last cell to the one with the quiz
        tab_to(page, "○ 1. The number on the label")
        press(page, "Tab", "○ 2. How many processes")
        press(page, "Space", "● 2. How many processes")
        page.locator("[role=status]", has_text="2. Not this one.").wait_for(timeout=STEP_MS)
        assert 2 == Store.of(lab.folder).progress.quizzes["00-label"]
        press(page, "Tab", "○ 3. The smallest of all limits")
        press(page, "Enter", "● 3. The smallest of all limits")
        page.locator("[role=status]", has_text="3. Right.").wait_for(timeout=STEP_MS)
        for text in ("○ 4.", "○ 1", "○ 10"):
            press(page, "Tab", text)
        press(page, "Space", "● 10")
        page.locator("[role=status]", has_text="Your guess: 10 tasks.").wait_for(timeout=STEP_MS)
        assert 2 == page.locator(".jp-Notebook .jp-Cell").count()  # no key was taken for a shortcut
        page.set_viewport_size(NARROW)
        photograph(page, "made-keyboard")
        assert 0 == page.locator(OPTION).evaluate_all(CUT)
        assert ["_click", "_enter"] == use_widgets(page, "made")
        assert "1. Not this one." in page.locator(".jp-Notebook").inner_text()
        assert "Your guess: 3 tasks." in page.locator(".jp-Notebook").inner_text()


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what has the focus begins with a text: where there is room, a cell's own buttons come before."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_BEGINS, text):
            return
    raise AssertionError(f"{MOST_TABS} times Tab did not come to {text}")


def press(page: Page, key: str, text: str) -> None:
    """Press a key, and wait until what has the focus begins with a text."""
    page.keyboard.press(key)
    page.wait_for_function(FOCUSED_BEGINS, arg=text, timeout=STEP_MS)


def use_widgets(page: Page, name: str) -> list[str]:
    """Click the first option and enter the first number that the notebook asks for; wait until it answers."""
    done = []
    for kind, act in ((OPTION, _click), (NUMBER, _enter)):
        if page.locator(kind).count():
            page.locator(kind).first.scroll_into_view_if_needed()
            before = page.locator(".jp-Notebook").inner_text()
            act(page, kind)
            changed = "before => document.querySelector('.jp-Notebook').innerText !== before"
            page.wait_for_function(changed, arg=before, timeout=STEP_MS)
            done.append(act.__name__)
    if done:
        photograph(page, f"{name}-used")
    return done


def _click(page: Page, kind: str) -> None:
    page.locator(kind).first.click()


def _enter(page: Page, kind: str) -> None:
    page.locator(kind).first.fill("3")
    page.locator(kind).first.press("Enter")
