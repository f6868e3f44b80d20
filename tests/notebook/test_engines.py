"""Tables for whoever chooses an engine: what the registry says, what rounds support, what is expected."""

from dataclasses import replace

import pytest

from parlab import View, backends
from parlab.backends.base import Facts
from parlab.errors import InputError
from parlab.notebook import engines


@pytest.fixture(scope="module")
def photos() -> View:
    return View.read("recorded:photos-2-cores")


@pytest.fixture(scope="module")
def primes() -> View:
    return View.read("recorded:primes-2-cores")


def test_the_facts_are_those_of_the_registry() -> None:
    """A row for each engine; one that cannot run here says why; one that the network can reach is not run unasked."""
    table = engines.engine_facts()
    assert list(backends.names()) == list(table.index)
    here = [name for name, here in table.here.items() if here == "yes" and name != "serial"]
    assert engines.available() == [name for name in here if name != "mpi"]
    assert {"ends the program", "nobody tells", "an error tells"} <= set(table["a dead worker"])


def test_engines_of_others_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says little, and one that is broken and says nothing."""
    backend = backends.get("threads")
    backend.facts = Facts("new", shares_memory=False, needs_importable_task=True, many_machines=True)
    found = [("new", backend, None), ("broken", None, "it cannot be loaded: no such module")]
    monkeypatch.setattr(backends, "survey", lambda: found)
    table = engines.engine_facts()
    assert ("not said", "yes", "their own process") == tuple(
        table.loc["new", ["a dead worker", "many machines", "workers live in"]]
    )
    assert "no: it cannot be loaded" == table.here["broken"]
    assert ["new"] == engines.available()
    backend.facts = replace(backend.facts, open_to_network=True)
    assert [] == engines.available()


def test_quick_engines_opened_in_time(photos: View) -> None:
    """As measured, in the order of the sweep."""
    opened = {row.backend: row.startup_s for row in photos.summary.rows if row.workers == 2}
    bound_s = sorted(opened.values())[1]
    assert {name for name, open_s in opened.items() if open_s <= bound_s} == set(engines.quick(photos, bound_s, 0))
    assert [] == engines.quick(photos, 0.0, 0)
    assert {name for name, open_s in opened.items() if open_s <= bound_s} == set(engines.quick(photos, 0.0, 2))


def test_costs_are_the_measured_ones(photos: View) -> None:
    """Start-up from the summary; what a task costs from the break-even, and only where something is packed."""
    table = engines.engine_costs(photos, 2)
    opened = {row.backend: row.startup_s for row in photos.summary.rows if row.workers == 2}
    assert {name: pytest.approx(1e3 * open_s) for name, open_s in opened.items()} == dict(table["to open, ms"])
    assert [True, False, False, False] == list(table["break-even, us"].isna())
    assert (table["idle for a task, us"].dropna() > 0).all()


def test_the_decision_table_says_what_rounds_support(photos: View, primes: View) -> None:
    """Numbers with their verdicts; an engine that was not measured has an empty field."""
    table = engines.decision_table({"photos": photos, "primes": primes})
    assert "" == table.loc["primes", "loky"]
    assert "best" == table.loc["primes", "processes"].partition("  ")[2]
    assert "best" == table.loc["photos", "threads"].partition("  ")[2]
    whole = engines.decision_table({"photos": photos}, with_startup=True)
    assert float(whole.loc["photos", "loky"].partition(" ")[0]) < float(table.loc["photos", "loky"].partition(" ")[0])


def test_advice_turns_with_the_length_of_tasks(primes: View) -> None:
    """Long tasks are for processes; tiny ones are no longer worth their messages."""
    long, tiny = (engines.advise(primes, task_s=task_s, tasks=1000) for task_s in (0.01, 0.00005))
    assert "processes" == long.index[0]
    assert "slower" == tiny.verdict["processes"]
    assert list(tiny["expected, s"]) == sorted(tiny["expected, s"])
    assert tiny["expected, s"]["processes"] > tiny["expected, s"]["plain loop"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        ({"importable": False}, {"threads", "loky"}),
        ({"shares_objects": True}, {"threads"}),
        ({"survives": True}, {"processes", "loky"}),
        ({"survives": True, "importable": False}, {"loky"}),
        ({"many_machines": True}, set()),
    ],
)
def test_what_an_engine_cannot_do_puts_it_out(photos: View, wish: dict[str, bool], left: set[str]) -> None:
    """By its facts, with the reason; its numbers stay to be seen."""
    table = engines.advise(photos, task_s=0.03, tasks=100, **wish)
    out = table.verdict.str.startswith("out: ")
    assert {"plain loop", *left} == set(table.index[~out])
    assert table["expected, s"].notna().all()


def test_few_rounds_are_said(primes: View) -> None:
    """Advice from a single round says how many it takes."""
    first = [trial for trial in primes.results.records if trial.round == 0]
    single = View.of(type(primes.results)(primes.results.header, tuple(first), "stopped"))
    table = engines.advise(single, task_s=0.01, tasks=100)
    assert {"too few rounds: 1 of 7"} == set(table.verdict.drop("plain loop"))
    assert {""} == set(table.interval)


def test_an_engine_that_is_not_known_here_gets_no_favours(primes: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another machine may name any engine: what nobody has said of it is not assumed."""

    def unknown(spec: str) -> None:
        raise InputError(f"There is no {spec}.")

    monkeypatch.setattr(backends, "get", unknown)
    table = engines.advise(primes, task_s=0.01, tasks=100, survives=True)
    assert {"out: nobody says what a dead worker does"} == set(table.verdict.drop("plain loop"))
