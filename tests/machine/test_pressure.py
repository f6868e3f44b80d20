"""What others took from us: counters of a made-up /proc, and of this machine."""

import os
import sys
from pathlib import Path

import pytest

from parlab.machine.pressure import Pressure

STAT = "cpu  10 20 30 40 50 60 70 {steal} 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n"


def made(root: Path, steal: int, switches: dict[str, int]) -> Path:
    """Make a /proc; switches by "process/thread"."""
    files = {"stat": STAT.format(steal=steal)}
    for name, count in switches.items():
        process, thread = name.split("/")
        files[f"{process}/task/{thread}/status"] = (
            f"Name:\tpython\nvoluntary_ctxt_switches:\t900\nnonvoluntary_ctxt_switches:\t{count}\n"
        )
    for name, text in files.items():
        path = root / "proc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.skipif(sys.platform == "win32", reason="ticks are counted with sysconf")
def test_counters_are_read_and_added_up(tmp_path: Path) -> None:
    """Steal is told in ticks, of all cores; switches are those of every thread of the named processes."""
    root = made(tmp_path, 2 * os.sysconf("SC_CLK_TCK"), {"7/7": 3, "7/8": 4, "9/9": 5, "11/11": 100})
    assert Pressure(2.0, 12) == Pressure.read([7, 9, 9], root)


def test_processes_that_are_gone(tmp_path: Path) -> None:
    """Where nobody is left there is no number, and not zero."""
    assert None is Pressure.read([5], made(tmp_path, 0, {"7/7": 3})).switches


@pytest.mark.parametrize("text", ["", "cpu 1 2 3\n", "cpu a b c d e f g h\n", None])
def test_systems_that_do_not_tell(tmp_path: Path, text: str | None) -> None:
    """Without the file, or with an older or a strange one, nothing is known."""
    if text is not None:
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc/stat").write_text(text)
    assert Pressure(None, None) == Pressure.read([1], tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        (Pressure(1.0, 5), Pressure(1.5, 9), Pressure(0.5, 4)),
        (Pressure(1.0, 5), Pressure(0.9, 3), Pressure(0.0, 0)),
        (Pressure(None, 5), Pressure(1.0, None), Pressure(None, None)),
        (Pressure(1.0, None), Pressure(None, 3), Pressure(None, None)),
    ],
)
def test_what_lies_between(before: Pressure, after: Pressure, between: Pressure) -> None:
    """Counters that step back add nothing; what one reading lacks is not known."""
    assert between == before.until(after)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux alone tells")
def test_this_process_is_counted() -> None:
    """On Linux our own switches are a number that only grows."""
    first, second = Pressure.read([os.getpid()]).switches, Pressure.read([os.getpid()]).switches
    assert first is not None and second is not None
    assert first <= second
