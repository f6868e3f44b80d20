"""Tries an installed parlab as a new user does, in an empty folder far from the clone. Says what failed.

usage: trying.py ENVIRONMENT [--long]       --long: `parlab demo` as well, about a minute
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOUND_S = 900
IN_LAB = Path(__file__).with_name("in_lab.py")


@dataclass(frozen=True)
class Step:
    """A command, and what must be true afterwards."""

    words: tuple[str, ...]
    says: str = ""  # a text of its output
    leaves: tuple[str, ...] = ()  # files that must be there, and not empty


def steps(version: str, *, long: bool) -> Iterator[Step]:
    """Yield what a new user does, in this order."""
    yield Step(("parlab", "--version"), says=f"{version}\n")
    yield Step(("python", "-c", "import parlab; print(parlab.__version__)"), says=f"{version}\n")
    yield Step(("parlab", "doctor"), says="Python")
    yield Step(("parlab", "backends"), says="forkserver")
    sweep = ("--workers", "1,2", "--rounds", "2", "--size", "8", "--output", "primes.jsonl")
    engines = "threads,pool,processes:spawn,processes:forkserver,loky" if os.name == "posix" else "threads,pool,loky"
    yield Step(("parlab", "bench", "primes", "--backends", engines, *sweep), leaves=("primes.jsonl",))
    yield Step(("parlab", "show", "primes.jsonl"), says="loky")
    yield Step(("parlab", "explain", "primes.jsonl"), says="loky")
    yield Step(("parlab", "plot", "primes.jsonl", "-o", "chart.png"), leaves=("chart.png",))
    yield Step(("parlab", "report", "primes.jsonl", "-o", "page.html"), leaves=("page.html",))
    yield Step(("parlab", "show", "recorded:primes-16-cores"), says="16")
    yield Step(("parlab", "learn", "mine"), leaves=("mine/start.ipynb", "mine/00_what_can_your_machine_do.ipynb"))
    yield Step(("python", str(IN_LAB), "mine", "00_what_can_your_machine_do.ipynb"), says="cells ran")
    if long:
        yield Step(("parlab", "demo"), leaves=("parlab-results",))


def scripts(environment: Path) -> Path:
    """Return where an environment keeps its programs."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def surroundings(environment: Path) -> dict[str, str]:
    """Return a user's variables: the environment first on the path, and nothing that leads to a clone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "VIRTUAL_ENV"))}
    return {**kept, "PATH": f"{scripts(environment)}{os.pathsep}{kept.get('PATH', '')}", "COLUMNS": "80"}


def failures(environment: Path, version: str, *, long: bool = False) -> list[str]:
    """Take all steps, and say which failed and what they said."""
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for step in steps(version, long=long):
            line = [str(scripts(environment) / step.words[0]), *step.words[1:]]
            done = subprocess.run(
                line,
                cwd=folder,
                env=surroundings(environment),
                capture_output=True,
                text=True,
                timeout=BOUND_S,
                check=False,
            )
            lost = [one for one in step.leaves if not (folder / one).exists() or not _size(folder / one)]
            fine = done.returncode == 0 and step.says in done.stdout and not lost
            print(f"  {'ok    ' if fine else 'FAILED'} {' '.join(step.words)}", flush=True)
            if not fine:
                wrong.append(f"{' '.join(step.words)}: code {done.returncode}, lost {lost}\n{done.stdout}{done.stderr}")
    return wrong


def _size(path: Path) -> int:
    return len(list(path.iterdir())) if path.is_dir() else path.stat().st_size


def main() -> int:
    """Try one environment."""
    parser = argparse.ArgumentParser(description="Try an installed parlab as a new user does.")
    parser.add_argument("environment", type=Path)
    parser.add_argument("--long", action="store_true", help="parlab demo as well")
    parser.add_argument("--version", required=True, help="what it must be")
    given = parser.parse_args()
    wrong = failures(given.environment.absolute(), given.version, long=given.long)
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
