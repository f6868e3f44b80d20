"""A learner's own program: whatever its task is, it is watched wherever it runs, and judged by what it did."""

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from parlab.learn import check, own, probes, probes_own, registry, watching
from parlab.learn.claims_own import OWN_ANSWERS, TWO_WORKERS
from parlab.learn.probes import Call
from parlab.learn.records import Run

CHECK = registry.find("18-own-function")
POOL = (
    "import multiprocessing\ndef run(items):\n"
    "    with multiprocessing.Pool(2) as pool:\n        return pool.map({}, items, 1)\n"
)
PACKAGE = "def crunch(number):\n    return 1 if number < 2 else number * crunch(number - 1)\n"
RIGHT = {
    "a package of the learner's, a recursion, a partial made at import": (
        "from functools import partial\nfrom own_package.heavy import crunch as work\nwhole = partial(work)\n"
        "make_items = [5, 4, 3, 2]\n" + POOL.format("whole")
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\nimport numpy\n"
        "def work(number):\n    return numpy.full(3, number)\ndef make_items():\n    yield from (5, 4, 3)\n"
        "def run(items):\n    with ThreadPoolExecutor(2) as threads:\n        return list(threads.map(work, items))\n"
    ),
    "loky, whose workers do not import the entry": (
        "from loky import ProcessPoolExecutor\ndef work(number):\n    return 2 * number\nmake_items = [5, 4, 3, 2]\n"
        "def run(items):\n    with ProcessPoolExecutor(2) as executor:\n"
        "        return list(executor.map(work, items))\n"
    ),
    "written in C": "from math import factorial as work\ndef make_items():\n    return [5, 4, 3]\n"
    + POOL.format("work"),
}


def test_right_programs_of_every_kind_pass(folder: Path, written, monkeypatch) -> None:
    """A task of another module, a generator of items, arrays as results, threads: all are accepted."""
    monkeypatch.setattr(watching, "_WANTED", watching.methods()[-1:])
    (folder / "own_package").mkdir()
    (folder / "own_package" / "__init__.py").touch()
    (folder / "own_package" / "heavy.py").write_text(PACKAGE, encoding="utf-8")
    answers = [written(text, "run") for text in RIGHT.values()]
    with ThreadPoolExecutor(len(RIGHT)) as threads:
        results = list(threads.map(functools.partial(check, CHECK.name), answers))
    assert dict.fromkeys(RIGHT, "passed") == dict(zip(RIGHT, [one.state for one in results], strict=True)), results


def double(item: int, by: int = 2) -> int:
    return item * by if item > 0 else double(-item)


def test_a_watched_function_is_the_same_object_and_its_tasks_are_noted_once(tmp_path: Path, monkeypatch) -> None:
    """Who holds the function calls what is watched; a call inside of a task is none of its own."""
    for name in (probes.WORKERS, probes.STACKS):
        (tmp_path / name).mkdir()
    code, defaults, held = double.__code__, double.__defaults__, functools.partial(double)
    name = f"{__name__}:double"
    monkeypatch.setattr(probes_own, "_originals", {})
    try:
        probes_own.watch(name)
        probes_own.watch(name)
        assert (6, 9) == (held(3), held(3, by=3))
        monkeypatch.setenv(probes.PLACE, str(tmp_path))
        probes.begin(tmp_path)
        assert 8 == held(-4)
    finally:
        double.__code__, double.__defaults__ = code, defaults
    assert [os.getpid()] == [call.process for call in probes.calls(tmp_path)]


def verdict(answer: Any, expected: list[Any]) -> str | None:
    run = Run("spawn", "returned", answers=[own._difference(answer, expected)])
    return OWN_ANSWERS.find(CHECK, run)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ([1, 4, 9], None),
        ((1, 4, 9), None),
        ([1, 9, 4], "order"),
        ([1, 4], "count"),
        ([1, 4, 9, 9], "count"),
        ([1, 4, 8], "wrong"),
        (None, "no return"),
        (..., "open"),
        (iter([1, 4, 9]), "iterator"),
        (14, "no list"),
        ({1, 4, 9}, "no list"),
        ("149", "no list"),
    ],
)
def test_answers_are_held_against_the_plain_loop(answer, fault) -> None:
    """Values, their order and their number; and a word of its own for each usual slip."""
    assert fault == verdict(answer, [1, 4, 9])
    assert "few items" == verdict([1], [1])


def test_workers_are_told_apart_by_what_they_did() -> None:
    """Nobody, the caller alone, one worker, two in turn; only two at once will do."""

    def fault(*workers: int, met: str | None = None) -> str | None:
        calls = tuple(Call(0, worker, worker, float(place), None) for place, worker in enumerate(workers))
        return TWO_WORKERS.find(CHECK, Run("spawn", "returned", calls=calls, root=1, met=met))

    assert ["unused", "serial", "one worker", "in turn"] == [fault(), fault(1, 1), fault(2, 2), fault(2, 3)]
    assert [None, None] == [fault(2, 3, met="processes"), fault(1, 1, met="threads")]
