"""Makes a recorded sweep of a result file: the same lines, with a label in the header that says where and when.

usage: record.py RESULTS NAME --where "a virtual machine with 2 cores" [--by "the parlab authors"]

The day is that of the measurement. What could name a person's files is refused: a sweep over data of one's own.
"""

import argparse
import json
import sys
from pathlib import Path

from parlab.atomic import replacing
from parlab.results import read
from parlab.results.recorded import FOLDER


def main() -> None:
    """Read the arguments, write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("name")
    parser.add_argument("--where", required=True)
    parser.add_argument("--by", default="the parlab authors")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    results = read(given.results)
    sweep = results.header.sweep
    if results.ended not in ("rounds", "budget", "precision") or sweep.options or sweep.items or sweep.items_digest:
        sys.exit("Only a finished sweep of one of parlab's own workloads, without options, is recorded.")
    lines = given.results.read_text(encoding="utf-8").splitlines(keepends=True)
    header = json.loads(lines[0])
    header["label"] = {"where": given.where, "when": header["created"][:10], "by": given.by}
    target = given.folder / f"{given.name}.jsonl"
    if target.exists():
        sys.exit(f"{str(target)!r} exists already and is not overwritten: recorded sweeps are never edited.")
    with replacing(target) as place, place.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(header, separators=(",", ":"), ensure_ascii=False) + "\n")
        file.writelines(lines[1:])
    print(f"{target.name}: {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
