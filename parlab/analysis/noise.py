"""Finds what made the times of a sweep unsteady, and says what did not converge. Flags trials, never drops them.

A false alarm is worse than a miss here: each finding needs an effect that matters, not only one that is significant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.analysis import lessons
from parlab.records import Configuration, Finding, Trial
from parlab.results import Results
from parlab.results.intervals import FEWEST_ROUNDS, Estimate
from parlab.results.ratios import brackets, ceilings, map_s, ratios, same_work, usable_trials

if TYPE_CHECKING:
    from parlab.analysis.summary import Row

CPU_BOUND = 0.9  # CPU time over wall time of a plain loop that hardly waits
# Quiet recorded sweeps on all cores keep 0.89 to 1.00 of the loop's share; below 0.85 somebody took it.
PREEMPTED = 0.85
FEW_TRIALS = 0.1  # a share of trials; fewer are single events, which the median does not mind
STOLEN = 0.05  # of the CPU time that was wanted
SHORTEST_STOLEN_S = 5.0  # steal is counted in ticks of 10 ms
FIRST_ROUND = 1.1  # the first round over the median of the others
DRIFT = 0.1  # from the first round to the last
DRIFT_P = 0.01  # of Kendall's test
OUTLIER_SCORE = 3.5  # B. Iglewicz and D. C. Hoaglin, "How to detect and handle outliers", 1993, section 3.3
MAD_FACTOR = 0.6745  # the same: makes the MAD of normal values their standard deviation
OUTLIER_SHARE = 0.1  # away from the median as well: where all others agree, a hair's breadth scores high
ABOVE_CEILING = 1.1  # ceilings of quiet recorded sweeps reach 1.06 of n
OUTLIER_ROUNDS = 9  # with fewer values the MAD itself is uncertain by a third
MOST_NAMED = 20


def find_noise(results: Results, rows: Sequence["Row"]) -> Iterator[Finding]:
    """Yield what made the times unsteady.

    Parameters
    ----------
    results
        The sweep.
    rows
        Its summary by configuration.
    """
    usable = usable_trials(results)
    yield from not_converged(results, rows)
    yield from _preempted(results, usable)
    yield from _stolen(usable)
    yield from _load(results)
    yield from _first_round(usable)
    yield from _drift(usable)
    yield from _outliers(usable)
    yield from _above_ceiling(usable)


def not_converged(results: Results, rows: Sequence["Row"]) -> Iterator[Finding]:
    """Say which speedups are not known as well as was asked for."""
    precision = results.header.sweep.precision
    if precision is None:
        return
    wide = [(row, _width(row)) for row in rows if row.backend != "serial"]
    wide = [(row, width) for row, width in wide if width is None or width > precision]
    if not wide:
        return
    row, width = max(wide, key=lambda one: float("inf") if one[1] is None else one[1])
    known = "no interval yet" if width is None else f"±{width:.0%}"
    verb = "is" if len(wide) == 1 else "are"
    message = (
        f"{len(wide)} of {len(rows) - 1} speedups {verb} not known to ±{precision * 100:.3g}% as was asked for; "
        f"the widest: {_name(row.backend, row.workers)}, {known}."
    )
    advice = "Go on with --resume and more --budget, or at a quieter time; or be content with a larger --precision."
    found = [{"backend": row.backend, "workers": row.workers, "width": width} for row, width in wide]
    yield Finding("not-converged", message, advice, {"precision": precision, "wide": found}, notebook=lessons.MEASURE)


def _width(row: "Row") -> float | None:
    return None if row.speedup is None else Estimate(row.speedup, row.speedup_low, row.speedup_high, row.rounds).width


def _name(backend: str, workers: int) -> str:
    return Configuration("parallel", backend, workers).label


def _preempted(results: Results, usable: Sequence[Trial]) -> Iterator[Finding]:
    """Hold the tasks' CPU time against their wall time: work that waits for nothing loses its core to others only."""
    usual, cores = loop_share(results) or 0.0, results.header.machine.get("cores_usable")
    if usual < CPU_BOUND or not isinstance(cores, int):
        return
    shares = [
        (share / usual, trial)
        for trial in usable
        if trial.role != "ceiling" and trial.workers <= cores and not _share_a_process(trial)
        if (share := cpu_share(trial)) is not None
    ]
    low = [(share, trial) for share, trial in shares if share < PREEMPTED]
    if len(low) < max(2, FEW_TRIALS * len(shares)):
        return
    least, worst = min(low, key=lambda one: one[0])
    message = (
        f"In {len(low)} of {units.count(len(shares), 'trial')} the tasks wanted a core and did not get it for a part "
        f"of the time; worst: {worst.configuration.label}, round {worst.round + 1}, on a core for {least:.0%} of it."
    )
    advice = "Other programs took the cores. Close them, leave one core free, or measure at a quieter time."
    switches = [trial.preempted for _, trial in low if trial.preempted is not None]
    evidence = {"of": len(shares), "least": least, "switches": switches[:MOST_NAMED], **_named(t for _, t in low)}
    yield Finding("preempted", message, advice, evidence, notebook=lessons.MEASURE)


def loop_share(results: Results) -> float | None:
    """Return CPU time over wall time of the plain loop, at its best: others can only take a core away from it."""
    loops = [trial for trial in usable_trials(results) if trial.role == "serial"]
    return max((share for trial in loops if (share := cpu_share(trial)) is not None), default=None)


def cpu_share(trial: Trial) -> float | None:
    """Return CPU time over wall time of a trial's tasks; None where one of them is not known."""
    if trial.cpu_s is None:
        return None
    if trial.role == "serial":
        return trial.cpu_s / trial.map_s if trial.map_s else None
    if trial.spans is None:
        return None
    pairs = zip(trial.spans["started_s"], trial.spans["finished_s"], strict=True)
    wall_s = sum(finished - started for started, finished in pairs if started is not None and finished is not None)
    return trial.cpu_s / wall_s if wall_s > 0 else None


def _share_a_process(trial: Trial) -> bool:
    """Tell whether workers are threads: they wait for the GIL, which is no preemption."""
    return len({worker.process for worker in trial.crew}) < len(trial.crew)


def _stolen(usable: Sequence[Trial]) -> Iterator[Finding]:
    known = [(trial.steal_s, trial.cpu_s) for trial in usable if trial.steal_s is not None and trial.cpu_s is not None]
    stolen_s, used_s = sum(steal for steal, _ in known), sum(used for _, used in known)
    wanted_s = stolen_s + used_s
    if wanted_s < SHORTEST_STOLEN_S or stolen_s / wanted_s < STOLEN:
        return
    share = stolen_s / wanted_s
    message = f"This is a virtual machine, and its host gave {share:.0%} of the CPU time to other machines."
    advice = "Nothing on this machine mends it: take more rounds, measure at another time, or on a machine of your own."
    yield Finding("stolen-time", message, advice, {"stolen_s": stolen_s, "share": share}, notebook=lessons.MEASURE)


def _load(results: Results) -> Iterator[Finding]:
    """Compare the load with what the sweep itself puts on: its widest trial, and one more for what watches it."""
    loads = [trial.load for trial in results.records if trial.load is not None]
    logical = results.header.machine.get("cores_logical")
    if not loads or not isinstance(logical, int):
        return
    own, usual = max(results.header.sweep.workers, default=1) + 1, median(loads)
    if usual <= own + 1 or usual <= logical:
        return
    message = (
        f"The load average was {usual:.1f} in the middle of the sweep, on {units.count(logical, 'core')}; the "
        f"sweep itself explains {own} at most."
    )
    advice = "Others compute on this machine. Look with top who it is, and measure again when they are done."
    yield Finding(
        "busy-machine", message, advice, {"load": usual, "own": own, "cores": logical}, notebook=lessons.MEASURE
    )


def _first_round(usable: Sequence[Trial]) -> Iterator[Finding]:
    """Compare the first round with all others, in every configuration: a slow start shows in most of them."""
    slower = []
    for trials in _by_configuration(usable).values():
        times = [(trial.round_key, trial.map_s) for trial in trials if trial.map_s]
        first = [taken_s for key, taken_s in times if key == (0, 0)]
        rest = [taken_s for key, taken_s in times if key != (0, 0)]
        if first and len({key for key, _ in times}) >= FEWEST_ROUNDS:
            slower.append((median(first) / median(rest), median(first) > max(rest)))
    usual = median(ratio for ratio, _ in slower) if slower else 0.0
    if usual <= FIRST_ROUND or sum(slowest for _, slowest in slower) * 2 <= len(slower):
        return
    message = f"The first round was {usual - 1:.0%} slower than the others in most configurations."
    advice = "Caches, the clock rate or files were cold. The medians hardly mind; the times of that round mean little."
    evidence = {"slower": usual, "configurations": len(slower)}
    yield Finding("slow-first-round", message, advice, evidence, "info", lessons.MEASURE)


def _drift(usable: Sequence[Trial]) -> Iterator[Finding]:
    """Look for a steady change of the plain loop's time (M. G. Kendall, "A new measure of rank correlation", 1938).

    Its size is the median of all slopes (P. K. Sen, 1968) over the longest session.
    """
    serial = brackets(usable)
    sessions = Counter(session for session, _ in serial)
    longest = max(sessions, key=sessions.__getitem__, default=0)
    rounds = sorted((number, one.map_s) for (session, number), one in serial.items() if session == longest)
    if len(rounds) < FEWEST_ROUNDS:
        return
    from scipy.stats import kendalltau, theilslopes

    numbers, times = [number for number, _ in rounds], [taken_s for _, taken_s in rounds]
    test = kendalltau(numbers, times)
    change = float(theilslopes(times, numbers)[0]) * (numbers[-1] - numbers[0]) / median(times)
    if not test.pvalue < DRIFT_P or abs(change) < DRIFT:
        return
    direction = "slower" if change > 0 else "faster"
    message = f"The plain loop got {direction} from round to round, by {abs(change):.0%} in all."
    advice = (
        "The machine warmed up, or somebody else began or ended. Ratios are taken inside rounds, so the speedups "
        "hold; times of different rounds cannot be compared."
    )
    evidence = {"change": change, "p": float(test.pvalue), "rounds": len(rounds)}
    yield Finding("drift", message, advice, evidence, "info", lessons.MEASURE)


def _outliers(usable: Sequence[Trial]) -> Iterator[Finding]:
    """Mark ratios far from the others by their modified Z-score, 0.6745 (x - median) / MAD."""
    serial, far, count = brackets(usable), [], 0
    for configuration, trials in _by_configuration(usable).items():
        if configuration.role != "parallel":
            continue
        found = ratios([trial for trial in trials if same_work(trial, serial)], serial, map_s)
        count += len(found)
        if len(found) >= OUTLIER_ROUNDS:
            far += [(trial, found[trial.round_key], middle) for trial, middle in _far(trials, found)]
    if not far:
        return
    trial, ratio, middle = max(far, key=lambda one: abs(one[1] / one[2] - 1))
    message = (
        f"{len(far)} of {count} ratios {'lies' if len(far) == 1 else 'lie'} far from the others of the same kind; "
        f"farthest: {trial.configuration.label}, round {trial.round + 1}, {ratio:.2f} instead of about {middle:.2f}."
    )
    advice = "They stay in, and the median hardly minds them. Many of them mean a machine that others use."
    evidence = {"of": count, **_named(trial for trial, _, _ in far)}
    yield Finding("outliers", message, advice, evidence, "info", lessons.MEASURE)


def _above_ceiling(usable: Sequence[Trial]) -> Iterator[Finding]:
    """Find speedups above what independent processes got in the same rounds, and ceilings above n."""
    serial, by_count = brackets(usable), ceilings(usable)
    speedups, limits = [], []
    for one, trials in _by_configuration(usable).items():
        rounds = by_count.get(one.workers, {})
        if one.role == "ceiling":
            limits.append((median(rounds.values()) / one.workers if len(rounds) >= FEWEST_ROUNDS else 0.0, one.workers))
        elif one.role == "parallel" and one.workers > 1:  # of one worker the ceiling is 1, and never measured
            found = ratios([trial for trial in trials if same_work(trial, serial)], serial, map_s)
            shares = [found[key] / rounds[key] for key in found.keys() & rounds.keys()]
            speedups.append((median(shares) if len(shares) >= FEWEST_ROUNDS else 0.0, one))
    above = [(share, one) for share, one in speedups if share > ABOVE_CEILING]
    beyond = [(share, workers) for share, workers in limits if share > ABOVE_CEILING]
    said = []
    if above:
        share, one = max(above, key=lambda found: found[0])
        said.append(f"{one.label}: the speedup is {share - 1:.0%} above the ceiling of the same rounds.")
    if beyond:
        share, workers = max(beyond)
        said.append(f"The ceiling of {workers} workers is {share * workers:.2f}: more than n.")
    if not said:
        return
    advice = (
        "Two moments of this machine were compared: others used it, or its clock rate changed, more in one than in "
        "the other. Take ÷ceil as rough, and measure more rounds at a quieter time. Where neither was so, the tasks "
        "lose less side by side than the ceiling's loop does."
    )
    evidence = {
        "above": [{"backend": one.backend, "workers": one.workers, "share": share} for share, one in above],
        "ceilings": [{"workers": workers, "share": share} for share, workers in beyond],
    }
    yield Finding("above-ceiling", " ".join(said), advice, evidence, notebook=lessons.MEASURE)


def _far(trials: Sequence[Trial], found: Mapping[tuple[int, int], float]) -> Iterator[tuple[Trial, float]]:
    middle = median(found.values())
    spread = median(abs(ratio - middle) for ratio in found.values())
    for trial in trials:
        away = abs(found.get(trial.round_key, middle) - middle)
        if away > OUTLIER_SHARE * middle and MAD_FACTOR * away > OUTLIER_SCORE * spread:
            yield trial, middle


def _by_configuration(trials: Sequence[Trial]) -> dict[Configuration, list[Trial]]:
    found: dict[Configuration, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.configuration, []).append(trial)
    return found


def _named(trials: Iterator[Trial]) -> dict[str, Any]:
    """Name trials as evidence, so that a chart can mark them."""
    keys = [
        {"backend": trial.backend, "workers": trial.workers, "session": trial.session, "round": trial.round}
        for trial in trials
    ]
    return {"count": len(keys), "trials": keys[:MOST_NAMED]}
