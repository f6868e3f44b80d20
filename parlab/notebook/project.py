"""``parlab.Project``: one's own function from the first guess to the report. It keeps what was found on the way.

It measures by ``parlab.speedup`` and judges nothing itself. As long as the function is not written, each step says so
instead of raising, so that a notebook whose exercises are open runs to its end.
"""

import inspect
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from parlab.analysis.areas import WORDS
from parlab.analysis.improvement import Improvement, improvement
from parlab.errors import InputError
from parlab.explained import Section, sections
from parlab.learn import registry
from parlab.learn.own import ITEMS, WORK, made
from parlab.learn.predicting import Comparison, Prediction
from parlab.learn.store import Store
from parlab.learn.stubs import BEGIN, END
from parlab.learn.weighing import evidence
from parlab.measure.answers import same
from parlab.notebook.profiled import Profile, as_html, profile, with_item
from parlab.notebook.speedup import speedup
from parlab.notebook.view import View
from parlab.report import Code, Story, check_place, checked_author, page, save
from parlab.tables import seconds

BEFORE, AFTER = "before", "after"
_FUNCTIONS = (WORK, ITEMS, "run")
_MOST_LETTERS = 6_000  # of one function in a report
_ROUNDING = 1e-9
_CHECKS = "18-"


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """What stands where a result will be: the step and what it waits for."""

    text: str
    findings: tuple[Any, ...] = ()

    def explain(self) -> "Waiting":
        """There is nothing to explain yet."""
        return self

    def plot(self, *_kind: Any, **_which: Any) -> "Waiting":
        """There is nothing to draw yet."""
        return self

    def __repr__(self) -> str:
        """Say what is missing."""
        return self.text

    def _repr_html_(self) -> str:
        return f"<p><em>{escape(self.text)}</em></p>"


@dataclass(frozen=True, slots=True, repr=False)
class Improved:
    """Before and after, as a notebook shows it.

    Attributes
    ----------
    found
        The two times and their ratio.
    same_answers
        Whether both programs give the same answers; what gives others is no improvement.
    changed
        Sentences on what was set otherwise; a change of the code is told by the code.
    """

    found: Improvement
    same_answers: bool
    changed: tuple[str, ...] = ()

    def section(self) -> Section:
        """Return it as a table with sentences."""
        one = self.found
        rows = [
            ["before", one.before.label, seconds(one.before_s), str(one.rounds[0])],
            ["after", one.after.label, seconds(one.after_s), str(one.rounds[1])],
        ]
        other = "The answers differ, so this is another program, and no faster one."
        notes = [one.sentence if self.same_answers else other]
        if one.with_startup is not None:
            notes.append(f"With start-up and shut-down it takes {one.with_startup.value:.2f} times as long as before.")
        if one.judged == "pace":
            notes.append(
                "The first of these is taken at the machine's own pace, that of a loop which never changes, in the "
                "same rounds. So it may differ from the times in the table: a slower hour of the machine goes out."
            )
        notes += self.changed
        return Section("Before and after", ("program", "fastest", "time", "rounds"), rows, notes)

    def __repr__(self) -> str:
        """Show it as text."""
        _, columns, rows, notes = self.section()
        lines = [f"{row[0]:10}{row[1]:28}{row[2]:>10}{row[3]:>8}" for row in (columns, *rows)]
        return "\n".join([*lines, "", *notes])

    def _repr_html_(self) -> str:
        return as_html(self.section())


class Project:
    """A function of one's own, measured, explained and improved.

    Parameters
    ----------
    module
        A module, or its name, that holds ``work(item)`` and ``make_items()``, written there or imported there.
    author
        Whose report it will be; nothing is said where it is empty, and nothing else is looked up.

    Attributes
    ----------
    views
        What was measured, by label.

    Raises
    ------
    InputError
        The module cannot be found, or lacks one of the two.
    """

    def __init__(self, module: str | ModuleType, author: Any = None) -> None:
        self.author = checked_author(author)
        self.modules: dict[str, str] = {BEFORE: module if isinstance(module, str) else module.__name__}
        self.views: dict[str, View] = {}
        self._profile: Profile | None = None
        self._prediction: Comparison | None = None
        self._named: dict[str, Any] | None = None
        self._improved: Improved | None = None
        self._module(self.modules[BEFORE])

    def profile(self) -> Profile | Waiting:
        """Run the plain loop in this process: where is the time, does it compute or wait, what is the limit."""
        if open_now := self._open(self.modules[BEFORE]):
            return open_now
        module = self._module(self.modules[BEFORE])
        self._profile = profile(getattr(module, WORK), getattr(module, ITEMS))
        return self._profile

    def measure(self, label: str = BEFORE, *, module: str | ModuleType | None = None, **how: Any) -> View | Waiting:
        """Measure the function with ``parlab.speedup``, and keep the view under a label.

        Parameters
        ----------
        label
            ``"before"``, ``"after"``, or any other name, for a first look.
        module
            Where the function stands now; None for the project's own.
        **how
            As ``parlab.speedup`` has them: ``workers``, ``backends``, ``rounds``, ``chunksize`` …
        """
        name = self.modules[BEFORE] if module is None else module if isinstance(module, str) else module.__name__
        if open_now := self._open(name):
            return open_now
        found = self._module(name)
        self._forget(label)
        self.modules[label] = name
        self.views[label] = speedup(getattr(found, WORK), made(getattr(found, ITEMS)), **how)
        return self.views[label]

    def predicted(self, guess: Prediction, label: str = BEFORE) -> Comparison | Waiting:
        """Hold a guess against the speedup that was measured: of the most workers of the fastest engine."""
        view = self.views.get(label)
        if view is None:
            return self._missing(label)
        self._prediction = guess.compare(_speedup(view), view)
        return self._prediction

    def cause(self, cause: Any, label: str = BEFORE) -> dict[str, Any] | None:
        """Hold the cause that you name against the rounds: see ``parlab.learn.evidence``."""
        found = evidence(self.views.get(label), cause)
        if label == BEFORE:
            self._named = found
        return found

    def improvement(self) -> Improved | Waiting:
        """Compare before and after: as fast as its rounds support, and only where the answers are the same."""
        for label in (BEFORE, AFTER):
            if label not in self.views:
                return self._missing(label)
        found = improvement(self.views[BEFORE].results, self.views[AFTER].results)
        right = same(self._answers(BEFORE), self._answers(AFTER), _ROUNDING)
        self._improved = Improved(found, right, tuple(_changed(self.views[BEFORE], self.views[AFTER])))
        return self._improved

    def report(self, path: str | Path, *, author: str | None = None) -> Path | Waiting:
        """Write everything as one web page that loads nothing: as ``View.report``, with the function and its story.

        The story: the code before and after, the profile, guess and measurement, the largest loss, and checks passed.

        Parameters
        ----------
        path
            Where to; the name ends in ``.html``. A report that parlab made is replaced, nothing else is.
        author
            A name for a line below the title; none where it is empty. None is the project's.

        Returns
        -------
        pathlib.Path or Waiting
            The page; what it waits for, where nothing was measured.

        Raises
        ------
        InputError
            It cannot be written there, or the name is too long.
        """
        place = Path(path)
        view = self.views.get(AFTER) or self.views.get(BEFORE)
        check_place(place, None if view is None else view.results.path)
        if view is None:
            return self._missing(BEFORE)
        story = Story(tuple(self._codes()), tuple(self._sections()))
        name = self.author if author is None else author
        save(page(view.results, view.summary, author=name, story=story), place)
        return place

    def __repr__(self) -> str:
        """Say what there is of it."""
        who = f" by {self.author}" if self.author else ""
        steps = ", ".join(self.views) or "nothing yet"
        return f"Project {self.modules[BEFORE]}{who}. Measured: {steps}."

    def _module(self, name: str) -> ModuleType:
        try:
            module = import_module(name)
        except ModuleNotFoundError as problem:
            if problem.name != name:
                raise
            raise InputError(
                f"There is no module {name!r} here. Write it in a cell that begins with %%workers {name}, or put "
                f"{name}.py beside the notebook."
            ) from problem
        lacking = [one for one in (WORK, ITEMS) if not hasattr(module, one)]
        if lacking:
            raise InputError(
                f"{name} has no {' and no '.join(lacking)}. A project needs {WORK}(item), the task, and {ITEMS}(), "
                "which returns a list of items."
            )
        return module

    def _open(self, name: str) -> Waiting | None:
        """Say that a function is not written yet; one item is enough to see it."""
        module = self._module(name)
        try:
            items = made(getattr(module, ITEMS))
            if items:
                with_item(getattr(module, WORK), items[0])
        except NotImplementedError:
            return Waiting(f"not yet: this step waits for {WORK}(item) and {ITEMS}() in {name}.")
        if not items:
            raise InputError(
                f"{ITEMS}() of {name} returned no items. Two workers need two or more. If it lists files: is the "
                "folder's path right, as seen from the notebook?"
            )
        return None

    def _forget(self, label: str) -> None:
        """Drop what was said of the sweep that a new one takes the place of."""
        if label == BEFORE:
            self._prediction = self._named = None
        if label in (BEFORE, AFTER):
            self._improved = None

    def _missing(self, label: str) -> Waiting:
        return Waiting(f"not yet: this step waits for project.measure({label!r}, …).")

    def _answers(self, label: str) -> list[Any]:
        module = self._module(self.modules[label])
        return [getattr(module, WORK)(item) for item in made(getattr(module, ITEMS))]

    def _codes(self) -> Iterator[Code]:
        linecache.checkcache()
        for label, name in self.modules.items():
            if label in (BEFORE, AFTER) and (label == BEFORE or name != self.modules[BEFORE]):
                text = "\n\n".join(_source(getattr(self._module(name), one, None)) for one in _FUNCTIONS).strip()
                cut = text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}\n…"
                yield Code(f"The code {label}: {name}", cut or "Its source cannot be read.")

    def _sections(self) -> Iterator[Section]:
        if self._profile is not None:
            yield self._profile.section()
        if self._prediction is not None:
            yield _told(self._prediction)
        if BEFORE in self.views and AFTER in self.views:
            yield from _lost(self.views[BEFORE])
        if self._named is not None:
            verdict = "The rounds support it" if self._named["supported"] else "The rounds do not support it"
            sentence = f"Named: {self._named['cause']}. {verdict}."
            yield Section("The largest loss before", (), [], [sentence, self._named["told"]])
        if self._improved is not None:
            yield self._improved.section()
        if passed := _passed():
            yield Section("Checks passed", (), [], passed)


def _speedup(view: View) -> float:
    from parlab.plots import chosen

    one = chosen(view.summary)
    for row in view.summary.rows:
        if (row.backend, row.workers) == (one.backend, one.workers) and row.speedup is not None:
            return row.speedup
    raise InputError("This sweep has no complete round, so there is no speedup to compare with. Measure again.")


def _changed(before: View, after: View) -> Iterator[str]:
    """Say which settings differ: a report whose code is the same must tell what was improved."""
    sweeps = before.results.header.sweep, after.results.header.sweep
    for field, name in (("chunksize", "chunk size"), ("blas_threads", "number of BLAS threads")):
        old, new = (getattr(one, field) for one in sweeps)
        if old != new:
            yield f"The {name} was {old or 'left open'} before, and is {new or 'left open'} after."


def _told(one: Comparison) -> Section:
    guess = "nothing" if one.guess is None else f"{one.guess:.3g}"
    rows = [["predicted", guess, one.unit], ["measured", f"{one.measured:.3g}", one.unit]]
    notes = [text for text in (one.question, one.cause, one.finding) if text]
    return Section("Predicted and measured", ("", "value", "unit"), rows, notes)


def _lost(view: View) -> Iterator[Section]:
    """Yield where the time went before the change; the page itself says it of the program after."""
    try:
        first = next(sections(view.explain().explanation))
    except InputError:  # it was not traced
        return
    legend = tuple(f"{word}: " for word in WORDS.values())  # the page has it already
    notes = [note for note in first.notes if not note.startswith(legend)]
    yield first._replace(title=f"Before: {first.title[:1].lower()}{first.title[1:]}", notes=notes)


def _passed() -> list[str]:
    known = Store.here().progress.exercises
    return [
        check.title
        for name, check in registry.checks().items()
        if name.startswith(_CHECKS) and name in known and known[name].passed is not None
    ]


def _source(function: Any) -> str:
    if function is None:
        return ""
    try:
        lines = inspect.getsource(function).splitlines(keepends=True)
        return "".join(line for line in lines if line.strip() not in (BEGIN, END))
    except (OSError, TypeError):  # written in C, or its file is gone
        return ""
