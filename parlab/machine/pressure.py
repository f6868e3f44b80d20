"""Reads what others took from us while we worked: stolen CPU time and lost cores. Linux alone tells."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_STEAL = 8  # the place in the first line of /proc/stat: cpu user nice system idle iowait irq softirq steal
_SWITCHES = "nonvoluntary_ctxt_switches:"
_LONGEST = 20  # digits of what 64 bits hold


@dataclass(frozen=True, slots=True)
class Pressure:
    """Two counters that only grow; None where the system does not tell."""

    steal_s: float | None  # CPU time that the hypervisor gave to others, of all cores together
    switches: int | None  # how often threads of our processes lost their core before they wanted to

    @classmethod
    def read(cls, processes: Iterable[int], root: Path = Path("/")) -> Self:
        """Read both counters.

        Parameters
        ----------
        processes
            The numbers of the processes whose lost cores count.
        root
            Where ``/proc`` is; tests make their own.
        """
        return cls(_steal_s(root), _switches(set(processes), root))

    def until(self, later: "Pressure") -> "Pressure":
        """Return what was added between this reading and a later one."""
        steal_s, switches = None, None
        if self.steal_s is not None and later.steal_s is not None:
            steal_s = max(0.0, later.steal_s - self.steal_s)  # some hypervisors let it step back
        if self.switches is not None and later.switches is not None:
            switches = max(0, later.switches - self.switches)  # a thread that ended takes its count along
        return Pressure(steal_s, switches)


def _steal_s(root: Path) -> float | None:
    try:
        with (root / "proc/stat").open(encoding="ascii") as file:
            return int(file.readline().split()[_STEAL]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, OverflowError, AttributeError):  # AttributeError: Windows has no sysconf
        return None


def _switches(processes: set[int], root: Path) -> int | None:
    """Add up over all threads: BLAS and thread pools work beside the main one."""
    found = None
    for process in processes:
        for status in (root / f"proc/{process}/task").glob("*/status"):
            try:
                lines = status.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:  # it ended just now
                continue
            for line in lines:
                number = line.removeprefix(_SWITCHES).strip()
                if line.startswith(_SWITCHES) and number.isdecimal() and len(number) < _LONGEST:
                    found = (found or 0) + int(number)
    return found
