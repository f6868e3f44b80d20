"""The controls of a benchmark panel: ipywidgets that are read into ``Choices``. ipywidgets is imported when it is made.

All of it works by keyboard, in JupyterLab too, which takes keys for its own from everything but text fields: in a list
to choose from, an arrow goes to the next cell, and an m makes the cell Markdown. So the controls are fields to type
into, which offer what there is, and boxes to tick.
"""

from html import escape
from typing import Any

import parlab.backends
from parlab import units, workloads
from parlab.machine import Machine
from parlab.measure.request import usual_workers
from parlab.notebook.choices import OWN, Choices, Own, listed

_FIELD = {"width": "min(28em, 98%)"}
_NAME = {"description_width": "6em"}


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

        self._make, self._own, self._machine = ipywidgets, own, machine
        self._own_text = "" if own is None else f"your function {own.name}"
        self._work = first.workload  # the last one that there is, while another is being typed
        offered = [*filter(None, [self._own_text]), *workloads.names()]
        work = self._own_text if first.workload == OWN else first.workload
        self.workload = self._field("Workload", work, "one of those below", options=offered)
        self.about = ipywidgets.HTML()
        self.backends, missing = self._backends(first)
        self.workers = self._field("Workers", first.workers, "such as 1, 2, 4")
        self.size = self._field("Size", first.size, "small, large, or a number of tasks", options=[])
        self.rounds = self._field("Rounds", first.rounds, "empty: 7, or what the precision takes")
        self.precision = self._field("Precision", first.precision, "empty, or such as 5 %")
        self.workload.observe(lambda change: self._work_chosen(self._known(change["new"])), names="value")
        self._work_chosen(first.workload)
        heading = ipywidgets.HTML("<strong>Backends</strong>, each measured against the plain loop")
        ticks = ipywidgets.Box([*self.backends.values()], layout={"flex_flow": "row wrap"})
        fields = [self.workload, self.about, self.workers, self.size, self.rounds, self.precision]
        self.box = ipywidgets.VBox([*fields, heading, ticks, *missing])

    def read(self) -> Choices:
        """Return what is chosen and typed."""
        return Choices(
            workload=self._name(self.workload.value),
            backends=tuple(spec for spec, tick in self.backends.items() if tick.value),
            workers=self.workers.value,
            size=self.size.value,
            rounds=self.rounds.value,
            precision=self.precision.value,
        )

    def lock(self, *, locked: bool) -> None:
        """Lock the controls while what they say is being measured, or unlock them."""
        fields = (self.workload, self.workers, self.size, self.rounds, self.precision)
        for one in (*fields, *self.backends.values()):
            one.disabled = locked

    def _backends(self, first: Choices) -> tuple[dict[str, Any], list[Any]]:
        """Make a box to tick for each engine that can run here, and a text that says why the others cannot."""
        ticks, reasons = {}, []
        for name, backend, reason in parlab.backends.survey():
            if backend is None or reason is not None:
                reasons.append(f"{name} cannot run here: {reason}")
            elif name != "serial":  # that is the plain loop
                ticks[name] = backend.facts.summary
        for spec in first.backends:  # such as processes:spawn
            ticks.setdefault(spec, parlab.backends.get(spec).facts.summary)
        made = {spec: self._tick(spec, summary) for spec, summary in ticks.items()}
        for spec in first.backends:
            made[spec].value = True
        return made, [self._make.HTML(_small(one)) for one in reasons]

    def _tick(self, spec: str, summary: str) -> Any:
        layout = {"width": "max-content", "margin": "0 1.5em 0 0"}
        return self._make.Checkbox(value=False, description=spec, tooltip=summary, indent=False, layout=layout)

    def _field(self, name: str, value: str, hint: str, **more: Any) -> Any:
        kind = self._make.Combobox if more else self._make.Text
        look = {"layout": dict(_FIELD), "style": dict(_NAME)}
        return kind(value=value, description=name, placeholder=hint, **look, **more)

    def _name(self, text: str) -> str:
        return OWN if self._own is not None and text.strip() == self._own_text else text.strip()

    def _known(self, text: str) -> str | None:
        """Return which work is named; None while it is half typed."""
        name = self._name(text)
        return name if name in workloads.names() or (name == OWN and self._own is not None) else None

    def _work_chosen(self, name: str | None) -> None:
        """Say what the work is, and offer its sizes; worker counts nobody has changed become the usual ones of it."""
        if name is None:
            self.about.value = _small(f"Type one of these: {listed(self.workload.options)}.")
            return
        if self.workers.value == self._usual(self._work):
            self.workers.value = self._usual(name)
        self._work = name
        self.size.layout.display = "none" if name == OWN else None
        if name == OWN and self._own is not None:
            self.about.value = _small(f"With {units.count(len(self._own.items), 'item')}.")
            return
        workload = workloads.get(name)
        self.size.options = list(workload.sizes)
        sizes = ", ".join(f"{size} is {count} tasks" for size, count in workload.sizes.items())
        self.about.value = _small(f"{workload.title}. {workload.teaches} Of its sizes {sizes}.")

    def _usual(self, name: str) -> str:
        return listed(usual_workers(self._machine, "cpu" if name == OWN else workloads.get(name).bound))


def _small(text: str) -> str:
    return f'<div style="line-height:1.4">{escape(text)}</div>'
