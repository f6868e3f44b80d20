"""docs/in-ci.md: both recipes run as they stand there, in a clone with a module of its own, with less to measure."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "in-ci.md"
COMPARED, BUDGETED = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
MODULE = "def items():\n    return range(4)\n\ndef work(item):\n    return item * item\n"
CLONED = """
git init --quiet --initial-branch main origin
cd origin
git config user.name nobody && git config user.email nobody@example.org
mv ../mymodule.py . && git add . && git commit --quiet --message first
cd .. && git clone --quiet origin after && cd after
"""
BOUND_S = 120
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not (shutil.which("git") and shutil.which("bash")), reason="bash and git are not here"
)


def ran(script: str, folder: Path, *edits: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a recipe in a fresh clone, each edit made wherever it fits."""
    for old, new in edits:
        assert old in script
        script = script.replace(old, new)
    (folder / "mymodule.py").write_text(MODULE)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-c", CLONED + script],
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
    )


def test_two_versions_are_compared(tmp_path: Path) -> None:
    """Each measures its own module, and the command judges: a loss, by chance also this one, ends the job with 1."""
    found = ran(COMPARED, tmp_path, ("--rounds 12", "--rounds 6 --workers 2 --backends threads"))
    assert found.returncode in (0, 1), found.stderr
    assert {"before", "after", "origin"} == {place.name for place in tmp_path.iterdir()}
    assert (tmp_path / "before" / "before.jsonl").stat().st_size > 0
    assert "threads" in found.stdout


def test_a_budget_that_is_too_small_ends_the_job(tmp_path: Path) -> None:
    """The rows are printed, a file is kept, and the last two lines say what to do."""
    found = ran(BUDGETED, tmp_path, ("--budget 60s", "--budget 1s --workers 2"))
    assert 1 == found.returncode, found.stderr
    assert "Fewer than 6 rounds, so no intervals" in found.stderr
    assert re.search(r"^processes\t2\t\d", found.stdout, flags=re.MULTILINE), found.stdout
    assert (tmp_path / "after" / "after.jsonl").stat().st_size > 0
    assert (tmp_path / "after" / "after.json").stat().st_size > 0
