"""Decks of slides in a real browser: nothing overflows, everything can be read, and the keyboard does it all.

``make test`` opens one deck, ``make browser`` (``--all-notebooks``) all.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deck import build
from lab import chromium
from playwright.sync_api import Browser, Page, sync_playwright

from parlab.learn.contents import course_folder, find_lesson, lessons

ALWAYS = ("07",)
SIZE = {"width": 1280, "height": 720}
LEAST_PX = 18
MEASURED = """() => slides().map(slide => {
    slides().forEach(one => one.classList.toggle("present", one === slide));
    const holdsText = one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const texts = [...slide.querySelectorAll("*")].filter(one => one.offsetParent && holdsText(one));
    return {
        over: Math.max(slide.scrollHeight - slide.clientHeight, slide.scrollWidth - slide.clientWidth),
        smallest: Math.min(...texts.map(one => parseFloat(getComputedStyle(one).fontSize)), 99),
        shown: texts.length + slide.querySelectorAll("img").length,
        silent: [...slide.querySelectorAll("img")].filter(one => !one.alt).length,
    };
})"""
SECOND_SECTION = (
    "slides().find(one => one.offsetParent) === document.querySelectorAll('.stage > section')[1].children[0]"
)
HELPER = "window.slides = () => [...document.querySelectorAll('.stage > section > section')]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; ``test_browser.py`` fails where it must be there and is not."""
    if chromium() is None:
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        running.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the notebooks."""
    if "number" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-notebooks")
        metafunc.parametrize("number", [one.number for one in lessons() if every or one.number in ALWAYS])


def test_a_deck_fits_and_obeys_the_keyboard(browser: Browser, number: str, tmp_path: Path) -> None:
    """No slide overflows or is empty, no text is small, nothing is fetched; each key does what the page says."""
    lesson = find_lesson(number)
    file = tmp_path / build(course_folder() / lesson.file, lesson, tmp_path).file
    page = browser.new_page(viewport=SIZE)
    fetched: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.goto(file.as_uri())
    page.evaluate(HELPER)
    measured = page.evaluate(MEASURED)
    wrong = [(place, one) for place, one in enumerate(measured, 1) if _is_wrong(one)]
    assert [] == wrong
    use_keys(page, len(measured))
    assert [] == [url for url in fetched if not url.startswith(("data:", file.as_uri()))]
    assert [] == problems
    page.close()


def _is_wrong(slide: dict) -> bool:
    return slide["over"] > 1 or slide["smallest"] < LEAST_PX or not slide["shown"] or bool(slide["silent"])


def use_keys(page: Page, slides: int) -> None:
    """Go on, back, to the end and the beginning, by sections; open and close the notes and the list of keys."""
    page.reload()
    page.evaluate(HELPER)
    assert ["1"] == at(page)
    for key, place in [("ArrowRight", 2), ("Space", 3), ("Shift+Space", 2), ("ArrowLeft", 1), ("ArrowLeft", 1)]:
        page.keyboard.press(key)
        assert [str(place)] == at(page), key
    page.keyboard.press("End")
    assert [str(slides)] == at(page)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(SECOND_SECTION)
    page.keyboard.press("ArrowUp")
    assert ["1"] == at(page)
    assert not page.locator(".speaker").is_visible()
    page.keyboard.press("n")
    assert page.locator(".speaker").is_visible()
    page.keyboard.press("n")
    assert not page.locator(".speaker").is_visible()
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog.keys").is_visible()


def at(page: Page) -> list[str]:
    """List the numbers of the slides that are seen."""
    return page.evaluate("slides().flatMap((one, place) => one.offsetParent ? [String(place + 1)] : [])")
