"""The chart of memory stacks what parent and workers have for themselves, in the units of the records."""

from typing import Any

import pytest
from drawn import crowd, drawn_texts, overlaps, summary

from parlab.errors import InputError
from parlab.plots import memory_chart
from parlab.records import Memory

MIB = 1 << 20


def memory(backend: str, workers: int, parent: int | None = 50, own: int | None = 30, **fields: Any) -> Memory:
    """Make a record; memory in MiB."""
    sizes = [None if size is None else size * MIB for size in (parent, parent, own, own)]
    role = "serial" if backend == "serial" else "parallel"
    return Memory(role, backend, workers, **{**dict(zip(SIZES, sizes, strict=True)), **fields}, **TAKEN)


SIZES = ("parent_uss_bytes", "parent_pss_bytes", "workers_uss_bytes", "workers_pss_bytes")
TAKEN: dict[str, Any] = {"largest_worker_uss_bytes": None, "samples": 20, "interval_s": 0.01}


def bars(axes) -> dict[str, list[tuple[float, float]]]:
    """Floor and height of each bar, by the part's name."""
    return {bar.get_label(): [(patch.get_y(), patch.get_height()) for patch in bar.patches] for bar in axes.containers}


def test_workers_stand_on_the_parent() -> None:
    """A panel for each backend, a bar for each count, in MiB; PSS of all together is a point of its own."""
    found = [memory("pool", 2, 50, 60), memory("pool", 1, 50, 30, parent_pss_bytes=60 * MIB), memory("loky", 1)]
    figure = memory_chart(found, summary([]))
    pool, loky = figure.axes
    assert {"parent's own (USS)": [(0, 50), (0, 50)], "workers' own (USS)": [(50, 30), (50, 60)]} == bars(pool)
    assert [(0, 50)] == bars(loky)["parent's own (USS)"]
    points = next(line for line in pool.lines if line.get_marker() == "D")
    assert [90.0, 110.0] == list(points.get_ydata())
    assert "MiB" in drawn_texts(figure)


def test_large_memory_is_in_gib() -> None:
    """From 1 GiB on."""
    assert "GiB" in drawn_texts(memory_chart([memory("pool", 1, 2048)], summary([])))


def test_threads_have_no_part_of_their_own() -> None:
    """Their memory is the parent's: the workers' part is empty, and PSS is the parent's alone."""
    axes = memory_chart([memory("threads", 2, 50, None)], summary([])).axes[0]
    assert [(50, 0)] == bars(axes)["workers' own (USS)"]
    assert [50.0] == list(next(line for line in axes.lines if line.get_marker() == "D").get_ydata())


def test_pss_that_is_not_known_is_not_drawn() -> None:
    """Outside Linux there is no PSS; half of it would be a wrong number."""
    axes = memory_chart([memory("pool", 2, 50, 60, workers_pss_bytes=None)], summary([])).axes[0]
    assert "D" not in [line.get_marker() for line in axes.lines]


def test_the_plain_loop_is_a_line() -> None:
    """Its memory is drawn across every panel."""
    figure = memory_chart([memory("serial", 1, 40), memory("pool", 1), memory("loky", 1)], summary([]))
    assert all(40.0 in [line.get_ydata()[0] for line in axes.lines] for axes in figure.axes)


@pytest.mark.parametrize("found", [[], [memory("serial", 1)], [memory("pool", 2, None, None)]])
def test_nothing_to_draw_is_an_error(found) -> None:
    """No run, the plain loop alone, or sizes that are not known: the error says how to measure."""
    with pytest.raises(InputError, match="no memory of 'primes' to draw.*--memory"):
        memory_chart(found, summary([]))


def test_sixteen_workers_and_six_backends_stay_readable() -> None:
    """No two texts touch."""
    found = [memory(one.backend, one.workers, 60, 25 * one.workers) for one in crowd().rows]
    assert [] == overlaps(memory_chart([memory("serial", 1), *found], crowd()))
