"""The scaling explorer's sliders and buttons: they set the explorer, and show what it then draws and says."""

from html import escape
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.notebook.knobs import FEWEST_WORKERS, LOGARITHMIC, MOST_WORKERS, WORKERS, Knob
from parlab.notebook.widgets import import_ipywidgets

if TYPE_CHECKING:
    from parlab.notebook.explorer import ScalingExplorer

_LABEL = {"description_width": "122px"}
_SLIDER = {"flex": "1 1 300px", "max_width": "394px", "margin": "2px 8px 2px 0"}  # two beside each other, if they fit
_NEAR = 0.501
_DIGITS = 9  # a page adds up steps, and sends 0.005000000000000001
_ROW = {"flex_flow": "row wrap", "max_width": "820px"}


class Panel:
    """Everything that is shown of an explorer where widgets work.

    Attributes
    ----------
    box
        The widget.
    controls
        Sliders and the box to tick, by the name of what they set.
    fit, reset
        The buttons; ``fit`` is None where there are no points.
    picture, words
        What is shown, as HTML.
    """

    def __init__(self, explorer: "ScalingExplorer", *, can_fit: bool) -> None:
        self._explorer = explorer
        self._setting = False
        self._widgets = import_ipywidgets("The sliders")
        self.controls: dict[str, Any] = {knob.name: self._slider(knob) for knob in explorer.knobs}
        self.controls[WORKERS] = self._widgets.IntSlider(
            min=FEWEST_WORKERS,
            max=MOST_WORKERS,
            description="most workers",
            style=_LABEL,
            layout=_SLIDER,
            tooltip="the most workers that the chart shows",
        )
        self.controls[LOGARITHMIC] = self._widgets.Checkbox(
            description="axes to base 2", indent=False, layout={"width": "auto"}
        )
        self.fit = self._button("Fit to the points", self._fit) if can_fit else None
        self.reset = self._button("Reset", self._reset)
        self.picture, self.words = self._widgets.HTML(), self._widgets.HTML(layout={"max_width": "800px"})
        self.show()
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._set(name, change["new"]), names="value")
        *sliders, box = self.controls.values()
        buttons = [one for one in (self.fit, self.reset, box) if one is not None]
        meanings = "".join(f"<li>{escape(knob.label)}: {escape(knob.meaning)}</li>" for knob in explorer.knobs)
        help_text = f"<details><summary>What each slider means</summary><ul>{meanings}</ul></details>"
        self.box = self._widgets.VBox(
            [
                self._widgets.Box(sliders, layout=_ROW),
                self._widgets.Box(buttons, layout=_ROW),
                self.picture,
                self.words,
                self._widgets.HTML(help_text),
            ]
        )

    def show(self) -> None:
        """Put every control where the explorer has it, and show its chart and its words."""
        self._setting = True
        try:
            for name, value in self._explorer.values.items():
                _put(self.controls[name], value)
        finally:
            self._setting = False
        self.picture.value = self._explorer.picture()
        self.words.value = self._explorer.words()

    def _slider(self, knob: Knob) -> Any:
        return self._widgets.FloatSlider(
            min=knob.low,
            max=knob.high,
            step=knob.step,
            readout_format=f".{knob.digits}f",
            description=knob.label,
            style=_LABEL,
            layout=_SLIDER,
            tooltip=knob.meaning,
        )

    def _button(self, text: str, act: Any) -> Any:
        button = self._widgets.Button(description=text, layout={"margin": "2px 12px 2px 0"})
        button.on_click(lambda _button: act())
        return button

    def _set(self, name: str, value: Any) -> None:
        if not self._setting and not self._is_echo(name, value):
            self._explorer.values = {name: round(value, _DIGITS) if isinstance(value, float) else value}

    def _is_echo(self, name: str, value: Any) -> bool:
        """Tell whether a page answers what was set with the nearest step of its slider: a fit would be rounded."""
        step = getattr(self.controls[name], "step", 0)
        return bool(abs(value - self._explorer.values[name]) < _NEAR * step)

    def _fit(self) -> None:
        try:
            self._explorer.fit()
        except InputError as refusal:
            self._explorer.note = str(refusal)
            self.words.value = self._explorer.words()

    def _reset(self) -> None:
        self._explorer.reset()


def _put(control: Any, value: Any) -> None:
    """Set a control, and let a slider reach as far as it must."""
    if hasattr(control, "max"):
        with control.hold_sync():
            control.max, control.min = max(control.max, value), min(control.min, value)
            control.value = value
    else:
        control.value = value
