"""``make test`` comes to its end when a test takes its process along, or hangs: it has failed, and all others run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).parent / "helpers"
BOUND_S = 180
OPTIONS = ("-p", "xdist", "-p", "no:cacheprovider", "-n2", "--dist=loadscope", "--basetemp=made")
CONFTEST = """
import scheduling

def pytest_xdist_make_scheduler(config, log):
    return scheduling.make(config, log)
"""
LAST = """
import os, time

def test_before(): time.sleep(1)  # until all others are done, whose worker then has nothing left
def test_deadly(): {ending}
"""
ENDS = {
    "dies": ("os._exit(3)", ""),
    "hangs": ("time.sleep(600)", 'test_last.py", line 5 in test_deadly'),
}


@pytest.mark.parametrize(("end", "after"), [("dies", 0), ("dies", 1), ("hangs", 3)])
def test_a_lost_worker_is_one_failure(tmp_path: Path, end: str, after: int) -> None:
    """Whatever was left to the worker, also nothing, is done by the one that comes instead; the deadly test is not."""
    ending, shown = ENDS[end]
    last = LAST.format(ending=ending) + "".join(f"def test_after_{number}(): pass\n" for number in range(after))
    texts = {"first": "def test_one(): pass\ndef test_two(): pass\n", "last": last, "single": "def test_it(): pass\n"}
    for name, text in texts.items():
        (tmp_path / "tests" / name).mkdir(parents=True)
        (tmp_path / "tests" / name / f"test_{name}.py").write_text(text)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfaulthandler_timeout = 10\nfaulthandler_exit_on_timeout = true\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HELPERS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert f"1 failed, {4 + after} passed" in run.stdout, run.stdout + run.stderr
    assert "crashed while running 'tests/last/test_last.py::test_deadly'" in run.stdout
    assert shown in run.stderr
