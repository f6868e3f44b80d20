"""Fuzzes every reader by Hypothesis, and by Atheris where that is installed: ``make fuzz MINUTES=10``.

A reader has its minutes with each tool, two at a time, each in a process of its own. Inputs that leaked are kept.
usage: all_readers.py MINUTES [READER…]
"""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "helpers"), str(HERE.parents[1])]
TOOLS = ("by_hypothesis", "by_atheris")
KEPT = Path("build/fuzz")
COLUMNS = ("reader", "tool", "minutes", "cpu_s", "inputs", "edges", "features", "leaks")
MARGIN_S = 900.0  # to load and instrument all, on a busy machine
_REACHED = re.compile(r"cov: ([0-9]+) ft: ([0-9]+)")  # as libFuzzer tells what it has reached of parlab


def run(tool: str, reader: str, minutes: float) -> dict[str, Any]:
    """Fuzz one reader by one tool; what it printed goes to a file, its last line of JSON is the result."""
    place = KEPT / reader
    place.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(HERE / f"{tool}.py"), reader, str(minutes), str(KEPT)]
    log = place / f"{tool}.log"
    with log.open("wb") as printed:
        try:
            code = subprocess.run(
                command, stdout=printed, stderr=subprocess.STDOUT, check=False, timeout=60 * minutes + MARGIN_S
            ).returncode
        except subprocess.TimeoutExpired:
            code = "none: it did not end"
    text = log.read_text(errors="replace")
    lines = [line for line in text.splitlines() if line.startswith('{"tool"')]
    if not lines:
        return {"tool": tool, "reader": reader, "leaks": {f"ended with exit code {code}, see {log}": 1}}
    reached = _REACHED.findall(text)
    return {**json.loads(lines[-1]), **({"edges": reached[-1][0], "features": reached[-1][1]} if reached else {})}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "| " + " | ".join("---" for _ in COLUMNS) + " |"]
    for row in rows:
        found = {**row, "leaks": "; ".join(row["leaks"]) or "none"}
        lines.append("| " + " | ".join(str(found.get(name, "–")) for name in COLUMNS) + " |")
    return "\n".join(lines)


def main(minutes: float, chosen: list[str]) -> int:
    """Run all and print a line for each."""
    from readers import READERS

    tools = TOOLS if find_spec("atheris") else TOOLS[:1]
    if len(tools) < len(TOOLS):
        print("Atheris is not installed (pip install -e '.[fuzz]'): Hypothesis alone is run.")
    jobs = [(tool, reader) for reader in chosen or READERS for tool in tools]
    rows = []
    with ThreadPoolExecutor(2) as pool:
        for row in pool.map(lambda job: run(*job, minutes), jobs):
            print(json.dumps(row), flush=True)
            rows.append(row)
    print(f"\n{table(rows)}\n")
    leaks = sum(len(row["leaks"]) for row in rows)
    print(f"{leaks} kinds of leaks; inputs and tracebacks are in {KEPT}" if leaks else "nothing leaked")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
