"""Measures things side by side, for the scripts beside it: rounds in which everything runs once, ratios inside rounds.

A machine that is slow for a while is slow for all that runs in that round. Medians and intervals are parlab's own. It
writes Markdown and never a file.
"""

import argparse
import importlib
import json
import os
import platform
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

from parlab.codec import decode, encode
from parlab.machine import detect
from parlab.results.intervals import Estimate, median_interval

SEED = 20240229  # as in sweeps that name none
INSTALL = "Install what the benchmarks need: pip install --editable '.[bench]'"
HERE = Path(__file__).parent
Measured = dict[str, list[float]]
_AGREED = "the section follows:"


def in_rounds(contestants: Mapping[str, Callable[[], float]], rounds: int) -> Measured:
    """Run every contestant once a round, in an order shuffled by ``SEED``.

    Parameters
    ----------
    contestants
        Each measures once and returns what it found, seconds most often. Each is called once more before the rounds.
    rounds
        How many; from 6 on there are intervals.

    Returns
    -------
    dict
        What each has found, round by round.
    """
    chance, measured = random.Random(SEED), {name: list[float]() for name in contestants}  # noqa: S311  # no secret
    for contestant in contestants.values():
        contestant()
    for _ in range(rounds):
        for name in chance.sample(list(contestants), len(contestants)):
            measured[name].append(contestants[name]())
    return measured


def ratio(measured: Measured, one: str, other: str) -> Estimate:
    """Return the median of ``one`` over ``other`` with its interval, each ratio taken inside a round."""
    return median_interval([a / b for a, b in zip(measured[one], measured[other], strict=True)])


def difference(measured: Measured, one: str, other: str) -> Estimate:
    """Return the median of ``one`` minus ``other`` with its interval, each difference taken inside a round."""
    return median_interval([a - b for a, b in zip(measured[one], measured[other], strict=True)])


def shown(estimate: Estimate, digits: int = 2, scale: float = 1.0) -> str:
    """Write a median with its interval: ``1.02 (0.99 to 1.05)``."""
    text = f"{estimate.median * scale:.{digits}f}"
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({estimate.low * scale:.{digits}f} to {estimate.high * scale:.{digits}f})"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a Markdown table."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(lines)


@dataclass(frozen=True)
class Goal:
    """What was wanted of one number, and what came of it."""

    text: str
    found: Estimate
    limit: float
    at_least: bool = False  # else at most
    digits: int = 2
    scale: float = 1.0  # from what was measured to what is shown

    @property
    def verdict(self) -> str:
        """Say whether it was met, from the numbers alone: the interval decides, and where it cannot, the median."""
        low, high, median = self.found.low, self.found.high, self.found.median
        ends = (median, median) if low is None or high is None else (low, high)
        if self._meets(median):
            return "met" if all(map(self._meets, ends)) else "met by the median, not by the whole interval"
        missed = f"missed by {abs(median / self.limit - 1):.0%}"
        return f"{missed}; the interval holds the goal" if any(map(self._meets, ends)) else missed

    def _meets(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def row(self) -> list[str]:
        """Return the cells of its row."""
        limit = f"{'at least' if self.at_least else 'at most'} {self.limit * self.scale:g}"
        return [self.text, limit, shown(self.found, self.digits, self.scale), self.verdict]


@dataclass(frozen=True)
class Section:
    """One question of the results page, answered."""

    title: str
    command: str
    tables: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    notes: str = ""  # what holds whatever the numbers are

    @property
    def markdown(self) -> str:
        """Write it."""
        goals = table(["goal", "limit", "found", "verdict"], [goal.row for goal in self.goals]) if self.goals else ""
        parts = [f"## {self.title}", f"`{self.command}`", *self.tables, goals, self.notes.strip()]
        return "\n\n".join(part for part in parts if part) + "\n"


def needed(module: str, install: str) -> ModuleType:
    """Import a tool that only benchmarks need, or end with the line that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        sys.exit(f"{module} is not installed. {install}")


def in_fresh_process(script: str, rounds: int | None = None) -> Section:
    """Have a script measure in a new interpreter, and return what it found.

    Workers import the main module of the process that started them. Here that is no file, so they import nothing but
    their task, as the workers of a trial do.
    """
    arguments = "" if rounds is None else f"rounds={rounds}"
    code = f"import side_by_side, {script}; side_by_side.hand_over({script}.section({arguments}))"
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)
    return decode(Section, json.loads(done.stdout.partition(_AGREED)[2]))


def hand_over(section: Section) -> None:
    """Give a section to the process that waits for it."""
    print(_AGREED, json.dumps(encode(section)))


def main(script: str, description: str | None) -> None:
    """Read the one option that scripts have, measure, and print."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="fewer or more than usual; from 6 on there are intervals")
    print(in_fresh_process(script, parser.parse_args().rounds).markdown)


def machine_line(*packages: str) -> str:
    """Say what was measured on, with which versions, and when."""
    machine = detect()
    names = ["parlab", *packages]
    versions = ", ".join(f"{name} {_version(name)}" for name in names)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    cores = f"{machine.cores_usable} usable cores of {machine.cpu_model}"
    today = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    return f"{cores}, {platform.system()} {platform.release().split('-')[0]}, {python}, {versions}; {today}{load}."


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
