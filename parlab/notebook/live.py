"""The widget of a live monitor, and what the monitor says at its end. It knows the thread that watches, no monitor."""

import sys
from collections.abc import Callable
from html import escape
from typing import Any

from parlab.notebook.bars import averages_html, live_bars
from parlab.notebook.sampling import Reason, Sample, Sampler

_ENDS: dict[Reason, str] = {
    "time": "It stopped by itself",
    "stopped": "It was stopped",
    "block": "The block ended",
    "interrupted": "The cell was interrupted",
    "replaced": "Another monitor took its place",
}


class Shown:
    """The widget of a live monitor. It does not know the monitor, so that dropping that one ends the thread."""

    def __init__(self, widgets: Any, seconds: float, allowed: tuple[int, ...] | None, limit: str) -> None:
        self._seconds, self._allowed, self._limit = seconds, allowed, escape(limit)
        self._sampler: Sampler | None = None
        self._forget: Callable[[], None] = lambda: None
        self.said = widgets.HTML(f"<p>Watching for {seconds:g} s …</p>")
        self.bars = widgets.HTML(layout={"max_width": "820px"})
        self.button = widgets.Button(description="Stop", tooltip="stop watching")
        self.box = widgets.VBox([self.said, self.bars, self.button])

    def attach(self, sampler: Sampler) -> None:
        """Let the button, the end of the widget and an interrupt stop a sampler."""
        self._sampler = sampler
        self.button.on_click(lambda _button: sampler.stop())
        self.box.observe(lambda _change: sampler.stop(), names="comm")  # a widget that is closed has none
        self._forget = at_interrupt(lambda: sampler.stop("interrupted"))

    def show(self, sample: Sample) -> None:
        """Show the cores as they are now; called in the sampler's thread."""
        left = max(0.0, self._seconds - sample.time_s)
        self.said.value = f"<p>Watching for {left:.0f} more seconds. It stops by itself.{self._limit}</p>"
        self.bars.value = live_bars(sample.percents, self._allowed)

    def end(self) -> None:
        """Show the averages; called in the sampler's thread."""
        self._forget()
        sampler = self._sampler
        if sampler is None or sampler.reason is None:
            return
        self.button.disabled, self.button.description = True, "Stopped"
        self.said.value = f'<p role="status" aria-live="polite">{end_words(sampler, self._limit)}</p>'
        if sampler.samples:
            self.bars.value = averages_html(*averages_of(sampler.samples), self._allowed)


def end_words(sampler: Sampler, limit: str) -> str:
    """Say why and when a sampler ended, or that it goes on; then what limits this process."""
    if sampler.reason is None:
        return f"It is still watching; so far:{limit}"
    return f"{_ENDS[sampler.reason]} after {sampler.watched_s:.1f} s.{limit}"


def averages_of(samples: list[Sample]) -> tuple[list[float], list[float]]:
    """Return each core's average, by the length of the stretches, and its highest value."""
    import numpy as np

    percents = np.array([sample.percents for sample in samples])
    stretches = np.diff([0.0, *(sample.time_s for sample in samples)])
    averages = np.average(percents, axis=0, weights=stretches)
    return [float(one) for one in averages], [float(one) for one in percents.max(axis=0)]


def at_interrupt(act: Callable[[], None]) -> Callable[[], None]:
    """Act when a cell of this kernel ends with an interrupt; return what forgets it again."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is None:
        return lambda: None

    def look(result: Any) -> None:
        if isinstance(result.error_in_exec, KeyboardInterrupt):
            act()

    shell.events.register("post_run_cell", look)

    def forget() -> None:
        if look in shell.events.callbacks["post_run_cell"]:
            shell.events.unregister("post_run_cell", look)

    return forget
