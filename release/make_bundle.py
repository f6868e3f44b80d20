"""Makes a folder that installs parlab without a network: wheels, course, installer (`make bundle`). It downloads.

usage: make_bundle.py [--pythons "3.11 3.12"] [--platforms "linux-x86_64 windows-x86_64"] [--output build]

pip cannot resolve for another system: it reads `sys_platform == "win32"` as what it runs on. Here every version is
pinned, so there is nothing to resolve: the requirements of each wheel are read for the system that it is meant for, and
pip fetches what is still missing.
"""

import argparse
import json
import re
import shutil
import string
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parent / "bundle"))

import installing

from parlab.learn.copies import make_copy

ROOT = Path(__file__).parents[1]
PARTS = ROOT / "release" / "bundle"
EXTRAS = ("lab",)
GROWTH = 1.4  # installed files over those in the wheels: compiled modules, pip, and some air


@dataclass(frozen=True)
class System:
    """A system that a bundle can be for: the tags of its wheels, and what its markers say."""

    tags: tuple[str, ...]
    markers: dict[str, str]


def _linux(machine: str) -> System:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(installing.LEAST_GLIBC[1], 16, -1)]
    markers = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine}
    return System((*tags, f"manylinux2014_{machine}"), markers)


def _macos(machine: str) -> System:
    markers = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": machine}
    return System((f"macosx_14_0_{machine}",), markers)


SYSTEMS = {
    "linux-x86_64": _linux("x86_64"),
    "linux-aarch64": _linux("aarch64"),
    "macos-arm64": _macos("arm64"),
    "macos-x86_64": _macos("x86_64"),
    "windows-x86_64": System(
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
}


@dataclass(frozen=True)
class Wheel:
    """A wheel's name, version and requirements."""

    name: str
    version: str
    requires: tuple[Requirement, ...]


def read_wheel(path: Path) -> Wheel:
    """Read what a wheel says of itself; others' metadata need not be perfect."""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        told = Metadata.from_email(archive.read(name), validate=False)
    return Wheel(canonicalize_name(told.name), str(told.version), tuple(told.requires_dist or ()))


def markers(python: str, system: System) -> dict[str, str]:
    """Return the values that requirements are read with."""
    return {
        **system.markers,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }


def requirements(wheel: Wheel, extras: Iterable[str], values: dict[str, str]) -> Iterator[Requirement]:
    """Yield what a wheel needs on a system, its extras included."""
    for one in wheel.requires:
        if one.marker is None or any(one.marker.evaluate({**values, "extra": extra}) for extra in ("", *extras)):
            yield one


def collect(start: Path, into: Path, python: str, system: System, constraints: Path) -> None:
    """Fetch all wheels that a wheel needs with its extras into a folder, the wheel included.

    Raises
    ------
    SystemExit
        Something is not there for this Python and system.
    """
    shutil.copy(start, into)
    values, wanted = markers(python, system), [Requirement(f"parlab[{','.join(EXTRAS)}]")]
    asked: dict[str, set[str]] = {}  # the extras of each package whose requirements were read
    while wanted:
        held = {one.name: one for one in map(read_wheel, into.glob("*.whl"))}
        lacking = sorted({_line(one) for one in wanted if canonicalize_name(one.name) not in held})
        if lacking:
            _download(lacking, into, python, system, constraints)
            held = {one.name: one for one in map(read_wheel, into.glob("*.whl"))}
        _refuse_misfits(wanted, held)
        wanted = list(_next(wanted, held, asked, values))


def _line(one: Requirement) -> str:
    return f"{one.name}{one.specifier}"


def _refuse_misfits(wanted: Iterable[Requirement], held: dict[str, Wheel]) -> None:
    for one in wanted:
        found = held[canonicalize_name(one.name)]
        if not one.specifier.contains(found.version, prereleases=True):
            sys.exit(f"{_line(one)} is needed, and constraints.txt has {found.version}: the pins do not fit together.")


def _next(
    wanted: Iterable[Requirement], held: dict[str, Wheel], asked: dict[str, set[str]], values: dict[str, str]
) -> Iterator[Requirement]:
    """Yield what those need that were not asked before, or not with these extras."""
    for one in wanted:
        name = canonicalize_name(one.name)
        fresh = name not in asked or bool(one.extras - asked[name])
        asked.setdefault(name, set()).update(one.extras)
        if fresh:
            yield from requirements(held[name], asked[name], values)


def _download(lines: list[str], into: Path, python: str, system: System, constraints: Path) -> None:
    abi = f"cp{python.replace('.', '')}"
    options = ["--only-binary", ":all:", "--no-deps", "--quiet", "--disable-pip-version-check", "--dest", str(into)]
    options += ["--implementation", "cp", "--python-version", python, "--abi", abi, "--abi", "abi3", "--abi", "none"]
    options += [word for tag in system.tags for word in ("--platform", tag)]
    line = [sys.executable, "-m", "pip", "download", *options, "--constraint", str(constraints), *lines]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"Not all wheels for Python {python} on {system.markers['platform_system']} "
            f"{system.markers['platform_machine']} are there:\n{done.stderr.strip()}"
        )


def make(folder: Path, wheel: Path, pythons: list[str], systems: list[str], constraints: Path) -> None:
    """Put a whole bundle into an empty folder."""
    wheels = folder / "files" / "wheels"
    wheels.mkdir(parents=True)
    room = 0
    for python in pythons:
        for name in systems:
            print(f"Wheels for Python {python} on {name} …", flush=True)
            with tempfile.TemporaryDirectory() as place:
                collect(wheel, Path(place), python, SYSTEMS[name], constraints)
                found = sorted(Path(place).glob("*.whl"))
                room = max(room, sum(map(unpacked_bytes, found)))
                for path in found:
                    shutil.copy(path, wheels)
    room = int(room * GROWTH)
    version = read_wheel(wheel).version
    write_parts(folder, version, pythons, systems, room)
    shutil.copy(constraints, folder / "files")
    make_copy(folder / "notebooks")
    write_sums(folder)


def unpacked_bytes(path: Path) -> int:
    """Return how much a wheel takes when it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        return sum(one.file_size for one in archive.infolist())


def write_parts(folder: Path, version: str, pythons: list[str], systems: list[str], room: int) -> None:
    """Write installer, README.txt, licence, and what the bundle is for."""
    told = installing.Bundle(version, pythons, systems, room)
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "files" / "bundle.json").write_text(json.dumps(vars(told), indent=1) + "\n", encoding="utf-8")
    shutil.copy(PARTS / "install.py", folder)
    shutil.copy(PARTS / "installing.py", folder / "files")
    shutil.copy(ROOT / "LICENSE", folder)
    text = string.Template((PARTS / "README.txt").read_text(encoding="utf-8"))
    values = {"version": version, "pythons": ", ".join(pythons), "platforms": ", ".join(systems)}
    said = text.substitute(values, room=f"{room / 1e9:.1f}")
    (folder / "README.txt").write_bytes(said.replace("\n", "\r\n").encode())  # Windows' Notepad reads it, too


def write_sums(folder: Path) -> None:
    """Note the digest of every file, as sha256sum does."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{installing.digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / installing.SUMS).write_bytes("".join(lines).encode())


def built_wheel() -> Path:
    """Return the wheel that `make dist` has left."""
    found = list((ROOT / "dist").glob("*.whl"))
    if len(found) != 1:
        sys.exit("dist/ has no wheel, or several. Make one with: make dist")
    return found[0]


def main() -> int:
    """Make the bundle beside its place, and put it there when it is whole."""
    here = "{}.{}".format(*sys.version_info[:2])
    parser = argparse.ArgumentParser(description="Make a folder that installs parlab without a network.")
    parser.add_argument("--pythons", default="", help=f'such as "3.11 3.12"; {here} if not given')
    parser.add_argument("--platforms", default="", help=f"of: {' '.join(SYSTEMS)}; this one if not given")
    parser.add_argument("--output", type=Path, default=ROOT / "build")
    given = parser.parse_args()
    pythons, systems = given.pythons.split() or [here], given.platforms.split() or [installing.this_platform()]
    if unknown := [name for name in systems if name not in SYSTEMS]:
        parser.error(f"unknown platform {unknown[0]!r}; allowed: {', '.join(SYSTEMS)}")
    if unknown := [one for one in pythons if not re.fullmatch(r"3\.\d+", one)]:
        parser.error(f"a Python is written as 3.12, and not as {unknown[0]!r}")
    wheel = built_wheel()
    target = given.output / f"parlab-bundle-{read_wheel(wheel).version}"
    given.output.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.output) as place:
        made = Path(place) / target.name
        made.mkdir()
        make(made, wheel, pythons, systems, ROOT / "constraints.txt")
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    wheels = list((target / "files" / "wheels").iterdir())
    print(f"{target}\n  {len(wheels)} wheels, {size / 1e6:.0f} MB in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
