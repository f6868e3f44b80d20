"""``parlab.plan``: how long the work of a sweep would take with other worker counts. It measures nothing."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.grounds import SEED, Wanted
from parlab.analysis.planning import make_plan
from parlab.analysis.sizing import Plan
from parlab.analysis.summary import Summary, summarise
from parlab.errors import InputError
from parlab.notebook.view import View
from parlab.planned import as_html, print_plan
from parlab.results import Results, read
from parlab.tables import as_markup, as_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Planned:
    """What ``parlab.plan`` returns.

    Attributes
    ----------
    plan
        The predictions, and all that they rest on, as data; its times are seconds.
    summary
        Of the sweep that they are made from.
    """

    plan: Plan
    summary: Summary

    @property
    def rows(self) -> "pd.DataFrame":
        """One row for each worker count: predicted times in seconds with the ends of their bands, and the measured."""
        import pandas as pd

        columns = ("map_s", "speedup", "startup_s", "elapsed_s", "slowdown")
        rows = []
        for one in self.plan.predictions:
            bands = {name: getattr(one, name) for name in columns}
            ends = {
                f"{name}{end}": None if band is None else getattr(band, end.strip("_") or "value")
                for name, band in bands.items()
                for end in ("", "_low", "_high")
            }
            measured = None if one.measured_s is None else one.measured_s.median
            rows.append({"workers": one.workers, "tasks": one.tasks, **ends, "measured_s": measured, "hit": one.hit})
        return pd.DataFrame(rows)

    def plot(self) -> "Figure":
        """Draw the time of the work against the workers, with its band and what was measured.

        Returns
        -------
        matplotlib.figure.Figure
            Which a notebook shows.

        Raises
        ------
        InputError
            There is only one worker count.
        """
        from parlab.plots import plan_chart

        return plan_chart(self.plan, self.summary)

    def __repr__(self) -> str:
        """Show it as text, as ``parlab plan`` prints it."""
        return as_text(lambda out: print_plan(out, self.plan))

    def _repr_html_(self) -> str:
        """Show table, chart and sentences in a notebook; every text is escaped."""
        return as_html(self.plan, self._picture())

    def _picture(self) -> str:
        from parlab.plots import as_png

        try:
            picture = b64encode(as_png(self.plot())).decode()
        except InputError:  # one worker count makes no line
            return ""
        text = as_markup(
            f"Chart: predicted time of {self.plan.workload} against workers; the table has it.", quote=True
        )
        return f'<img alt="{text}" width="800" src="data:image/png;base64,{picture}">'


def plan(  # noqa: PLR0913  # each is an option of the command
    results: View | Results | str | Path,
    workers: int | Sequence[int] = (),
    *,
    engine: str | None = None,
    using: int | Sequence[int] = (),
    tasks: int | None = None,
    chunksize: int | None = None,
    cores: int | None = None,
    far: bool = False,
    calibration: View | Results | str | Path | None = None,
    dispatch_cost_s: float | None = None,
    seed: int = SEED,
) -> Planned:
    """Predict how long the work of a sweep takes with other worker counts, with a band that holds 90 % of the runs.

    Parameters
    ----------
    results
        What ``parlab.speedup`` returned, or a result file; ``"recorded:NAME"`` for one that comes with parlab.
    workers
        One worker count or several; none for twice and four times the most that something was measured with.
    engine
        A backend, such as ``"processes"``; None for the fastest one of the sweep.
    using
        Predict from these worker counts only, and hold the others against the predictions; none for all.
    tasks, chunksize
        Of the run that is asked for; None for those of the sweep.
    cores
        How many cores the workers share. None is one for each; for tasks that wait, those of the measured machine.
    far
        Go beyond four times the most workers that something was measured with.
    calibration
        A sweep of the engine, for what a message costs, where it is not in ``results``.
    dispatch_cost_s
        What a message costs, instead of a calibration: seconds.
    seed
        The same seed gives the same numbers.

    Returns
    -------
    Planned
        A notebook shows it as table and chart; ``rows`` is a pandas frame.

    Raises
    ------
    InputError
        The sweep has no spans, or nothing supports what was asked for; the text says what to measure or to say.
    """
    found = _results(results)
    summary = summarise(found)
    wanted = Wanted(
        workers=_counts(workers),
        engine=engine,
        using=_counts(using),
        tasks=tasks,
        chunksize=chunksize,
        cores=cores,
        far=far,
        calibration=None if calibration is None else _results(calibration),
        message_s=dispatch_cost_s,
        seed=seed,
    )
    return Planned(make_plan(found, wanted, summary.origin), summary)


def _results(given: View | Results | str | Path) -> Results:
    if isinstance(given, View):
        return given.results
    return given if isinstance(given, Results) else read(given)


def _counts(given: int | Sequence[int]) -> tuple[int, ...]:
    return (given,) if isinstance(given, int) else tuple(given)
