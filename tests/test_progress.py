"""The progress of a sweep: one bar in a terminal, plain lines elsewhere, nothing when silent."""

import sys

import pytest
from tqdm import tqdm

from parlab import progress
from parlab.progress import Progress, count_bar, duration

RUNNING = {"event": "running", "stage": "round 2", "label": "pool, 2 workers", "left_s": 41.6, "rounds": 7}


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error that is no terminal gets one line a round, with the time left."""
    with Progress() as progress:
        for _ in range(3):
            progress.show(RUNNING)
        progress.show({"event": "trial"})
    assert "round 2 of 7, about 42 s left\n" == capsys.readouterr().err


def test_a_bound_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a precision may end the sweep earlier, the time left is the most that it can take."""
    with Progress() as progress:
        progress.show({**RUNNING, "rounds": None, "at_most": True})
    assert "round 2, at most 42 s left\n" == capsys.readouterr().err


def test_checks_have_no_count(capsys: pytest.CaptureFixture[str]) -> None:
    """Before the first round neither a number of rounds nor a time is claimed."""
    with Progress() as progress:
        progress.show({**RUNNING, "stage": "checking", "left_s": None})
    assert "checking\n" == capsys.readouterr().err


def test_a_stopped_bar_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """After an interrupt the bar promises no time any more: in a notebook it stays, and would for ever."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with pytest.raises(KeyboardInterrupt), Progress() as progress:
        progress.show(RUNNING)
        raise KeyboardInterrupt
    assert "stopped" in capsys.readouterr().err.rpartition("left")[2]


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """A silent progress prints nothing at all."""
    with Progress(silent=True) as progress:
        progress.show(RUNNING)
    assert ("", "") == tuple(capsys.readouterr())


def test_a_bar_says_what_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal the bar names the stage, the configuration and the time left."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress() as progress:
        progress.show(RUNNING)
    assert "round 2 of 7: pool, 2 workers, about 42 s left" in capsys.readouterr().err


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.6, "60 s"), (89, "89 s"), (300, "5 min")])
def test_durations(seconds: float, text: str) -> None:
    """Seconds up to a minute and a half, minutes beyond, and never 0."""
    assert text == duration(seconds)


@pytest.mark.parametrize("wanted", [None, False])
def test_tasks_are_not_counted_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, wanted: bool | None
) -> None:
    """No bar, nothing on standard error; texts go to standard output as they are."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    with count_bar(3, wanted=wanted) as bar:
        bar.advance()
        bar.write("one\ntwo")
    assert ("one\ntwo", "") == tuple(capsys.readouterr())


@pytest.mark.parametrize(("terminal", "kernel"), [(True, False), (False, True)])
def test_tasks_are_counted_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool, kernel: bool
) -> None:
    """In a terminal and a notebook a bar counts on standard error, texts stand above it, and in the end it is gone."""
    monkeypatch.setattr(progress, "_DELAY_S", 0.0)
    monkeypatch.setattr("tqdm.auto.tqdm", tqdm)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    if kernel:
        monkeypatch.setitem(sys.modules, "ipykernel", None)
    with pytest.raises(ValueError, match="enough"), count_bar(2, wanted=None) as bar:
        bar.advance()
        bar.write("text")
        bar._bar.refresh()
        raise ValueError("enough")
    out, err = capsys.readouterr()
    assert "text" == out
    assert "1/2" in err
    assert bar._bar.disable  # closed


def test_a_short_count_shows_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What takes less than its delay flashes no bar, even where one is wanted."""
    assert progress._DELAY_S > 0
    monkeypatch.setattr(progress, "_DELAY_S", 600.0)  # a busy machine takes more than a second for it
    with count_bar(1, wanted=True) as bar:
        bar.advance()
    assert "" == capsys.readouterr().err
