"""Looks at the built site in the system's Chromium, from files: as wide as a desk and as a phone, light and dark.

usage: look.py SITE PICTURES

What is checked: no page scrolls sideways, no picture is wider than the page, code and tables scroll in boxes of their
own, nothing is asked of a network, no script fails, and the search finds. The pictures are for the eye.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "browser"))
from lab import chromium  # where the system's Chromium is, found in one place

WIDTHS = {"desk": 1280, "phone": 390}
PICTURED = {
    "start": "index.html",
    "notebook": "notebooks/04_how_do_you_share_out_work.html",
    "interface": "reference/api-parlab.html",
    "command-line": "reference/command-line.html",
    "measuring": "explanation/measuring.html",
}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDER = """() => [...document.querySelectorAll('.bd-article img, .bd-article pre, .bd-article table')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !scrolls(e))
    .map(e => e.tagName + ' ' + (e.textContent || e.src).slice(0, 40))"""
SCROLLS = """window.scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true; return false }"""
SEARCH_FIELD = ".search-button-field:visible"  # on phones it is behind a button
HITS = "#search-results li a"


@contextmanager
def opened(browser: Browser, width: int, wrong: list[str], *, dark: bool = False) -> Iterator[Page]:
    """Open a page that notes what fails in it, and what it asks of others."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: a script fails: {error}"))
    page.on("request", lambda one: one.url.startswith(("file:", "data:", "blob:")) or wrong.append(f"asks {one.url}"))
    page.add_init_script(SCROLLS)
    try:
        yield page
    finally:
        page.close()


def look_at_all(browser: Browser, site: Path, width: int, wrong: list[str]) -> int:
    """Open every page at a width; note what is too wide. Return how many there are."""
    pages = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    with opened(browser, width, wrong) as page:
        for path in pages:
            page.goto(path.as_uri(), wait_until="load")
            name = path.relative_to(site).as_posix()
            if (fields := page.locator(SEARCH_FIELD).count()) > 1:
                wrong.append(f"{name} at {width} pixels: {fields} search fields")
            if (over := page.evaluate(SIDEWAYS)) > 0:
                wrong.append(f"{name} at {width} pixels scrolls sideways by {over}")
            wrong += [f"{name} at {width} pixels: too wide: {one}" for one in page.evaluate(WIDER)]
    return len(pages)


def search(browser: Browser, site: Path, width: int, wrong: list[str], picture: Path) -> None:
    """Search for a word that the course has; the first hit must lead to a page."""
    with opened(browser, width, wrong) as page:
        page.goto(f"{(site / 'search.html').as_uri()}?q=chunksize")
        page.wait_for_selector(HITS, timeout=30_000)
        page.screenshot(path=picture)
        page.locator(HITS).first.click()
        page.wait_for_load_state()
        if page.locator("h1").count() == 0 or "search.html" in page.url:
            wrong.append("the search's first hit leads nowhere")


def take_pictures(browser: Browser, site: Path, pictures: Path, wrong: list[str]) -> None:
    """Take a picture of the chosen pages, at each width, light and dark."""
    for kind, width in WIDTHS.items():
        for dark in (False, True):
            with opened(browser, width, wrong, dark=dark) as page:
                for name, place in PICTURED.items():
                    page.goto((site / place).as_uri(), wait_until="load")
                    chosen = page.evaluate("document.documentElement.dataset.theme")
                    if chosen != ("dark" if dark else "light"):
                        wrong.append(f"{place} is {chosen} where {'dark' if dark else 'light'} is wanted")
                    page.screenshot(path=pictures / f"{name}-{kind}{'-dark' * dark}.png")


def main(site: Path, pictures: Path) -> int:
    """Look, take pictures, and print what is wrong; return the exit code."""
    pictures.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    place = chromium()
    if place is None:
        print("There is no Chromium or Chrome here. Install one: apt-get install chromium")
        return 1
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=place, args=["--no-sandbox"])
        for width in WIDTHS.values():
            count = look_at_all(browser, site, width, wrong)
            print(f"{count} pages at {width} pixels", flush=True)
        for kind, width in WIDTHS.items():
            search(browser, site, width, wrong, pictures / f"search-{kind}.png")
        take_pictures(browser, site, pictures, wrong)
        browser.close()
    print("\n".join(wrong) or f"Nothing is too wide, nothing fails, nothing is asked of a network: see {pictures}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2])))
