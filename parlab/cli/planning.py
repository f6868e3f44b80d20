"""The command that predicts from a result file: ``parlab plan``. It measures nothing."""

from pathlib import Path
from typing import Annotated

import typer

from parlab.cli.output import JsonOption, print_json
from parlab.cli.reading import FileArgument
from parlab.options import parse_duration, parse_workers


def plan(
    file: FileArgument,
    *,
    workers: Annotated[
        str | None, typer.Option(help="Comma list, such as 16,64. Default: twice and four times the most measured.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="A backend, such as processes. Default: the fastest.")] = None,
    using: Annotated[
        str | None, typer.Option("--from", help="Predict from these measured worker counts only, such as 1.")
    ] = None,
    tasks: Annotated[int | None, typer.Option(help="How many tasks. Default: as many as were measured.")] = None,
    chunksize: Annotated[int | None, typer.Option(help="Tasks in one message. Default: that of the sweep.")] = None,
    cores: Annotated[
        int | None, typer.Option(help="That the workers share. Default: one each, if the tasks compute.")
    ] = None,
    far: Annotated[bool, typer.Option("--far", help="Go beyond 4 times the most workers measured.")] = False,
    calibration: Annotated[
        str | None, typer.Option(help="A result file with the engine, for what a message costs.")
    ] = None,
    dispatch_cost: Annotated[str | None, typer.Option(help="What a message costs, such as 0.0016s.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A chart: .png or .svg.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict the time with more workers than were measured, with a band: from spans, by playing the queue."""
    from parlab.analysis.grounds import Wanted
    from parlab.analysis.planning import make_plan
    from parlab.analysis.summary import summarise
    from parlab.planned import print_plan
    from parlab.plots import check_format, plan_chart, save
    from parlab.results import read
    from parlab.tables import console

    if output is not None:
        check_format(output)
    wanted = Wanted(
        workers=parse_workers(workers) or (),
        engine=engine,
        using=parse_workers(using, "--from") or (),
        tasks=tasks,
        chunksize=chunksize,
        cores=cores,
        far=far,
        calibration=None if calibration is None else read(calibration),
        message_s=parse_duration("--dispatch-cost", dispatch_cost),
    )
    results = read(file)
    summary = summarise(results)
    found = make_plan(results, wanted, summary.origin)
    if output is not None:
        save(plan_chart(found, summary), output)
    if as_json:
        print_json(found.as_json())
        return
    print_plan(console(), found)
    if output is not None:
        print(f"chart: {output}")


COMMANDS = (("plan", plan),)
