"""What a sweep looks like in a notebook: a table, a chart and the findings, over results that stay plain data."""

from base64 import b64encode
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from parlab.analysis.summary import Row, Summary, summarise
from parlab.errors import InputError, harmless
from parlab.notebook.wording import reworded
from parlab.records import Finding
from parlab.results import Results, read
from parlab.tables import as_markup

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from parlab.notebook.explained import Explained


@dataclass(frozen=True)
class View:
    """A measured sweep.

    Attributes
    ----------
    results
        The sweep as it stands in its file; ``results.trials`` and ``results.spans`` are pandas frames.
    summary
        One row for each configuration, and the findings.
    """

    results: Results
    summary: Summary
    _as_measured: Summary | None = field(default=None, repr=False, compare=False)  # in a terminal's words

    @classmethod
    def read(cls, path: str | Path) -> "View":
        """Show a result file, or a recorded sweep (``"recorded:NAME"``); see ``parlab.results.read``."""
        return cls.of(read(path))

    @classmethod
    def of(cls, results: Results) -> "View":
        """Show results that have been read already."""
        summary = summarise(results)
        return cls(results, replace(summary, findings=tuple(map(reworded, summary.findings))), summary)

    @property
    def rows(self) -> "pd.DataFrame":
        """The summary as a frame; the columns are those of ``parlab.analysis.summary.Row``."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.summary.rows], columns=list(Row.__dataclass_fields__))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is suspicious or improvable, as data."""
        return self.summary.findings

    def plot(self, kind: str = "speedup", *, backend: str | None = None, workers: int | None = None) -> "Figure":
        """Draw a chart.

        Parameters
        ----------
        kind
            ``"speedup"``, ``"efficiency"``, ``"time"`` (where it went), ``"timeline"``, ``"break-even"``,
            ``"laws"``, ``"startup"`` or ``"memory"``.
        backend, workers
            For the kinds that show one configuration; None for the fastest backend, and for its most workers.

        Returns
        -------
        matplotlib.figure.Figure
            Which a notebook shows.

        Raises
        ------
        InputError
            The kind, the backend or the worker count is not there, or there is nothing to draw.
        """
        from parlab.plots import draw

        return draw(kind, self.results, self.summary, backend=backend, workers=workers)

    def explain(self) -> "Explained":
        """Say where the time went; see ``parlab.analysis.explanation.explain``.

        Raises
        ------
        InputError
            The sweep was not traced, has no complete round, or is the plain loop alone.
        """
        from parlab.analysis.explanation import explain
        from parlab.notebook.explained import Explained

        return Explained(explain(self.results, self.summary.origin))

    def report(self, path: str | Path, *, author: str = "") -> Path:
        """Write everything as one web page that loads nothing: machine, method, charts, table and findings.

        ``Project.report`` is the same with a function's own story.

        Parameters
        ----------
        path
            Where to; the name ends in ``.html``. A report that parlab made is replaced, nothing else is.
        author
            A name for a line below the title; none where it is empty.

        Returns
        -------
        pathlib.Path
            The page.

        Raises
        ------
        InputError
            It cannot be written there, or the name is too long.
        """
        from parlab.report import check_place, page, save

        place = Path(path)
        check_place(place, self.results.path)
        save(page(self.results, self._as_measured or summarise(self.results), author=author), place)
        return place

    def export(self, path: str | Path, what: str | None = None, *, name: str = "") -> None:
        """Write a table for other programs, or a learner's sheet for ``parlab class``, by the ending.

        Parameters
        ----------
        path
            Such as ``"trials.csv"``, ``"spans.parquet"``, or ``"me.json"`` for a sheet: machine, curves, and your
            predictions in this copy of the course; no name that you did not type. A file of that name is replaced.
        what
            ``"trials"``, ``"spans"`` or ``"rows"``; see ``parlab.analysis.exports.export_table``. ``"class"`` for a
            sheet. None: a sheet where the name ends in ``.json``, else trials.
        name
            For the charts of the class; none where it is empty.

        Raises
        ------
        InputError
            The name, the ending or the folder cannot be used, there are no spans or no speedups, or the file cannot be
            written.
        """
        from parlab.analysis.exports import SHEET, asked_for, export_table

        place = Path(path)
        chosen = asked_for(place, what)
        if chosen == SHEET:
            from parlab.learn.sheet import hand_in

            hand_in(self.results, place, name)
            return
        if name:
            raise InputError('A name is for a learner\'s sheet, such as view.export("me.json", name="Ada").')
        export_table(self.results, place, chosen)

    def __repr__(self) -> str:
        """Show the table and the findings as text."""
        from parlab.tables import as_text, print_summary

        return as_text(lambda out: print_summary(out, self.summary))

    def _repr_html_(self) -> str:
        """Show the table, the chart and the findings in a notebook; every text is escaped."""
        rows = self.rows.map(lambda cell: harmless(cell) if isinstance(cell, str) else cell)
        table = rows.to_html(index=False, escape=True, na_rep="–", float_format="{:.3g}".format, border=0)  # noqa: RUF001
        findings = "".join(
            f"<li>{as_markup(one.message)} <em>{as_markup(one.advice)}</em></li>" for one in self.summary.findings
        )
        origin = f"<p><strong>{as_markup(self.summary.origin)}</strong></p>" if self.summary.origin else ""
        return f"<h4>{as_markup(self.summary.title)}</h4>{origin}{table}{self._picture()}<ul>{findings}</ul>"

    def _picture(self) -> str:
        try:
            figure = self.plot()
        except InputError as nothing:  # no complete round, or the plain loop alone
            return f"<p>{as_markup(str(nothing))}</p>"
        encoded = BytesIO()
        figure.savefig(encoded, format="png", dpi=100)
        data = b64encode(encoded.getvalue()).decode()
        text = as_markup(
            f"Chart: speedup of {self.summary.workload} against workers; the table has its numbers.", quote=True
        )
        return f'<img alt="{text}" src="data:image/png;base64,{data}">'
