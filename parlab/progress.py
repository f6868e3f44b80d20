"""Shows how far a sweep is: one bar that says what runs and how long is left, in terminals and in notebooks."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

_STEPS = 1000
_DELAY_S = 1.0


class Progress:
    """A bar fed with a session's events; plain lines, one a round, where standard error is no terminal.

    Parameters
    ----------
    notebook
        True in a Jupyter kernel, where tqdm draws a widget.
    silent
        Show nothing.
    """

    def __init__(self, *, notebook: bool = False, silent: bool = False) -> None:
        self._lively = not silent and (notebook or sys.stderr.isatty())
        self._silent = silent
        self._began = time.monotonic()
        self._last_line = ""
        self._bar: Any = None

    def __enter__(self) -> Self:
        """Show an empty bar."""
        if self._lively:
            form = "{percentage:3.0f}% |{bar}| {desc}"
            self._bar = _bar_class()(total=_STEPS, bar_format=form, desc="starting", leave=False, dynamic_ncols=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the bar away; in a notebook one that is not full stays, in red, and says when it was stopped."""
        if self._bar is not None:
            if error is None:
                self._bar.n = _STEPS
            elif isinstance(error, KeyboardInterrupt):
                self._bar.set_description_str("stopped")
            self._bar.close()

    def show(self, event: dict[str, Any]) -> None:
        """Show one event of ``Session.events``; those that are not about what runs change nothing."""
        if self._silent or event["event"] != "running":
            return
        stage, left_s = stage_of(event), event["left_s"]
        left = f", {left_of(event)}" if left_of(event) else ""
        if self._bar is None:
            if stage != self._last_line:
                self._last_line = stage
                print(f"{stage}{left}", file=sys.stderr, flush=True)  # noqa: T201  # a face may print
            return
        if left_s is not None:
            done = int(_STEPS * share_done(time.monotonic() - self._began, left_s))
            self._bar.n = max(self._bar.n, done)
        self._bar.set_description_str(f"{stage}: {event['label']}{left}")


def stage_of(event: dict[str, Any]) -> str:
    """Name the stage of an event about what runs: ``checking``, ``round 2 of 7``."""
    rounds = f" of {event['rounds']}" if event["rounds"] and event["stage"].startswith("round") else ""
    return f"{event['stage']}{rounds}"


def left_of(event: dict[str, Any]) -> str:
    """Say how long is left, as ``about 20 s left``; empty where nothing is known yet."""
    if event["left_s"] is None:
        return ""
    return f"{'at most' if event.get('at_most') else 'about'} {duration(event['left_s'])} left"


def share_done(spent_s: float, left_s: float) -> float:
    """Return which share of the whole time is over."""
    whole_s = spent_s + left_s
    return min(spent_s / whole_s, 1.0) if whole_s > 0 else 1.0


def duration(seconds: float) -> str:
    """Say a duration in words short enough for a bar."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"


class CountBar:
    """A bar that counts tasks; where nobody looks it only passes texts on."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def advance(self) -> None:
        """Count one more."""
        if self._bar is not None:
            self._bar.update()

    def write(self, text: str) -> None:
        """Print a text above the bar."""
        if self._bar is None:
            print(text, end="", flush=True)  # noqa: T201  # what tasks print is to be seen
        else:
            self._bar.write(text, end="")


@contextmanager
def count_bar(total: int, *, wanted: bool | None) -> Iterator[CountBar]:
    """Yield a bar that counts to ``total`` and is gone afterwards; it appears when that takes more than a second.

    Parameters
    ----------
    total
        How many tasks there are.
    wanted
        None for a bar in notebooks and terminals only.
    """
    if wanted is False or (wanted is None and not (_in_notebook() or _on_terminal())):
        yield CountBar(None)
        return
    bar = _bar_class()(total=total, unit="task", leave=False, dynamic_ncols=True, delay=_DELAY_S)
    try:
        yield CountBar(bar)
    finally:
        bar.close()


def _bar_class() -> Any:
    """Return tqdm's bar without its monitor: that thread would stay in the user's process, and fork minds threads."""
    from tqdm.auto import tqdm

    return type("Bar", (tqdm,), {"monitor_interval": 0})


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
