"""What of a benchmark panel is seen: the form, two buttons, a bar, a line of text, a chart and a table, as ipywidgets.

It shows what it is told and decides nothing. Its methods are called from the main thread and from the measurement's,
one at a time: whoever calls holds ``turn``.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from parlab.machine import Machine
from parlab.notebook import panel_texts as texts
from parlab.notebook.background import Measurement
from parlab.notebook.choices import Choices, Own
from parlab.notebook.form import Form
from parlab.notebook.view import View
from parlab.progress import share_done

_SAY_EVERY_S = 5.0  # a screen reader reads out each change, and must come to its end
_DRAW_SHARE = 0.1  # of one core, at most, while others are being measured


class Face:
    """The widgets of one panel.

    Parameters
    ----------
    first, own, machine
        See ``Form``.
    start, cancel
        What the buttons do.

    Raises
    ------
    ImportError
        ipywidgets is not installed.
    """

    def __init__(
        self,
        first: Choices,
        own: Own | None,
        machine: Machine,
        start: Callable[[], None],
        cancel: Callable[[], None],
    ) -> None:
        import ipywidgets  # type: ignore[import-untyped]

        self.turn = threading.RLock()
        self.form = Form(first, own, machine)
        self.start = ipywidgets.Button(description="Start", button_style="primary")
        self.cancel = ipywidgets.Button(description="Cancel")
        self.start.on_click(lambda _button: start())
        self.cancel.on_click(lambda _button: cancel())
        self.bar, self.status = ipywidgets.HTML(), ipywidgets.HTML(texts.said("Ready."))
        self.chart, self.table = ipywidgets.HTML(), ipywidgets.HTML(layout={"max_width": "100%", "overflow": "auto"})
        title = ipywidgets.HTML("<h4 style='margin:0'>Benchmark panel</h4>")
        buttons = ipywidgets.HBox([self.start, self.cancel])
        parts = [title, self.form.box, buttons, self.bar, self.status, self.chart, self.table]
        self.root = ipywidgets.VBox(parts, layout={"grid_gap": "0.3em"})
        self._said_at = self._drawn_at = self._drawing_s = 0.0
        self._share = 0.0

    def begin(self, measurement: Measurement) -> None:
        """Show that a measurement has begun, and nothing of the one before."""
        self._said_at = self._drawn_at = self._drawing_s = self._share = 0.0
        self.form.lock(locked=True)
        self.start.button_style, self.cancel.button_style = "", "danger"
        self.bar.value, self.chart.value, self.table.value = texts.bar(0, "starting"), "", ""
        self.step(measurement)

    def step(self, measurement: Measurement) -> None:
        """Show what runs now, and from time to time say it."""
        event, now = measurement.event, time.monotonic()
        if event is None or measurement.state != "running":
            return
        if event["left_s"] is not None:
            self._share = max(self._share, share_done(now - measurement.began, event["left_s"]))
        self.bar.value = texts.bar(self._share, f"now {event['label']}")
        if now - self._said_at > _SAY_EVERY_S:
            self._said_at = now
            self.status.value = texts.said(texts.under_way(event))

    def picture(self, measurement: Measurement) -> str:
        """Draw what is known after a round; empty where the next one is to show it.

        It is drawn at once: the next round begins with the plain loop, which leaves other cores free. But not after
        each round where rounds are short, since drawing takes a core. This alone needs no turn.
        """
        if time.monotonic() - self._drawn_at < self._drawing_s / _DRAW_SHARE:
            return ""
        spent_s = time.thread_time()
        results = measurement.results()
        shown = "" if results is None else texts.chart(View.of(results))
        self._drawing_s, self._drawn_at = time.thread_time() - spent_s, time.monotonic()
        return shown

    def show(self, chart: str, table: str = "") -> None:
        """Show a chart and a table; what is empty leaves the one that is there."""
        self.chart.value = chart or self.chart.value
        self.table.value = table or self.table.value

    def end(self, measurement: Measurement, sentences: list[str]) -> None:
        """Say what came of it, and free the form."""
        done = measurement.state == "finished"
        self.bar.value = texts.bar(1.0 if done else self._share, measurement.state)
        self.form.lock(locked=False)
        self.start.button_style, self.cancel.button_style = "primary", ""
        self.say(*sentences, alert=measurement.state == "failed")

    def say(self, *sentences: str, alert: bool = False) -> None:
        """Say something."""
        self._said_at = time.monotonic()
        self.status.value = texts.said(*sentences, alert=alert)

    def close(self) -> None:
        """Take the widgets away."""
        _close(self.root)


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
