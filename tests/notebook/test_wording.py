"""Findings speak of arguments in Python, and of options in a terminal."""

import inspect
import re

import pytest

import parlab
from parlab.measure.request import Request
from parlab.notebook.wording import in_python
from parlab.results import recorded_names


@pytest.mark.parametrize(
    ("terminal", "python"),
    [
        ("Measure with --rounds 6 or more.", "Measure with rounds=6 or more."),
        ("Use --chunksize 12: 4 chunks", "Use chunksize=12: 4 chunks"),
        ("try --workers 4,8,16.", "try workers=[4, 8, 16]."),
        ("such as --backends threads,pool.", 'such as backends=["threads", "pool"].'),
        ("or use --on-error skip.", 'or use on_error="skip".'),
        ("a larger --size or more --items, so", "a larger size or more items, so"),
        ("Give a larger --budget, or go on with --resume", "Give a larger budget_s, or go on with resume=True"),
        ("use --no-verify to go without", "use verify=False to go without"),
        ("--blas-threads 1 for 2 workers", "blas_threads=1 for 2 workers"),
        ("fast - and --- not -- touched", "fast - and --- not -- touched"),
    ],
)
def test_options_become_arguments(terminal: str, python: str) -> None:
    """With their values; what is no option stays."""
    assert python == in_python(terminal)


def test_a_view_names_no_option() -> None:
    """All findings of all recorded sweeps; and what they name instead can be given to parlab.speedup."""
    known = {*inspect.signature(parlab.speedup).parameters, *Request.__dataclass_fields__}
    for name in recorded_names():
        for one in parlab.View.read(f"recorded:{name}").findings:
            text = f"{one.message} {one.advice}"
            assert "--" not in text
            assert {*re.findall(r"\b([a-z_]+)=", text)} <= known, text
