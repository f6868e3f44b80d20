"""``parlab.speedup`` in Python: the same harness in one call, and a view that shows itself."""

import os
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import tasks

import parlab
from parlab.analysis.summary import Row
from parlab.errors import FunctionError, InputError, InterruptedSweepError, TaskError
from parlab.measure.session import Session


@pytest.fixture(scope="module")
def view() -> parlab.View:
    return parlab.speedup(
        tasks.double, range(30), workers=[1, 2], backends=["threads", "pool"], rounds=1, progress=False
    )


def test_rows_are_a_frame(view: parlab.View) -> None:
    """One row a configuration, with the names that --json has."""
    assert list(Row.__dataclass_fields__) == list(view.rows.columns)
    assert ["serial", "threads", "threads", "pool", "pool"] == list(view.rows["backend"])


def test_results_are_plain_frames(view: parlab.View) -> None:
    """Trials and spans are pandas frames and nothing else."""
    assert type(view.results.trials) is type(view.results.spans) is pd.DataFrame


def test_text_and_html_show_the_same_table(view: parlab.View) -> None:
    """A terminal gets the table, a notebook table and chart, with a text alternative."""
    assert "threads" in repr(view)
    assert max(len(line) for line in repr(view).splitlines()) <= 80
    html = view._repr_html_()
    assert "<table" in html
    assert 'alt="Chart: speedup of' in html
    HTMLParser().feed(html)


def test_a_view_draws_every_kind_of_chart(view: parlab.View) -> None:
    """The same kinds as ``parlab plot``, of the configuration that is asked for; speedup where nothing is said."""
    assert "speedup against workers" in view.plot().texts[0].get_text()
    assert "timeline of pool, 1 worker" in view.plot("timeline", backend="pool", workers=1).texts[0].get_text()
    with pytest.raises(InputError, match="Unknown kind of chart 'pie'"):
        view.plot("pie")


def test_names_are_escaped_in_html(view: parlab.View) -> None:
    """A workload named like a script is shown, not run."""
    from dataclasses import replace

    evil = parlab.View(view.results, replace(view.summary, workload="<script>alert(1)</script>"))
    assert "<script>" not in evil._repr_html_()


def test_a_view_explains_itself(view: parlab.View) -> None:
    """explain() shows where the time went, as text of 80 columns and as HTML, from the same data."""
    explained = view.explain()
    assert 4 == len(explained.explanation.areas)
    assert "The work itself" in repr(explained)
    assert max(len(line) for line in repr(explained).splitlines()) <= 80
    assert "The work itself" in explained._repr_html_()
    HTMLParser().feed(explained._repr_html_())


def test_no_temporary_file_stays(view: parlab.View) -> None:
    """Without output nothing is kept on disk."""
    assert [] == list(Path(tempfile.gettempdir()).glob(f"parlab-private-{os.getpid()}-*"))


def test_an_output_is_kept(tmp_path: Path) -> None:
    """With output the result file stays and can be read again."""
    path = tmp_path / "out.jsonl"
    made = parlab.speedup("primes", size=4, workers=[2], backends=["threads"], rounds=1, output=path, progress=False)
    assert made.results.records == parlab.Results.read(path).records


def test_a_lambda_is_refused_with_the_ways_out() -> None:
    """What no other process can import is refused before anything starts."""
    with pytest.raises(FunctionError, match="Three ways out"):
        parlab.speedup(lambda n: n, range(3))


@pytest.mark.parametrize("written", ["", '{"kind":"hea'])
def test_a_stop_before_the_first_line_is_whole_measured_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """It says so, and not that the file is none of parlab's. Outside of IPython the next sweep may begin."""
    path = tmp_path / "kept.jsonl"

    def stopped_events(_: Session) -> list[object]:
        path.write_text(written)
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "__enter__", lambda session: session)
    monkeypatch.setattr(Session, "__exit__", lambda *_: None)
    monkeypatch.setattr(Session, "events", stopped_events)
    for _ in range(2):
        with pytest.raises(InterruptedSweepError, match="nothing was measured"):
            parlab.speedup("hello", workers=[2], backends=["threads"], output=path, progress=False)
        path.unlink()


def test_a_misspelt_argument_is_refused_with_the_nearest() -> None:
    """A typo is no silent default."""
    with pytest.raises(InputError, match="'round_s'.*Did you mean 'rounds'"):
        parlab.speedup(tasks.double, range(3), round_s=3)


def test_a_failing_task_raises_here() -> None:
    """The worker's error arrives as an exception with its traceback, and says in Python how to go on without."""
    with pytest.raises(TaskError, match=r"no threes(.|\n)*\n\nTo measure .* that fail: on_error=\"skip\"\.$"):
        parlab.speedup(tasks.refuse_three, range(6), backends=["processes"], workers=[2], progress=False)


def test_a_script_without_a_main_guard_works(tmp_path: Path) -> None:
    """Trials are processes of their own, so a script needs no guard to call parlab.speedup."""
    (tmp_path / "mine.py").write_text("def work(n):\n    return n * n\n")
    code = "import parlab, mine\nprint(parlab.speedup(mine.work, range(9), workers=[2], rounds=1, progress=False))\n"
    (tmp_path / "script.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert 1 == done.stdout.count("mine:work")


def test_a_report_works_nothing_out_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the summary that the view was made from, before its findings were put into a notebook's words."""
    shown = parlab.View.read("recorded:primes-2-cores")
    monkeypatch.setattr("parlab.notebook.view.summarise", lambda _results: pytest.fail("it is there already"))
    assert shown.report(tmp_path / "report.html").exists()
