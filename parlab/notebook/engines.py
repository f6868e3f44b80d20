"""Tables for whoever has to choose an engine: what each one is, what it costs, what a sweep supports, what to expect.

Every word in them comes from the registry or from rounds that were measured; nothing is decided here by a name.
"""

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab import backends
from parlab.analysis.breakeven import break_evens
from parlab.analysis.choosing import Verdict, judge, verdicts
from parlab.analysis.expecting import Work, expected
from parlab.backends.base import Facts
from parlab.errors import ParlabError
from parlab.notebook.view import View

if TYPE_CHECKING:
    import pandas as pd

LOOP = "serial"
NOT_SAID = "not said"
_DEAD_WORKER: Mapping[str | None, str] = {
    "ends all": "ends the program",
    "is silent": "nobody tells",
    "is told": "an error tells",
    "is replaced": "its task runs again",
}


def available() -> list[str]:
    """List the engines that can run here, as specs for ``parlab.speedup``; the plain loop is none.

    Nobody who runs a notebook has asked for a port that the whole network can reach, so MPI is not among them: whoever
    wants it, names it.
    """
    found = [(name, backend) for name, backend, reason in backends.survey() if reason is None and name != LOOP]
    return [name for name, backend in found if backend is None or not backend.facts.open_to_network]


def engine_facts() -> "pd.DataFrame":
    """Say of each engine that parlab knows whether it can run here, and what sets it apart.

    Returns
    -------
    pandas.DataFrame
        A row for each. ``cell functions`` is about functions that no worker can import, such as those of a plain cell.
    """
    import pandas as pd

    rows = {name: _facts_row(backend.facts if backend else None, reason) for name, backend, reason in backends.survey()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _facts_row(facts: Facts | None, reason: str | None) -> dict[str, str]:
    here = "yes" if reason is None else "no: " + reason.partition(":")[0].partition(",")[0].rstrip(".")
    if facts is None:
        return {"here": here}
    return {
        "here": here,
        "workers live in": "this process" if facts.shares_process or facts.shares_memory else "their own process",
        "memory": "shared" if facts.shares_memory else "apart",
        "cell functions": "no" if facts.needs_importable_task else "yes",
        "a dead worker": _DEAD_WORKER.get(facts.lost_worker, NOT_SAID),
        "many machines": "yes" if facts.many_machines else "no",
    }


def quick(view: View, within_s: float, least: int = 3) -> list[str]:
    """List the engines of a sweep that are quick to open, in its order.

    Parameters
    ----------
    view
        The sweep.
    within_s
        How many seconds it may have taken.
    least
        So many of the quickest are listed even where a busy machine has made all of them slow.
    """
    opened: dict[str, float] = {}
    for row in view.summary.rows:
        if row.backend != LOOP and row.startup_s is not None:
            opened[row.backend] = max(row.startup_s, opened.get(row.backend, 0.0))
    quickest = sorted(opened, key=lambda name: opened[name])[:least]
    return [name for name, open_s in opened.items() if open_s <= within_s or name in quickest]


def engine_costs(view: View, workers: int) -> "pd.DataFrame":
    """Say what each engine of a sweep costs: to start it, and to give away one task.

    Parameters
    ----------
    view
        A traced sweep.
    workers
        Which worker count.

    Returns
    -------
    pandas.DataFrame
        By engine: milliseconds to open it; microseconds that its workers are idle for each task; and how long a task
        must be for an efficiency of one half, in microseconds. Where memory is shared, idle workers may as well have
        waited for the GIL, so nothing is said.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be times.
    """
    import pandas as pd

    opened = {row.backend: row.startup_s for row in view.summary.rows if row.workers == workers and row.backend != LOOP}
    found = {one.backend: one for one in break_evens(view.results) if one.workers == workers}
    rows = {}
    for name, open_s in opened.items():
        one = None if _facts(name).shares_memory else found.get(name)
        idle_s = one.cost.message_cost_s + (one.cost.task_cost_s or 0.0) if one else None
        micro = {"idle for a task, us": idle_s, "break-even, us": one.duration_s if one else None}
        rows[name] = {
            "to open, ms": None if open_s is None else 1e3 * open_s,
            **{title: None if value_s is None else 1e6 * value_s for title, value_s in micro.items()},
        }
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float)


def decision_table(views: Mapping[str, View], workers: int = 2, *, with_startup: bool = False) -> "pd.DataFrame":
    """Say which engine each sweep supports.

    Parameters
    ----------
    views
        Sweeps by the name of their kind of work.
    workers
        Which worker count.
    with_startup
        Count start-up, as for a program that runs once; otherwise the work alone.

    Returns
    -------
    pandas.DataFrame
        A row for each sweep, a column for each engine: times as fast as the plain loop, and the verdict of
        ``parlab.analysis.choosing.judge``. Empty where an engine was not measured.

    Raises
    ------
    InputError
        A sweep has no complete round with so many workers.
    """
    import pandas as pd

    rows = {}
    for name, view in views.items():
        judged = judge(view.results, workers, with_startup=with_startup)
        rows[name] = {one.engine: f"{one.speedup.median:.2f}  {one.word}" for one in judged}
    engines = dict.fromkeys(name for row in rows.values() for name in row)
    return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(engines)).fillna("")


def advise(
    view: View,
    *,
    task_s: float,
    tasks: int,
    workers: int = 2,
    importable: bool = True,
    shares_objects: bool = False,
    survives: bool = False,
    many_machines: bool = False,
) -> "pd.DataFrame":
    """Say which engine to expect most of for work of your own, on the evidence of a sweep of the same kind of work.

    Parameters
    ----------
    view
        The evidence: a traced sweep whose tasks do the same kind of thing as yours.
    task_s, tasks
        How long the plain loop takes for one of your tasks, in seconds, and how many there are.
    workers
        A worker count of the sweep.
    importable
        Your function stands in a module; False for one of a notebook cell.
    shares_objects
        Your tasks change objects that the others shall see.
    survives
        Your program goes on when a worker dies.
    many_machines
        One machine is not enough.

    Returns
    -------
    pandas.DataFrame
        The engines and the plain loop, best first: expected seconds, start-up included; times as fast as the plain
        loop, and the verdict on that. Then those that cannot do it, and why they are out. The model is that of
        ``parlab.analysis.expecting``.

    Raises
    ------
    InputError
        That is no work, or the sweep has no traced trial with so many workers.
    ResultFileError
        Spans hold what cannot be times.
    """
    import pandas as pd

    work = Work(task_s, tasks)
    reckoned = expected(view.results, work, workers)
    reasons = {
        name: _against(
            _facts(name), importable=importable, shares=shares_objects, survives=survives, many=many_machines
        )
        for name in reckoned
    }
    fit = {name: rounds for name, rounds in reckoned.items() if not reasons[name]}
    judged = verdicts(fit, workers) if fit else ()
    loop = {**_numbers(1.0, work), "interval": "", "verdict": "always there"}
    rows: dict[str, dict[str, Any]] = {one.engine: _advice_row(one, work) for one in judged}
    rows = dict(sorted([*rows.items(), ("plain loop", loop)], key=lambda row: row[1]["expected, s"]))
    for name, reason in reasons.items():
        if reason:
            speedup = median(reckoned[name].values())
            rows[name] = {**_numbers(speedup, work), "interval": "", "verdict": f"out: {reason}"}
    return pd.DataFrame.from_dict(rows, orient="index")


def _advice_row(one: Verdict, work: Work) -> dict[str, Any]:
    few = one.speedup.low is None or one.speedup.high is None
    return {
        **_numbers(one.speedup.median, work),
        "interval": "" if few else f"{one.speedup.low:.2f} to {one.speedup.high:.2f}",
        "verdict": f"{one.word}: {one.speedup.count} of {one.rounds_needed}" if few else one.word,
    }


def _numbers(speedup: float, work: Work) -> dict[str, float]:
    return {"expected, s": work.loop_s / speedup, "speedup": speedup}


def _against(facts: Facts, *, importable: bool, shares: bool, survives: bool, many: bool) -> str:
    """Say the first thing that keeps an engine from such work; empty where nothing does."""
    reasons = (
        (many and not facts.many_machines, "one machine alone"),
        (survives and facts.lost_worker not in ("is told", "is replaced"), _when_one_dies(facts)),
        (not importable and facts.needs_importable_task, "it must import your function"),
        (shares and not facts.shares_memory, "its workers see no object of yours"),
    )
    return next((text for applies, text in reasons if applies), "")


def _when_one_dies(facts: Facts) -> str:
    ways: dict[str | None, str] = {
        "ends all": "a dead worker ends your program",
        "is silent": "a dead worker leaves you waiting",
    }
    return ways.get(facts.lost_worker, "nobody says what a dead worker does")


def _facts(spec: str) -> Facts:
    """Look an engine up; of one that this parlab does not know it says as little as it can."""
    try:
        return backends.get(spec).facts
    except ParlabError:
        return Facts(f"{spec}, unknown here", shares_memory=False, needs_importable_task=True)
