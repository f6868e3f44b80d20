"""What a user's own program may say about parlab's types: `make dist-check` has mypy read it beside the wheel."""

from pathlib import Path
from typing import assert_type

import parlab


def work(number: int) -> int:
    """Do a user's work."""
    return number + 1


def use(place: Path) -> None:
    """Every public name, with the type that it must have; one that nobody knows would be `Any`, and is refused."""
    assert_type(parlab.__version__, str)
    assert_type(parlab.detect(), parlab.Machine)
    assert_type(parlab.detect().cores_usable, int)
    view = parlab.speedup(work, range(8), workers=[1, 2], backends=["threads"])
    assert_type(view, parlab.View)
    assert_type(view.results, parlab.Results)
    assert_type(view.report(place), Path)
    assert_type(parlab.View.read(place), parlab.View)
    assert_type(parlab.SharedArray((2, 3)).nbytes, int)
    assert_type(parlab.learn.Prediction.__name__, str)
    with parlab.pool(2) as pool:
        assert_type(pool, parlab.Pool)
        assert_type(pool.workers, int)
    with parlab.CpuMonitor() as monitor:
        assert_type(monitor.cost_share, float)
    with parlab.shown_output():
        parlab.bug("late-answer")
    parlab.plan(view, workers=4, tasks=100)
    parlab.BenchmarkPanel().close()
    parlab.ScalingExplorer().reset()
    problem: type[Exception] = parlab.ParlabError
    project: type[parlab.Project] = parlab.Project
    print(problem, project)
    parlab.sepedup(work)  # type: ignore[attr-defined]  # a slip of the pen must be seen
    parlab.speedup(work, workers="two")  # type: ignore[arg-type]
