"""docs/teaching.md: timetables fit the notebooks' minutes, every notebook has its section, every command exists."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from parlab.cli.app import app
from parlab.learn.contents import lessons

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
COURSE = {one.number: one for one in lessons()}
SECONDS = {
    found["number"]: int(found["seconds"])
    for found in re.finditer(
        r"^\| (?P<number>\d\d) .*\| (?P<seconds>\d+) \|$",
        (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
}
DAYS = re.findall(r"^\| from \| to .*\n\| ---.*\n((?:\|.*\n)+)", TEXT, flags=re.MULTILINE)
ROW = re.compile(r"\| (\d\d):(\d\d) \| (\d\d):(\d\d) \| (.+?) \| (.*?) ?\|$", flags=re.MULTILINE)
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
INLINE = re.findall(r"`((?:parlab|make) [^`]+)`", TEXT)
COMMANDS = sorted({line.partition("#")[0].strip() for line in [*LINES, *INLINE]})
SECTIONS = dict(re.findall(r"^### (\d\d .+?)\n(.*?)(?=^### |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))


class Slot(NamedTuple):
    begin: int  # minutes of the day
    end: int
    what: str
    minutes: str

    @property
    def number(self) -> str | None:
        found = re.match(r"(\d\d) \[", self.what)
        return found[1] if found else None


def slots(day: str) -> list[Slot]:
    return [
        Slot(60 * int(one[0]) + int(one[1]), 60 * int(one[2]) + int(one[3]), one[4], one[5]) for one in ROW.findall(day)
    ]


def test_there_are_three_days() -> None:
    """One of its own, and two that belong together; each row of a table is read."""
    assert 3 == len(DAYS)
    assert [len(day.splitlines()) for day in DAYS] == [len(slots(day)) for day in DAYS]
    assert set(COURSE) == set(SECONDS)


@pytest.mark.parametrize("day", DAYS, ids=["one day", "first day", "second day"])
def test_notebooks_fit_into_their_slots(day: str) -> None:
    """Reading, practice and run time together; the table says the notebook's own minutes, and links to it."""
    for slot in slots(day):
        if slot.number is None:
            continue
        lesson = COURSE[slot.number]
        assert f"{slot.number} [{lesson.question}](../notebooks/{lesson.file})" == slot.what
        assert f"{lesson.reading_minutes} + {lesson.practice_minutes}" == slot.minutes
        needed = lesson.reading_minutes + lesson.practice_minutes + SECONDS[slot.number] / 60
        assert needed <= slot.end - slot.begin <= needed + 15, slot.what


@pytest.mark.parametrize("day", DAYS, ids=["one day", "first day", "second day"])
def test_a_day_has_no_gap_and_its_breaks(day: str) -> None:
    """One slot begins where another ends, lunch is long enough, and nobody sits for over two hours and a quarter."""
    found = slots(day)
    assert [one.end for one in found[:-1]] == [one.begin for one in found[1:]]
    (lunch,) = [one for one in found if one.what == "lunch"]
    assert lunch.end - lunch.begin >= 45
    pauses = [one for one in found if one.what in ("lunch", "break")]
    begins, ends = [found[0].begin, *(one.end for one in pauses)], [*(one.begin for one in pauses), found[-1].end]
    assert max(end - begin for begin, end in zip(begins, ends, strict=True)) <= 135
    assert found[-1].end - found[0].begin <= 8.5 * 60


@pytest.mark.parametrize("course", [DAYS[:1], DAYS[1:]], ids=["one day", "two days"])
def test_what_a_notebook_needs_came_before(course: list[str]) -> None:
    """The notebooks that the first cell names stand earlier in the timetable."""
    before: list[str] = []
    for slot in [slot for day in course for slot in slots(day) if slot.number is not None]:
        needed = re.findall(r"\]\((\d\d)_", COURSE[str(slot.number)].needs)
        assert set(needed) <= set(before), f"{slot.number} needs {needed}"
        before.append(str(slot.number))
    assert len(before) == len(set(before))


def test_every_notebook_has_its_section() -> None:
    """With its question as the title, in the order of the course."""
    assert [f"{number} {one.question}" for number, one in sorted(COURSE.items())] == list(SECTIONS)


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_has_ideas_and_questions(title: str) -> None:
    """Two wrong ideas or more, each answered; two or three questions, each with its expected answer."""
    ideas, _, questions = SECTIONS[title].partition("Ask:")
    wrong = re.findall(r'^- \*".+?"\* (.+)$', ideas.replace("\n  ", " "), flags=re.MULTILINE)
    assert 2 <= len(wrong) == ideas.count("\n- ")
    asked = re.findall(r"^\d\. .+?\? \*\*A:\*\* .+$", questions.replace("\n   ", " "), flags=re.MULTILINE)
    assert 2 <= len(asked) == len(re.findall(r"^\d\. ", questions, flags=re.MULTILINE)) <= 3
    assert all(len(answer) > 20 for answer in wrong)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_one_that_there_is(line: str) -> None:
    """parlab's commands take these options and arguments; make's targets stand in the Makefile; nothing is run."""
    program, *words = shlex.split(line)
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
        variables = set(re.findall(r"\$\(([A-Z]+)\)", makefile))
        assert {word for word in words if "=" not in word} <= targets
        assert {word.partition("=")[0] for word in words if "=" in word} <= variables
    elif program == "conda":
        assert words in (["env", "create", "-f", "environment.yml"], ["activate", "parlab"])
    else:
        assert "parlab" == program
        name, *arguments = words
        group = typer.main.get_command(app)
        command = group.get_command(group.make_context("parlab", [name, *arguments]), name)
        assert command is not None
        command.make_context(name, list(arguments))


def test_words_that_one_sees_are_parlabs_own() -> None:
    """What stands in quotes in the table of rooms, as the thing one sees, is written by parlab in these words."""
    seen = re.findall(r'^\| [^|]*?"([^"]+)"', TEXT, flags=re.MULTILINE)
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "parlab").rglob("*.py"))
    assert len(seen) >= 3
    assert [] == [words for words in seen if words not in sources]


def test_variables_and_files_that_are_named_exist() -> None:
    """Environment variables are read somewhere in parlab, findings and cell magics are there."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "parlab").rglob("*.py"))
    for name in set(re.findall(r"PARLAB_[A-Z_]+", TEXT)):
        assert f'"{name}"' in sources
    for name in set(re.findall(r"%%(\w+)", TEXT)):
        assert f"def {name}(" in sources
