"""Made-up summaries for tests of charts and tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from parlab.analysis.summary import Row, Summary
from parlab.records import Finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MACHINE = {"cores_physical": 2, "cores_usable": 2, "cores_quota": None, "python": "3.13.0", "cpu_model": "Abacus"}


def row(backend: str, workers: int, **fields: Any) -> Row:
    speedup = 0.9 * workers
    usual = {
        "rounds": 7,
        "median_s": 1 / workers,
        "speedup": speedup,
        "speedup_low": 0.95 * speedup,
        "speedup_high": 1.05 * speedup,
        "speedup_with_startup": 0.8 * workers,
        "efficiency": 0.9,
        "ceiling": 0.97 * workers,
        "startup_s": 0.05,
    }
    return Row(backend=backend, workers=workers, **{**usual, **fields})


def finding(message: str = "It is noisy.", advice: str = "Take more rounds.") -> Finding:
    return Finding("noisy-machine", message, advice)


def summary(rows, *, workload="primes", machine=MACHINE, findings=(), rounds=7) -> Summary:
    shares = {(one.backend, one.workers): one.speedup / one.ceiling for one in rows if one.speedup and one.ceiling}
    return Summary(workload, machine, tuple(rows), tuple(findings), rounds, "rounds", shares)


def crowd(counts: Iterable[int] = (1, 2, 4, 8, 12, 16)) -> Summary:
    """Six backends with up to 16 workers on a machine whose three limits differ: a full chart."""
    machine = {**MACHINE, "cores_physical": 8, "cores_usable": 16, "cores_quota": 12.0}
    names = ("threads", "pool", "processes", "processes:spawn", "interpreters", "loky")
    rows = [
        row(name, count, speedup=count**power, speedup_low=0.9 * count**power, speedup_high=1.1 * count**power)
        for name, power in zip(names, (0.0, 0.9, 0.86, 0.84, 0.8, 0.5), strict=True)
        for count in counts
    ]
    return summary(rows, machine=machine)


def drawn_texts(figure: "Figure") -> list[str]:
    """Collect what stands in a figure: heading first, then what is written in its axes."""
    within = [text for axes in figure.axes for text in (*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label)]
    legends = [text for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    ours = [text for legend in figure.legends for text in legend.get_texts()]
    return [text.get_text() for text in (*figure.texts, *within, *legends, *ours) if text.get_text()]


def overlaps(figure: "Figure") -> list[tuple[str, str]]:
    """List the texts that touch each other when a figure is drawn at 800 pixels: a reader cannot read them."""
    from itertools import combinations

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible() and artist.get_text())
    beyond = _beyond(figure)
    shown = [text for text in dict.fromkeys(found) if text not in beyond]
    boxes = [(text.get_text(), Text.get_window_extent(text, canvas.get_renderer())) for text in shown]
    return [
        (one, other)
        for (one, first), (other, second) in combinations(boxes, 2)
        if min(first.x1, second.x1) - max(first.x0, second.x0) > 1
        and min(first.y1, second.y1) - max(first.y0, second.y0) > 1
    ]


def _beyond(figure: "Figure") -> list[Any]:
    """List the numbers of ticks that lie outside the axes: they are there, and are not drawn."""
    axes = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    beyond = []
    for axis in axes:
        shown = axis._update_ticks()
        beyond += [tick for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()) if tick not in shown]
    return [label for tick in beyond for label in (tick.label1, tick.label2)]
