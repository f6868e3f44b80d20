"""The scaling explorer and the monitor of cores in JupyterLab and a real browser, by keyboard alone."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from lab import STEP_MS, Lab, chromium, errors, opened, run_all
from playwright.sync_api import Locator, Page

PICTURES = Path(__file__).parents[2] / "screenshots"
FILE = "explorer.ipynb"
CELLS = (
    """
import parlab
explorer = parlab.ScalingExplorer(parlab.View.read("recorded:download-2-cores"))
explorer
""",
    """
monitor = parlab.CpuMonitor(seconds=600, every_s=0.5)
monitor
""",
    """
import json, threading, ipywidgets
ask, told = ipywidgets.Button(description="Tell"), ipywidgets.HTML()
def tell(_button):
    watching = [one.name for one in threading.enumerate() if one.name == "parlab-cpu-monitor"]
    told.value += "<pre class='told'>" + json.dumps({**explorer.values, "watching": watching}) + "</pre>"
ask.on_click(tell)
ipywidgets.VBox([ask, told])
""",
)
SLIDERS = {
    "serial fraction": "serial_fraction",
    "contention, sigma": "contention",
    "coherency, kappa": "coherency",
    "start-up, seconds": "startup_s",
    "longest task": "longest_share",
    "pace of one": "pace",
    "most workers": "workers",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server on a folder with one notebook; at its end no process is left, which is looked at."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and this is CI: .ci/run installs it.")
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium")
    folder = tmp_path_factory.mktemp("explorer")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # without, JupyterLab asks for one
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / FILE)
    with opened(folder) as running:
        yield running


def test_each_control_works_by_keyboard_and_the_monitor_stops(lab: Lab) -> None:
    """A key moves each slider, and the chart changes; buttons and box too; Stop ends the monitor's thread."""
    with lab.page(f"/lab/tree/{FILE}") as page:
        page.set_viewport_size({"width": 1000, "height": 1000})
        assert [] == run_all(lab, page)
        before = tell(page)
        assert ["parlab-cpu-monitor"] == before["watching"]
        for label in SLIDERS:
            changed(page, slider(page, label), "PageUp")  # five steps: a task of 1 % keeps nobody waiting
        moved = tell(page)
        assert [] == [name for name in SLIDERS.values() if not moved[name] > before[name]]
        changed(page, page.get_by_label("axes to base 2"), "Space")
        photograph(page, "explorer-moved", 0)
        changed(page, page.get_by_role("button", name="Fit to the points"), "Enter")
        fitted = tell(page)
        assert (0, 0.0010475) == (
            fitted["serial_fraction"],
            pytest.approx(fitted["coherency"], rel=1e-3),
        )  # no rounding
        photograph(page, "explorer-fitted", 0)
        changed(page, page.get_by_role("button", name="Reset"), "Enter")
        after = tell(page)
        photograph(page, "monitor-live", 1)
        press(page.get_by_role("button", name="Stop", exact=True), "Enter")
        page.get_by_text("It was stopped after").wait_for(timeout=STEP_MS)
        photograph(page, "monitor-stopped", 1)
        assert tell(page) == {**after, "watching": []} == {**before, "watching": []}
        assert [] == errors(page)


def slider(page: Page, label: str) -> Locator:
    row = page.locator(".jp-Notebook .widget-slider", has=page.get_by_text(label, exact=True))
    return row.locator(".noUi-handle")


def press(control: Locator, key: str) -> None:
    control.focus()
    control.press(key)


def changed(page: Page, control: Locator, key: str) -> None:
    """Press a key on a control, and wait until another chart is shown."""
    chart = page.locator(".jp-Notebook .jupyter-widgets img[alt^='Chart: speedup']")
    before = chart.get_attribute("src")
    press(control, key)
    different = "([kind, before]) => { const one = document.querySelector(kind); return one && one.src !== before; }"
    kind = ".jp-Notebook .jupyter-widgets img[alt^='Chart: speedup']"
    page.wait_for_function(different, arg=[kind, before], timeout=STEP_MS)


def tell(page: Page) -> dict:
    """Ask the kernel what is set, and what watches."""
    count = page.locator(".told").count()
    press(page.get_by_role("button", name="Tell"), "Enter")
    page.wait_for_function("count => document.querySelectorAll('.told').length > count", arg=count, timeout=STEP_MS)
    return json.loads(page.locator(".told").last.inner_text())


def photograph(page: Page, name: str, cell: int) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.locator(".jp-Notebook .jp-CodeCell").nth(cell).scroll_into_view_if_needed()
    page.screenshot(path=str(PICTURES / f"{name}.png"))
