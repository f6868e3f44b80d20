"""Damages valid inputs for some minutes and gives them to one reader; ends with 1 where anything leaked.

usage: by_hypothesis.py READER MINUTES [FOLDER]
"""

import json
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path[:0] = [str(Path(__file__).parents[1] / "helpers"), str(Path(__file__).parents[2])]

from bounds import Finds, limit_memory  # noqa: E402  # pytest has these folders on its path, a script has not
from damage import DAMAGED  # noqa: E402
from readers import READERS  # noqa: E402
from valid import inputs  # noqa: E402

EXAMPLES = 200  # between two looks at the clock


def main(reader: str, minutes: float, folder: Path) -> int:
    """Fuzz one reader."""
    finds = Finds(folder / reader / "hypothesis")
    for data in inputs(reader):
        finds.watch(READERS[reader], data)  # it also loads what the commands import
    limit_memory()

    @given(DAMAGED[reader])
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def examples(data: bytes) -> None:
        if time.monotonic() < end:
            finds.watch(READERS[reader], data)

    end, number = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end:
        seed(number)(examples)()
        number += 1
    row = {"tool": "hypothesis", "reader": reader, "minutes": minutes, "cpu_s": round(time.process_time())}
    print(json.dumps({**row, "inputs": finds.inputs, "seeds": number, "leaks": finds.seen}), flush=True)
    return 1 if finds.seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "build/fuzz")))
