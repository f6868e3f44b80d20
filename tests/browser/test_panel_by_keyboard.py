"""The benchmark panel in JupyterLab and a real browser, by keyboard alone: filled in, started, watched, cancelled."""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from lab import VARIABLE, Lab, chromium, errors, opened, run_all
from playwright.sync_api import Page

from parlab import backends

PICTURES = Path(__file__).parents[2] / "screenshots"
SHOW = "import parlab\npanel = parlab.BenchmarkPanel()\npanel"
USE = "print(panel.state, panel.state != 'ready' and panel.view.summary.workload, 'said')"
FOCUSED = "() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent"
STATUS = ".jp-Notebook [role=status], .jp-Notebook [role=alert]"
CHART = ".jp-Notebook img[alt^='Chart: speedup against workers of hello. threads: ']"
STEP_MS = 90_000


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A server on a notebook with a panel, and a cell that uses its result."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and this is CI: .ci/run installs it.")
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without, JupyterLab asks for one
    cells = [nbformat.v4.new_code_cell(SHOW), nbformat.v4.new_code_cell(USE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "panel.ipynb")
    with opened(tmp_path) as running:
        yield running


def measuring(lab: Lab) -> list[str]:
    """List the processes of a sweep that this server's kernel has started."""
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            ours = "parlab.measure" in words and process.environ().get(VARIABLE) == lab.token
        except psutil.Error:
            continue
        if ours and process.status() != psutil.STATUS_ZOMBIE:
            found.append(words)
    return found


def photograph(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def engines() -> list[str]:
    """Return those that can be chosen here."""
    return [name for name in backends.names() if name != "serial" and backends.get(name).availability() is None]


def tab_to(page: Page, name: str) -> None:
    page.keyboard.press("Tab")
    assert name == page.evaluate(FOCUSED).strip()


def fill_in(page: Page, text: str) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def await_status(page: Page, text: str) -> None:
    page.locator(STATUS, has_text=text).wait_for(timeout=STEP_MS)


def test_a_panel_is_used_by_keyboard(lab: Lab) -> None:
    """Each control is reached with Tab and does its part; the chart changes; Cancel in the middle leaves nobody."""
    with lab.page("/lab/tree/panel.ipynb") as page:
        assert [] == run_all(lab, page)
        page.get_by_label("Workload").focus()
        fill_in(page, "hello")
        tab_to(page, "Workers")
        fill_in(page, "0")
        tab_to(page, "Size")
        fill_in(page, "4")
        tab_to(page, "Rounds")
        fill_in(page, "1000")
        tab_to(page, "Precision")
        fill_in(page, "0.01 %")
        for engine in engines():
            tab_to(page, engine)
            if engine == "processes":
                page.keyboard.press("Space")
        tab_to(page, "Start")
        page.keyboard.press("Enter")
        await_status(page, "'0' is no whole number from 1 up")
        page.get_by_label("Workers").focus()
        fill_in(page, "2")
        for _ in ("Size", "Rounds", "Precision", *engines(), "Start"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(CHART).wait_for(timeout=STEP_MS)
        photograph(page, "panel-running")
        assert measuring(lab)
        assert page.locator(".jp-Notebook progress").count() == 1
        first = page.locator(CHART).get_attribute("src")
        page.wait_for_function(
            "before => ![before, undefined].includes(document.querySelector('.jp-Notebook .widget-html img')?.src)",
            arg=first,
            timeout=STEP_MS,
        )
        tab_to(page, "Cancel")
        page.keyboard.press("Enter")
        await_status(page, "Cancelled after")
        assert [] == measuring(lab)
        await_status(page, "The next cell can use the result: panel.view")
        assert "hello" == page.get_by_label("Workload").input_value()
        assert not page.get_by_label("processes").is_checked()
        page.set_viewport_size({"width": 1000, "height": 1000})
        photograph(page, "panel-cancelled")
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.click()
        page.keyboard.press("Control+Enter")
        page.locator(".jp-OutputArea-output", has_text="cancelled hello said").wait_for(timeout=STEP_MS)
        assert [] == errors(page)
        assert 2 == page.locator(".jp-Notebook .jp-Cell").count()  # no key was taken for a shortcut
