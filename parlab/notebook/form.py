"""The controls of a benchmark panel: ipywidgets that are read into ``Choices``. ipywidgets is imported when it is made.

Every control is reached with Tab and has its name beside it. Nothing is locked that has the focus: a locked control
would lose it, and whoever uses the keyboard would stand at the top of the page.
"""

from html import escape
from typing import Any

import parlab.backends
from parlab import units, workloads
from parlab.machine import Machine
from parlab.measure.request import usual_workers
from parlab.notebook.choices import OWN, Choices, Own, listed

_FIELD = {"width": "min(26em, 100%)"}
_NAME = {"description_width": "6em"}
_HIDDEN, _SHOWN = "none", None


class Form:
    """The controls, in their order.

    Parameters
    ----------
    first
        What they show at the beginning.
    own
        The function that was given, where there is one.
    machine
        Of which the usual worker counts are.

    Raises
    ------
    ImportError
        ipywidgets is not installed.
    """

    def __init__(self, first: Choices, own: Own | None, machine: Machine) -> None:
        import ipywidgets  # type: ignore[import-untyped]

        self._first, self._own, self._machine = first, own, machine
        self._make = ipywidgets
        self.workload = self._workloads(first)
        self.about = ipywidgets.HTML()
        self.backends, missing = self._backends(first)
        self.workers = self._text("Workers", first.workers, "such as 1, 2, 4")
        self.size = ipywidgets.Combobox(
            value=first.size, description="Size", placeholder="small, large, or a number of tasks", **self._look()
        )
        ends = [("after a number of rounds", "rounds"), ("when speedups are precise", "precision")]
        self.ends = ipywidgets.Dropdown(options=ends, value=first.ends, description="Ends", **self._look())
        self.rounds = self._text("Rounds", first.rounds, "a whole number; intervals take 6")
        self.precision = self._text("Precision", first.precision, "such as 5 %")
        self.workload.observe(self._work_chosen, names="value")
        self.ends.observe(self._end_chosen, names="value")
        self._work_chosen({"old": first.workload, "new": first.workload})
        self._end_chosen({"new": first.ends})
        ticks = ipywidgets.Box([*self.backends.values()], layout={"flex_flow": "row wrap", "gap": "0 1.5em"})
        self.box = ipywidgets.VBox(
            [
                self.workload,
                self.about,
                ipywidgets.HTML("<strong>Backends</strong>"),
                ticks,
                missing,
                self.workers,
                self.size,
                self.ends,
                self.rounds,
                self.precision,
            ]
        )

    def read(self) -> Choices:
        """Return what is chosen and typed."""
        return Choices(
            workload=self.workload.value,
            backends=tuple(spec for spec, tick in self.backends.items() if tick.value),
            workers=self.workers.value,
            size=self.size.value,
            ends=self.ends.value,
            rounds=self.rounds.value,
            precision=self.precision.value,
        )

    def lock(self, *, locked: bool) -> None:
        """Lock the controls while what they say is being measured, or unlock them."""
        fields = (self.workload, *self.backends.values(), self.workers, self.size, self.ends, self.rounds)
        for one in (*fields, self.precision):
            one.disabled = locked

    def _workloads(self, first: Choices) -> Any:
        options = [(name, name) for name in workloads.names()]
        if self._own is not None:
            options.insert(0, (f"your function {self._own.name}", OWN))
        return self._make.Dropdown(options=options, value=first.workload, description="Workload", **self._look())

    def _backends(self, first: Choices) -> tuple[dict[str, Any], Any]:
        """Make a box to tick for each engine that can run here, and a text that says why the others cannot."""
        ticks, reasons = {}, []
        for name, backend, reason in parlab.backends.survey():
            if name == "serial":
                continue  # every speedup is measured against it
            if backend is None or reason is not None:
                reasons.append(f"{name}: {reason}")
            else:
                ticks[name] = backend.facts.summary
        for spec in first.backends:  # such as processes:spawn
            ticks.setdefault(spec, parlab.backends.get(spec).facts.summary)
        made = {spec: self._tick(spec, summary, spec in first.backends) for spec, summary in ticks.items()}
        lines = "".join(f"<li>{escape(one)}</li>" for one in reasons)
        return made, self._make.HTML(f"<div>Not here:<ul style='margin:0'>{lines}</ul></div>" if reasons else "")

    def _tick(self, spec: str, summary: str, chosen: bool) -> Any:  # noqa: FBT001  # a value, not a switch
        layout = {"width": "max-content"}
        return self._make.Checkbox(value=chosen, description=spec, tooltip=summary, indent=False, layout=layout)

    def _text(self, name: str, value: str, hint: str) -> Any:
        return self._make.Text(value=value, description=name, placeholder=hint, **self._look())

    def _look(self) -> dict[str, Any]:
        return {"layout": dict(_FIELD), "style": dict(_NAME)}

    def _work_chosen(self, change: Any) -> None:
        """Say what the work is, and offer its sizes; worker counts nobody has changed become the usual ones of it."""
        if self.workers.value == self._usual(change["old"]):
            self.workers.value = self._usual(change["new"])
        if change["new"] == OWN and self._own is not None:
            self.size.layout.display = _HIDDEN
            self.about.value = f"<div>{units.count(len(self._own.items), 'item')}.</div>"
            return
        workload = workloads.get(change["new"])
        self.size.layout.display = _SHOWN
        self.size.options = list(workload.sizes)
        sizes = ", ".join(f"{name} is {count} tasks" for name, count in workload.sizes.items())
        self.about.value = f"<div>{escape(workload.title)}. {escape(workload.teaches)} Sizes: {escape(sizes)}.</div>"

    def _usual(self, name: str) -> str:
        return listed(usual_workers(self._machine, "cpu" if name == OWN else workloads.get(name).bound))

    def _end_chosen(self, change: Any) -> None:
        by_rounds = change["new"] == "rounds"
        self.rounds.layout.display = _SHOWN if by_rounds else _HIDDEN
        self.precision.layout.display = _HIDDEN if by_rounds else _SHOWN
