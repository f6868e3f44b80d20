"""The command in a report measures the same sweep again: the command line reads it back into the same plan."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from builders import SWEEP
from typer.testing import CliRunner

from parlab.cli.app import app
from parlab.report.command import command, hindrances

if TYPE_CHECKING:
    from parlab.measure.request import Request

PLANS = [
    SWEEP,
    replace(SWEEP, backends=("threads", "processes:spawn"), workers=(1, 2, 4), rounds=None, budget_s=0.00001),
    replace(SWEEP, rounds=None, budget_s=90.5, precision=0.05, weak=True, seed=3, size="12"),
    replace(SWEEP, chunksize=4, blas_threads=2, on_error="skip", deadline_s=1e6, worker_memory_bytes=500 << 20),
    replace(SWEEP, trace=False, verify=False, memory=True),
    replace(SWEEP, workload="photos", options={"folder": "/my photos/it's; rm -rf $HOME"}, size=None),
    replace(SWEEP, workload="download", options={"delay": 0.05}),
    replace(SWEEP, workload="mine:work", size=None, items="a b/*.csv", kwargs={"radius": 3, "name": "it's \u00e9"}),
    replace(SWEEP, workload="-x", size="--output=y"),
]


@pytest.mark.parametrize("sweep", PLANS, ids=lambda sweep: command(sweep).removeprefix("parlab bench "))
def test_the_command_line_reads_it_back(sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every field that the plan names arrives, whatever it holds; nothing else is said."""
    seen: list[Request] = []
    monkeypatch.setattr("parlab.cli.bench.bench", lambda request, **_more: seen.append(request) or 0)
    words = shlex.split(command(sweep))
    assert "parlab" == words[0]
    done = CliRunner().invoke(app, words[1:])
    assert 0 == done.exit_code, done.output
    (request,) = seen
    assert sweep.workload == request.subject
    assert (sweep.backends, sweep.workers) == (tuple(request.backends or ()), tuple(request.workers or ()))
    same = ("size", "rounds", "budget_s", "precision", "seed", "deadline_s", "worker_memory_bytes")
    assert {name: getattr(sweep, name) for name in same} == {name: getattr(request, name) for name in same}
    assert (sweep.items, sweep.kwargs, sweep.options) == (request.items_text, request.kwargs or {}, request.options)
    for name in ("weak", "chunksize", "blas_threads", "on_error", "trace", "verify", "memory"):
        usual = getattr(SWEEP, name)
        assert getattr(sweep, name) == (usual if getattr(request, name) is None else getattr(request, name)), name
    assert (None, False) == (request.output, request.resume)


def test_what_a_command_line_cannot_carry_is_said() -> None:
    """A function of a notebook, items given in Python, paths of another machine."""
    assert [] == hindrances(SWEEP)
    assert ["Run it where Python can import the module mine."] == hindrances(
        replace(SWEEP, workload="mine:work", items="200")
    )
    (first, second) = hindrances(replace(SWEEP, workload="__main__:work", items=None))
    assert "put it into a module" in first
    assert "Name them with --items" in second
    assert "Paths are those" in hindrances(replace(SWEEP, options={"folder": "x"}))[0]
