"""Runs nbval over the course on every Python that is found, each in an environment of its own (`make notebooks-all`).

usage: every_python.py FOLDER       environments are kept in .venv/pythons
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WANTED = ("3.11", "3.12", "3.13", "3.14")
OPTIONS = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-p", "no:cacheprovider", "-c", os.devnull)


def pythons() -> dict[str, str]:
    """Find an interpreter of each version: on the path, or where pyenv keeps them."""
    found = {}
    for version in WANTED:
        kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
        places = [shutil.which(f"python{version}"), *map(str, kept)]
        works = [one for one in places if one and _version(one) == version]
        if works:
            found[version] = works[0]
    return found


def _version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()


def environment(version: str, python: str) -> Path:
    """Make the environment of a version, or bring it up to date; return its interpreter."""
    folder = ROOT / ".venv" / "pythons" / version
    inner = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not inner.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", "constraints.txt"]
    subprocess.run([str(inner), *install, "--editable", ".[lab]", "nbval", "pytest"], cwd=ROOT, check=True)
    return inner


def main(folder: Path) -> int:
    found = pythons()
    print("found:", ", ".join(found) or "no Python", "| not here:", ", ".join(set(WANTED) - set(found)) or "none")
    codes = {}
    for version, python in found.items():
        inner = environment(version, python)
        print(f"\n== Python {version}", flush=True)
        line = [str(inner), "-m", "pytest", *OPTIONS, "--rootdir", str(folder.resolve()), str(folder.resolve())]
        codes[version] = subprocess.run(line, cwd=folder, check=False).returncode
    print("\n" + "\n".join(f"Python {version}: {'ok' if code == 0 else 'FAILED'}" for version, code in codes.items()))
    return int(not codes or any(codes.values()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
