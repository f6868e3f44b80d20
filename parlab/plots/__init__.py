"""Charts of a sweep, each a function from plain data to a matplotlib figure, which nobody but its caller holds.

Figures are made without pyplot, so that nothing global changes and no window opens; matplotlib itself is imported when
a chart is drawn, never before.
"""

from parlab.plots.areas import area_chart
from parlab.plots.breakeven import breakeven_chart
from parlab.plots.files import FORMATS, as_png, check_format, is_ours, save
from parlab.plots.kinds import KINDS, check_kind, chosen, draw
from parlab.plots.laws import law_chart
from parlab.plots.memory import memory_chart
from parlab.plots.sizing import plan_chart
from parlab.plots.speedup import efficiency_chart, speedup_chart
from parlab.plots.startup import startup_chart
from parlab.plots.timeline import timeline_chart
from parlab.plots.turns import turns_chart

__all__ = [
    "FORMATS",
    "KINDS",
    "area_chart",
    "as_png",
    "breakeven_chart",
    "check_format",
    "check_kind",
    "chosen",
    "draw",
    "efficiency_chart",
    "is_ours",
    "law_chart",
    "memory_chart",
    "plan_chart",
    "save",
    "speedup_chart",
    "startup_chart",
    "timeline_chart",
    "turns_chart",
]
