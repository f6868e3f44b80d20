"""``parlab.ScalingExplorer``: what costs do to speedup, tried out with sliders beside one's own measured points."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cached_property
from html import escape
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING, Any

from parlab.analysis.exploring import Measured, Model, fitted_model, measured_points
from parlab.errors import InputError, unknown_choice
from parlab.notebook.explored import counts_table, fit_words, sentence
from parlab.notebook.knobs import (
    FEWEST_WORKERS,
    LOGARITHMIC,
    MOST_WORKERS,
    STARTUP_S,
    STARTUP_SHARE,
    WORKERS,
    Knob,
    knobs,
)
from parlab.notebook.view import View
from parlab.notebook.widgets import TABLE, offered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from parlab.notebook.panel import Panel

_WIDTH = 80
_START = Model(serial_fraction=0.05)
_USUAL, _BEYOND, _LEAST = 16, 4, 8  # workers: without a view; times the most measured, but no fewer
_DPI = 100
_TEXT = "line-height: 1.45; margin: 4px 0"


class ScalingExplorer:
    """What serial work, contention, coherency, start-up, a long task and slow workers do to speedup.

    Left the same work (Amdahl 1967), right work that grows with the workers (Gustafson 1988), both with Gunther's
    contention and coherency (2007). The formula, with the sources, stands in ``parlab.analysis.exploring``. As the last
    expression of a cell it shows sliders, which work by keyboard: Tab, then the arrow keys. Without widgets it shows
    the chart, its numbers and a sentence.

    Parameters
    ----------
    view
        What ``parlab.speedup`` or ``parlab.View.read`` returned: its points are drawn beside the curves.
    workers
        The most workers to look at, from 2 to 64; None for 16, or four times the most that were measured.
    backend
        Of the view, whose points; None for the fastest.

    Attributes
    ----------
    note
        What the last fit said, or why there is none; empty before.

    Raises
    ------
    InputError
        The view has no points, or the number of workers is not allowed.
    """

    def __init__(self, view: View | None = None, *, workers: int | None = None, backend: str | None = None) -> None:
        self._measured = None if view is None else _measured(view, backend)
        self._model = _START
        self._most = _check_workers(self._usual_workers() if workers is None else workers)
        self._first = self._most
        self._logarithmic = False
        self._drawn: tuple[Any, str] | None = None
        self.note = ""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The costs that can be set, with their meaning."""
        return knobs(None if self._measured is None else self._measured.serial_s)

    @property
    def values(self) -> dict[str, Any]:
        """What is set, by name. Set one with ``explorer.values["contention"] = 0.1``, several with a new dict."""
        model = {one.name: getattr(self._model, one.name) for one in fields(Model)}
        if self._measured is not None:
            share = model.pop(STARTUP_SHARE)
            model[STARTUP_S] = share * self._measured.serial_s
        ordered = {knob.name: model[knob.name] for knob in self.knobs}
        return _Values(self, {**ordered, WORKERS: self._most, LOGARITHMIC: self._logarithmic})

    @values.setter
    def values(self, given: Mapping[str, Any]) -> None:
        """Set those that are given; others stay. A value that is not allowed changes nothing."""
        known = {**self.values}
        for name in given:
            if name not in known:
                raise unknown_choice("value of the explorer", str(name), known)
        most = _check_workers(given.get(WORKERS, self._most))
        costs = {name: value for name, value in given.items() if name not in {WORKERS, LOGARITHMIC}}
        if self._measured is not None and STARTUP_S in costs:
            costs[STARTUP_SHARE] = _seconds(costs.pop(STARTUP_S)) / self._measured.serial_s
        self._model = replace(self._model, **costs)
        self._most = most
        self._logarithmic = bool(given.get(LOGARITHMIC, self._logarithmic))
        self._show()

    @property
    def figure(self) -> "Figure":
        """The chart, as a figure of matplotlib."""
        from parlab.plots.explorer import explorer_chart

        return explorer_chart(self._model, self._most, self._measured, logarithmic=self._logarithmic)

    @property
    def sentence(self) -> str:
        """What the chart shows, in words."""
        return sentence(self._model, self._most, self._measured)

    def fit(self) -> str:
        """Put the sliders where the law that comes nearest to the points has them, and say how sure its numbers are.

        Raises
        ------
        InputError
            There is no view, or its points cannot tell a law; the text says why.
        """
        if self._measured is None:
            raise InputError("There are no points to fit. Give a view: parlab.ScalingExplorer(parlab.speedup(…)).")
        found = fitted_model(self._measured.points)
        self._model, self.note = found.model, fit_words(found, self._measured)
        self._show()
        return self.note

    def reset(self) -> None:
        """Put everything back to where it was at first."""
        self._model, self._most, self._logarithmic, self.note = _START, self._first, False, ""
        self._show()

    def picture(self) -> str:
        """Return the chart as an element of a page; the same one is not drawn twice."""
        state = (self._model, self._most, self._logarithmic)
        if self._drawn is None or self._drawn[0] != state:
            self._drawn = (state, self._draw())
        return self._drawn[1]

    def _draw(self) -> str:
        data = BytesIO()
        self.figure.savefig(data, format="png", dpi=_DPI)
        text = "Chart: speedup against workers, for the same work and for work that grows; the text has its numbers."
        encoded = b64encode(data.getvalue()).decode()
        return f'<img alt="{text}" style="max-width: 100%; display: block" src="data:image/png;base64,{encoded}">'

    def words(self) -> str:
        """Return sentence, note and numbers as elements of a page; every text is escaped."""
        note = f'<p style="{_TEXT}">{escape(self.note)}</p>' if self.note else ""
        head, *rows = counts_table(self._model, self._most, self._measured)
        titles = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
        lines = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
        table = f'<table style="{TABLE}">' + f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
        said = f'<p style="{_TEXT}">{escape(self.sentence)}</p>'
        return f'<div role="status" aria-live="polite">{said}{note}</div>{table}'

    def widget(self) -> Any:
        """Make the widget.

        Returns
        -------
        ipywidgets.VBox
            Sliders, buttons, the chart and the sentence. Asked again, it is the same one.

        Raises
        ------
        ImportError
            ipywidgets is not installed; the text says how to get it.
        """
        return self._panel.box

    def __repr__(self) -> str:
        """Show the sentence and what is set, 80 columns wide."""
        found = ", ".join(f"{name} {value:.4g}" for name, value in self.values.items() if name != LOGARITHMIC)
        return "\n".join(fill(text, _WIDTH) for text in (self.sentence, self.note, f"Set: {found}.") if text)

    def _repr_html_(self) -> str:
        """Show it without widgets: chart, sentence and numbers."""
        found = "".join(
            f"<li>{escape(knob.label)}: {self.values[knob.name]:.4g} ({escape(knob.meaning)})</li>"
            for knob in self.knobs
        )
        settings = f"<details><summary>What is set</summary><ul>{found}</ul></details>"
        return f"<div>{self.picture()}{self.words()}{settings}</div>"

    def _repr_mimebundle_(self, **_choice: Any) -> dict[str, Any]:
        """Offer all forms: whoever shows it takes the best that it can."""
        return offered({"text/plain": repr(self), "text/html": self._repr_html_()}, self.widget, "The sliders")

    @cached_property
    def _panel(self) -> "Panel":
        from parlab.notebook.panel import Panel

        return Panel(self, can_fit=self._measured is not None)

    def _show(self) -> None:
        if "_panel" in self.__dict__:
            self._panel.show()

    def _usual_workers(self) -> int:
        if self._measured is None:
            return _USUAL
        return min(max(_BEYOND * self._measured.points.workers[-1], _LEAST), MOST_WORKERS)


class _Values(dict[str, Any]):
    """What is set; to set an entry sets the explorer."""

    def __init__(self, explorer: ScalingExplorer, found: dict[str, Any]) -> None:
        super().__init__(found)
        self._explorer = explorer

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, *given: Any, **named: Any) -> None:
        """Set several."""
        self._explorer.values = dict(*given, **named)
        super().update(self._explorer.values)


def _measured(view: Any, backend: str | None) -> Measured:
    from parlab.plots.kinds import chosen

    if not isinstance(view, View):
        message = f"{view!r:.40} is no view of a sweep."
        raise InputError(f"{message} Give what parlab.speedup returned, or parlab.View.read(…).")
    return measured_points(view.results, view.summary, chosen(view.summary, backend).backend)


def _check_workers(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not FEWEST_WORKERS <= given <= MOST_WORKERS:
        allowed = f"from {FEWEST_WORKERS} to {MOST_WORKERS}"
        raise InputError(f"workers must be a whole number {allowed}, not {given!r:.40}.")
    return given


def _seconds(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InputError(f"{STARTUP_S} must be a number of seconds, not {given!r:.40}.")
    return float(given)
