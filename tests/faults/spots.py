"""Where a fault happens: through which entrance, on which engine, with which start method."""

from dataclasses import dataclass

METHODS = ("forkserver", "spawn", "fork")
GROUPS = ("processes", "pool", "loky", "threads", "parlab.pool", "notebook")  # columns of the table


@dataclass(frozen=True)
class Spot:
    """One place of the table: a column, and where the engine has start methods, one of three.

    The first four columns are sweeps of ``parlab.speedup``; the last two are ``parlab.pool`` in a script and in a cell.
    """

    group: str
    method: str | None = None

    @property
    def label(self) -> str:
        return self.group if self.method is None else f"{self.group}:{self.method}"

    @property
    def is_sweep(self) -> bool:
        return self.group not in ("parlab.pool", "notebook")

    @classmethod
    def read(cls, label: str) -> "Spot":
        group, _, method = label.partition(":")
        return cls(group, method or None)


def of(*groups: str) -> tuple[Spot, ...]:
    """List the spots of these columns, with every start method where there is one."""
    single = ("loky", "threads")
    return tuple(Spot(group, method) for group in groups for method in ((None,) if group in single else METHODS))
