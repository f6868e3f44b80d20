"""Fuzzes one reader for some minutes by Atheris, guided by the coverage of parlab; ends with 1 where anything leaked.

usage: by_atheris.py READER MINUTES [FOLDER]
"""

import json
import os
import re
import sys
import time
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[1] / "helpers"), str(Path(__file__).parents[2])]

with atheris.instrument_imports(include=["parlab"]):
    from bounds import MOST_BYTES, Finds, limit_memory
    from damage import NUMBERS, TEXTS, TOKENS
    from readers import READERS
    from valid import inputs, write

LONGEST = 1 << 14  # bytes of an input
_KEY = re.compile(rb'"([a-z_]{2,24})"|([A-Za-z_.]{3,24})')


def dictionary(reader: str) -> str:
    """Return what libFuzzer puts in: the words of valid inputs, and odd values."""
    words = {found.group(0) for data in inputs(reader) for found in _KEY.finditer(data)}
    odd = [text.encode(errors="surrogatepass") for text in (*TOKENS, *TEXTS, *map(str, NUMBERS))]
    entries = sorted(words)[:300] + [one for one in odd if 0 < len(one) <= 60]
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in one) + '"\n' for one in entries)


def main(reader: str, minutes: float, folder: Path) -> None:
    """Fuzz one reader; libFuzzer ends the process."""
    place = folder / reader
    write(reader, place / "corpus")
    (place / "dictionary").write_text(dictionary(reader), encoding="ascii")
    finds = Finds(place / "atheris")
    with atheris.instrument_imports(include=["parlab"]):  # much is imported by the function that uses it
        for data in inputs(reader):
            READERS[reader](data, every=True)
    limit_memory(2 * MOST_BYTES)  # the corpus is in there, too
    end = time.monotonic() + 60 * minutes

    def one(data: bytes) -> None:
        finds.watch(READERS[reader], data)
        if time.monotonic() > end:
            row = {"tool": "atheris", "reader": reader, "minutes": minutes, "cpu_s": round(time.process_time())}
            print(json.dumps({**row, "inputs": finds.inputs, "leaks": finds.seen}), flush=True)
            os._exit(1 if finds.seen else 0)

    options = [
        f"-dict={place / 'dictionary'}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=0", "-seed=1",
        f"-artifact_prefix={place}/", "-print_final_stats=1", "-len_control=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(place / "corpus")], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "build/fuzz"))
