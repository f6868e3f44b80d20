"""Builds wheel and sdist into dist/, twice, and looks inside them (`make dist`). Needs no network.

The first wheel is made from the sdist, the second from the clone: the same bytes, or it is a fault.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.metadata import Metadata

ROOT = Path(__file__).parents[1]
MOST_BYTES = 12_000_000  # each file; the notebooks with their pictures are most of it
COURSE = "parlab/data/course/"
DIST_INFO = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
OF_THE_SDIST = {".gitignore", "CHANGELOG.md", "CITATION.cff", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
_PATH_OF_ONE_MACHINE = re.compile(rb"/(?:home|Users)/\w+/|/roo[t]/|" + re.escape(str(ROOT).encode()) + rb"/")
_LINK = re.compile(r"\]\((?!https?://)[^)]+\)")


def git(*words: str) -> str:
    """Ask git in the clone."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def tracked() -> set[str]:
    """Name the files that git knows."""
    return set(git("ls-files", "-z").strip("\0").split("\0"))


def build(into: Path, *kinds: str) -> list[Path]:
    """Build with the pinned tools of this environment, dated by the commit; return the files, wheel and sdist.

    Raises
    ------
    SystemExit
        The build failed; with what it said.
    """
    environment = {"SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct"), **os.environ}
    line = [sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", str(into), *kinds, str(ROOT)]
    done = subprocess.run(line, cwd=into, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The build failed.\n{done.stdout}{done.stderr}")
    return sorted(into.glob("parlab-*"), key=lambda path: path.suffix, reverse=True)


def members(path: Path) -> dict[str, bytes]:
    """Read a wheel or an sdist; an sdist's names without its outer folder."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(path) as archive:
        files = [one for one in archive.getmembers() if one.isfile()]
        return {one.name.partition("/")[2]: archive.extractfile(one).read() for one in files}  # type: ignore[union-attr]


def expected_in_wheel(known: Iterable[str], dist_info: str) -> set[str]:
    """Name what a wheel must hold, and nothing else: the package, the course, and what says what it is."""
    names = {name for name in known if name.startswith("parlab/")}
    names |= {COURSE + name.partition("/")[2] for name in known if _of_the_course(name)}
    return names | {f"{dist_info}/{name}" for name in DIST_INFO}


def expected_in_sdist(known: Iterable[str]) -> set[str]:
    """Name what an sdist must hold, and nothing else."""
    return OF_THE_SDIST | {name for name in known if name.startswith("parlab/") or _of_the_course(name)}


def _of_the_course(name: str) -> bool:
    return name.startswith("notebooks/") and (name.endswith(".ipynb") or name == "notebooks/README.md")


def faults(path: Path, known: Iterable[str]) -> Iterator[str]:
    """Say what is wrong with a wheel or an sdist: files too many or missing, paths of one machine, bad metadata."""
    found = members(path)
    if path.suffix == ".whl":
        dist_info = next(name.partition("/")[0] for name in found if name.endswith(".dist-info/METADATA"))
        expected, metadata = expected_in_wheel(known, dist_info), found[f"{dist_info}/METADATA"]
    else:
        expected, metadata = expected_in_sdist(known), found.get("PKG-INFO", b"")
    yield from (f"{path.name} lacks {name}" for name in sorted(expected - set(found)))
    yield from (f"{path.name} holds {name}, which git does not know" for name in sorted(set(found) - expected))
    yield from (
        f"{name} names a path of one machine" for name, data in found.items() if _PATH_OF_ONE_MACHINE.search(data)
    )
    if path.stat().st_size > MOST_BYTES:
        yield f"{path.name} has {path.stat().st_size:,} bytes, more than {MOST_BYTES:,}"
    yield from metadata_faults(metadata, path)


def metadata_faults(data: bytes, path: Path) -> Iterator[str]:
    """Say what a package index would refuse, or show badly."""
    try:
        told = Metadata.from_email(data, validate=True)
    except ExceptionGroup as problem:
        yield from (f"{path.name}: {one}" for one in problem.exceptions)
        return
    if f"-{told.version}" not in path.name:
        yield f"{path.name} says that it is {told.version}"
    if told.description_content_type != "text/markdown" or not told.description:
        yield f"{path.name} has no long description in Markdown"
    yield from (f"{path.name}: the description links to {one}" for one in _LINK.findall(told.description or ""))


def release_faults(version: str, changelog: str, citation: str) -> Iterator[str]:
    """Say where changelog and citation differ from a release, or from each other: between releases, the last one."""
    headings = re.findall(r"^## \[(\d[^]]*)\] - (\d{4}-\d\d-\d\d)$", changelog, flags=re.MULTILINE)
    newest, day = headings[0] if headings else ("", "")
    cited = dict(re.findall(r"^(version|date-released): [\"']?([^\"'\s]+)", citation, flags=re.MULTILINE))
    if (cited.get("version", ""), cited.get("date-released", "")) != (newest, day):
        yield f"CITATION.cff has {cited or 'no release'}, and the newest of CHANGELOG.md is {newest or 'none'} {day}"
    if re.fullmatch(r"[\d.]+((a|b|rc)\d+)?", version) and version != newest:
        yield f"This is release {version}, and the newest one of CHANGELOG.md is {newest or 'none'}"


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Build twice, compare, look inside, and put both files into dist/, alone."""
    with tempfile.TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        first.mkdir()
        second.mkdir()
        made, again = build(first), build(second, "--sdist", "--wheel")
        known = tracked()
        wrong = [fault for path in made for fault in faults(path, known)]
        pairs = zip(made, again, strict=True)
        wrong += [
            f"{one.name} has other bytes when it is built again" for one, two in pairs if digest(one) != digest(two)
        ]
        version = made[0].name.split("-")[1]
        wrong += release_faults(
            version, *((ROOT / name).read_text("utf-8") for name in ("CHANGELOG.md", "CITATION.cff"))
        )
        if wrong:
            print("\n".join(wrong), file=sys.stderr)
            return 1
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        (ROOT / "dist").mkdir()
        for path in made:
            print(f"dist/{path.name}  {path.stat().st_size / 1e6:.1f} MB\n  sha256 {digest(path)}")
            shutil.copy(path, ROOT / "dist")
    if git("status", "--porcelain"):
        print("The clone has changes that are not committed: these files are no release.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
