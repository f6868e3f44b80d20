"""``parlab.BenchmarkPanel``: a sweep by mouse or keyboard in a notebook, with a chart that grows, and a Cancel."""

import sys
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from html import escape
from textwrap import fill
from typing import Any

from parlab.errors import BackendUnavailableError, InputError, InterruptedSweepError, ParlabError, unknown_choice
from parlab.learn.quizzing import with_widget
from parlab.machine import detect
from parlab.measure.request import Request
from parlab.notebook import panel_texts as texts
from parlab.notebook.background import Measurement, News, running
from parlab.notebook.choices import OWN, make_choices, output_of, own_work
from parlab.notebook.panel_face import Face
from parlab.notebook.view import View
from parlab.results import Results
from parlab.workloads.reference import looks_like_function

_LOOK_S = 0.2  # how often a waiting cell looks whether it was interrupted; Windows tells it only then
_WIDTH = 80
_FIELDS = frozenset(Request.__dataclass_fields__) - {"subject", "items_text", "make_folder", "resume"}


class BenchmarkPanel:
    """A form for a sweep: choose, start, watch the chart grow, cancel when you like, and go on with the result.

    Put it at the end of a cell. The sweep runs in processes of its own and the kernel stays free for other cells.
    Where no form can be shown, ``run`` measures what was chosen in Python.

    Parameters
    ----------
    task
        A module-level function of one item, ``"module:function"``, or the name of a workload of parlab; None for a
        workload.
    items
        What your function is called with: any iterable, which is consumed once.
    workload
        The name of the workload that is chosen at first.
    backends
        Specs, such as ``["threads", "processes:spawn"]``; None for threads and processes.
    workers
        Worker counts, such as ``[1, 2, 4]``; None for 1, 2, 4, … up to the usable cores.
    size
        For a workload: ``"small"``, ``"large"`` or a number of tasks.
    rounds, precision
        When it ends: after so many rounds (7 where nothing is said), or when every speedup is known to such a share of
        itself, as 0.05 for 5 %. A precision alone takes 5 minutes at most.
    **more
        Further arguments of ``parlab.speedup``, such as ``kwargs``, ``budget_s`` or ``output``.

    Raises
    ------
    InputError, BackendUnavailableError
        A name is unknown, or an engine cannot run here. What the form can put right is refused when it is started.
    """

    def __init__(
        self,
        task: Callable[..., Any] | str | None = None,
        items: Iterable[Any] | None = None,
        *,
        workload: str = "primes",
        backends: Sequence[str] | None = None,
        workers: Sequence[int] | None = None,
        size: str | int | None = None,
        rounds: int | None = None,
        precision: float | None = None,
        **more: Any,
    ) -> None:
        unknown = sorted(set(more) - _FIELDS)
        if unknown:
            raise unknown_choice("argument of parlab.BenchmarkPanel", unknown[0], _FIELDS)
        if isinstance(task, str) and not looks_like_function(task):
            workload, task = task, None
        self._own = own_work(task, items)
        self._more = output_of(more)
        self._machine = detect()
        self._choices = make_choices(
            self._machine,
            workload if self._own is None else OWN,
            backends=backends,
            workers=workers,
            size=size,
            rounds=rounds,
            precision=precision,
            budget_s=more.get("budget_s"),
        )
        self._face: Face | None = None
        self._measurement: Measurement | None = None
        self._finalizer: Any = None
        self._other: Measurement | None = None  # the one that was in the way, which Cancel ends then
        self._name: str | None = None

    @property
    def state(self) -> str:
        """``"ready"``, ``"running"``, ``"cancelling"``, ``"finished"``, ``"cancelled"`` or ``"failed"``.

        The last three are said when no process of it is left.
        """
        return "ready" if self._measurement is None else self._measurement.state

    @property
    def view(self) -> View:
        """What has been measured by now: the rounds that are complete, while it runs and after Cancel as well.

        Raises
        ------
        InputError
            No round is complete yet.
        ParlabError
            The sweep failed before one was; the error is that of the sweep.
        """
        results = self.results
        if not results.complete_rounds:
            raise self._nothing("No round is complete")
        return View.of(results)

    @property
    def results(self) -> Results:
        """The trials that are finished by now, as ``parlab.Results``; see ``view`` for the errors."""
        found = None if self._measurement is None else self._measurement.results()
        if found is None:
            raise self._nothing("Nothing is measured")
        return found

    def start(self) -> None:
        """Start what is chosen, as the button does, and return at once.

        Raises
        ------
        InputError, BackendUnavailableError
            Something chosen cannot be used, or another measurement runs; nothing was started.
        """
        if self._measurement is not None and self._measurement.runs:
            raise InputError("This panel is measuring already. Cancel it first, or wait until it is done.")
        choices = self._choices if self._face is None else self._face.form.read()
        request = choices.request(self._own, self._more)
        self._other = None
        self._name = _name_in_notebook(self)
        measurement = Measurement(request, self._machine, _weakly(self._hear))
        if self._finalizer is not None:
            self._finalizer.detach()
        self._finalizer = weakref.finalize(self, measurement.end)

    def cancel(self) -> None:
        """End what runs, and return when no process of it is left. What is finished is kept."""
        if self._measurement is not None:
            self._measurement.end()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing runs.

        Parameters
        ----------
        timeout_s
            For how long at most; None waits for the end.

        Returns
        -------
        bool
            Whether nothing runs any more.

        Raises
        ------
        InterruptedSweepError
            The cell was interrupted; the measurement is cancelled then, and what is finished is kept.
        """
        if self._measurement is None:
            return True
        until = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            while True:
                left_s = _LOOK_S if until is None else min(_LOOK_S, until - time.monotonic())
                if self._measurement.join(max(0.0, left_s)):
                    return True
                if left_s <= 0:
                    return False
        except KeyboardInterrupt:
            self._measurement.end()
            done = self._measurement.rounds_done
            raise InterruptedSweepError(f"Stopped. {_rounds(done)} complete, and nothing runs any more.") from None

    def run(self, timeout_s: float | None = None) -> View:
        """Measure what is chosen and wait for it: for scripts, and for notebooks that nobody clicks in.

        Parameters
        ----------
        timeout_s
            When to cancel it; the rounds that are complete by then are returned.

        Raises
        ------
        ParlabError
            As of ``start`` and of ``parlab.speedup``; ``InputError`` when it was cancelled before a round was complete.
        """
        try:
            self.start()
            if not self.wait(timeout_s):
                self.cancel()
        except InterruptedSweepError:
            if self._measurement is None or not self._measurement.rounds_done:
                raise
        assert self._measurement is not None  # noqa: S101  # it was started
        if self._measurement.state == "failed" and self._measurement.error is not None:
            raise self._measurement.error
        return self.view

    def close(self) -> None:
        """End what runs and take the form away. ``view`` stays; shown again, the panel has a new form."""
        self.cancel()
        face, self._face = self._face, None
        if face is not None:
            self._choices = face.form.read()
            face.close()

    def widget(self) -> Any:
        """Make the form, or return the one that there is. From then on the panel lives until it is closed.

        Returns
        -------
        ipywidgets.VBox
            The controls, Start and Cancel, the progress, the chart and the table.

        Raises
        ------
        BackendUnavailableError
            ipywidgets is not installed.
        """
        try:
            return self._shown().root
        except ImportError as problem:
            raise BackendUnavailableError(texts.NO_FORM) from problem

    def __repr__(self) -> str:
        """Say what the panel is for; with a result, show its table and findings."""
        lines = ["Benchmark panel", *(fill(one, _WIDTH) for one in self._described())]
        found = self._finished()
        return "\n".join(lines if found is None else [*lines, "", repr(found)])

    def _repr_html_(self) -> str:
        """Show the same where there are no widgets, such as on a code host; every text is escaped."""
        lines = "".join(f"<p>{escape(one)}</p>" for one in self._described())
        found = self._finished()
        result = "" if found is None else f"{texts.chart(found)}{texts.table(found.summary)}"
        return f"<div><strong>Benchmark panel</strong>{lines}{result}</div>"

    def _repr_mimebundle_(self, **_choice: Any) -> dict[str, Any]:
        """Offer all forms: whoever shows it takes the best that it can."""
        return with_widget({"text/plain": repr(self), "text/html": self._repr_html_()}, lambda: self._shown().root)

    def _shown(self) -> Face:
        if self._face is None:
            self._face = Face(self._choices, self._own, self._machine, self._press_start, self._press_cancel)
            if self._measurement is not None:
                self._hear(self._measurement, "state")
        return self._face

    def _described(self) -> list[str]:
        return texts.description(self._choices, self._own)

    def _finished(self) -> View | None:
        """Return what there is to show; None before a round is complete."""
        results = None if self._measurement is None else self._measurement.results()
        return View.of(results) if results is not None and results.complete_rounds else None

    def _nothing(self, what: str) -> ParlabError:
        if self._measurement is None:
            return InputError("Nothing is measured yet. Press Start in the panel, or call .run().")
        if self._measurement.error is not None and self._measurement.state == "failed":
            return self._measurement.error
        if self._measurement.runs:
            return InputError(f"{what} yet. Wait for the first one: .wait(60) waits for up to 60 s.")
        return InputError(f"{what}: it was cancelled before. Press Start again, or call .run().")

    def _press_start(self) -> None:
        face = self._face
        if face is None:
            return
        try:
            self.start()
        except Exception as problem:  # what was given in Python can be wrong in any way
            refusal = str(problem) if isinstance(problem, ParlabError) else f"{type(problem).__name__}: {problem}"
            self._other = running() if running() is not self._measurement else None
            more = ["Cancel in this panel ends it, too."] if self._other else []
            face.say(f"Not started. {refusal}", *more, alert=True)

    def _press_cancel(self) -> None:
        face, other = self._face, self._other
        if self._measurement is not None and self._measurement.runs:
            self._measurement.cancel()
        elif other is not None and other.runs:
            other.cancel()
            if face is not None:
                face.say("The other measurement is being ended. Press Start again.")
        elif face is not None:
            face.say("Nothing runs, so there is nothing to cancel.")

    def _hear(self, measurement: Measurement, news: News) -> None:
        """Show what a measurement tells; called from its thread, save at the begin."""
        if news == "begun":
            self._measurement = measurement
        face, state = self._face, measurement.state
        if face is None:
            return
        shown = self._drawn(face, measurement, news)  # this takes long, and nobody has to wait for it
        with face.turn:
            if measurement is self._measurement and measurement.state == state:  # else there are other news by now
                self._show(face, measurement, news, shown)

    def _drawn(self, face: Face, measurement: Measurement, news: News) -> tuple[str, str]:
        """Return the chart and the table to be shown; empty where there are no new ones."""
        if news == "step" and not measurement.rounds_done:
            texts.prepare()
        if news == "round":
            return face.picture(measurement), ""
        found = None if measurement.runs else self._finished()
        return ("", "") if found is None else (texts.chart(found), texts.table(found.summary))

    def _show(self, face: Face, measurement: Measurement, news: News, shown: tuple[str, str]) -> None:
        face.show(*shown)
        if news == "step":
            face.step(measurement)
        elif news == "round":
            return
        elif measurement.state == "running":
            face.begin(measurement)
        elif measurement.state == "cancelling":
            face.say("Cancelling. The processes are being ended.")
        else:
            face.end(measurement, texts.outcome(measurement, self._finished(), self._name))


def _weakly(method: Callable[[Measurement, News], None]) -> Callable[[Measurement, News], None]:
    """Call a method only as long as its object lives: a thread must not keep a panel that nobody has any more."""
    reference = weakref.WeakMethod(method)

    def call(measurement: Measurement, news: News) -> None:
        if (alive := reference()) is not None:
            alive(measurement, news)

    return call


def _name_in_notebook(panel: BenchmarkPanel) -> str | None:
    """Return the name by which the next cell can use a panel; None where it has none."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    names = [name for name, value in list(getattr(shell, "user_ns", {}).items()) if value is panel]
    public = [name for name in names if not name.startswith("_")]
    numbered = [name for name in names if name[1:].isdecimal()]  # _5, the value of cell 5
    return next(iter([*public, *numbered]), None)


def _rounds(done: int) -> str:
    return "1 round is" if done == 1 else f"{done} rounds are"
