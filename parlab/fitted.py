"""Says in words what a fitted law means: its numbers, its limit or peak, the serial fraction's trend. Fits nothing."""

from parlab.analysis.laws import FARTHEST, Fit
from parlab.analysis.scaling import THROUGHPUT_OF_ONE

PARAMETER_COLUMNS = ("", "value", "95 % interval", "what it is")
METHODS = {
    "t-interval": "from the scatter of the points about the law (t)",
    "bootstrap of rounds": "from drawing the rounds again (bootstrap)",
}
TRENDS = {
    "rising": "It rises: not a fixed serial part holds the workers back, but overhead that grows with their number.",
    "flat": "It stays the same: a serial part of the work explains these points.",
    "falling": "It falls: more workers do relatively better. Caches can do that, or a slow first point.",
    "unclear": "These points cannot tell whether it rises or stays the same.",
}
_MEANINGS = {
    "contention": "share of the work that waits in line for something shared",
    "coherency": "share that each pair of workers spends agreeing with each other",
    "serial_fraction": "share of the work that one worker does alone while the others wait",
    THROUGHPUT_OF_ONE: "what one worker gets done, in the unit of the points",
}
_HARDLY_SERIAL = 0.001  # a limit of a thousand times and more is no news


def parameter_cells(one: Fit) -> list[list[str]]:
    """Write each parameter of a law as texts, one for each of ``PARAMETER_COLUMNS``."""
    rows = []
    for name, parameter in one.parameters.items():
        form = digits if name == THROUGHPUT_OF_ONE else _share
        interval = f"{form(parameter.low)} to {form(parameter.high)}"
        rows.append([name.replace("_", " "), form(parameter.value), interval, _MEANINGS[name]])
    return rows


def outlook(one: Fit) -> str | None:
    """Say what a law promises of more workers: a limit or a peak; None where it names neither."""
    if one.law == "amdahl" and (serial := one.parameters["serial_fraction"]).value > _HARDLY_SERIAL:
        most = f"{1 / serial.low:.3g}" if serial.low > _HARDLY_SERIAL else "far more"
        return (
            f"However many workers there are: at most {1 / serial.value:.3g} times as fast as one "
            f"({1 / serial.high:.3g} to {most})."
        )
    if one.peak_workers is None:
        return None
    if one.peak_workers > FARTHEST * one.largest_workers:
        return f"If throughput has a peak, then beyond {FARTHEST:g} times the workers measured: too far to tell."
    beyond = "" if one.peak_workers <= one.largest_workers else ", beyond what was measured"
    end = "or nowhere" if one.peak_high is None else f"to {one.peak_high:.3g}"
    return f"Throughput is highest at about {one.peak_workers:.3g} workers ({one.peak_low:.3g} {end}){beyond}."


def digits(value: float) -> str:
    """Write a number with four digits."""
    return f"{value:.4g}"


def _share(value: float) -> str:
    return f"{value:.4f}" if value >= 0.001 or value == 0 else f"{value:.1e}"
