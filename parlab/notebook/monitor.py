"""``parlab.CpuMonitor``: how busy each core is, live in a notebook or around a block that measures."""

import threading
import weakref
from html import escape
from math import isfinite
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from parlab.errors import InputError
from parlab.machine.cores import allowed_cores, count
from parlab.notebook.bars import averages_html, averages_text
from parlab.notebook.live import Shown, averages_of, end_words
from parlab.notebook.sampling import Sample, Sampler
from parlab.notebook.widgets import import_ipywidgets, offered

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LONGEST_S, SHORTEST_S = 3600.0, 0.1
_one_at_a_time = threading.Lock()
_live: "weakref.ref[Sampler] | None" = None


class CpuMonitor:
    """Watches how busy each core is, from a thread of this process, and stops itself.

    As the last expression of a cell it shows a bar for each core, and a Stop button. It ends when its time is over, at
    Stop, when another one is shown (the cell is run again), when a cell is interrupted, with its widget, and with the
    kernel. While a cell runs, a notebook keeps clicks waiting: Stop then works afterwards, and the kernel's own stop
    button ends both. Around a block it watches that block::

        with parlab.CpuMonitor() as monitor:
            view = parlab.speedup("primes")
        monitor.plot()

    It sees the whole machine, other programs too. With a look every half second it took 0.2 % of one core, live bars
    included (a kernel's CPU time over 20 s, on a machine with 2 cores); ``cost_share`` says what its thread took.

    Parameters
    ----------
    seconds
        After so long it stops, from 0.2 to 3600, also if the block goes on.
    every_s
        Seconds between two looks, from 0.1 up.

    Raises
    ------
    InputError
        One of them is not allowed.
    """

    def __init__(self, seconds: float = 30, every_s: float = 0.5) -> None:
        self._every_s = _number("every_s", every_s, SHORTEST_S, LONGEST_S)
        self._seconds = _number("seconds", seconds, 2 * SHORTEST_S, LONGEST_S)
        self._allowed = allowed_cores()
        self._limit = _limit()
        self._sampler: Sampler | None = None
        self._box: Any = None

    def __enter__(self) -> Self:
        """Begin to watch a block."""
        self._start(Sampler(self._seconds, self._every_s))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End, whatever became of the block."""
        if self._sampler is not None:
            self._sampler.stop("interrupted" if isinstance(error, KeyboardInterrupt) else "block")

    @property
    def running(self) -> bool:
        """Whether it watches now."""
        return self._sampler is not None and self._sampler.running

    @property
    def cost_share(self) -> float:
        """CPU time of the thread over the time it watched: 0.003 is 0.3 % of one core. 0 until it has ended."""
        done = self._sampler
        return done.cpu_s / done.watched_s if done is not None and done.watched_s > 0 else 0.0

    def stop(self) -> None:
        """End now."""
        if self._sampler is not None:
            self._sampler.stop()

    def close(self) -> None:
        """End now, and take the widget away."""
        self.stop()
        if self._box is not None:
            self._box.close()

    @property
    def frame(self) -> "pd.DataFrame":
        """What was seen, tidy: a row for each look and core.

        Columns ``time_s`` (since the start, the end of the stretch), ``core`` (its number) and ``percent`` (how busy it
        was since the look before, 0 to 100).
        """
        import pandas as pd

        rows = [
            (sample.time_s, core, percent) for sample in self._samples() for core, percent in enumerate(sample.percents)
        ]
        frame = pd.DataFrame(rows, columns=["time_s", "core", "percent"])
        return frame.astype({"time_s": float, "core": int, "percent": float})

    def plot(self) -> "Figure":
        """Draw cores over time, the busier the darker.

        Raises
        ------
        InputError
            Nothing was seen yet.
        """
        from parlab.plots.cores import core_chart

        samples = self._samples()
        times = [sample.time_s for sample in samples]
        return core_chart(times, [list(sample.percents) for sample in samples], self._allowed)

    def widget(self) -> Any:
        """Begin to watch, unless it did before, and make the widget.

        Returns
        -------
        ipywidgets.VBox
            The bars and the Stop button. Asked again, it is the same one.

        Raises
        ------
        ImportError
            ipywidgets is not installed; the text says how to get it.
        """
        if self._box is None:
            self._box = self._live_box(import_ipywidgets("Live bars"))
        return self._box

    def __repr__(self) -> str:
        """Say what was seen, as text."""
        samples = self._samples()
        if not samples:
            return self._plan()
        return "\n".join([self._state(), *averages_text(*averages_of(samples), self._allowed)])

    def _repr_html_(self) -> str:
        """Show what was seen without widgets: a table of averages, and cores over time."""
        samples = self._samples()
        if not samples:
            return f"<p>{escape(self._plan())}</p>"
        picture = "" if self.running else self._picture()
        return f"<p>{escape(self._state())}</p>{averages_html(*averages_of(samples), self._allowed)}{picture}"

    def _repr_mimebundle_(self, **_choice: Any) -> dict[str, Any]:
        """Offer live bars, as long as it has not watched a block."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self._sampler is not None and self._box is None:
            return bundle
        return offered(bundle, self.widget, "Live bars")

    def _samples(self) -> list[Sample]:
        return list(self._sampler.samples) if self._sampler is not None else []

    def _plan(self) -> str:
        return (
            f"Watches how busy each core is for {self._seconds:g} s, live where widgets work. "
            "Afterwards: .frame has the numbers, .plot() draws them."
        )

    def _state(self) -> str:
        return end_words(self._sampler, self._limit) if self._sampler is not None else ""

    def _picture(self) -> str:
        from base64 import b64encode
        from io import BytesIO

        data = BytesIO()
        self.plot().savefig(data, format="png", dpi=100)
        encoded = b64encode(data.getvalue()).decode()
        text = "Chart: how busy each core was over time; the table has the averages."
        return f'<img alt="{text}" style="max-width: 100%" src="data:image/png;base64,{encoded}">'

    def _start(self, sampler: Sampler) -> None:
        if self._sampler is not None:
            raise InputError("This monitor has watched already. Make a new one: parlab.CpuMonitor().")
        self._sampler = sampler
        weakref.finalize(self, sampler.stop)  # whoever drops a monitor does not leave its thread
        sampler.start()

    def _live_box(self, widgets: Any) -> Any:
        global _live
        shown = Shown(widgets, self._seconds, self._allowed, self._limit)
        sampler = Sampler(self._seconds, self._every_s, shown.show, shown.end)
        shown.attach(sampler)
        with _one_at_a_time:
            before, _live = _live() if _live is not None else None, weakref.ref(sampler)
        if before is not None:
            before.stop("replaced")
        self._start(sampler)
        return shown.box


def _limit() -> str:
    """Say what the bars cannot: a quota or a setting that allows fewer cores at once than may be used in turn."""
    cores = count()
    if cores.usable >= (cores.affinity or cores.logical):
        return ""
    return f" This process may keep {cores.usable} of them busy at once ({cores.limited_by})."


def _number(name: str, given: Any, low: float, high: float) -> float:
    right = isinstance(given, int | float) and not isinstance(given, bool) and isfinite(given)
    if not right or not low <= given <= high:
        raise InputError(f"{name} must be a number of seconds from {low:g} to {high:g}, not {given!r:.40}.")
    return float(given)
