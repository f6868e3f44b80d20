"""Makes an environment from a bundle's wheels, and a learner's copy of the course. Standard library only, no network.

It refuses what cannot work before it writes anything: another Python, another system, damaged files, too little room.
Run again after it was cut off, it goes on.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
LEAST_GLIBC = (2, 28)  # what the wheels of numpy, pandas and pyarrow ask for
_SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64"}


class RefusedError(Exception):
    """It cannot be installed here; the text says why, and what to do."""


@dataclass(frozen=True)
class Bundle:
    """What bundle.json says."""

    parlab: str
    pythons: list[str]
    platforms: list[str]
    room_bytes: int


def main(words: Sequence[str] | None = None) -> int:
    """Install, and say what to do next; 2 if it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="install.py", description="Install parlab from this folder, without a network."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path.home() / "parlab", help="where to; %(default)s if not given"
    )
    given = parser.parse_args(words)
    try:
        install(HERE, given.folder.absolute())
    except RefusedError as problem:
        print(f"install.py: {problem}", file=sys.stderr)
        return 2
    return 0


def install(bundle_folder: Path, folder: Path) -> None:
    """Check all, then make environment and course in a folder.

    Raises
    ------
    RefusedError
        It cannot work here.
    """
    bundle = read_bundle(bundle_folder)
    check_python(bundle)
    check_platform(bundle)
    check_tools()
    check_folder(folder)
    check_room(folder, bundle.room_bytes)
    print("Checking the files …", flush=True)
    check_sums(bundle_folder)
    print(f"Installing parlab {bundle.parlab} into {folder}. This may take some minutes …", flush=True)
    environment = folder / "environment"
    folder.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", str(environment)], "The environment could not be made")
    run(pip_line(environment, bundle_folder, bundle.parlab), "The packages could not be installed")
    parlab = scripts(environment) / "parlab"
    run([str(parlab), "learn", str(folder / "course")], "The course could not be copied")
    print(
        "Done. Open the course with:\n\n"
        f"  {shown([str(parlab), 'lab', str(folder / 'course')])}\n\n"
        f"Ask what this machine can do with:\n\n  {shown([str(parlab), 'doctor'])}\n\n"
        f"All of it lies in {folder}: to remove it, delete that folder."
    )


def read_bundle(folder: Path) -> Bundle:
    """Read bundle.json."""
    try:
        return Bundle(**json.loads((folder / "files" / "bundle.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as problem:
        raise RefusedError(f"files/bundle.json cannot be read: {problem}. Copy the whole folder again.") from problem


def check_python(bundle: Bundle) -> None:
    """Refuse a Python that the wheels are not for."""
    here = "%d.%d" % sys.version_info[:2]
    have = " or ".join(bundle.pythons)
    example = f"py -{bundle.pythons[0]} install.py" if os.name == "nt" else f"python{bundle.pythons[0]} install.py"
    if here not in bundle.pythons:
        raise RefusedError(
            f"This is Python {here}, and this folder has packages for Python {have}. Start it with: {example}"
        )
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        kind = platform.python_implementation() if sys.implementation.name != "cpython" else "a free-threaded Python"
        raise RefusedError(
            f"This is {kind}, and the packages are for the usual CPython {have}. Start it with: {example}"
        )


def this_platform() -> str:
    """Name system and processor as bundles do: ``"linux-x86_64"``."""
    machine = platform.machine().lower()
    bits = "" if sys.maxsize > 2**32 else "-with-32-bit-python"
    return f"{_SYSTEMS.get(platform.system(), platform.system().lower())}-{_MACHINES.get(machine, machine)}{bits}"


def check_platform(bundle: Bundle) -> None:
    """Refuse a system that the wheels are not for."""
    here = this_platform()
    if here not in bundle.platforms:
        have = ", ".join(bundle.platforms)
        raise RefusedError(
            f"This machine is {here}, and this folder has packages for: {have}. Ask for a bundle for {here}."
        )
    if here.startswith("linux"):
        check_libc(platform.libc_ver())


def check_libc(found: tuple[str, str]) -> None:
    """Refuse a C library that the wheels do not know: musl, or a very old glibc."""
    name, text = found
    numbers = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    if name != "glibc" or numbers < LEAST_GLIBC:
        least = ".".join(map(str, LEAST_GLIBC))
        raise RefusedError(
            f"The packages need glibc {least} or newer, and this system has {name or 'another C library'} {text}."
        )


def check_tools() -> None:
    """Refuse a Python that cannot make environments, as Debian's without python3-venv."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = "python%d.%d-venv" % sys.version_info[:2]
        raise RefusedError(
            f"This Python lacks its module {missing[0]}. On Debian and Ubuntu it comes with: apt install {package}. "
            "Elsewhere install Python from python.org."
        )


def check_folder(folder: Path) -> None:
    """Refuse a folder with something else in it; an installation that was cut off is gone on with."""
    if folder.exists() and not folder.is_dir():
        raise RefusedError(f"{folder} is no folder. Name another: install.py FOLDER")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "environment" / "pyvenv.cfg").is_file():
        raise RefusedError(f"{folder} has other files in it. Name another folder: install.py FOLDER")


def check_room(folder: Path, wanted: int) -> None:
    """Refuse a disk that is too full."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if not (folder / "environment").exists() and free < wanted:
        raise RefusedError(
            f"{place} has {free / 1e9:.1f} GB left, and parlab needs {wanted / 1e9:.1f} GB. Make room first."
        )


def check_sums(bundle_folder: Path) -> None:
    """Refuse files that were damaged, lost or added on their way."""
    try:
        lines = (bundle_folder / SUMS).read_text(encoding="utf-8").splitlines()
        # Not `digest` for `wanted`: Python 3.12.1 takes the function below for that variable, and finds nothing.
        noted = {name: wanted for wanted, _, name in (line.partition("  ") for line in lines)}
    except (OSError, ValueError) as problem:
        raise RefusedError(f"{SUMS} cannot be read: {problem}. Copy the whole folder again.") from problem
    wrong = [name for name, wanted in noted.items() if digest(bundle_folder / name) != wanted]
    wheels = {f"files/wheels/{path.name}" for path in (bundle_folder / "files" / "wheels").iterdir()}
    wrong += sorted(wheels - set(noted))
    if wrong or not wheels:
        names = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        raise RefusedError(f"Damaged, missing or added: {names or 'all packages'}. Copy the whole folder again.")


def digest(path: Path) -> str:
    """Return a file's SHA-256; empty where it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                found.update(part)
    except OSError:
        return ""
    return found.hexdigest()


def scripts(environment: Path) -> Path:
    """Return where an environment keeps its programs."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def pip_line(environment: Path, bundle_folder: Path, version: str) -> list[str]:
    """Return the line that installs from the bundle alone, in the versions that it was made with."""
    files = bundle_folder / "files"
    options = ["--no-index", "--find-links", str(files / "wheels"), "--constraint", str(files / "constraints.txt")]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    return [str(scripts(environment) / "python"), "-m", "pip", "install", *quiet, *options, f"parlab[lab]=={version}"]


def surroundings(given: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which neither pip's settings nor another Python's modules have a say."""
    kept = {name: value for name, value in given.items() if not name.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def run(line: Sequence[str], failure: str) -> None:
    """Run a program; refuse with what it said when it fails."""
    done = subprocess.run(line, env=surroundings(os.environ), capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise RefusedError(f"{failure}. This is what was said:\n{said}")


def shown(line: Sequence[str]) -> str:
    """Write a command as one types it on this system."""
    return subprocess.list2cmdline(line) if os.name == "nt" else shlex.join(line)
