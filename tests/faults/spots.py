"""Where a fault happens: through which entrance, on which engine, with which start method."""

from dataclasses import dataclass

METHODS = ("forkserver", "spawn", "fork")
OWN = ("processes", "pool", "loky", "threads")  # engines that every installation has
ENTRANCES = ("parlab.pool", "notebook")
ENGINES = ("joblib", "dask", "mpi", "ray", "interpreters")  # those that are extras, or need a newer Python
GROUPS = (*OWN, *ENTRANCES, *ENGINES)  # columns of the tables
WITH_METHODS = ("processes", "pool", *ENTRANCES)

# How many times as long a trial may take as one of processes: an engine whose programs start slowly needs it.
PATIENCE = {"joblib": 4, "dask": 10, "mpi": 4, "ray": 12}


@dataclass(frozen=True)
class Spot:
    """One place of the table: a column, and where the engine has start methods, one of three.

    Engines are tried with sweeps of ``parlab.speedup``; entrances are ``parlab.pool`` in a script and in a cell.
    """

    group: str
    method: str | None = None

    @property
    def label(self) -> str:
        return self.group if self.method is None else f"{self.group}:{self.method}"

    @property
    def is_sweep(self) -> bool:
        return self.group not in ENTRANCES

    @property
    def patience(self) -> int:
        return PATIENCE.get(self.group, 1)

    @classmethod
    def read(cls, label: str) -> "Spot":
        group, _, method = label.partition(":")
        return cls(group, method or None)


def of(*groups: str) -> tuple[Spot, ...]:
    """List the spots of these columns, with every start method where there is one."""
    return tuple(Spot(group, method) for group in groups for method in methods_of(group))


def methods_of(group: str) -> tuple[str | None, ...]:
    """List the start methods of a column; one None where it has no choice."""
    return METHODS if group in WITH_METHODS else (None,)
