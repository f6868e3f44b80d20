"""Reads from CONTRIBUTING.md how something is added, and does it to a copy of the clone, step by step."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
BOUND_S = 900

_TICKS = r"(?P<{0}_ticks>`{{1,2}})(?P<{0}>.+?)(?P={0}_ticks)"
_LINK = r"\[[^\]]+\]\((?P<source>[^)]+)\)"
_NEW = re.compile(rf"New: \[`(?P<target>[^`]+)`\]\({_LINK.partition('(')[2]}")
_BELOW = re.compile(rf"In `(?P<target>[^`]+)`, below {_TICKS.format('anchor')}: {_TICKS.format('text')}")
_END = re.compile(rf"At the end of `(?P<target>[^`]+)`: {_LINK}")
_MAKE = re.compile(r"`make (?P<goal>[a-z-]+) NOTEBOOKS=(?P<target>[^`]+)`")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Step:
    """One edit: a new file, a line below another, a text at a file's end, or a command about a notebook."""

    target: str
    source: str = ""
    anchor: str = ""
    text: str = ""
    goal: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.goal, self.target, self.text[:30])))

    def do(self, clone: Path) -> None:
        """Do it, as somebody would who reads the page; a line that is to stand below another must find it once."""
        path = clone / self.target
        if self.goal:
            self._make(clone)
        elif self.anchor:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            [place] = [number for number, line in enumerate(lines) if line.strip() == self.anchor]
            indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
            lines.insert(place + 1, f"{indent}{self.text}\n")
            path.write_text("".join(lines), encoding="utf-8")
        elif path.exists():
            with path.open("a", encoding="utf-8") as file:
                file.write((ROOT / self.source).read_text(encoding="utf-8"))
        else:
            shutil.copyfile(ROOT / self.source, path)

    def _make(self, clone: Path) -> None:
        """Run the Makefile's own line, with this Python in the place of the clone's, which has none."""
        python = Path(sys.executable)
        line = ["make", "-o", ".venv/.dev", f"BIN={python.parent.as_posix()}", self.goal, f"NOTEBOOKS={self.target}"]
        subprocess.run(line, cwd=clone, env=environment(clone), check=True, timeout=BOUND_S, capture_output=True)


@dataclass(frozen=True)
class Addition:
    """What one section of the page says: what to do, and what pytest is to be given then."""

    name: str
    steps: tuple[Step, ...]
    tests: tuple[tuple[str, ...], ...]


def read_addition(name: str, page: str | None = None) -> Addition:
    """Read ``## Add a {name}``: its list, item by item."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    section = text.partition(f"\n## Add a {name}\n")[2].partition("\n## ")[0]
    listed = re.search(r"(?m)(?:^- .*\n(?:  .*\n)*)+", section)
    items = re.split(r"(?m)^- ", listed[0] if listed else "")[1:]
    plain = [" ".join(item.split()) for item in items]
    passing = [line for item in plain if item.startswith("Must pass:") for line in _CODE.findall(item)]
    tests = [tuple(shlex.split(line)) for line in passing]
    return Addition(name, tuple(step for item in plain for step in _steps(item)), tuple(tests))


def _steps(item: str) -> Iterator[Step]:
    for pattern in (_NEW, _BELOW, _END, _MAKE):
        for found in pattern.finditer(item):
            fields = found.groupdict()
            yield Step(**{name: fields[name] for name in Step.__dataclass_fields__ if fields.get(name)})


def copy_clone(folder: Path) -> Path:
    """Copy what git knows, or would take in; where there is no git, all but what tools have left."""
    line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    names = [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    if not names:
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "dist"))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def environment(clone: Path) -> dict[str, str]:
    """Have programs import the clone's parlab, and know nothing of the tests that started them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return {**kept, "PYTHONPATH": str(clone), "COLUMNS": "120"}


def run(clone: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python module in the clone."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=clone,
        env=environment(clone),
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def run_tests(clone: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run tests of the clone."""
    return run(clone, "pytest", *words, "-q", "-p", "no:cacheprovider", "--basetemp", str(clone.parent / "of-tests"))


def failed(done: "subprocess.CompletedProcess[str]") -> set[str]:
    """Name the tests that failed, by file and function."""
    return set(re.findall(r"(?m)^(?:FAILED|ERROR) (\S+?)(?:\[| |$)", done.stdout))
