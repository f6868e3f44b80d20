"""Says in what two sweeps differ beside their times: refuses other work, lists the rest, and warns where it matters.

Another machine or version is no mistake: it is often what the comparison is about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from parlab import units
from parlab.analysis.shifts import Ratio
from parlab.analysis.summary import Summary
from parlab.errors import InputError
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.records import Finding
from parlab.results import Results
from parlab.results.ratios import usable_trials

_MACHINE = {
    "cpu_model": "processor",
    "architecture": "architecture",
    "cores_physical": "physical cores",
    "cores_logical": "logical cores",
    "cores_usable": "usable cores",
}
INTERPRETER = ("Python", "implementation", "GIL")  # what the calibration loop's own speed depends on
_SOFTWARE = {
    "system": "system",
    "python": "Python",
    "implementation": "implementation",
    "gil_enabled": "GIL",
    "start_method": "start method of processes",
    "container": "container",
}
_PLAN = {
    "size": "--size",
    "seed": "--seed",
    "chunksize": "--chunksize",
    "blas_threads": "--blas-threads",
    "trace": "tracing",
    "verify": "answers verified",
    "on_error": "--on-error",
    "worker_memory_bytes": "--worker-memory",
    "items": "--items",
}
_PLACES = ("folder", "data")  # options that name files: those of another machine may hold the same
_SHOWN = 60
_OTHER = "The two files did other work, so their times have nothing to say about each other"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both files."""

    kind: Literal["machine", "software", "plan"]
    name: str
    a: str
    b: str


def refuse_other_work(a: Results, b: Results) -> None:
    """Refuse two sweeps whose times are of different things.

    Raises
    ------
    InputError
        Other workloads, numbers of tasks, options or items, or strong against weak scaling; with what to do.
    """
    first, second = a.header.sweep, b.header.sweep
    if first.workload != second.workload:
        advice = "Compare two files of one workload; a function of yours keeps its name from commit to commit."
        raise InputError(f"{_OTHER}: A measured {first.workload!r:.80}, B {second.workload!r:.80}. {advice}")
    if first.weak != second.weak:
        kinds = ["weak" if one.weak else "strong" for one in (first, second)]
        advice = "Measure both with --weak, or both without."
        raise InputError(f"{_OTHER}: A is {kinds[0]} scaling, B is {kinds[1]} scaling. {advice}")
    if first.tasks != second.tasks:
        each = " for each worker" if first.weak else ""
        advice = f"Measure one again with the other's number: --size or --items {first.tasks} or {second.tasks}."
        raise InputError(f"{_OTHER}: A has {units.count(first.tasks, 'task')}{each}, B has {second.tasks}. {advice}")
    for name, one, other in _pairs(_work(a), _work(b)):
        advice = f"Measure one again with the other's {name}."
        raise InputError(f"{_OTHER}: {name} is {_text(one)} in A and {_text(other)} in B. {advice}")


def _work(results: Results) -> dict[str, Any]:
    sweep = results.header.sweep
    options = {f"--{name}": value for name, value in sweep.options.items() if name not in _PLACES}
    items = {} if sweep.items_digest is None else {"items (their digest)": sweep.items_digest}
    return {**options, **{f"--kwargs {name}": value for name, value in sweep.kwargs.items()}, **items}


def differences(a: Results, b: Results) -> tuple[Difference, ...]:
    """List what differs between the machines, the software and the plans of two sweeps of the same work."""
    first, second = a.header, b.header
    found = [Difference("machine", name, *pair) for name, *pair in _named(first.machine, second.machine, _MACHINE)]
    versions = _named({"parlab": first.parlab}, {"parlab": second.parlab}, {"parlab": "parlab"})
    software = [*versions, *_named(first.machine, second.machine, _SOFTWARE)]
    libraries = sorted({*first.libraries, *second.libraries} - {"parlab"})
    software += _named(first.libraries, second.libraries, {name: name for name in libraries})
    blas = [{"blas": ", ".join(sorted(_libraries(one.machine)))} for one in (first, second)]
    software += _named(blas[0], blas[1], {"blas": "BLAS"})
    found += [Difference("software", name, *pair) for name, *pair in software]
    plans = [{name: getattr(one.sweep, name) for name in _PLAN} | one.sweep.options for one in (first, second)]
    names = _PLAN | {place: f"--{place}" for place in _PLACES}
    found += [Difference("plan", name, *pair) for name, *pair in _named(plans[0], plans[1], names)]
    skipped = [sorted({task for trial in usable_trials(one) for task in trial.failed_tasks}) for one in (a, b)]
    if skipped[0] != skipped[1]:
        found.append(Difference("plan", "skipped tasks", *(_text(one or None) for one in skipped)))
    return tuple(found)


def _libraries(machine: Mapping[str, Any]) -> Iterator[str]:
    blas = machine.get("blas")
    for one in blas if isinstance(blas, list) else []:
        if isinstance(one, dict):
            yield f"{one.get('library')} {one.get('version')}"


def _named(
    first: Mapping[str, Any], second: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    for key, name in names.items():
        for _, one, other in _pairs({key: first.get(key)}, {key: second.get(key)}):
            yield name, _text(one), _text(other)


def _pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield name, first.get(name), second.get(name)


def _text(value: object) -> str:
    if value is None:
        return "not known"
    text = ("no", "yes")[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def notes(
    a: Results,
    b: Results,
    summaries: tuple[Summary, Summary],
    machines: Mapping[int, Ratio],
    *,
    same_machine: bool,
    judged: str,
) -> Iterator[Finding]:
    """Yield what a reader must know before trusting the ratios."""
    if a.records == b.records:
        message = "A and B are the same measurement: compared with itself, everything is the same."
        yield Finding("same-file", message, "Give two files.")
    yield from _answers(a, b)
    if not same_machine and judged == "time":
        message = "A and B come from different machines, so the times compare these, and not only versions of the work."
        yield Finding("other-machine", message, "Compare speedups for what the workers do: --by speedup.")
    if same_machine and judged == "time":
        busy = all((one.header.check.cpu_share or 0.0) >= CPU_BOUND_SHARE for one in (a, b))
        message = "These intervals do not know how fast the machine itself was: its pace is not in both files."
        advice = "Measure both again, one right after the other, with two workers or more among the --workers."
        yield Finding("pace-not-known", message, advice, severity="warning" if busy else "info")
        yield from _capacity(machines)
    yield from _warnings(summaries)


def _answers(a: Results, b: Results) -> Iterator[Finding]:
    """Hold the answers' digests against each other: the same answer is the best sign of the same work."""
    marks = [{trial.fingerprint for trial in usable_trials(one)} - {None} for one in (a, b)]
    if marks[0] and marks[1] and not marks[0] & marks[1]:
        message = "The answers of A and B are not the same, so it may not be the same work."
        advice = "Other items, another seed, or a version that works out something else: look at what differs."
        yield Finding("other-answers", message, advice)


def _capacity(machines: Mapping[int, Ratio]) -> Iterator[Finding]:
    """Say where the machine itself gave independent processes more or less than before."""
    for workers, one in machines.items():
        if one.above_one or one.below_one:
            kind = "more" if one.above_one else "less"
            message = (
                f"In B this machine gave {workers} independent processes {kind} than in A: {one.value:.2f} times as "
                f"much ({one.low:.2f} to {one.high:.2f})."
            )
            advice = "Something else was running during one of the two. Measure both again, one right after the other."
            evidence = {"workers": workers, "ratio": one.value, "low": one.low, "high": one.high}
            yield Finding("machine-changed", message, advice, evidence)


def _warnings(summaries: tuple[Summary, Summary]) -> Iterator[Finding]:
    for name, summary in zip("AB", summaries, strict=True):
        codes = list(dict.fromkeys(one.code for one in summary.findings if one.severity == "warning"))
        if codes:
            message = f"{name} has warnings of its own: {', '.join(codes)}."
            yield Finding("own-warnings", message, "`parlab show` says them in full.", {"side": name, "codes": codes})
