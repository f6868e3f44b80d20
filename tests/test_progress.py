"""The progress of a sweep: one bar in a terminal, plain lines elsewhere, nothing when silent."""

import pytest

from parlab.progress import Progress, duration

RUNNING = {"event": "running", "stage": "round 2", "label": "pool, 2 workers", "left_s": 41.6, "rounds": 7}


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error that is no terminal gets one line a round, with the time left."""
    with Progress() as progress:
        for _ in range(3):
            progress.show(RUNNING)
        progress.show({"event": "trial"})
    assert "round 2 of 7, about 42 s left\n" == capsys.readouterr().err


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
