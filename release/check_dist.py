"""Installs dist/*.whl with its notebooks' packages into empty environments, and tries it there (`make dist-check`).

usage: check_dist.py [--pythons "3.11 3.12"] [--short]

Each environment is new and takes the newest packages that the bounds allow, as a user's does. It downloads.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "notebooks"))

from every_python import pythons
from make_bundle import built_wheel, read_wheel
from trying import failures, scripts, surroundings

OUTSIDE = Path(__file__).with_name("outside.py")


def installed_bytes(environment: Path) -> int:
    """Return what an environment holds, save pip, which was there before."""
    files = (path for path in environment.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if not {"pip", "setuptools"} & set(path.parts))


def run(environment: Path, *words: str) -> None:
    """Run a program of an environment.

    Raises
    ------
    SystemExit
        It failed; with what it said.
    """
    line = [str(scripts(environment) / words[0]), *words[1:]]
    done = subprocess.run(line, env=surroundings(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def types_fail(environment: Path) -> list[str]:
    """Have mypy read a user's program against the installed wheel; it runs here and looks there."""
    with tempfile.TemporaryDirectory() as folder:
        python = scripts(environment) / "python"
        options = ["--strict", "--warn-unused-ignores", "--config-file=", "--cache-dir", folder]
        line = [sys.executable, "-P", "-m", "mypy", *options, "--python-executable", str(python), str(OUTSIDE)]
        done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    print(f"  {'ok    ' if done.returncode == 0 else 'FAILED'} mypy --strict {OUTSIDE.name}", flush=True)
    return [done.stdout + done.stderr] if done.returncode else []


def left_behind(environment: Path) -> list[str]:
    """Uninstall parlab, and name what of it is still there."""
    run(environment, "python", "-m", "pip", "uninstall", "--yes", "--quiet", "parlab")
    left = [path for path in environment.rglob("*parlab*") if path.exists()]
    print(f"  {'FAILED' if left else 'ok    '} pip uninstall parlab", flush=True)
    return [f"left behind: {path}" for path in left]


def check(python: str, wheel: Path, *, long: bool) -> list[str]:
    """Install and try with one Python; return what failed."""
    with tempfile.TemporaryDirectory() as name:
        environment = Path(name).resolve() / "environment"
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        install = ("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        bare = installed_bytes(environment)
        run(environment, *install, str(wheel))
        print(f"  base install {(installed_bytes(environment) - bare) / 1e6:.0f} MB", flush=True)
        run(environment, *install, f"{wheel}[lab]")
        print(f"  with [lab] {(installed_bytes(environment) - bare) / 1e6:.0f} MB", flush=True)
        run(environment, "python", "-m", "pip", "check")
        wrong = failures(environment, read_wheel(wheel).version, long=long)
        return [*wrong, *types_fail(environment), *left_behind(environment)]


def main() -> int:
    """Check each Python that is asked for and found."""
    parser = argparse.ArgumentParser(description="Try the wheel of dist/ in empty environments.")
    parser.add_argument("--pythons", default="", help="such as 3.12; all that are found if not given")
    parser.add_argument("--short", action="store_true", help="without parlab demo")
    given = parser.parse_args()
    wheel, found = built_wheel(), pythons()
    wanted = given.pythons.split() or list(found)
    if missing := [one for one in wanted if one not in found]:
        parser.error(f"no Python {missing[0]} here; found: {', '.join(found) or 'none'}")
    wrong = []
    for version in wanted:
        print(f"Python {version}, {wheel.name}", flush=True)
        wrong += [f"Python {version}: {one}" for one in check(found[version], wheel, long=not given.short)]
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong) or not wanted)


if __name__ == "__main__":
    sys.exit(main())
