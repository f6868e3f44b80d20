"""The ``parlab`` command: its subcommands and their options. Every error on purpose ends in one message and a code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from parlab.cli.output import print_json, print_result
from parlab.errors import InputError, ParlabError
from parlab.options import parse_bytes, parse_duration, parse_kwargs, parse_names, parse_share, parse_workers

app = typer.Typer(
    name="parlab",
    help="Learn, measure and explain parallel Python.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
)

_KINDS = "speedup, efficiency, time, timeline, break-even, laws, startup or memory."
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None takes them from ``sys.argv``.

    Returns
    -------
    int
        0 done; 1 it ran and failed, or the doctor found a fail; 2 bad input; 130 interrupted.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        # A module in the current folder is found, but at the end: a file queue.py there must not replace Python's own.
        sys.path.append(here)
    try:
        app(arguments, prog_name="parlab")
    except ParlabError as problem:
        print(f"parlab: {problem}", file=sys.stderr)
        return problem.exit_code
    except BrokenPipeError:  # `parlab show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    return 0


def _version(value: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    if value:
        from importlib.metadata import version

        print(version("parlab"))
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Learn, measure and explain parallel Python."""


@app.command()
def doctor(*, as_json: JsonOption = False) -> None:
    """Look at this machine: what works for parallel Python, what to watch, what to mend."""
    from dataclasses import asdict

    from parlab.analysis.doctor import diagnose
    from parlab.machine import detect
    from parlab.tables import console, print_diagnoses

    machine = detect()
    diagnoses = diagnose(machine)
    if as_json:
        print_json({"machine": asdict(machine), "checks": [asdict(one) for one in diagnoses]})
    else:
        print_diagnoses(console(), diagnoses)
    if any(one.status == "fail" for one in diagnoses):
        raise typer.Exit(1)


@app.command("backends")
def list_backends(*, as_json: JsonOption = False) -> None:
    """List the ways to run tasks, and why each is or is not available here."""
    from dataclasses import asdict

    from parlab import backends
    from parlab.backends.base import Facts
    from parlab.tables import console, print_list

    rows = []
    for name, backend, reason in backends.survey():
        facts = asdict(backend.facts) if backend else dict.fromkeys(Facts.__dataclass_fields__)
        rows.append({"name": name, "available": reason is None, "reason": reason, **facts})
    if as_json:
        print_json(rows)
        return
    cells = [
        [str(row["name"]), "yes" if row["available"] else f"no: {row['reason']}", str(row["summary"])] for row in rows
    ]
    print_list(console(), ("backend", "available", "what it is"), cells)
    print("\nA start method can be chosen with a colon: processes:spawn, processes:fork, pool:forkserver.")


@app.command("workloads")
def list_workloads(*, as_json: JsonOption = False) -> None:
    """List the problems that parlab measures, and what each one teaches."""
    from parlab import workloads
    from parlab.tables import console, print_list

    found = [workloads.get(name) for name in workloads.names()]
    if as_json:
        keys = ("name", "title", "teaches", "bound", "options")
        print_json([{**{key: getattr(one, key) for key in keys}, "sizes": dict(one.sizes)} for one in found])
        return
    cells = [
        [one.name, ", ".join(f"{name} {count}" for name, count in one.sizes.items()), one.teaches] for one in found
    ]
    print_list(console(), ("workload", "tasks", "what it teaches"), cells)


@app.command()
def bench(
    subject: Annotated[str, typer.Argument(metavar="WORKLOAD|module:function", help="What to measure.")],
    *,
    backends: Annotated[str | None, typer.Option(help="Comma list, such as threads,processes:spawn.")] = None,
    workers: Annotated[str | None, typer.Option(help="Comma list, such as 1,2,4.")] = None,
    size: Annotated[str | None, typer.Option(help="small, large or a number of tasks.")] = None,
    items: Annotated[
        str | None, typer.Option(help="A count, a glob, a .csv or .jsonl file, or module:function.")
    ] = None,
    kwargs: Annotated[str | None, typer.Option(help="Keyword arguments of your function, as a JSON object.")] = None,
    folder: Annotated[str | None, typer.Option(help="photos: a folder with photographs of your own.")] = None,
    data: Annotated[
        str | None, typer.Option(help="customers: purchases of your own, a CSV or Parquet file or a folder.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="customers: what your columns are called, as CUSTOMER,DATE,AMOUNT.")
    ] = None,
    delay: Annotated[str | None, typer.Option(help="download: how slow the server is, such as 0.05s.")] = None,
    weak: Annotated[bool, typer.Option("--weak", help="Weak scaling: --size is the work of each worker.")] = False,
    rounds: Annotated[int | None, typer.Option(help="How many rounds; 6 or more give intervals. Default 7.")] = None,
    budget: Annotated[
        str | None, typer.Option(help="Time to spend, such as 60s; less if every speedup is known to 5% before.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="Go on until every speedup is known to, say, 5%; at most 5 minutes or --budget.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Result file (JSON Lines); the chart is put beside it.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the file that --output names.")] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of the items and of the order of trials.")] = None,
    chunksize: Annotated[int | None, typer.Option(help="Tasks in one message. Default 1.")] = None,
    blas_threads: Annotated[int | None, typer.Option(help="BLAS threads of each process. Default 1.")] = None,
    deadline: Annotated[str | None, typer.Option(help="End a trial after this time, such as 30s.")] = None,
    worker_memory: Annotated[
        str | None, typer.Option(help="Replace workers that hold more, between two tasks, such as 500M.")
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="See what every worker count holds, in one more run each, untimed.")
    ] = False,
    on_error: Annotated[str | None, typer.Option(help="stop (default) or skip: what a failing task does.")] = None,
    no_trace: Annotated[bool, typer.Option("--no-trace", help="Run the bare engine, without spans.")] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Do not compare answers (random tasks).")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how much faster a workload, or your own function, gets with more workers."""
    from parlab.cli.bench import bench as carry_out
    from parlab.measure.request import Request

    chosen = {"folder": folder, "data": data, "columns": columns, "delay": parse_duration("--delay", delay, zero=True)}
    request = Request(
        subject=subject,
        output=output,
        resume=resume,
        backends=parse_names(backends),
        workers=parse_workers(workers),
        size=size,
        items_text=items,
        kwargs=parse_kwargs(kwargs),
        options={name: value for name, value in chosen.items() if value is not None},
        weak=True if weak else None,
        rounds=_at_least_one("--rounds", rounds),
        budget_s=parse_duration("--budget", budget),
        precision=parse_share("--precision", precision),
        seed=seed,
        chunksize=_at_least_one("--chunksize", chunksize),
        blas_threads=_at_least_one("--blas-threads", blas_threads),
        trace=False if no_trace else None,
        verify=False if no_verify else None,
        on_error=_on_error(on_error),
        deadline_s=parse_duration("--deadline", deadline),
        worker_memory_bytes=parse_bytes("--worker-memory", worker_memory),
        memory=True if memory else None,
    )
    raise typer.Exit(carry_out(request, as_json=as_json))


@app.command()
def demo(
    *,
    folder: Annotated[str | None, typer.Option(help="A folder with photographs of your own.")] = None,
    budget: Annotated[str, typer.Option(help="Time to spend.")] = "60s",
    output: Annotated[Path | None, typer.Option(help="Result file; the chart is put beside it.")] = None,
) -> None:
    """Measure photographs on this machine with 1, 2, … workers on every backend: about a minute."""
    from parlab.cli.bench import demo as carry_out

    budget_s = parse_duration("--budget", budget)
    raise typer.Exit(carry_out(folder=folder, budget_s=budget_s, output=output))


@app.command()
def learn(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where your copy of the course goes.")],
    *,
    notebook: Annotated[str | None, typer.Option(help="One notebook alone, such as 03.")] = None,
) -> None:
    """Put your own copy of the course into a folder; what you have changed there is never overwritten."""
    from parlab.cli.course import learn as carry_out

    carry_out(folder, notebook)


@app.command()
def lab(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Default: parlab-course.")] = None,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the course in JupyterLab, in your own copy, on this machine alone."""
    from parlab.cli.course import lab as carry_out

    raise typer.Exit(carry_out(folder, browser=not no_browser))


@app.command()
def show(
    file: Annotated[str, typer.Argument(help="A result file, or recorded:NAME.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Print the table and the findings of a result file."""
    from parlab.analysis.summary import summarise
    from parlab.results import read

    print_result(summarise(read(file)), as_json=as_json)


@app.command()
def explain(
    file: Annotated[str, typer.Argument(help="A result file, or recorded:NAME.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say where the time went: each worker's seconds, efficiencies, and how short a task may be."""
    from parlab.analysis.explanation import explain as work_out
    from parlab.analysis.summary import summarise
    from parlab.explained import print_explanation
    from parlab.results import read
    from parlab.tables import console

    results = read(file)
    explanation = work_out(results, summarise(results).origin)
    if as_json:
        print_json(explanation.as_json())
    else:
        print_explanation(console(), explanation)


@app.command("recorded")
def list_recorded(*, as_json: JsonOption = False) -> None:
    """List the sweeps that were recorded on other machines: `parlab show recorded:NAME` shows one."""
    from dataclasses import asdict

    from parlab.results import read, recorded_names
    from parlab.results.recorded import PREFIX
    from parlab.tables import console, print_list

    headers = {name: read(f"{PREFIX}{name}").header for name in recorded_names()}
    if as_json:
        print_json([{"name": name, **one.label, "sweep": asdict(one.sweep)} for name, one in headers.items()])
        return
    cells = [
        [name, one.label.get("when", ""), ",".join(map(str, one.sweep.workers)), one.label.get("where", "")]
        for name, one in headers.items()
    ]
    print_list(console(), ("recorded", "when", "workers", "where"), cells)


@app.command()
def plot(
    file: Annotated[str, typer.Argument(help="A result file, or recorded:NAME.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: .png or .svg.")],
    kind: Annotated[str, typer.Option(help=_KINDS)] = "speedup",
    backend: Annotated[str | None, typer.Option(help="Whose chart, where a kind shows one. Default: fastest.")] = None,
    workers: Annotated[int | None, typer.Option(help="Of how many workers. Default: the most.")] = None,
) -> None:
    """Draw a chart of a result file into a picture."""
    from parlab.plots import check_format, check_kind, draw, save
    from parlab.results import read

    check_format(output)
    workers = _at_least_one("--workers", workers)
    check_kind(kind, backend=backend, workers=workers)
    save(draw(kind, read(file), backend=backend, workers=workers), output)
    print(f"chart: {output}")


@app.command()
def fit(
    file: Annotated[
        str,
        typer.Argument(
            metavar="POINTS.csv|RESULTS.jsonl|recorded:NAME",
            help="Columns workers and one of speedup, throughput, elapsed_s; or a result file.",
        ),
    ],
    *,
    law: Annotated[str, typer.Option(help="usl, amdahl, gustafson or all.")] = "all",
    weak: Annotated[
        bool | None,
        typer.Option("--weak/--strong", help="The work of the points grew with the workers, or it did not."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit scaling laws to points: Amdahl's, Gustafson's, the Universal Scalability Law; with intervals."""
    from parlab.cli.fit import fit as carry_out

    carry_out(file, law=law, weak=weak, as_json=as_json)


@app.command()
def progress(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Your copy of the course.")] = Path(),
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how far you have come in the course: exercises, tries, hints, what is passed."""
    from parlab.cli.progress import progress as carry_out

    carry_out(folder, as_json=as_json)


def _at_least_one(option: str, number: int | None) -> int | None:
    if number is not None and number < 1:
        raise InputError(f"{option} {number} is not allowed: give a whole number from 1 up.")
    return number


def _on_error(text: str | None) -> Any:
    allowed: tuple[Literal["stop", "skip"], ...] = ("stop", "skip")
    if text is not None and text not in allowed:
        raise InputError(f"--on-error {text!r} is not allowed. Allowed: {', '.join(allowed)}.")
    return text
