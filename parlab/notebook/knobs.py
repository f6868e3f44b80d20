"""What can be set in the scaling explorer: names, ranges and meanings of its sliders. Knows no widgets."""

from dataclasses import dataclass

MOST_WORKERS = 64
FEWEST_WORKERS = 2
WORKERS, LOGARITHMIC, STARTUP_SHARE, STARTUP_S = "workers", "logarithmic", "startup_share", "startup_s"
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Knob:
    """One cost: ``high`` is where its slider ends, not the highest that is allowed."""

    name: str
    label: str
    meaning: str
    high: float
    step: float
    digits: int
    low: float = 0.0


_SERIAL = Knob("serial_fraction", "serial fraction", "share of the work that one worker does alone", 0.5, 0.001, 3)
_CONTENTION = Knob(
    "contention", "contention, sigma", "share of the work that waits in line for something shared", 0.3, 0.001, 4
)
_COHERENCY = Knob("coherency", "coherency, kappa", "share that each pair of workers spends agreeing", 0.01, 0.00002, 5)
_SHARE = Knob(
    STARTUP_SHARE, "start-up, share", "starting the workers, as a share of the plain loop's time", 1.0, 0.01, 3
)
_LONGEST = Knob("longest_share", "longest task", "the longest task's share of what can be shared out", 1.0, 0.01, 3)
_PACE = Knob("pace", "pace of one", "what one worker gets done, over the plain loop", 1.2, 0.005, 3, low=0.5)


def knobs(serial_s: float | None) -> tuple[Knob, ...]:
    """List the costs; start-up is in seconds where it is known how long the plain loop takes."""
    startup = _SHARE
    if serial_s is not None:
        meaning = f"starting the workers, in seconds; the plain loop takes {serial_s:.3g} s"
        step = float(f"{serial_s / _STEPS:.1g}")
        startup = Knob(STARTUP_S, "start-up, seconds", meaning, _STEPS * step, step, 4)
    return (_SERIAL, _CONTENTION, _COHERENCY, startup, _LONGEST, _PACE)
