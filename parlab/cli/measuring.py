"""The commands that measure, and their options."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from parlab.cli.output import JsonOption
from parlab.errors import InputError
from parlab.options import (
    at_least_one,
    parse_bytes,
    parse_duration,
    parse_kwargs,
    parse_names,
    parse_share,
    parse_workers,
)


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
        rounds=at_least_one("--rounds", rounds),
        budget_s=parse_duration("--budget", budget),
        precision=parse_share("--precision", precision),
        seed=seed,
        chunksize=at_least_one("--chunksize", chunksize),
        blas_threads=at_least_one("--blas-threads", blas_threads),
        trace=False if no_trace else None,
        verify=False if no_verify else None,
        on_error=_on_error(on_error),
        deadline_s=parse_duration("--deadline", deadline),
        worker_memory_bytes=parse_bytes("--worker-memory", worker_memory),
        memory=True if memory else None,
    )
    raise typer.Exit(carry_out(request, as_json=as_json))


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


COMMANDS = (
    ("bench", bench),
    ("demo", demo),
)


def _on_error(text: str | None) -> Any:
    allowed: tuple[Literal["stop", "skip"], ...] = ("stop", "skip")
    if text is not None and text not in allowed:
        raise InputError(f"--on-error {text!r} is not allowed. Allowed: {', '.join(allowed)}.")
    return text
