"""Show how often our 95 % interval covers the true speedup, also when rounds end because it is narrow enough.

A simulation with a known truth: times of trials with jitter, drift, bursts and outliers, in rounds as parlab runs them,
their ratios, then parlab's own ``median_interval`` and ``settled``. The truth is the median of the ratio's
distribution, from a very large sample of the same noise. Beside it stand a BCa bootstrap of the median and the
t-interval of the mean.

    python benchmarks/coverage.py [--runs 2000]
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from parlab.measure.stopping import settled
from parlab.results.intervals import CONFIDENCE, STOPPED_CONFIDENCE, median_interval

Array = np.ndarray

SEED = 20240229  # as in sweeps that name none
SPEEDUP = 1.8  # of every trial without noise
BETWEEN = 5  # configurations between the two serial trials of a round
ROUNDS = (6, 7, 10, 15, 25)
PRECISION = 0.05
CAPS = (40, 200)  # most rounds of a stopped sweep
RESAMPLES = 999
SAMPLE = (4_000, 100)  # sequences and rounds that the true median is taken from


@dataclass(frozen=True)
class Noise:
    """What happens to the time of a trial; shares are natural logarithms, so 0.06 is about 6 %."""

    name: str
    jitter: float = 0.03  # standard deviation of each trial's own noise, lognormal
    drift: float = 0.0  # standard deviation of a random step from trial to trial that stays, and as much of a trend
    bursts: float = 0.0  # probability that a burst begins at a trial
    burst_trials: float = 4.0  # its mean length
    burst_serial: float = 1.25  # how much slower the plain loop is meanwhile
    burst_workers: float = 1.4  # and workers, who need every core
    outliers: float = 0.0  # probability that a trial takes longer by a half on the average


NOISES = (
    Noise("quiet, 2 %", 0.02),
    Noise("jitter, 6 %", 0.06),
    Noise("jitter, 10 %", 0.10),
    Noise("drift, 1 % a trial", drift=0.01),
    Noise("bursts", bursts=0.04),
    Noise("outliers, 5 %", outliers=0.05),
    Noise("all of them", 0.04, drift=0.005, bursts=0.03, outliers=0.03),
)
NEIGHBOUR = Noise("a neighbour for 30 rounds", bursts=0.002, burst_trials=200.0)


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2_000, help="simulated sweeps for each row")
    runs, began = parser.parse_args().runs, time.perf_counter()
    truths = {noise: true_median(noise) for noise in (*NOISES, NEIGHBOUR)}
    print(f"{runs} simulated sweeps for each row. Widths are whole widths as a share of the true speedup.\n")
    print("| noise | rounds | parlab covers | width | BCa bootstrap covers | width | t of the mean covers | width |")
    print("| --- " * 8 + "|")
    least = min(row for noise in NOISES for row in fixed(noise, truths[noise], runs))
    print("\n| noise | configurations | most rounds | covers | rounds | settled | plain 95 %: covers | rounds |")
    print("| --- " * 8 + "|")
    for noise in NOISES:
        least = min(least, *stopped(noise, truths[noise], runs))
    print(f"\nLeast coverage of parlab's interval above: {least:.1%}.\n")
    print("| noise | rounds | parlab covers | width | BCa bootstrap covers | width | t of the mean covers | width |")
    print("| --- " * 8 + "|")
    list(fixed(NEIGHBOUR, truths[NEIGHBOUR], runs))
    print(f"\n{time.perf_counter() - began:.0f} s")


def generator(noise: Noise, *use: int) -> np.random.Generator:
    """Make random numbers that no other row has."""
    return np.random.default_rng([SEED, *noise.name.encode(), *use])


def times(noise: Noise, rng: np.random.Generator, runs: int, rounds: int) -> Array:
    """Draw the times of all trials: runs x rounds x (serial, configurations, serial), without noise 1."""
    trials = BETWEEN + 2
    count = rounds * trials
    logarithm = rng.normal(0, noise.jitter, (runs, count))
    if noise.drift:
        trend = rng.uniform(-noise.drift, noise.drift, (runs, 1)) / 4  # at most 0.25 % a trial: 50 % in 25 rounds
        logarithm += np.cumsum(rng.normal(0, noise.drift, (runs, count)), axis=1) + trend * np.arange(count)
    found = np.exp(logarithm).reshape(runs, rounds, trials)
    if noise.bursts:
        slow = in_burst(noise, rng, runs, count).reshape(found.shape)
        slower = np.full(trials, noise.burst_workers)
        slower[[0, -1]] = noise.burst_serial
        found *= np.where(slow, slower, 1.0)
    if noise.outliers:
        longer = 1 + rng.exponential(0.5, found.shape)
        found *= np.where(rng.random(found.shape) < noise.outliers, longer, 1.0)
    return found


def in_burst(noise: Noise, rng: np.random.Generator, runs: int, count: int) -> Array:
    """Tell which trials lie in a burst: a two-state chain that begins where it would be after a long time."""
    chance = rng.random((runs, count))
    share = noise.bursts * noise.burst_trials
    found = np.empty((runs, count), dtype=bool)
    found[:, 0] = chance[:, 0] < share / (1 + share)
    for trial in range(1, count):
        goes_on, begins = chance[:, trial] > 1 / noise.burst_trials, chance[:, trial] < noise.bursts
        found[:, trial] = np.where(found[:, trial - 1], goes_on, begins)
    return found


def speedups(noise: Noise, rng: np.random.Generator, runs: int, rounds: int, wanted: int) -> Array:
    """Draw ratios inside rounds, runs x rounds x wanted: geometric mean of the brackets over a shuffled trial."""
    found = times(noise, rng, runs, rounds)
    serial = np.sqrt(found[:, :, 0] * found[:, :, -1])[:, :, None]
    places = np.argsort(rng.random((runs, rounds, BETWEEN)), axis=2)[:, :, :wanted] + 1
    ratios: Array = SPEEDUP * serial / np.take_along_axis(found, places, axis=2)
    return ratios


def true_median(noise: Noise) -> float:
    """Find the median of the ratio's distribution, which every interval is about."""
    rng = generator(noise, 1)
    blocks = [speedups(noise, rng, SAMPLE[0] // 10, SAMPLE[1], 1) for _ in range(10)]
    return float(np.median(np.concatenate(blocks)))


def fixed(noise: Noise, truth: float, runs: int) -> Iterator[float]:
    """Print the rows of a noise for fixed numbers of rounds; yield the coverage of parlab's interval."""
    for rounds in ROUNDS:
        rng = generator(noise, 2, rounds)
        ratios = speedups(noise, rng, runs, rounds, 1)[:, :, 0]
        found = [median_interval(row) for row in ratios.tolist()]
        ours = np.array([(one.low, one.high) for one in found], dtype=float)
        intervals = (ours, bca(ratios, rng), t_interval(ratios))
        cells = [f"{covered(one, truth):.1%} | {np.mean(one[:, 1] - one[:, 0]) / truth:.3f}" for one in intervals]
        print(f"| {noise.name} | {rounds} | {' | '.join(cells)} |", flush=True)
        yield covered(ours, truth)


def covered(ends: Array, truth: float) -> float:
    """Return the share of intervals with the truth in them."""
    return float(np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])))


def t_interval(values: Array) -> Array:
    """Return Student's 95 % interval of each row's mean."""
    count = values.shape[1]
    half = stats.t.ppf(0.975, count - 1) * values.std(axis=1, ddof=1) / count**0.5
    return np.stack([values.mean(axis=1) - half, values.mean(axis=1) + half], axis=1)


def bca(values: Array, rng: np.random.Generator) -> Array:
    """Return the BCa bootstrap's 95 % interval of each row's median (B. Efron, "Better bootstrap confidence", 1987)."""
    found = []
    for block in np.array_split(values, max(1, values.size * RESAMPLES // 5_000_000)):
        runs, count = block.shape
        chosen = rng.integers(0, count, (runs, RESAMPLES, count))
        medians = np.median(np.take_along_axis(block[:, None, :], chosen, axis=2), axis=2)
        estimate = np.median(block, axis=1)[:, None]
        below = ((medians < estimate).sum(axis=1) + (medians <= estimate).sum(axis=1)) / (2 * RESAMPLES)
        shift = stats.norm.ppf(below)[:, None]
        left_out = np.stack([np.median(np.delete(block, one, axis=1), axis=1) for one in range(count)], axis=1)
        away = left_out.mean(axis=1, keepdims=True) - left_out
        skew = (away**3).sum(axis=1) / (6 * np.maximum((away**2).sum(axis=1), 1e-300) ** 1.5)
        z = shift + stats.norm.ppf([[0.025, 0.975]])
        levels = stats.norm.cdf(shift + z / (1 - skew[:, None] * z))
        ordered = np.sort(medians, axis=1)
        places = np.clip(levels * RESAMPLES, 0, RESAMPLES - 1).astype(int)
        found.append(np.take_along_axis(ordered, places, axis=1))
    return np.concatenate(found)


def stopped(noise: Noise, truth: float, runs: int) -> Iterator[float]:
    """Print the rows of a noise for sweeps that end at a precision; yield the coverage of parlab's interval."""
    for wanted, cap in ((1, CAPS[0]), (BETWEEN - 1, CAPS[0]), (1, CAPS[1])):
        rng = generator(noise, 3, wanted, cap)
        sweeps = speedups(noise, rng, runs, cap, wanted).transpose(0, 2, 1).tolist()
        cells = [f"{noise.name} | {wanted} | {cap}"]
        for confidence in (STOPPED_CONFIDENCE, CONFIDENCE):
            ends = [end_of(sweep, cap, confidence) for sweep in sweeps]
            ended = list(zip(sweeps, ends, strict=True))
            inside = [covers(values[:end], truth, confidence) for sweep, end in ended for values in sweep]
            cells.append(f"{np.mean(inside):.1%} | {np.mean(ends):.1f}")
            if confidence == STOPPED_CONFIDENCE:
                known = [known_at(sweep, end, confidence) for sweep, end in ended]
                cells.append(f"{np.mean(known):.0%}")
                yield float(np.mean(inside))
        print(f"| {' | '.join(cells)} |", flush=True)


def end_of(sweep: Sequence[Sequence[float]], cap: int, confidence: float) -> int:
    """Return after how many rounds the supervisor would have ended a sweep of these configurations."""
    return next((count for count in range(1, cap) if known_at(sweep, count, confidence)), cap)


def known_at(sweep: Sequence[Sequence[float]], count: int, confidence: float) -> bool:
    """Tell whether every configuration is known well enough after this many rounds."""
    return all(settled(values[:count], PRECISION, confidence) for values in sweep)


def covers(values: Sequence[float], truth: float, confidence: float) -> bool:
    """Tell whether the interval that the user sees has the truth in it."""
    found = median_interval(values, confidence)
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


if __name__ == "__main__":
    main()
