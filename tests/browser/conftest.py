"""The options of ``make browser`` and ``make interrupts``, and what the latter keeps of each test that has ended."""

import json
from pathlib import Path

import pytest

SEEN = "interrupt"  # the name of a test's property: what was stopped, how, and what was seen; None while it is tried


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("browser")
    group.addoption("--all-notebooks", action="store_true", help="Open every notebook in the browser.")
    group.addoption("--interrupts", action="store_true", help="Stop everything in every way, in the browser.")
    group.addoption(
        "--interrupts-table",
        metavar="FILE",
        help="Make the table of what was stopped, from this run and from those before that are noted beside it.",
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    """Note what a test has seen as soon as it has ended: the whole takes an hour, and may be done in parts."""
    outcome = yield
    report = outcome.get_result()
    table = item.config.getoption("--interrupts-table")
    if table is None or report.when != "call" or report.skipped:
        return
    if report.failed:  # at once: the end of the run is far
        with notes_of(table).with_suffix(".failed.txt").open("a", encoding="utf-8") as why:
            why.write(f"{item.nodeid}\n{report.longreprtext}\n\n")
    lines = [json.dumps(seen) for name, seen in report.user_properties if name == SEEN]
    if lines:
        with notes_of(table).open("a", encoding="utf-8") as notes:
            notes.write("\n".join(lines) + "\n")


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Write the table where it was asked for."""
    table = config.getoption("--interrupts-table")
    if table is not None and notes_of(table).exists():
        from interrupts_table import as_markdown

        seen = [json.loads(line) for line in notes_of(table).read_text(encoding="utf-8").splitlines()]
        Path(table).write_text(as_markdown(seen), encoding="utf-8")


def notes_of(table: str) -> Path:
    """Return the file in which runs are noted; git does not keep it."""
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    return folder / f"{Path(table).stem}.jsonl"
