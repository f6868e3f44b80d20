"""Rules of the house that a machine can check: no local paths, no forbidden calls, everything documented."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "parlab").rglob("*.py"))


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    files = (
        [ROOT / name for name in names]
        if names
        else [path for path in ROOT.rglob("*") if not {".venv", ".hypothesis", ".pytest_cache"} & set(path.parts)]
    )
    return [path for path in files if path.is_file() and path.suffix not in {".png", ".jpg", ".pyc"}]


def test_no_paths_of_one_machine() -> None:
    """No committed file names this checkout's folder or a home folder."""
    pattern = re.compile(rf"{re.escape(str(ROOT))}/|/home/\w+/|/Users/\w+/|/root/")
    searchers = {"test_house.py", "style.py", "test_style.py"}  # they name what they look for
    looked_at = [path for path in tracked() if path.name not in searchers]
    wrong = [path.name for path in looked_at if pattern.search(path.read_text(errors="replace"))]
    assert [] == wrong


def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}


@pytest.mark.parametrize(
    ("call", "allowed_in"),
    [
        ("os.cpu_count", set()),
        ("multiprocessing.cpu_count", set()),
        ("multiprocessing.set_start_method", {"runner.py"}),  # of a check: a process of ours alone, see there
        ("eval", set()),
        ("exec", {"cell.py"}),  # the learner's own cell, as a notebook does
        ("pickle.loads", {"parcels.py", "packing.py"}),  # values of the user's own processes, and what was just packed
        ("pickle.load", set()),
    ],
)
def test_forbidden_calls(call: str, allowed_in: set[str]) -> None:
    """What the design rules out is called nowhere, or only where the reason stands beside it."""
    assert allowed_in == {path.name for path in SOURCES if call in calls(path)}


def test_every_public_function_says_what_it_does() -> None:
    """Modules, public classes and public functions have docstrings."""
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        for node in [tree, *ast.walk(tree)]:
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                name = getattr(node, "name", path.stem)
                if not name.startswith("_") and ast.get_docstring(node) is None and not _is_local(tree, node):
                    missing.append(f"{path.name}: {name}")
    assert [] == missing


def _is_local(tree: ast.Module, node: ast.AST) -> bool:
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    return any(node is inner for outer in functions for inner in ast.walk(outer) if inner is not outer)


def test_links_of_the_documents_lead_somewhere() -> None:
    """Every local link and picture in a Markdown file is in the repository."""
    missing = []
    for document in [path for path in tracked() if path.suffix == ".md"]:
        targets = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
        local = [target for target in targets if "://" not in target]
        missing += [f"{document.name}: {target}" for target in local if not (document.parent / target).exists()]
    assert [] == missing
