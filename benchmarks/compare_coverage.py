"""Show how often `parlab compare` is right about two sweeps whose true ratio is known, and how often it cries wolf.

Two simulated sweeps of several configurations each, with the noises of coverage.py, and parlab's own ``ratio_of`` on
the times of their rounds: as they are, and at the machine's own pace, which one more trial of each round gives. The
truth is the median of the ratio of a round of B to a round of A, from a very large sample of both.

    python benchmarks/compare_coverage.py [--runs 1000]
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np
from coverage import BETWEEN, NOISES, Array, Noise, generator, times

from parlab.analysis.shifts import ratio_of

ROUNDS = ((6, 6), (7, 7), (9, 25), (25, 25))
TOGETHER = BETWEEN - 1  # configurations that are judged together; one trial of a round is the calibration loop
JOINT = 1 - 0.05 / TOGETHER
SLOWER = (1.05, 1.1, 1.15, 1.2, 1.3)
LIMIT = 0.10
SESSIONS = (0.0, 0.01, 0.02, 0.05, 0.1)  # standard deviation of what a whole session is faster or slower by
STEADY = Noise("jitter, 3 %", 0.03)
CASES = (*((noise, noise) for noise in NOISES), (STEADY, NOISES[1]), (NOISES[0], NOISES[-1]))


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000, help="simulated pairs of sweeps for each row")
    runs, began = parser.parse_args().runs, time.perf_counter()
    print("| noise of A | of B | rounds | time covers | width | false alarm | pace covers | width | false alarm |")
    print("| --- " * 9 + "|")
    for a, b in CASES:
        for counts in ROUNDS:
            cells = [f"{covers:.1%} | {width:.3f} | {alarm:.1%}" for covers, width, alarm in null(a, b, counts, runs)]
            print(f"| {a.name} | {b.name} | {counts[0]}, {counts[1]} | {' | '.join(cells)} |", flush=True)
    print(f"\n| noise | rounds | {' | '.join(f'{slower - 1:.0%} slower' for slower in SLOWER)} |")
    print("| --- " * (2 + len(SLOWER)) + "|")
    for noise in (NOISES[0], NOISES[1], NOISES[-1]):
        for counts in ROUNDS:
            cells = [f"{share:.0%}" for share in power(noise, counts, runs)]
            print(f"| {noise.name} | {counts[0]}, {counts[1]} | {' | '.join(cells)} |")
    kinds = " | ".join(f"{kind}: any difference | more than 10 %" for kind in ("time", "pace"))
    print(f"\n| sessions differ by | rounds | {kinds} |")
    print("| --- " * 6 + "|")
    for spread in SESSIONS:
        for counts in ((7, 7), (25, 25)):
            cells = [f"{share:.1%}" for share in between_sessions(spread, counts, runs)]
            print(f"| {spread:.0%} | {counts[0]}, {counts[1]} | {' | '.join(cells)} |")
    print(f"\n{time.perf_counter() - began:.0f} s")


def sweeps(noise: Noise, rng: np.random.Generator, runs: int, rounds: int) -> tuple[Array, Array]:
    """Draw runs x rounds x configurations: times, and times in steps of the calibration loop; each round shuffled."""
    found = times(noise, rng, runs, rounds)[:, :, 1:-1]
    found = np.take_along_axis(found, np.argsort(rng.random(found.shape), axis=2), axis=2)
    return found[:, :, 1:], found[:, :, 1:] / found[:, :, :1]


def ends(a: Array, b: Array, confidence: float) -> Array:
    """Return the intervals of all configurations of each pair of sweeps: runs x configurations x (low, high)."""
    found = [
        [ratio_of(list(one[:, each]), list(other[:, each]), confidence) for each in range(a.shape[2])]
        for one, other in zip(a, b, strict=True)
    ]
    return np.array([[(one.low, one.high) for one in row] for row in found], dtype=float)


def null(a: Noise, b: Noise, counts: tuple[int, int], runs: int) -> Iterator[tuple[float, float, float]]:
    """Yield coverage and width of single intervals, and how often one of all is wrong when they are judged together."""
    large = [sweeps(noise, generator(noise, 4, side), 400, 100) for side, noise in enumerate((a, b))]
    drawn = [sweeps(noise, generator(noise, 6, side, *counts), runs, counts[side]) for side, noise in enumerate((a, b))]
    for kind in range(2):
        first, second = (generator(a, 5, side).permutation(large[side][kind].ravel()) for side in range(2))
        truth = float(np.median(second / first))
        pair = [drawn[side][kind] for side in range(2)]
        single = ends(pair[0][:, :, :1], pair[1][:, :, :1], 0.95)[:, 0]
        joint = ends(pair[0], pair[1], JOINT)
        covers = np.mean((single[:, 0] <= truth) & (truth <= single[:, 1]))
        wrong = (joint[:, :, 0] > truth) | (joint[:, :, 1] < truth)
        yield float(covers), float(np.mean(single[:, 1] - single[:, 0])), float(np.mean(wrong.any(axis=1)))


def power(noise: Noise, counts: tuple[int, int], runs: int) -> Iterator[float]:
    """Yield how often a configuration that is slower by each of SLOWER is found to be slower by more than LIMIT."""
    pair = [sweeps(noise, generator(noise, 8, side, *counts), runs, counts[side])[1][:, :, :1] for side in range(2)]
    lows = ends(pair[0], pair[1], JOINT)[:, 0, 0]
    for slower in SLOWER:
        yield float(np.mean(lows * slower > 1 + LIMIT))


def between_sessions(spread: float, counts: tuple[int, int], runs: int) -> Iterator[float]:
    """Yield false alarms where the machine is faster or slower for a whole sweep, which no round of it can tell."""
    rng = generator(STEADY, 10, *counts, int(spread * 1000))
    drawn = [sweeps(STEADY, rng, runs, count) for count in counts]
    slower = [np.exp(rng.normal(0, spread, (runs, 1, 1))) for _ in counts]
    for kind in range(2):
        pair = [drawn[side][kind] * (slower[side] if kind == 0 else 1.0) for side in range(2)]
        found = ends(pair[0], pair[1], JOINT)
        different = (found[:, :, 0] > 1) | (found[:, :, 1] < 1)
        yield float(np.mean(different.any(axis=1)))
        yield float(np.mean((found[:, :, 0] > 1 + LIMIT).any(axis=1)))


if __name__ == "__main__":
    main()
