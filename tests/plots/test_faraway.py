"""Bytes on their way and tasks in vain: as long and where they belong, and told apart without colour."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.faraway import stints_chart, travel_chart
from parlab.workloads.faraway import Stint

WAYS = {"an argument": {"you": 64.0, "the scheduler": 64.0}, "once": {"you": 8.0, "the scheduler": 8.0, "others": 8.0}}
STINTS = [
    Stint(0, "worker-1", 0.0, 0.25),
    Stint(1, "worker-2", 0.01, 0.26),
    Stint(2, "worker-1", 0.3, None),
    Stint(3, "worker-2", 0.3, 0.55),
    Stint(0, "worker-2", 0.56, 0.81),
    Stint(2, "worker-2", 0.82, 1.1),
]


def bars(figure) -> list[tuple[str, float, float, float]]:
    """Label, lane, left edge and right edge of each bar that has a name."""
    return [
        (container.get_label(), round(bar.get_y() + bar.get_height() / 2), bar.get_x(), bar.get_x() + bar.get_width())
        for container in figure.axes[0].containers
        for bar in container.patches
        if not container.get_label().startswith("_")
    ]


def test_senders_lie_behind_each_other() -> None:
    """A way's bar is as long as all that was sent, cut by sender, and the number stands behind it."""
    figure = travel_chart(WAYS, guess_mib=64)
    first = [bar for bar in bars(figure) if bar[1] == 0]
    assert ("sent by you", 0, 0, 64) in first
    assert ("sent by the scheduler", 0, 64, 128) in first
    assert ("sent by others", 1, 16, 24) in bars(figure)
    assert {"128.0", "24.0", "your guess"} <= set(drawn_texts(figure))


def test_what_was_in_vain_is_hatched() -> None:
    """A task that was begun again is hatched where it was in vain; one that was cut ends at a cross."""
    figure = stints_chart(STINTS, "a title")
    found = bars(figure)
    vain = [bar for bar in found if bar[0].startswith("task in vain")]
    kept = [bar for bar in found if bar[0] == "task, its result was kept"]
    assert [(0, 0.0), (0, 0.3)] == [bar[1:3] for bar in vain]
    assert 4 == len(kept)
    assert 0.3 < vain[1][3] <= 0.82
    assert {"its worker was killed"} <= set(drawn_texts(figure))


def test_no_two_texts_touch() -> None:
    """At 800 pixels, also with long names and more workers."""
    many = [Stint(task, f"worker-{task % 4 + 1}", task * 0.3, task * 0.3 + 0.25) for task in range(8)]
    assert [] == overlaps(stints_chart(many))
    assert [] == overlaps(stints_chart(STINTS))
    assert [] == overlaps(
        travel_chart({f"a way with a rather long name {place}": WAYS["once"] for place in range(4)}, 20)
    )


@pytest.mark.parametrize("ways", [{}, {"one": {}}, {"one": dict.fromkeys("abcd", 1.0)}])
def test_nothing_and_too_much_are_refused(ways) -> None:
    """Without a way or a sender there is no chart, and four senders have no looks."""
    with pytest.raises(InputError, match="nothing to draw"):
        travel_chart(ways)


def test_no_task_is_refused() -> None:
    """Without a stint there is no chart."""
    with pytest.raises(InputError, match="no task was begun"):
        stints_chart([])
