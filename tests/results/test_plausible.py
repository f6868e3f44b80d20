"""What nobody can have measured is refused where it is read, by field and range; what was measured is not."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import CHECK, HEADER, SWEEP, make_rounds, parallel, write_results

from parlab.errors import ResultFileError
from parlab.results import Check, read

if TYPE_CHECKING:
    from parlab.records import Sweep, Trial


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"workers": 0}, "Trial.workers is not between 1 and"),
        ({"workers": 10**400}, "Trial.workers is"),
        ({"map_s": 1e-308}, "Trial.map_s is 1e-308, and no clock tells less than 1e-12"),
        ({"open_s": 1e300}, "Trial.open_s is beyond what can be: at most 1e\\+18"),
        ({"preempted": 10**400}, "Trial.preempted is beyond what can be"),
        ({"rerun": (-1,)}, "Trial.rerun is not between 0 and"),
    ],
)
def test_trials(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    """The line and the field are named, and what to do."""
    trial: Trial = replace(parallel(), **changes)
    write_results(tmp_path / "sweep.jsonl", [trial])
    with pytest.raises(ResultFileError, match=f"line 2 is broken: {why}.*Restore the file"):
        read(tmp_path / "sweep.jsonl")


@pytest.mark.parametrize(
    ("sweep", "check", "why"),
    [
        ({"workers": (0,)}, {}, "Sweep.workers is not between 1 and 1048576"),
        ({"chunksize": 0}, {}, "Sweep.chunksize is not between 1 and"),
        ({"tasks": -1}, {}, "Sweep.tasks is below zero"),
        ({}, {"serial_s": 1e308}, "Check.serial_s is beyond what can be"),
        ({}, {"costs": {"2": 0.0}}, "Check.costs is no table"),
        ({}, {"costs": {"²": 1.0}}, "Check.costs is no table"),
        ({}, {"costs": {"9" * 5_000: 1.0}}, "Check.costs is no table"),
    ],
)
def test_headers(tmp_path: Path, sweep: dict[str, Any], check: dict[str, Any], why: str) -> None:
    """A plan that nobody can have carried out is refused by its field."""
    plan: Sweep = replace(SWEEP, **sweep)
    found: Check = replace(CHECK, **check)
    write_results(tmp_path / "sweep.jsonl", make_rounds(1), header=replace(HEADER, sweep=plan, check=found))
    with pytest.raises(ResultFileError, match=f"line 1 is broken: {why}"):
        read(tmp_path / "sweep.jsonl")


@pytest.mark.parametrize("changes", [{"map_s": 0.0}, {"map_s": 1e-9}, {"load": 0.0}, {"workers": 4096}, {"pace": 3e7}])
def test_what_machines_do_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    """The limits are far from anything measured: a time of 0, a nanosecond, thousands of workers."""
    trial: Trial = replace(parallel(), **changes)
    write_results(tmp_path / "sweep.jsonl", [trial])
    assert (trial,) == read(tmp_path / "sweep.jsonl").records


def test_names_that_are_no_text_are_read_as_text(tmp_path: Path) -> None:
    """Half a character, as of a file's name that is no UTF-8, is a number in what is read, and in the frame."""
    write_results(tmp_path / "sweep.jsonl", [parallel(message="caf\udce9.jpg")])
    results = read(tmp_path / "sweep.jsonl")
    assert r"caf\udce9.jpg" == results.records[0].message
    assert [r"caf\udce9.jpg"] == list(results.trials["message"])
