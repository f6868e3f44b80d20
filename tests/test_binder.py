"""What Binder does with the repository: postBuild in a clone, as repo2docker calls it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from parlab.learn.contents import lessons
from parlab.learn.stubs import BEGIN

ROOT = Path(__file__).parents[1]
LEFT_OUT = {".venv", ".git", "build", "dist", "screenshots"}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Binder's images are Linux")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what git tracks, and a folder .git that stands for the history."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    kept = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    kept = kept or [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts)
    ]
    folder = tmp_path / "clone"
    for name in {*kept, "postBuild"}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "postBuild").chmod(0o755)
    (folder / ".git").mkdir()
    return folder


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """An environment with all that this one has, save parlab itself: a .pth file of a .pth file is not read."""
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, timeout=120)
    python = place / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    elsewhere = [path for path in sys.path if path.endswith("site-packages")]
    Path(own, "all.pth").write_text("\n".join([sysconfig.get_path("purelib"), *elsewhere]) + "\n")
    return python


def run(clone: Path, python: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    home = clone.parent / "home"
    home.mkdir()
    environment = {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **variables}
    return subprocess.run(
        [clone / "postBuild"], cwd=clone, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_binder_shows_the_learners_copy_and_no_solution(clone: Path, interpreter: Path) -> None:
    """After postBuild the course is there, parlab is imported from the environment, and no file shows a solution."""
    done = run(clone, interpreter, REPO_DIR=str(clone))
    assert 0 == done.returncode, done.stderr
    course = clone / "parlab-course"
    assert {one.file for one in lessons()} | {"start.ipynb"} == {path.name for path in course.glob("*.ipynb")}
    files = [path for path in clone.rglob("*") if path.is_file()]
    assert [] == [path.name for path in files if BEGIN in path.read_text(encoding="utf-8", errors="replace")]
    assert {"notebooks", "tests", "parlab", ".git"}.isdisjoint(path.name for path in clone.iterdir())
    ask = "import parlab; print(parlab.__file__)"
    found = subprocess.run([interpreter, "-c", ask], cwd=course, capture_output=True, text=True, timeout=60, check=True)
    assert Path(found.stdout.strip()).is_relative_to(interpreter.parents[1])


@pytest.mark.parametrize("variables", [{}, {"REPO_DIR": "/"}])
def test_it_touches_no_clone_of_yours(clone: Path, variables: dict[str, str]) -> None:
    """Outside of Binder, postBuild says so and removes nothing."""
    before = sorted(clone.rglob("*"))
    done = run(clone, Path(sys.executable), **variables)
    assert 1 == done.returncode
    assert "make lab" in done.stderr
    assert before == sorted(clone.rglob("*"))
