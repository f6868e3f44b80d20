"""Does `parlab plan` predict what is measured then? It predicts from 1 worker's spans; other counts are held back.

usage: python benchmarks/plan.py [--rounds 8] [--recorded-only] [--output plan.md]

Here tasks are measured that sleep or wait for a server, because these scale past two cores; on a machine that rests it
takes about five minutes. What computes is predicted of the recorded sweeps, which measures nothing. --recorded-only
leaves out what has to be measured.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from side_by_side import HERE, machine_line, table

import parlab
from parlab.analysis.grounds import Wanted
from parlab.analysis.planning import make_plan
from parlab.analysis.sizing import Plan, Prediction
from parlab.atomic import replacing
from parlab.results import Results, read, recorded_names
from parlab.results.intervals import Estimate
from parlab.results.recorded import PREFIX
from parlab.units import duration

WORKERS = [1, 2, 3, 4, 8]
MEASURED = (("naps:nap", 40), ("naps:uneven_nap", 40), ("download", 80))
BACKENDS = ["threads", "processes"]
HEADS = ("sweep", "backend", "workers", "predicted", "90 % band", "measured", "in the band", "single runs in it")
HEADING = """# Predictions held against measurements

`python benchmarks/plan.py` makes this page. Every prediction is made from the spans of the worker counts named above
its table; those of the counts in the table were held back. "measured" is the median over rounds with its 95 % interval,
"in the band" is about that median, and the last column counts single runs, of which nine in ten are wanted. All are
times of the work, without start-up. Misses are left as they are. Threads whose tasks compute are not in the tables from
one worker: one thread does not show the GIL, and `parlab plan` refuses.

What is no independent test: that tasks which wait are drawn between side by side and in line was thought of when
`download-2-cores` was in view, and that a ceiling alone is drawn up to twice as slow, when `triad` was.
"""


@dataclass(frozen=True)
class Held:
    """A prediction, and what was measured where it was held back."""

    sweep: str
    plan: Plan
    row: Prediction
    runs: tuple[float, ...]

    @property
    def within(self) -> int:
        """How many single runs lie in the band."""
        return sum(self.row.map_s.low <= run_s <= self.row.map_s.high for run_s in self.runs)

    @property
    def cells(self) -> list[str]:
        """Write the cells of its row."""
        band, verdict = self.row.map_s, "yes" if self.row.hit else "no"
        ends = f"{duration(band.low)} to {duration(band.high)}"
        measured = self.row.measured_s or Estimate(0.0, None, None, 0)
        known = duration(measured.median)
        if measured.low is not None and measured.high is not None:
            known += f" ({duration(measured.low)} to {duration(measured.high)})"
        runs = f"{self.within} of {len(self.runs)}"
        return [self.sweep, self.plan.engine, str(self.row.workers), duration(band.value), ends, known, verdict, runs]


def held(name: str, results: Results, using: Sequence[int]) -> Iterator[Held]:
    """Predict each engine of a sweep from some of its worker counts; what supports no prediction is left out."""
    for engine in dict.fromkeys(results.header.sweep.backends):
        try:
            plan = make_plan(results, Wanted(engine=engine, using=using, far=True, workers=(using[0],)))
        except parlab.ParlabError as refusal:
            if engine != "serial":
                print(f"{name}, {engine}: {refusal}", file=sys.stderr)
            continue
        for row in plan.predictions:
            if not row.used and row.measured_s is not None:
                yield Held(name, plan, row, _runs(results, engine, row.workers))


def _runs(results: Results, engine: str, workers: int) -> tuple[float, ...]:
    complete = set(results.complete_rounds)
    return tuple(
        trial.map_s
        for trial in results.records
        if (trial.backend, trial.workers) == (engine, workers) and trial.round_key in complete and trial.map_s
    )


def section(title: str, rows: Sequence[Held]) -> str:
    """Write one table, and its sums."""
    medians, runs = sum(bool(one.row.hit) for one in rows), sum(one.within for one in rows)
    all_runs = sum(len(one.runs) for one in rows)
    sums = f"Medians in their bands: {medians} of {len(rows)}. Single runs: {runs} of {all_runs}"
    share = f", {runs / all_runs:.0%}" if all_runs else ""
    return f"## {title}\n\n{table(HEADS, [one.cells for one in rows])}\n\n{sums}{share}.\n"


def measured(rounds: int) -> list[Held]:
    """Measure and predict: the counts of a round run in random order."""
    found: list[Held] = []
    for name, count in MEASURED:
        print(f"{name} …", file=sys.stderr, flush=True)
        items, size = (range(count), None) if ":" in name else (None, count)
        view = parlab.speedup(name, items, size=size, workers=WORKERS, backends=BACKENDS, rounds=rounds, progress=False)
        found += held(name, view.results, (1,))
    return found


def recorded(names: Sequence[str], using: Sequence[int]) -> list[Held]:
    """Predict recorded sweeps."""
    return [one for name in names for one in held(name, read(f"{PREFIX}{name}"), using)]


def main() -> None:
    """Measure, predict, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8, help="of what is measured; from 6 on there are intervals")
    parser.add_argument("--recorded-only", action="store_true", help="leave out what has to be measured")
    parser.add_argument("--output", type=Path, default=HERE / "plan.md")
    given = parser.parse_args()
    machine = machine_line("numpy")  # before anything loads it
    parts = [HEADING]
    if given.recorded_only:
        parts.append("What has to be measured was left out of this page (`--recorded-only`).\n")
    else:
        parts.append(f"{machine}\n")
        parts.append(section("Tasks that wait, measured here, from 1 worker", measured(given.rounds)))
    names = recorded_names()
    many = [name for name in names if name.endswith("-16-cores")]
    few = [name for name in names if name not in many]
    parts.append(section("Recorded on two cores, from 1 worker", recorded(few, (1,))))
    parts.append(section("Recorded on 16 cores, from 1 worker and the machine's ceiling", recorded(many, (1,))))
    parts.append(section("Recorded on 16 cores, from 1, 2 and 4 workers and the ceiling", recorded(many, (1, 2, 4))))
    with replacing(given.output) as path:
        path.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
