"""Installs from a bundle with the network cut off, and tries it there (`make bundle-check`). Linux, for the cutting.

usage: check_bundle.py [BUNDLE]     the newest of build/ if not given
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cut_off
from trying import failures, surroundings

ROOT = Path(__file__).parents[1]
CUT = Path(cut_off.__file__)


def newest() -> Path:
    """Return the bundle that was made last."""
    found = sorted((ROOT / "build").glob("parlab-bundle-*/files/bundle.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit("build/ has no bundle. Make one with: make bundle")
    return found[-1].parents[1]


def check(bundle: Path) -> list[str]:
    """Install and try; return what failed. The network must be off already."""
    version = json.loads((bundle / "files" / "bundle.json").read_text(encoding="utf-8"))["parlab"]
    before = {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "a folder"  # with a blank, as home folders on Windows
        line = [sys.executable, str(bundle / "install.py"), str(folder)]
        done = subprocess.run(line, cwd=name, env=surroundings(Path(sys.prefix)), text=True, check=False)
        if done.returncode:
            return [f"install.py ended with {done.returncode}"]
        wrong = failures(folder / "environment", version)
    changed = [str(path) for path in bundle.rglob("*") if before.get(path) != path.stat().st_mtime_ns]
    return wrong + [f"the bundle was written into: {path}" for path in changed]


def main(words: list[str]) -> int:
    """Cut the network off, begin again inside, and check there."""
    bundle = Path(words[-1]).absolute() if words and words[-1] != "--inside" else newest()
    if words[:1] != ["--inside"]:
        line = [sys.executable, str(CUT), sys.executable, __file__, "--inside", str(bundle)]
        code = subprocess.run(line, check=False).returncode
        if code == cut_off.CANNOT:
            print("The network could not be cut off here: nothing was checked.", file=sys.stderr)
        return code
    print(f"{bundle.name}, the network is {'off' if cut_off.is_cut_off() else 'ON'}, {os.uname().sysname}", flush=True)
    wrong = check(bundle) if cut_off.is_cut_off() else ["there is a network"]
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
