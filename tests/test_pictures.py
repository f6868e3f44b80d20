"""The pictures in the documents: each has a line of ``make pictures``, and is what that line makes."""

import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
SHOWN = re.compile(r"!\[[^\]]*\]\(([^()\s:]+)\)")
PINNED = f"matplotlib=={version('matplotlib')}\n" in (ROOT / "constraints.txt").read_text(encoding="utf-8")
VISIBLE = 64  # of 255: what the edges of letters differ by between releases of matplotlib is less
MOST_SHARE = 0.0 if PINNED else 0.01


def shown() -> set[str]:
    """Name the pictures that the documents show; a notebook's are made when it runs."""
    found = set()
    for page in [one for pattern in ("*.md", "docs/**/*.md", "benchmarks/**/*.md") for one in ROOT.glob(pattern)]:
        places = SHOWN.findall(page.read_text(encoding="utf-8"))
        found |= {(page.parent / place).resolve().relative_to(ROOT).as_posix() for place in places}
    return found


def makers() -> dict[str, list[str]]:
    """Read the recipe of ``make pictures``: the words of each line, by the picture that it ends with."""
    recipe = re.search(r"(?m)^pictures:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert recipe
    return {words[-1]: words for words in map(shlex.split, recipe[1].splitlines())}


def share_that_differs(left: Path, right: Path) -> float:
    pictures = [np.asarray(Image.open(path).convert("RGBA"), int) for path in (left, right)]
    if pictures[0].shape != pictures[1].shape:
        return 1.0
    return float((np.abs(pictures[0] - pictures[1]).max(axis=2) > VISIBLE).mean())


def test_each_picture_has_a_line() -> None:
    """No document shows a picture that nobody can make again, and nothing is made that no document shows."""
    assert {"docs/speedup.png", "benchmarks/soak.png"} <= shown()
    assert shown() == set(makers())


@pytest.mark.parametrize("picture", sorted(makers()))
def test_a_picture_is_what_its_line_makes(picture: str, tmp_path: Path) -> None:
    """The line is carried out with another place: the same points, lines and words come out, on paper of their own."""
    if "tests/load" in " ".join(makers()[picture]) and sys.platform != "linux":
        pytest.skip("the soak reads /proc, as Linux has it")
    program, *rest = makers()[picture][:-1]
    asked = [sys.executable, *(["-m", "parlab"] if program.endswith("parlab") else []), *rest]
    made = tmp_path / Path(picture).name
    done = subprocess.run([*asked, str(made)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert 0 == done.returncode, done.stderr
    assert share_that_differs(made, ROOT / picture) <= MOST_SHARE
    kept = Image.open(ROOT / picture).convert("RGBA")
    assert 255 == np.asarray(kept)[..., 3].min()  # on a dark page, dark letters on nothing could not be read


def test_another_picture_would_be_found(tmp_path: Path) -> None:
    """One number that is otherwise is seen."""
    rows = (ROOT / "benchmarks/soak.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    other = tmp_path / "soak.csv"
    other.write_text("".join([*rows[:40], rows[40].replace(",9,1,", ",5,1,"), *rows[41:]]), encoding="utf-8")
    assert other.read_text(encoding="utf-8") != "".join(rows)
    if sys.platform != "linux":
        pytest.skip("the soak reads /proc, as Linux has it")
    made = tmp_path / "soak.png"
    words = ["--redraw", str(other), "--seed", "4711", "-o", str(made)]
    subprocess.run([sys.executable, "tests/load/soak.py", *words], cwd=ROOT, check=True, timeout=120)
    assert 0 < share_that_differs(made, ROOT / "benchmarks/soak.png") < 1
