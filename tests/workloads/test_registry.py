"""The registry of workloads, and what every workload keeps to."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parlab import workloads
from parlab.errors import InputError
from parlab.workloads.base import Workload
from parlab.workloads.reference import refer, resolve

ALL = workloads.names()


@contextmanager
def provided(workload: Workload, size: int, seed: int) -> Iterator[dict[str, str]]:
    """Make what a workload needs around it, and yield how its items are told."""
    if workload.provide is None:
        yield {}
        return
    with workload.provide(size, seed) as place:
        yield {"place": place}


def test_every_file_with_a_workload_is_registered() -> None:
    """Whoever writes a file and forgets its line in the registry is told; the names are in alphabetical order."""
    folder = Path(workloads.__file__).parent
    made = [path.stem for path in folder.glob("*.py") if "WORKLOAD = Workload(" in path.read_text(encoding="utf-8")]
    assert sorted(made) == list(ALL)


@pytest.mark.parametrize("name", ALL)
def test_the_readme_has_its_row(name: str) -> None:
    """Who looks for work of their own kind finds it there."""
    readme = Path(workloads.__file__).parents[2] / "README.md"
    assert f"\n| `{name}` | " in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_a_name_leads_to_its_workload(name: str) -> None:
    """The record carries the name it was asked for by, and words for a learner."""
    workload = workloads.get(name)
    assert name == workload.name
    assert workload.title
    assert workload.teaches.endswith(".")
    assert workload.bound in ("cpu", "memory", "io")


@pytest.mark.parametrize(("wrong", "nearest"), [("prime", "primes"), ("Photos", "photos"), ("simulate", "simulation")])
def test_an_unknown_name_suggests_the_nearest(wrong: str, nearest: str) -> None:
    """A slip is answered with the name that was meant, all names, and the way to a function of one's own."""
    with pytest.raises(InputError) as caught:
        workloads.get(wrong)
    assert f"Unknown workload {wrong!r}. Did you mean {nearest!r}?" in str(caught.value)
    assert ", ".join(ALL) in str(caught.value)
    assert "module:function" in str(caught.value)


@pytest.mark.parametrize("name", ALL)
def test_small_and_large(name: str) -> None:
    """Every workload has a small and a larger size, and says how many tasks they are."""
    workload = workloads.get(name)
    assert 1 <= workload.count("small") < workload.count("large")
    assert {"small", "large"} == set(workload.sizes)


@pytest.mark.parametrize("name", ALL)
def test_items_are_as_many_as_asked_for_and_repeatable(name: str) -> None:
    """The same size and seed give the same items in every process, as many as wanted."""
    workload = workloads.get(name)
    size = workload.count("small")
    with provided(workload, size, 3) as options:
        assert size == len(workload.items(size, 3, **options))
        assert pickle.dumps(workload.items(size, 3, **options)) == pickle.dumps(workload.items(size, 3, **options))


@pytest.mark.parametrize("name", ALL)
def test_tasks_can_be_imported_by_workers(name: str) -> None:
    """Another process finds the task by its name."""
    task = workloads.get(name).task
    assert task is resolve(refer(task).name)


@pytest.mark.parametrize("size", ["1", "17", "100000"])
def test_a_number_is_a_size(size: str) -> None:
    """A size may be the number of tasks itself."""
    assert int(size) == workloads.get("primes").count(size)


@pytest.mark.parametrize("size", ["0", "-1", "", "medium", "Small", "1.5", "1e3", "2 3", "nan", "9" * 5_000])
def test_other_sizes_are_refused(size: str) -> None:
    """What is neither a preset nor a number from 1 up is refused, and the text tells the presets."""
    with pytest.raises(InputError) as caught:
        workloads.get("primes").count(size)
    assert f"Size {size!r} is not allowed for primes" in str(caught.value)
    assert "small (64 tasks), large (2048 tasks)" in str(caught.value)
