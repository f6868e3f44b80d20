"""A class: grouped by hardware, with medians; who stands out, and what is different there; silence where few are."""

from pathlib import Path
from typing import Any

import pytest
from classes import as_data, crowd, put, sheet

from parlab.analysis.classroom import Classroom, lay_over
from parlab.analysis.collecting import Collection
from parlab.analysis.sheets import Foretold, Spot, Work

SLOW = (1.0, 1.4, 2.0)


def laid(folder: Path) -> Classroom:
    return lay_over(Collection(folder).read())


def sentence(folder: Path, **fields: Any) -> str:
    """Put one slow learner among eleven usual ones; return what is said of it."""
    crowd(folder, 11)
    put(folder, "slow.json", sheet(99, SLOW, **fields))
    (one,) = laid(folder).outliers
    assert 99 == int(one.learner.sheet.sweep, 16)
    return one.sentence


def test_medians_by_point(tmp_path: Path) -> None:
    """At each worker count the middle of those who measured it, with the lowest and the highest; ceilings likewise."""
    for number, top in enumerate((1.0, 2.0, 9.0), start=1):
        put(tmp_path, f"{number}.json", sheet(number, (1.0, top), ceilings=(Spot(2, top),)))
    put(tmp_path, "4.json", sheet(4, (1.0,), ceilings=()))
    (one,) = laid(tmp_path).crowds
    assert [("processes", 1, 4, 1.0, 1.0, 1.0), ("processes", 2, 3, 2.0, 1.0, 9.0)] == [
        (each.backend, each.workers, each.learners, each.median, each.lowest, each.highest) for each in one.middles
    ]
    assert {2: 2.0} == one.ceilings


def test_hardware_is_processor_and_cores(tmp_path: Path) -> None:
    """Marks and clock rates in a name do not count; other cores, other processors and other work do."""
    names = ("Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz", "Intel Core  i7-8565U", "Intel(R) Core(TM) i7-8565U")
    for number, name in enumerate(names):
        put(tmp_path, f"{number}.json", sheet(number, machine={"cpu_model": name}))
    put(tmp_path, "3.json", sheet(3, machine={"cpu_model": names[0], "cores_usable": 2}))
    put(tmp_path, "4.json", sheet(4, machine={"cpu_model": None}))
    put(tmp_path, "5.json", sheet(5, machine={"cpu_model": names[0]}, work=Work("photos", "small", 24, weak=False)))
    room = laid(tmp_path)
    assert [
        ("primes", "Intel Core i7-8565U, 4 usable cores", 3),
        ("primes", "Intel Core i7-8565U, 2 usable cores", 1),
        ("primes", "an unnamed x86_64 processor, 4 usable cores", 1),
        ("photos", "Intel Core i7-8565U, 4 usable cores", 1),
    ] == [(one.work.workload, one.hardware.name, len(one.learners)) for one in room.crowds]


def test_fewer_cores_of_the_same_processor_are_told(tmp_path: Path) -> None:
    """Whoever may use fewer cores is in a crowd of their own, and what decided it is said."""
    crowd(tmp_path, 3)
    limits = {"cores_usable": 2, "cores_limited_by": "cgroup CPU quota", "cores_quota": 2.0}
    put(tmp_path, "x.json", sheet(9, machine=limits))
    assert ("Example 3000: 1 sheet with 2 usable of 4 cores, decided by cgroup CPU quota.",) == laid(tmp_path).kin


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ({"on_battery": True}, "it ran on battery"),
        ({"power_saver": True}, "the processor is told to save power"),
        ({"virtual": True}, "a virtual machine"),
        ({"wsl": True}, "Windows Subsystem for Linux"),
        ({"container": "docker"}, "container docker (the others: none)"),
        ({"cores_quota": 1.5}, "a CPU quota of 1.5 cores"),
        ({"cores_limited_by": "CPU affinity"}, "cores limited by CPU affinity (the others: logical cores)"),
        ({"cores_physical": 2}, "physical cores: 2 (the others: 4)"),
        ({"memory_gib": 4}, "4 GiB of memory (the others: 16)"),
        ({"start_method": "spawn"}, "workers started by spawn (the others: forkserver)"),
        ({"python": "3.11.9"}, "Python 3.11 (the others: 3.12)"),
        ({"gil_enabled": False}, "the GIL is off"),
        ({"system": "Windows 11"}, "system Windows 11 (the others: Linux 6.8)"),
        ({"load": 3.5}, "3.5 threads wanted to run before the sweep"),
    ],
)
def test_what_is_different_is_named(tmp_path: Path, machine: dict[str, Any], told: str) -> None:
    """Each fact on its own, and nothing beside it."""
    said = sentence(tmp_path, machine=machine)
    assert "learner 12: processes with 4 workers 2.00, and the median of 12 is 3.4" in said
    assert told in said
    assert ";" not in said


def test_findings_that_others_lack_are_named(tmp_path: Path) -> None:
    """Codes of the sweep that few others have."""
    assert "findings that few others have: preempted." in sentence(tmp_path, findings=("preempted",))


def test_where_nothing_is_different_nothing_is_made_up(tmp_path: Path) -> None:
    """The number is said, and that the sheet does not tell."""
    more_memory = {"memory_gib": 64, "python": "3.12.9"}  # no reason to be slow
    assert sentence(tmp_path, machine=more_memory).endswith("is different from the others: measure again.")


def test_a_small_crowd_is_silent(tmp_path: Path) -> None:
    """Among eight nobody is called unusual, however far away; the ninth makes the difference."""
    crowd(tmp_path, 7)
    put(tmp_path, "slow.json", sheet(99, SLOW))
    assert () == laid(tmp_path).outliers
    crowd(tmp_path, 1, first=8)
    assert 1 == len(laid(tmp_path).outliers)


def test_a_tenth_or_an_interval_that_reaches_is_no_outlier(tmp_path: Path) -> None:
    """Where all agree to a percent, 5 % less scores high and matters little; a wide interval tells nothing."""
    crowd(tmp_path, 11)
    put(tmp_path, "near.json", sheet(98, (1.0, 1.9, 3.2)))
    wide = as_data(sheet(99, SLOW))
    for point in wide["curves"][0]["points"]:
        point.update(low=0.5, high=4.0)
    put(tmp_path, "wide.json", wide)
    assert () == laid(tmp_path).outliers


def test_the_fast_ones_stand_out_as_well(tmp_path: Path) -> None:
    """A curve far above is as odd as one far below."""
    crowd(tmp_path, 11)
    put(tmp_path, "fast.json", sheet(99, (1.0, 3.0, 7.0)))
    (one,) = laid(tmp_path).outliers
    assert 7.0 == one.speedup


def test_guesses_by_topic(tmp_path: Path) -> None:
    """In the order of the course; what was not measured yet is counted apart; two sheets of one learner count once."""
    mine = (Foretold("09-processes", 2.0, 1.8125), Foretold("00-cores", 8.0, 4.0), Foretold("04-pool", 2.0))
    put(tmp_path, "1.json", sheet(1, predictions=mine))
    put(tmp_path, "2.json", sheet(2, predictions=mine, work=Work("photos", "small", 24, weak=False)))
    put(tmp_path, "3.json", sheet(3, predictions=(Foretold("00-cores", 8.0, 4.0),)))
    found = {one.topic: (len(one.dots), one.open) for one in laid(tmp_path).guesses}
    assert {"00-cores": (3, 0), "04-pool": (0, 2), "09-processes": (1, 0)} == found  # whole numbers do come twice
    assert ["00-cores", "04-pool", "09-processes"] == list(found)


def test_a_strange_worker_count_is_in_no_headline(tmp_path: Path) -> None:
    """What one sheet of eleven claims for 60,000 workers is not the highest median of the crowd."""
    crowd(tmp_path, 11)
    strange = as_data(sheet(99))
    strange["curves"][0]["points"].append({"workers": 60_000, "speedup": 50_000.0})
    put(tmp_path, "strange.json", strange)
    (one,) = laid(tmp_path).crowds
    assert [4] == [each.workers for each in one.highest]


def test_an_empty_class(tmp_path: Path) -> None:
    """Nothing to show is no error: a workshop begins with it."""
    room = laid(tmp_path)
    assert ((), (), ()) == (room.learners, room.crowds, room.outliers)
    assert [] == room.as_json()["crowds"]
