"""What is chosen in a benchmark panel, as texts, and the request that comes of it. It knows no widget."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parlab.backends
from parlab import workloads
from parlab.errors import InputError
from parlab.machine import Machine
from parlab.measure.limits import DEFAULT_ROUNDS
from parlab.measure.request import DEFAULT_BACKENDS, Request, usual_workers
from parlab.options import parse_count, parse_share, parse_workers
from parlab.workloads.items import take

OWN = ""  # stands for the function that was given, where workloads have a name


@dataclass(frozen=True, slots=True)
class Own:
    """A function that was given in Python, with its items.

    Attributes
    ----------
    task
        The function, or its name as ``"module:function"``.
    items
        What it is called with.
    """

    task: Callable[..., Any] | str
    items: Sequence[Any]

    @property
    def name(self) -> str:
        """How it is called in a form."""
        called = self.task if isinstance(self.task, str) else getattr(self.task, "__qualname__", repr(self.task))
        return f"{called:.60}"


def own_work(task: Callable[..., Any] | str | None, items: Iterable[Any] | None) -> Own | None:
    """Keep a function and its items, which are consumed once; None where no function is given.

    Raises
    ------
    InputError
        There is only one of the two, or there are no items.
    """
    if task is None:
        if items is not None:
            message = "items belong to a function of yours: BenchmarkPanel(function, items). A workload has its own."
            raise InputError(message)
        return None
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        message = f"A function of yours needs items, an iterable such as range(100), not {type(items).__name__}"
        raise InputError(f"{message}: BenchmarkPanel(function, items).")
    return Own(task, take(items, "There are no items."))


@dataclass(frozen=True, slots=True)
class Choices:
    """The contents of the form; texts are as they are typed.

    Attributes
    ----------
    workload
        A name, or ``OWN``.
    backends
        Specs.
    rounds, precision
        When the sweep ends; an empty one says nothing.
    """

    workload: str
    backends: tuple[str, ...]
    workers: str
    size: str
    rounds: str
    precision: str

    def request(self, own: Own | None, more: Mapping[str, Any]) -> Request:
        """Read the texts.

        Parameters
        ----------
        own
            The function that was given, where there is one.
        more
            Further fields of the request.

        Raises
        ------
        InputError
            A text cannot be read; the message begins with the name of its field.
        """
        if not self.backends:
            raise InputError(f"Backends: none is chosen. Choose one at least, such as {DEFAULT_BACKENDS[0]}.")
        workers = parse_workers(self.workers, "Workers")
        if not workers:
            raise InputError("Workers: there is no number. Write whole numbers from 1 up with commas, such as 1, 2, 4.")
        rounds, precision = self.rounds.strip(), self.precision.strip()
        chosen: dict[str, Any] = {
            "backends": self.backends,
            "workers": tuple(workers),
            "rounds": parse_count("Rounds", rounds) if rounds else None,
            "precision": parse_share("Precision", precision) if precision else None,
            **more,
        }
        if self.workload == OWN and own is not None:
            return Request(subject=own.task, items=own.items, **chosen)
        size = self.size.strip() or None
        return Request(subject=self.workload, size=size, **chosen)


def make_choices(
    machine: Machine,
    workload: str,
    *,
    backends: Sequence[str] | None,
    workers: Sequence[int] | None,
    size: str | int | None,
    rounds: int | None,
    precision: float | None,
    budget_s: float | None,
) -> Choices:
    """Make the first contents of a form from what was said in Python; None is what is usual.

    Raises
    ------
    InputError, BackendUnavailableError
        There is no such workload or backend, or it cannot run here.
    """
    chosen = _names("backends", DEFAULT_BACKENDS if backends is None else backends)
    for spec in chosen:
        parlab.backends.require(spec)
    bound = "cpu" if workload == OWN else workloads.get(workload).bound
    counts = usual_workers(machine, bound) if workers is None else workers
    return Choices(
        workload=workload,
        backends=tuple(dict.fromkeys(chosen)),
        workers=listed(_numbers(counts)),
        size="small" if size is None else str(size),
        rounds=_rounds(rounds, precision, budget_s),
        precision="" if precision is None else _percent(precision),
    )


def listed(counts: Sequence[Any]) -> str:
    """Write worker counts as the form shows them."""
    return ", ".join(map(str, counts))


def output_of(more: Mapping[str, Any]) -> dict[str, Any]:
    """Return further fields with the output as a path."""
    output = more.get("output")
    return {**more, "output": None if output is None else Path(output)}


def _names(what: str, given: Any) -> Sequence[str]:
    if isinstance(given, str) or not all(isinstance(one, str) for one in given):
        raise InputError(f"{what} must be a list of names, such as ['threads', 'processes'], not {given!r:.60}.")
    return tuple(given)


def _numbers(given: Any) -> Sequence[Any]:
    if isinstance(given, (str, int)):
        raise InputError(f"workers must be a list of whole numbers, such as [1, 2, 4], not {given!r:.60}.")
    return tuple(given)


def _rounds(rounds: int | None, precision: float | None, budget_s: float | None) -> str:
    usual = DEFAULT_ROUNDS if precision is None and budget_s is None else ""
    return str(usual if rounds is None else rounds)


def _percent(share: Any) -> str:
    number = isinstance(share, (int, float)) and not isinstance(share, bool)
    return f"{100 * share:.6g} %" if number else str(share)
