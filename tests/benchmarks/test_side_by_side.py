"""What the benchmarks share: rounds that hold everyone once, ratios inside rounds, and verdicts read off numbers."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from parlab.codec import decode, encode
from parlab.results.intervals import Estimate

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, imported as the scripts beside it import it."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("side_by_side")


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that writes the results page."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("all")


def estimate(median: float, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(median, low, high, 9)


def test_every_round_has_everyone_once(shared: ModuleType) -> None:
    """After one call each to warm up, nobody is called again before all others were; and not always in one order."""
    called: list[str] = []
    contestants = {name: lambda name=name: float(called.append(name) or 1) for name in "abc"}
    found = shared.in_rounds(contestants, 20)
    rounds = [tuple(called[place : place + 3]) for place in range(0, len(called), 3)]
    assert 21 == len(rounds)
    assert all({"a", "b", "c"} == set(one) for one in rounds)
    assert 1 < len(set(rounds))
    assert dict.fromkeys("abc", 20) == {name: len(values) for name, values in found.items()}


def test_ratios_are_taken_inside_rounds(shared: ModuleType) -> None:
    """A machine that gets ten times slower on the way changes no ratio; a quotient of medians would be another one."""
    measured = {"one": [2.0, 20.0, 4.0], "other": [1.0, 10.0, 2.0]}
    assert 2.0 == shared.ratio(measured, "one", "other").median
    assert 2.0 == shared.difference(measured, "one", "other").median
    assert shared.ratio({"one": [1.0] * 6, "other": [2.0] * 6}, "one", "other").low == 0.5


@pytest.mark.parametrize(
    ("found", "at_least", "verdict"),
    [
        (estimate(1.9, 1.8, 1.95), False, "met"),
        (estimate(2.0, 2.0, 2.0), False, "met"),
        (estimate(1.9, 1.8, 2.1), False, "met by the median, not by the whole interval"),
        (estimate(3.0, 2.5, 3.1), False, "missed by 50%"),
        (estimate(3.0, 1.5, 3.1), False, "missed by 50%; the interval holds the goal"),
        (estimate(1.0), False, "met"),
        (estimate(2.2), False, "missed by 10%"),
        (estimate(2.1, 2.0, 2.2), True, "met"),
        (estimate(2.1, 1.9, 2.2), True, "met by the median, not by the whole interval"),
        (estimate(1.0, 0.9, 1.1), True, "missed by 50%"),
        (estimate(1.0, 0.9, 2.0), True, "missed by 50%; the interval holds the goal"),
        (estimate(-1.0, -2.0, 1.0), False, "met"),
    ],
)
def test_a_verdict_is_read_off_the_interval(shared: ModuleType, found: Any, at_least: Any, verdict: str) -> None:
    """Met and missed are said without reserve only where the whole interval, or a number without one, says so."""
    assert verdict == shared.Goal("text", found, 2.0, at_least).verdict


def test_a_goal_is_shown_in_its_unit(shared: ModuleType) -> None:
    """Seconds become microseconds, the limit like what was found."""
    goal = shared.Goal("cost", estimate(3.456e-6, 3e-6, 4e-6), 2e-6, scale=1e6)
    assert ["cost", "at most 2", "3.46 (3.00 to 4.00)", "missed by 73%"] == goal.row


def test_a_section_is_markdown(shared: ModuleType) -> None:
    """Heading, command, tables, goals and notes, apart from each other; what is not there leaves no gap."""
    table = shared.table(["a", "b"], [["1", 2]])
    section = shared.Section("Title", "python x.py", (table,), (), "\nWhy.\n")
    assert "## Title\n\n`python x.py`\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nWhy.\n" == section.markdown


def test_a_section_comes_whole_from_its_process(shared: ModuleType) -> None:
    """Written as JSON and read again it is the same, goals without an interval included."""
    goals = shared.Goal("text", estimate(1.0), 2.0), shared.Goal("other", estimate(1.0, 0.5, 1.5), 1.0, at_least=True)
    section = shared.Section("Title", "command", ("table",), goals, "note")
    assert section == decode(shared.Section, json.loads(json.dumps(encode(section))))


def test_a_script_is_run_in_another_process(
    shared: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it prints on the way is passed over; one that fails ends with its own words."""
    (tmp_path / "fine.py").write_text(
        "from side_by_side import Section\ndef section(rounds=3):\n    print('on the way')\n"
        "    return Section(f'{rounds} rounds', 'c')\n"
    )
    (tmp_path / "bad.py").write_text("import sys\ndef section():\n    sys.exit('hyperfine is not installed.')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "3 rounds" == shared.in_fresh_process("fine").title
    assert "7 rounds" == shared.in_fresh_process("fine", 7).title
    with pytest.raises(SystemExit):
        shared.in_fresh_process("bad")
    assert "hyperfine is not installed." in capfd.readouterr().err


def test_a_tool_that_is_missing_is_named_with_its_remedy(shared: ModuleType) -> None:
    """And one that is there is given."""
    assert json is shared.needed("json", "")
    with pytest.raises(SystemExit, match=r"no_such_tool is not installed\. Install what the benchmarks need: pip"):
        shared.needed("no_such_tool", shared.INSTALL)


def test_the_machine_is_described(shared: ModuleType) -> None:
    """Cores, system, Python, and versions, those that are missing included."""
    line = shared.machine_line("numpy", "no-such-package")
    assert "usable cores" in line
    assert "numpy 2." in line
    assert "no-such-package not installed" in line


def test_the_page_has_all_goals_first(shared: ModuleType, everything: ModuleType) -> None:
    """One table of all goals stands above the sections."""
    goals = [(shared.Goal(f"goal {number}", estimate(1.0), 2.0),) for number in (1, 2)]
    text = everything.page([shared.Section(f"Part {len(one)}", "c", (), one) for one in goals], "A machine.", 120)
    top = text[: text.index("## Part")]
    assert "A machine. It took 2 minutes." in top
    assert all(f"| goal {number} | at most 2 | 1.00 | met |" in top for number in (1, 2))


def test_what_others_found_is_kept_when_one_fails(
    shared: ModuleType, everything: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is written, names who gave no result, and the command fails."""

    def measure(script: str, rounds: int | None) -> Any:
        if script == "starts":
            raise SystemExit(1)
        return shared.Section(f"{script}, {rounds} rounds", "c")

    monkeypatch.setattr(everything, "in_fresh_process", measure)
    monkeypatch.setattr("sys.argv", ["all.py", "--rounds", "6", "--output", str(tmp_path / "page.md")])
    with pytest.raises(SystemExit, match="No result: starts"):
        everything.main()
    text = (tmp_path / "page.md").read_text()
    assert "## starts: no result" in text
    assert all(f"## {script}, 6 rounds" in text for script in everything.SCRIPTS if script != "starts")
    assert ["page.md"] == [path.name for path in tmp_path.iterdir()]
