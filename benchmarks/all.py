"""Run every benchmark that has goals, one after the other, and write the results page: on a machine that rests.

python benchmarks/all.py [--rounds 6] [--output results.md]
"""

import argparse
import sys
import time
from pathlib import Path

from side_by_side import HERE, Section, in_fresh_process, machine_line, table

from parlab.atomic import replacing

SCRIPTS = ("tracing", "speedups", "starts", "dispatch", "ceiling", "shared_array")
PACKAGES = ("mpire", "pyperf", "loky", "numpy", "pillow")
HEADING = """# Results

What parlab costs and finds, side by side with the bare engines and with other tools. `make benchmarks` makes this page
from nothing; every number is a median over rounds with its 95 % interval, ratios are taken inside rounds, and a verdict
is read off the interval.
"""


def page(sections: list[Section], machine: str, taken_s: float) -> str:
    """Write the page: machine, all goals in one table, then section by section."""
    goals = table(["goal", "limit", "found", "verdict"], [goal.row for section in sections for goal in section.goals])
    parts = [HEADING, f"{machine} It took {taken_s / 60:.0f} minutes.\n", goals + "\n"]
    return "\n".join([*parts, *(section.markdown for section in sections)])


def main() -> None:
    """Measure all and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="of each, to try it quickly; from 6 on there are intervals")
    parser.add_argument("--output", type=Path, default=HERE / "results.md")
    given, machine, started_s = parser.parse_args(), machine_line(*PACKAGES), time.monotonic()
    sections, failed = [], []
    for script in SCRIPTS:
        print(f"{script} …", file=sys.stderr, flush=True)
        try:
            sections.append(in_fresh_process(script, given.rounds))
        except SystemExit:  # what it said stands on the terminal; what the others found is kept
            failed.append(script)
            sections.append(Section(f"{script}: no result", f"python benchmarks/{script}.py"))
    text = page(sections, machine, time.monotonic() - started_s)
    with replacing(given.output) as path:
        path.write_text(text, encoding="utf-8")
    if failed:
        sys.exit(f"No result: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
