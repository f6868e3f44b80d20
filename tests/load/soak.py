"""Endless random sweeps with random faults from one process, as a kernel lives through a long day. Nothing may grow.

    python tests/load/soak.py --minutes 20 --folder build/soak

After each act it notes what this process holds: resident memory, descriptors, threads, living children, segments in
/dev/shm and temporary files. It ends with 1 at the first breach, and prints the seed and number that repeat the act:

    python tests/load/soak.py --seed SEED --only NUMBER

The curve of a run that is over is drawn again from its soak.csv:

    python tests/load/soak.py --redraw benchmarks/soak.csv --seed SEED -o benchmarks/soak.png

As root it has mounts of its own: a /dev/shm that nobody else writes into, and small disks that fill up.
"""

import argparse
import csv
import gc
import json
import multiprocessing.util
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "faults"), str(HERE.parent / "helpers"), str(HERE.parents[1])]

import psutil
from looking import GONE_S, MARK, strays_after
from soak_acts import ACTS, had_fault
from watching import can_mount

from parlab import owners, segments, temporary

WARM_UP_ACTS = 25  # until then modules, caches and threads that stay are still being met for the first time
MORE_FILES, MORE_THREADS = 4, 2  # than after the warm-up; a descriptor lost an act would pass them soon
MORE_BYTES = 160 << 20
OWN = "PARLAB_FAULTS_OWN_SHM"
_DPI = 100
_READ_AS: dict[Any, Callable[[str], Any]] = {int: int, float: float, str: str}


@dataclass(frozen=True, slots=True)
class Note:
    """What this process holds after an act."""

    number: int
    minutes: float
    act: str
    what: str
    rss_bytes: int
    descriptors: int
    threads: int
    children: int
    segments: int
    temporary_files: int


class BreachError(Exception):
    """Something grew, stayed, or gave a wrong result."""


def main() -> int:
    """Soak until the time is over or something breaks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", type=int, default=None, help="Repeat one act.")
    parser.add_argument("--acts", default=None, help="Comma list; all of them where nothing is said.")
    parser.add_argument("--folder", type=Path, default=None, help="Where soak.csv and soak.png go.")
    parser.add_argument("--redraw", type=Path, default=None, help="Do nothing but draw the curve of this soak.csv.")
    parser.add_argument("-o", "--output", type=Path, default=Path("soak.png"), help="Where --redraw draws it.")
    chosen = parser.parse_args()
    if chosen.redraw is not None:
        curve(noted_in(chosen.redraw), chosen.seed).savefig(chosen.output, dpi=_DPI)
        return 0
    _enter_own_mounts()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    seed = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    names = list(ACTS) if chosen.acts is None else chosen.acts.split(",")
    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        soak = Soak(Path(place), seed, names)
        code = 0
        try:
            soak.run(chosen.minutes, chosen.only)
        except BreachError as breach:
            number = len(soak.notes) if chosen.only is None else chosen.only
            print(f"BREACH in act {number}: {breach}\nrepeat it: --seed {seed} --only {number}", flush=True)
            code = 1
        if chosen.folder is not None:
            write(soak.notes, chosen.folder, seed)
        print(summary(soak.notes, seed), flush=True)
    return code


def _enter_own_mounts() -> None:
    """Start anew where nobody else sees our mounts, if this user may; children are known by a mark in any case."""
    if MARK in os.environ:
        return
    os.environ[MARK] = f"soak-{os.getpid()}"
    if can_mount():
        os.environ[OWN] = "yes"
        mount = 'mount -t tmpfs -o size=512m tmpfs /dev/shm && exec "$@"'
        os.execvp("unshare", ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, *sys.argv])


class Soak:
    """Acts, one after the other, and what was held after each."""

    def __init__(self, place: Path, seed: int, names: list[str]) -> None:
        self.place, self.seed, self.names = place, seed, names
        self.notes: list[Note] = []
        self.began = time.monotonic()
        private = place / "tmp"
        private.mkdir()
        multiprocessing.util.get_temp_dir()  # that of this process's own fork server stays until it ends: elsewhere
        os.environ["TMPDIR"] = tempfile.tempdir = str(private)  # here are no files but ours
        self.private = private

    def run(self, minutes: float, only: int | None = None) -> None:
        """Act until the time is over."""
        if only is not None:
            self.act(only)
            return
        while time.monotonic() - self.began < 60 * minutes:
            self.act(len(self.notes))

    def act(self, number: int) -> None:
        """Do one act, look at its result, and at what it leaves."""
        rng = random.Random(f"{self.seed}-{number}")
        weights = [ACTS[name][1] for name in self.names]
        name = rng.choices(self.names, weights)[0]
        with tempfile.TemporaryDirectory(prefix="act-", dir=self.place) as folder:
            try:
                what = ACTS[name][0](rng, Path(folder))
            except (Exception, KeyboardInterrupt) as problem:
                raise BreachError(f"{name}: {traceback.format_exc()}") from problem
        note = self._noted(number, name, what)
        self.notes.append(note)
        print(json.dumps(asdict(note)), flush=True)
        self._judge(note)

    def _noted(self, number: int, name: str, what: str) -> Note:
        mark = os.environ[MARK]
        alive = strays_after(mark, 2 * GONE_S)
        if alive:
            raise BreachError(f"{name}, {what}: still alive: {alive}")
        segments.sweep()  # as the next start does: after a kill of everything nobody else could
        temporary.sweep_leftovers()
        gc.collect()
        me = psutil.Process()
        with me.oneshot():
            return Note(
                number,
                (time.monotonic() - self.began) / 60,
                name,
                what,
                me.memory_info().rss,
                _descriptors(),
                len([one for one in threading.enumerate() if one.name != "tqdm_monitor"]),
                len(alive),
                len(_segments()),
                len(list(self.private.iterdir())),
            )

    def _judge(self, note: Note) -> None:
        if note.segments or note.temporary_files:
            left = _segments() + [one.name for one in self.private.iterdir()]
            raise BreachError(f"{note.act}, {note.what}: left behind: {left[:10]}")
        if len(self.notes) <= WARM_UP_ACTS:
            return
        base = self.notes[WARM_UP_ACTS - 5 : WARM_UP_ACTS]
        grown = {
            "descriptors": (note.descriptors, max(one.descriptors for one in base) + MORE_FILES),
            "threads": (note.threads, max(one.threads for one in base) + MORE_THREADS),
            "rss_bytes": (note.rss_bytes, max(one.rss_bytes for one in base) + MORE_BYTES),
        }
        for name, (found, most) in grown.items():
            if found > most:
                raise BreachError(f"{note.act}, {note.what}: {name} is {found}, more than {most}: {_held()}")


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208  # the listing itself holds one


def _held() -> str:
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # as above
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{name}"))  # noqa: PTH115  # a pipe is no path
    return f"{sorted(found)} {sorted(one.name for one in threading.enumerate())}"


def _segments() -> list[str]:
    """List names in /dev/shm: all of them in our own, less what this process's helpers keep; else ours alone."""
    if OWN in os.environ:
        return sorted(one.name for one in Path("/dev/shm").iterdir())  # noqa: S108  # its name
    return [one.name for one in segments.leftovers() if one.owner == owners.mark()]


# What is written


def write(notes: list[Note], folder: Path, seed: int) -> None:
    """Write every note, and the curve."""
    if not notes:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "soak.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, list(asdict(notes[0])), lineterminator="\n")
        lines.writeheader()
        lines.writerows({**asdict(one), "minutes": f"{one.minutes:.3f}"} for one in notes)
    curve(notes, seed).savefig(folder / "soak.png", dpi=_DPI)


def noted_in(file: Path) -> list[Note]:
    """Read the notes of a soak.csv."""
    kinds = {one.name: _READ_AS[one.type] for one in fields(Note)}
    with file.open(newline="", encoding="utf-8") as lines:
        return [Note(**{name: kinds[name](text) for name, text in row.items()}) for row in csv.DictReader(lines)]


def curve(notes: list[Note], seed: int | None) -> Any:
    """Draw what was held, act by act: a panel for each thing, because they have units of their own."""
    from parlab.plots.style import BLUE, GREEN, NAME, ORANGE, PLAIN, SKY, TICK, VERMILION, dress, headed

    faults = sum(had_fault(one.act, one.what) for one in notes)
    under = [(f"{len(notes)} acts in {notes[-1].minutes:.0f} minutes, {faults} of them with a fault", "#333333")]
    caption = [
        f"seed {'not said' if seed is None else seed}",
        "looked at after each act, and after what parlab's next start would sweep",
    ]
    figure = headed("Soak: what one process holds", under, caption, 7.6)
    things = (
        ("memory, MiB", [one.rss_bytes / 2**20 for one in notes], BLUE),
        ("descriptors", [one.descriptors for one in notes], VERMILION),
        ("threads", [one.threads for one in notes], GREEN),
        ("children", [one.children for one in notes], ORANGE),
        ("segments and\ntemporary files", [one.segments + one.temporary_files for one in notes], SKY),
    )
    panels = figure.subplots(len(things), 1, sharex=True)
    minutes = [one.minutes for one in notes]
    for panel, (name, values, color) in zip(panels, things, strict=True):
        panel.plot(minutes, values, color=color, linewidth=1.6)
        panel.set_ylim(0, max(1.0, 1.25 * max(values)))
        panel.locator_params(axis="y", integer=True, nbins=4)
        panel.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=NAME, **PLAIN)
        dress(panel)
    panels[-1].set_xlabel("minutes", fontsize=NAME)
    panels[-1].tick_params(labelsize=TICK)
    return figure


def summary(notes: list[Note], seed: int) -> str:
    """Say in a few lines what was done, and what grew since the warm-up."""
    if not notes:
        return "nothing was done"
    counts = {name: sum(one.act == name for one in notes) for name in ACTS}
    lines = [f"seed {seed}: {len(notes)} acts in {notes[-1].minutes:.1f} minutes", json.dumps(counts)]
    later = notes[WARM_UP_ACTS:]
    if len(later) > 1:
        first, last = later[: len(later) // 4 + 1], later[-len(later) // 4 - 1 :]
        per_hundred = 100 * (_mean(last) - _mean(first)) / max(1, last[-1].number - first[-1].number)
        lines.append(f"memory: {_mean(first):.1f} MiB, then {_mean(last):.1f} MiB; {per_hundred:+.1f} MiB per 100 acts")
    return "\n".join(lines)


def _mean(notes: list[Note]) -> float:
    return sum(one.rss_bytes for one in notes) / len(notes) / 2**20


if __name__ == "__main__":
    sys.exit(main())
