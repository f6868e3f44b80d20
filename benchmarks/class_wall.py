"""Time `parlab class` on 500 differing sheets, from the command's start to its end. Goal: under 10 seconds.

python benchmarks/class_wall.py [COUNT]
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HELPERS = Path(__file__).resolve().parents[1] / "tests" / "helpers"
RUNS = 3


def main(count: int) -> None:
    """Make a class, lay it over itself a few times, and print what the runs took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "class"
        folder.mkdir()
        subprocess.run([sys.executable, HELPERS / "classes.py", folder, str(count)], check=True, timeout=120)  # noqa: S603
        line = [sys.executable, "-m", "parlab", "class", str(folder), "-o", str(Path(place) / "wall.html")]
        print(f"{count} sheets  wall clock  CPU time")
        for number in range(RUNS):
            before_s, used_s = time.perf_counter(), _children_s()
            subprocess.run(line, check=True, stdout=subprocess.DEVNULL, timeout=300)  # noqa: S603
            print(f"run {number + 1}    {time.perf_counter() - before_s:10.1f} s {_children_s() - used_s:7.1f} s")


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
