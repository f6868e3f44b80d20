"""CONTRIBUTING.md: one page that can be read, with the layers of the test, and a row for every file of benchmarks/."""

import re
import runpy
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MINUTES, WORDS_A_MINUTE = 10, 250
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def rows(head: str) -> list[list[str]]:
    """Return the cells of the table that begins with this head."""
    table = PAGE.partition(head)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


BENCHMARKS = rows("| files | command | takes | at rest | look at then |")


def benchmarks() -> set[str]:
    """Name what lies in benchmarks/, as git has it."""
    line = ["git", "ls-files", "benchmarks"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    found = done.stdout.split() or [path.relative_to(ROOT).as_posix() for path in (ROOT / "benchmarks").rglob("*.*")]
    return {name.removeprefix("benchmarks/") for name in found if "__pycache__" not in name}


def test_it_is_read_in_ten_minutes() -> None:
    """The words of its prose and tables, without links' targets."""
    text = re.sub(r"\]\([^)]*\)", "]", PAGE)
    assert len(re.findall(r"[\w`./=-]*[A-Za-z][\w`./=-]*", text)) <= MINUTES * WORDS_A_MINUTE


def test_the_layers_are_those_of_the_test() -> None:
    """In the same order, with the same modules, and each with a reason."""
    layers = runpy.run_path(str(ROOT / "tests" / "test_layers.py"))["LAYERS"]
    found = rows("| layer | modules | why it is one |")
    assert [(name, units) for name, units in layers] == [(one[0], set(re.findall(r"\w+", one[1]))) for one in found]
    assert all(len(one[2]) > 20 for one in found)


def test_every_file_of_benchmarks_has_a_row() -> None:
    """And no row names a file that is not there."""
    named = [name for row in BENCHMARKS for name in re.findall(r"`([^`]+)`", row[0])]
    assert len(named) == len(set(named))
    assert benchmarks() == set(named)


@pytest.mark.parametrize("row", BENCHMARKS, ids=lambda row: row[0].partition(",")[0].strip("`"))
def test_a_row_says_all_that_one_needs(row: list[str]) -> None:
    """Its command exists, how long it takes and whether the machine must rest is said, and what to look at."""
    files, command, takes, rest, look = row
    found = re.search(r"`([^`]+)`", command)
    assert found, files
    words = shlex.split(found[1].rpartition("&& ")[2])
    folder = ROOT / re.match(r"(?:cd (\S+) && )?", found[1])[1] if found[1].startswith("cd ") else ROOT
    if words[0] == "make":
        assert words[1] in TARGETS
    else:
        assert words[0].endswith(".venv/bin/python")
        assert (folder / words[1]).is_file()
    assert re.search(r"\d|hour|seconds|told", takes)
    assert rest in ("yes", "no", "–")
    assert look


def test_every_command_of_make_is_there() -> None:
    """What is named with `make …` is a target, and a variable of it is one that the Makefile reads."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for words in re.findall(r"`make ([^`]+)`", PAGE):
        target, *variables = words.split()
        assert target in TARGETS
        assert [] == [one for one in variables if f"$({one.partition('=')[0]})" not in makefile]


def test_the_targets_have_one_place() -> None:
    """Each of the Makefile's targets is said to be phony: a folder of its name cannot stand for it."""
    phony = set(re.findall(r"(?m)^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert TARGETS == {name for line in phony for name in line.split()}
