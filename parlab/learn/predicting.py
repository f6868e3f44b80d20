"""Predictions: a guess before the measurement, and afterwards both side by side with the cause that fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import inf, isfinite
from numbers import Real
from textwrap import fill
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.learn import registry
from parlab.learn.choosing import choice, framed
from parlab.learn.quizzing import with_widget
from parlab.learn.records import Topic
from parlab.learn.store import Store
from parlab.units import digits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR = 1.15  # a guess within 15 % is a good one: rounds on a quiet machine differ by that
_ABOVE, _BESIDE = 0.8, 9  # where a guess is named: a share of the height; points from its mark
_WIDTH = 80
_NEVER_NEGATIVE = (  # units of questions of one's own; in the course nothing that is measured can be below 0
    *("times", "cores", "workers", "processes", "threads", "tasks", "items", "rounds", "runs", "results", "additions"),
    *("seconds", "minutes", "hours", "s", "ms", "us", "µs", "ns", "bytes", "B", "KB", "MB", "GB", "KiB", "MiB", "GiB"),
)
_WORD = 4  # letters of a unit that is a word, such as "runs": "ms" is none


class Prediction:
    """A guess, made before the cell that measures.

    Parameters
    ----------
    name
        Such as ``"01-together"``; or a question of your own, then with a unit.
    guess
        A number. None or ``...``: the notebook shows a field or buttons for it, and Run All goes on without.
    unit
        For a question of your own.
    options
        For a question of your own: the values to choose from.

    Attributes
    ----------
    guess
        The number; None while there is none.
    topic
        What is asked.

    Raises
    ------
    InputError
        There is no prediction of that name, or the guess is no number, none of the options, or below 0 where nothing
        can be.
    """

    def __init__(self, name: str, guess: Any = None, *, unit: str | None = None, options: Sequence[float] = ()) -> None:
        own = unit is not None
        self.topic = Topic(name, name, str(unit), (), tuple(options)) if own else registry.find_topic(name)
        self._from_zero = not own or unit in _NEVER_NEGATIVE
        self.guess: float | None = None
        if guess is not None and guess is not ...:
            self.make(guess)
        elif not own:
            earlier = Store.here().progress.predictions.get(name)
            self.guess = earlier.guess if earlier and earlier.guess >= 0 else None

    def make(self, guess: Any) -> None:
        """Make or change the guess.

        Raises
        ------
        InputError
            It is no number, none of the options, or below 0 where nothing can be.
        """
        if not _is_number(guess):
            raise InputError(f"A guess is a number, such as 2 or 1.5, not {guess!r:.40}.")
        if self.topic.options and guess not in self.topic.options:
            raise InputError(f"{guess!r} is none of the options: {', '.join(map(number, self.topic.options))}.")
        if guess < 0 and self._from_zero:
            said = _counted(float(guess), self.topic.unit)
            raise InputError(f"A guess of {said} can never come true: less than 0 cannot be measured. Give 0 or more.")
        self.guess = float(guess)
        Store.here().guessed(self.topic.name, self.guess)

    def compare(self, measured: Any, view: Any = None) -> "Comparison":
        """Put the guess beside what was measured.

        Parameters
        ----------
        measured
            A number, in the unit of the guess.
        view
            The ``View`` of the sweep, or anything with ``findings``: what they say can be the cause.

        Raises
        ------
        InputError
            What was measured is no number.
        """
        if not _is_number(measured):
            raise InputError(f"What was measured must be a number, not {measured!r:.40}.")
        value = float(measured)
        if self.guess is not None:
            Store.here().guessed(self.topic.name, self.guess, value)
        found = {one.code: one.message for one in getattr(view, "findings", ())}
        text, said = _cause(self.topic, self.guess, value, found)
        return Comparison(self.topic.question, self.topic.unit, self.guess, value, text, said)

    def on(self, chart: Any, workers: int | None = None) -> "Figure":
        """Draw the guess into a chart of speedups.

        Parameters
        ----------
        chart
            A ``View``, which draws its speedup chart, or a figure of matplotlib.
        workers
            For how many workers the guess was made; None draws it across the chart.

        Returns
        -------
        matplotlib.figure.Figure
            With the guess, labelled "your guess"; unchanged where there is none.
        """
        from matplotlib.figure import Figure

        figure: Figure = chart if isinstance(chart, Figure) else chart.plot()
        if self.guess is not None and figure.axes:
            _draw(figure.axes[0], self.guess, workers)
        return figure

    def __repr__(self) -> str:
        """Show the question and the guess."""
        return "\n".join(fill(line, _WIDTH) for line in (self.topic.question, self._state()))

    def _repr_html_(self) -> str:
        """Show them in a notebook; every text is escaped."""
        return f"<div><p><strong>{escape(self.topic.question)}</strong></p><p>{escape(self._state())}</p></div>"

    def _repr_mimebundle_(self, **_choice: Any) -> dict[str, Any]:
        """Offer a field to type into, or buttons, as long as there is no guess."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return bundle if self.guess is not None else with_widget(bundle, self.widget)

    def widget(self) -> Any:
        """Make the widget: a field to type into, or a button for each option where there are options.

        Raises
        ------
        ImportError
            ipywidgets is not installed.
        """
        import ipywidgets  # type: ignore[import-untyped]

        topic = self.topic
        if topic.options:
            texts = [number(one) for one in topic.options]
            return choice(topic.question, texts, lambda place: self._take(topic.options[place]))
        field = ipywidgets.Text(placeholder="a number", continuous_update=False, description=topic.unit)
        field.tooltip = topic.question
        box, say = framed(topic.question, field)
        field.observe(lambda change: say(self._take(change["new"])), names="value")
        return box

    def _take(self, given: Any) -> str:
        """Make what was chosen or typed the guess; return what to say about it."""
        try:
            self.make(_typed(given))
        except InputError as refusal:
            return str(refusal)
        return self._state()

    def _state(self) -> str:
        if self.guess is not None:
            return f"Your guess: {_counted(self.guess, self.topic.unit)}."
        allowed = f" Choose from {', '.join(map(number, self.topic.options))}." if self.topic.options else ""
        return f"No guess yet: type a number, or write guess=… into the cell.{allowed}"


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """A guess beside what was measured.

    Attributes
    ----------
    question, unit
        Of the prediction.
    guess, measured
        Both in that unit; the guess is None where there was none.
    cause
        What fits the difference; empty where nothing is known.
    finding
        What a finding of the sweep says to it; empty where none does.
    """

    question: str
    unit: str
    guess: float | None
    measured: float
    cause: str
    finding: str = ""

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide."""
        rows = [f"{title:10}{value}" for title, value in self._rows()]
        return "\n".join([*rows, *(fill(text, _WIDTH) for text in (self.cause, self.finding) if text)])

    def _repr_html_(self) -> str:
        """Show it as a table; every text is escaped."""
        rows = "".join(
            f'<tr><th scope="row">{title}</th><td>{escape(value)}</td></tr>' for title, value in self._rows()
        )
        words = "".join(f"<p>{escape(text)}</p>" for text in (self.cause, self.finding) if text)
        return f"<p><strong>{escape(self.question)}</strong></p><table>{rows}</table>{words}"

    def _rows(self) -> Iterable[tuple[str, str]]:
        yield "guessed", "nothing" if self.guess is None else _counted(self.guess, self.unit)
        yield "measured", _counted(self.measured, self.unit)


def _is_number(given: Any) -> bool:
    """Tell whether this is a number that a float can hold."""
    try:
        return isinstance(given, Real) and not isinstance(given, bool) and isfinite(given)
    except OverflowError:  # a whole number with more than 308 digits
        return False


def number(value: float) -> str:
    """Write a number with three digits, and a whole one as it is."""
    return str(int(value)) if value == int(value) else digits(value)


def _counted(value: float, unit: str) -> str:
    """Write a number with its unit: one second, and not one seconds; "1 times" stays, as in "1 times as fast"."""
    written = number(value)
    is_word = unit.isalpha() and len(unit) >= _WORD and unit != "times"
    return f"{written} {unit.removesuffix('s') if written == '1' and is_word else unit}"


def _typed(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value.strip().replace(",", "."))
        except ValueError:
            return value
    return value


def _cause(topic: Topic, guess: float | None, measured: float, found: dict[str, str]) -> tuple[str, str]:
    """Return the first cause that fits, and what the finding that it needs says."""
    if guess is None:
        return "Next time, guess first: whoever has guessed remembers better.", ""
    low, high = sorted((guess, measured))
    factor = 1.0 if low == high else inf if low <= 0 else high / low
    near = factor <= (1.0 if topic.options else NEAR)
    side = "near" if near else "above" if guess > measured else "below"
    for cause in topic.causes:
        said = [found[code] for code in cause.findings if code in found]
        if cause.side == side and factor >= cause.factor and (said or not cause.findings):
            return cause.text, said[0] if said else ""
    return "", ""


def _draw(axes: Any, guess: float, workers: int | None) -> None:
    """Draw a mark or a line. The axes stay as they are: the names beside the lines lie where their ends are."""
    if guess > axes.get_ylim()[1]:
        _write(axes, f"your guess, {number(guess)}, lies above this chart", (0.02, _ABOVE), axes.transAxes, "left", 0)
        return
    low = -_BESIDE if guess > _ABOVE * axes.get_ylim()[1] else _BESIDE  # near the top stand the marks of the cores
    ink = {"color": "black", "zorder": 5, "label": "your guess"}
    if workers is None:
        axes.axhline(guess, linestyle=(0, (1, 2)), linewidth=1.4, **ink)
        _write(axes, "your guess", (0.02, guess), axes.get_yaxis_transform(), "left", low)
    else:
        axes.plot([workers], [guess], marker="D", markersize=8, fillstyle="none", linestyle="", **ink)
        _write(axes, "your guess ", (workers, guess), axes.transData, "right", low)


def _write(axes: Any, text: str, place: tuple[float, float], transform: Any, side: str, above_points: float) -> None:
    paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}  # lines may run behind
    axes.annotate(text, place, bbox=paper, xycoords=transform, xytext=(0, above_points), textcoords="offset points",
                  ha=side, va="center", fontsize=9.5, zorder=5)  # fmt: skip
