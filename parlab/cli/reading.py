"""The commands that read files: tables, charts, reports, comparisons, exports, laws, classes. They measure nothing."""

from pathlib import Path
from typing import Annotated

import typer

from parlab.cli.output import JsonOption, print_json, print_result
from parlab.options import at_least_one, parse_slowdown

_KINDS = "speedup, efficiency, time, timeline, break-even, laws, startup or memory."
FileArgument = Annotated[str, typer.Argument(help="A result file, or recorded:NAME.")]


def show(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
) -> None:
    """Print the table and the findings of a result file."""
    from parlab.analysis.summary import summarise
    from parlab.results import read

    print_result(summarise(read(file)), as_json=as_json)


def explain(
    file: FileArgument,
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


def plot(
    file: FileArgument,
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
    workers = at_least_one("--workers", workers)
    check_kind(kind, backend=backend, workers=workers)
    save(draw(kind, read(file), backend=backend, workers=workers), output)
    print(f"chart: {output}")


def report(
    file: FileArgument,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page: a name that ends in .html.")],
    author: Annotated[str, typer.Option(help="Whose report it is, for a line below the title.")] = "",
) -> None:
    """Write a result file as one web page: machine, method, charts, table and findings; it loads nothing."""
    from parlab.report import check_place, checked_author, page, save
    from parlab.results import read
    from parlab.results.recorded import locate

    check_place(output, locate(file))
    save(page(read(file), author=checked_author(author)), output)
    print(f"report: {output}")


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A result file, or recorded:NAME: what it was before.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one, of the same workload: what it is now.")],
    *,
    fail_if_slower: Annotated[
        str | None, typer.Option(help="End with 1 where B is slower by more, such as 10%, as far as rounds show it.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="pace, time or speedup: what is judged. Default: what the two files allow.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two sweeps of one workload: machines, versions or commits, with intervals."""
    from parlab.cli.compare import compare as carry_out

    limit = parse_slowdown("--fail-if-slower", fail_if_slower)
    raise typer.Exit(carry_out(a, b, by=by, limit=limit, as_json=as_json))


def export(
    file: Annotated[
        str | None, typer.Argument(help="A result file, or recorded:NAME. Default: the newest in parlab-results.")
    ] = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A table, .csv or .parquet; a sheet, .json.")],
    what: Annotated[
        str | None, typer.Option(help="trials, spans, rows (one for each configuration), or class: a learner's sheet.")
    ] = None,
    name: Annotated[str, typer.Option(help="class: a name for the class's charts. Without, there is none.")] = "",
) -> None:
    """Write a sweep as a table for other programs, or as a learner's sheet for `parlab class` (me.json)."""
    from parlab.cli.export import export as carry_out

    carry_out(file, output=output, what=what, name=name)


def lay_class_over(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the learners' sheets.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page, such as wall.html. Without, the table alone.")
    ] = None,
    title: Annotated[str, typer.Option(help="What stands at the top of the page.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Draw again as sheets arrive, until Ctrl-C.")] = False,
    lasting: Annotated[str, typer.Option("--for", help="How long to watch at most.")] = "8h",
    as_json: JsonOption = False,
) -> None:
    """Lay the sheets of a class over one another: curves by hardware, guesses, who stands out."""
    from parlab.cli.classroom import lay_over_class as carry_out
    from parlab.options import parse_duration

    limit_s = parse_duration("--for", lasting) if watch else None
    carry_out(folder, output=output, title=title, watch_s=limit_s, as_json=as_json)


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


COMMANDS = (
    ("show", show),
    ("explain", explain),
    ("plot", plot),
    ("report", report),
    ("compare", compare),
    ("export", export),
    ("class", lay_class_over),
    ("fit", fit),
)
