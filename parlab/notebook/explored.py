"""Says in words what the scaling explorer's chart shows: who cannot see it, or has no widgets, loses nothing."""

import numpy as np

from parlab import units
from parlab.analysis.exploring import Best, Fitted, Measured, Model
from parlab.analysis.laws import Points
from parlab.analysis.scaling import THROUGHPUT_OF_ONE, Array

_FAR = 1000.0  # a limit of a thousand times is no news
_ON_THE_CURVE = 0.005  # would be written as 0 %
_NAMES = {THROUGHPUT_OF_ONE: "pace of one"}
_LAWS = {"amdahl": "Amdahl's law", "gustafson": "Gustafson's law", "usl": "Gunther's law"}


def sentence(model: Model, most: int, measured: Measured | None = None) -> str:
    """Say what the chart shows of up to ``most`` workers, and how far the measured points are from the curve."""
    parts = [_same_work(model, most), _law_alone(model), _growing_work(model, most)]
    if measured is not None:
        parts.append(_points(model, measured))
    return " ".join(filter(None, parts))


def counts_table(model: Model, most: int, measured: Measured | None = None) -> list[list[str]]:
    """Write the chart's numbers as texts: a header, then a row for each doubling and each measured worker count."""
    points = measured.shown(model) if measured is not None else None
    found = dict(zip(points.workers, points.values, strict=True)) if points is not None else {}
    doublings = [2**place for place in range(most.bit_length()) if 2**place <= most]
    header = ["workers", "the same work", "work that grows"] + (["measured"] if found else [])
    rows = [header]
    for count in sorted({*doublings, most, *found}):
        row = [str(count), f"{float(model.strong(float(count))):.3g}", f"{float(model.scaled(float(count))):.3g}"]
        rows.append(row + ([f"{found[count]:.3g}" if count in found else ""] if found else []))
    return rows


def fit_words(fitted: Fitted, measured: Measured) -> str:
    """Say which law was fitted, how sure its numbers are, and what it does not know."""
    found = [
        f"{_NAMES.get(name, name.replace('_', ' '))} {one.value:.3g} ({one.low:.2g} to {one.high:.2g})"
        for name, one in fitted.fit.parameters.items()
    ]
    startup = f" Start-up is not in these points: it took {measured.startup_s:.2g} s." if measured.startup_s else ""
    notes = "".join(f" {note}" for note in (*fitted.fit.notes, *fitted.notes))
    return f"{_LAWS[fitted.fit.law]} comes nearest to the points: {', '.join(found)}.{startup}{notes}"


def _same_work(model: Model, most: int) -> str:
    best = model.best()
    if best.workers is not None and best.workers <= most:
        crew = units.count(best.workers, "worker")
        return f"The same work is fastest with {crew}: {_times(best.speedup)}.{_after(best)}"
    text = f"The same work: {_times(float(model.strong(float(most))))} with {units.count(most, 'worker')}"
    if best.workers is not None:
        return f"{text}, and {_times(best.speedup)} with {best.workers}, its best."
    if best.speedup < _FAR:
        return f"{text}, and never more than {best.speedup:.3g} with however many."
    return f"{text}."


def _after(best: Best) -> str:
    if best.workers == 1:
        return " More workers make it slower." if best.falls and not best.waits else " More workers gain nothing."
    if best.waits:
        end = ", and many more make it slower again" if best.falls else ""
        return f" More workers than that wait for the longest task{end}."
    return " More workers than that make it slower again."


def _law_alone(model: Model) -> str:
    serial = model.serial_fraction
    others = (model.contention, model.coherency, model.startup_share, model.longest_share)
    if serial < 1 / _FAR or not any(others):
        return ""
    return f"Its serial part alone would allow 1 / {serial:.3g} = {1 / serial:.3g}."


def _growing_work(model: Model, most: int) -> str:
    speedups = [(float(model.scaled(float(count))), count) for count in range(1, most + 1)]
    highest, count = max(speedups, key=lambda one: (one[0], -one[1]))
    if count < most:
        many = f"most done: {highest:.3g} times as much" if count > 1 else "no more done than one"
        who = units.count(count, "worker") if count > 1 else "more workers"
        return f"Of work that grows with the workers, {who} get {many}."
    return f"Of work that grows with the workers, {most} get {highest:.3g} times as much done in the same time."


def _points(model: Model, measured: Measured) -> str:
    points = measured.shown(model)
    curve = (model.scaled if points.weak else model.strong)(np.array(points.workers, float))
    gaps = [value / said - 1 for value, said in zip(points.values, curve, strict=True)]
    worst = max(range(len(gaps)), key=lambda place: abs(gaps[place]))
    off, side = abs(gaps[worst]), "above" if gaps[worst] > 0 else "below"
    number = "The measured point is" if len(gaps) == 1 else f"The {len(gaps)} measured points are"
    startup = ", start-up included," if model.startup_share > 0 else ""
    where = f"{points.values[worst]:.3g} with {units.count(points.workers[worst], 'worker')} is {off:.0%} {side} it"
    said = f"at most {off:.0%} off the curve: {where}" if off >= _ON_THE_CURVE else "on the curve"
    return f"{number}{startup} {said}.{_intervals(points, curve)}".replace("%", " %")


def _intervals(points: Points, curve: Array) -> str:
    known = [
        one.low <= said <= one.high
        for one, said in zip(points.estimates, curve, strict=False)
        if one.low is not None and one.high is not None
    ]
    if not known:
        return ""
    return f" The curve runs through {sum(known) or 'none'} of {len(known)} intervals."


def _times(value: float) -> str:
    if f"{value:.3g}" == "1":
        return "as fast as the plain loop"
    return f"{value:.3g} times as fast as the plain loop"
