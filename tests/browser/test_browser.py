"""The course in JupyterLab and a real browser: opened, run from top to bottom, used, and photographed.

``make test`` opens some notebooks, ``make browser`` (``--all-notebooks``) all. The pictures go to ``screenshots``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from lab import Lab, chromium, errors, opened, run_all
from playwright.sync_api import Page

from parlab.learn.contents import course_folder, lessons
from parlab.learn.copies import START, make_copy

PICTURES = Path(__file__).parents[2] / "screenshots"
ALWAYS = ("01",)  # nbval runs all of them; this one has a quiz, a prediction, and what children print
WIDGET = ".jp-Notebook .widget-radio-box input[type=radio], .jp-Notebook .jupyter-widgets.widget-toggle-buttons button"
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
        link.wait_for(timeout=60_000)
        photograph(page, "start")
        assert len(lessons()) == page.locator(".jp-RenderedMarkdown td a").count()
        link.click()
        page.wait_for_selector(f".lm-TabBar-tabLabel:text-is('{lessons()[0].file}')", timeout=30_000)


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
import ipywidgets
choice, number, said = ipywidgets.RadioButtons(options=["a", "b"], value=None), ipywidgets.Text(), ipywidgets.HTML()
for field in (choice, number):
    field.observe(lambda change: setattr(said, "value", said.value + f"<b>you gave {change['new']}</b>"), "value")
ipywidgets.VBox([choice, number, said])
"""


def test_widgets_react(lab: Lab) -> None:
    """A quiz and a prediction made here: the option and the number arrive in the kernel, and the page shows it."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without, JupyterLab asks for one
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(MADE)], metadata=kernel)
    nbformat.write(notebook, lab.folder / "made.ipynb")
    with lab.page("/lab/tree/made.ipynb") as page:
        assert [] == run_all(lab, page)
        assert ["_click", "_enter"] == use_widgets(page, "made")
        assert "you gave a" in page.locator(".jp-Notebook").inner_text()
        assert "you gave 3" in page.locator(".jp-Notebook").inner_text()


def use_widgets(page: Page, name: str) -> list[str]:
    """Click the first option and enter the first number that the notebook asks for; wait until it answers."""
    done = []
    for kind, act in ((WIDGET, _click), (NUMBER, _enter)):
        if page.locator(kind).count():
            page.locator(kind).first.scroll_into_view_if_needed()
            before = page.locator(".jp-Notebook").inner_text()
            act(page, kind)
            changed = "before => document.querySelector('.jp-Notebook').innerText !== before"
            page.wait_for_function(changed, arg=before, timeout=30_000)
            photograph(page, f"{name}-{act.__name__.strip('_')}")
            done.append(act.__name__)
    return done


def _click(page: Page, kind: str) -> None:
    page.locator(kind).first.click()


def _enter(page: Page, kind: str) -> None:
    page.locator(kind).first.fill("3")
    page.locator(kind).first.press("Enter")
