"""Tells of the machine that a sweep was measured on, as names and texts. It never looks at the machine it runs on."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from parlab.machine.cores import physical_cores
from parlab.report.words import counted, number, plain

if TYPE_CHECKING:
    from parlab.analysis.gil import Gil
    from parlab.results import Header

_GIB = 1 << 30
_UNLIMITED = "logical cores"  # what ``cores_limited_by`` says where nothing limits


def machine_rows(header: "Header", gil: "Gil | None" = None) -> list[tuple[str, str]]:
    """List what is known of the machine: names and texts, in reading order. What is not known is left out.

    Parameters
    ----------
    header
        Of the sweep.
    gil
        How it was with the GIL while threads ran, which goes before what Python said at the start.
    """
    machine = header.machine
    rows = [*_cores(machine), *_memory(machine), *_system(machine), *_python(machine, gil)]
    libraries = [f"{name} {one}" for name, one in header.libraries.items()]
    return [*rows, ("Libraries", ", ".join(libraries) or "not known")]


def _cores(machine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Processor", plain(machine.get("cpu_model"))
    usable, logical, physical = machine.get("cores_usable"), machine.get("cores_logical"), physical_cores(machine)
    why = machine.get("cores_limited_by")
    limit = "no limit below the logical cores" if why in (_UNLIMITED, None) else f"limited by {plain(why)}"
    of = f" of {plain(logical)} logical" if logical is not None else ""
    yield "Cores parlab could use", f"{plain(usable)}{of}: {limit}"
    if physical is not None:
        yield "Physical cores behind them", plain(physical)
    if machine.get("cores_quota") is not None:
        yield "CPU quota of the control group", f"{plain(machine['cores_quota'])} cores"
    if (load := number(machine.get("load"))) is not None:
        yield "Load before the sweep", f"{load:.2f} (threads that wanted to run, over one minute)"


def _memory(machine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    total, free, limit = (number(machine.get(f"memory_{name}bytes")) for name in ("", "available_", "limit_"))
    if total is not None:
        available = f", {free / _GIB:.1f} GiB of it available" if free is not None else ""
        yield "Memory", f"{total / _GIB:.1f} GiB{available}"
    if limit is not None:
        yield "Memory limit of the control group", f"{limit / _GIB:.1f} GiB"


def _system(machine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "System", f"{plain(machine.get('system'))}, {plain(machine.get('architecture'))}"
    inside = [plain(machine["container"])] if machine.get("container") else []
    inside += ["a virtual machine"] if machine.get("virtual") is True else []
    inside += ["Windows Subsystem for Linux"] if machine.get("wsl") is True else []
    inside += ["a Jupyter kernel"] if machine.get("in_kernel") is True else []
    if inside:
        yield "Inside", ", ".join(inside)
    saved = ["it ran on battery"] if machine.get("on_battery") is True else []
    saved += ["the processor was told to save power"] if machine.get("power_saver") is True else []
    if saved:
        yield "Power", " and ".join(saved)


def _python(machine: Mapping[str, Any], known: "Gil | None") -> Iterator[tuple[str, str]]:
    yield "Python", f"{plain(machine.get('implementation') or 'Python')} {plain(machine.get('python'))}"
    gil = {True: "on: one thread at a time runs Python code", False: "off: threads run Python code side by side"}
    if known == "switched on":
        yield (
            "Global interpreter lock (GIL)",
            f"switched on by an import, in a build that can do without; {gil[True][4:]}",
        )
    elif isinstance(machine.get("gil_enabled"), bool):
        yield "Global interpreter lock (GIL)", gil[machine["gil_enabled"]]
    if machine.get("start_method") is not None:
        yield "Processes are started by", plain(machine["start_method"])
    blas = machine.get("blas")
    for one in blas if isinstance(blas, (list, tuple)) else ():
        if isinstance(one, Mapping):
            threads = number(one.get("threads"))
            usual = f", {counted(int(threads), 'thread')} if nobody says otherwise" if threads is not None else ""
            yield "Linear algebra (BLAS)", f"{plain(one.get('library'))} {plain(one.get('version'))}{usual}"
