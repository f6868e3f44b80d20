"""A learner's sheet is small, tells of machine and curves, and of nobody; it takes the place of nothing but a sheet."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from builders import ceiling, make_results, make_round, make_rounds, parallel

from parlab.analysis.handing_in import sheet_of, write_sheet
from parlab.analysis.sheets import LARGEST_BYTES, Foretold, Spot, parse
from parlab.errors import InputError
from parlab.results import Results, read

PRIVATE = "keep-me-out"
MACHINE = {
    "system": "Linux 6.8.0-45-of-keep-me-out", "cpu_model": "Example\n 3000", "memory_bytes": 17_179_869_184 - 5,
    "load": 0.123456, "python": "3.12.3", "container": None, "virtual": True, "on_battery": "perhaps",
    "cores_quota": 1.5, "host": PRIVATE, "user": PRIVATE,
}  # fmt: skip


def sweep() -> Results:
    """Six rounds of threads with two workers, and ceilings, with a secret wherever a sweep can have one."""
    trials = [
        trial
        for number in range(6)
        for trial in make_round(number, (2.0, 2.0), parallel(1.0 + number / 1_000), ceiling(1.9))
    ]
    options = {"options": {"folder": f"/{PRIVATE}/photos"}, "items": PRIVATE, "kwargs": {PRIVATE: PRIVATE}}
    return make_results(trials, sweep=options, machine=MACHINE)


def test_what_is_in_a_sheet() -> None:
    """Curves with intervals, the ceiling, findings as codes, facts in a coarse form, predictions."""
    one = sheet_of(sweep(), [Foretold("01-together", 2.0, 1.5)], "  Ada \t Lovelace ")
    (curve,) = one.curves
    assert ("threads", 2) == (curve.backend, curve.points[0].workers)
    assert curve.points[0].low <= curve.points[0].speedup <= curve.points[0].high
    assert (Spot(2, 1.9),) == one.ceilings
    assert "Linux 6.8" == one.machine.system
    assert ("Example 3000", 16, 0.12, 1.5) == (
        one.machine.cpu_model, one.machine.memory_gib, one.machine.load, one.machine.cores_quota
    )  # fmt: skip
    assert (True, None) == (one.machine.virtual, one.machine.on_battery)
    assert (Foretold("01-together", 2.0, 1.5),) == one.predictions
    assert "Ada Lovelace" == one.name


def test_nobody_is_in_it(tmp_path: Path) -> None:
    """No host, user, path, item, option, and no name that was not typed."""
    write_sheet(sheet_of(sweep()), tmp_path / "me.json")
    text = (tmp_path / "me.json").read_text(encoding="utf-8")
    assert PRIVATE not in text
    assert "" == json.loads(text)["name"]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """The file is small, and the sheet that it holds is the same."""
    one = sheet_of(sweep(), [Foretold("01-together", 2.0)], "Ada")
    size = write_sheet(one, tmp_path / "me.json")
    assert size == (tmp_path / "me.json").stat().st_size < 4_000
    assert one == parse((tmp_path / "me.json").read_bytes())


def test_the_same_sweep_is_known_again() -> None:
    """Whenever it is exported, a sweep has its digest; another sweep has another one."""
    other = make_results(make_rounds(6, map_s=1.01), machine=MACHINE)
    assert sheet_of(sweep()).sweep == sheet_of(sweep(), [], "Ada").sweep != sheet_of(other).sweep


def test_a_wild_guess_costs_no_sheet() -> None:
    """What could never be drawn is left out; the rest is handed in."""
    kept = sheet_of(sweep(), [Foretold("01-together", 1e300), Foretold("no topic", 2.0), Foretold("04-pool", 2.0)])
    assert (Foretold("04-pool", 2.0),) == kept.predictions


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (read("recorded:primes-2-cores"), "A recorded sweep says nothing of your machine"),
        (make_results([]), "no backend came through a complete round"),
        (make_results(make_rounds(6), machine={"cores_usable": None}), "does not say how many cores"),
        (make_results(make_rounds(6), machine={"cores_usable": "many"}), "does not say how many cores"),
    ],
)
def test_what_cannot_be_handed_in(results: Results, told: str) -> None:
    """The reason is said, and what to do."""
    with pytest.raises(InputError, match=told):
        sheet_of(results)


def test_a_name_fits_on_a_chart() -> None:
    """A longer one is refused, not cut."""
    with pytest.raises(InputError, match="up to 60 letters, and this one has 61"):
        sheet_of(sweep(), [], "x" * 61)


def test_a_sheet_that_would_be_too_large(tmp_path: Path) -> None:
    """A sweep of very many points is refused with its size, and nothing is written."""
    one = sheet_of(sweep())
    points = tuple(Spot(workers, 1.2345, 1.2344, 1.2346) for workers in range(1, 60))
    curves = tuple(replace(one.curves[0], backend=f"backend-{number}", points=points) for number in range(20))
    with pytest.raises(InputError, match=f"{LARGEST_BYTES >> 10} KiB is the most"):
        write_sheet(replace(one, curves=curves), tmp_path / "me.json")
    assert [] == list(tmp_path.iterdir())


def test_only_a_sheet_is_replaced(tmp_path: Path) -> None:
    """A second export goes over the first; any other file, also a JSON file, stays as it is."""
    for _ in range(2):
        write_sheet(sheet_of(sweep()), tmp_path / "me.json")
    for name, content in (("other.json", "{}"), ("broken.json", "{"), ("big.json", " " * 100_000)):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match="is no sheet, and is not overwritten"):
            write_sheet(sheet_of(sweep()), tmp_path / name)
        assert content == (tmp_path / name).read_text()
    (tmp_path / "folder.json").mkdir()
    for name, told in (
        ("me.txt", "Write me.json"),
        ("folder.json", "is a folder"),
        ("no/me.json", "There is no folder"),
    ):
        with pytest.raises(InputError, match=told):
            write_sheet(sheet_of(sweep()), tmp_path / name)
