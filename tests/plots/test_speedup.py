"""The chart shows what the summary holds, and can be read without colour."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from drawn import crowd, drawn_texts, finding, overlaps, row, summary

from parlab.errors import InputError
from parlab.plots import efficiency_chart, save, speedup_chart


def test_each_backend_is_named_at_its_line() -> None:
    """Direct labels name every backend, n, and the ceiling; there is no legend to look up."""
    figure = speedup_chart(summary([row("threads", 1), row("threads", 2), row("loky", 1), row("loky", 2)]))
    assert {"threads", "loky", "n, the ideal", "this machine's ceiling"} <= set(drawn_texts(figure))
    assert figure.axes[0].get_legend() is None


def test_lines_differ_without_colour() -> None:
    """No two backends share both marker and dashes, up to seven of them."""
    names = [f"backend {number}" for number in range(7)]
    figure = speedup_chart(summary([row(name, workers) for name in names for workers in (1, 2)]))
    looks = [(line.get_marker(), str(line.get_linestyle()), line._dash_pattern) for line in figure.axes[0].lines]
    marked = [look for look in looks if look[0] not in ("None", "_", "")]
    assert 7 == len(marked) == len(set(map(str, marked)))


def test_intervals_are_drawn_where_they_are_known() -> None:
    """A row with an interval has a bar from low to high, one without has none."""
    known = speedup_chart(summary([row("threads", 1), row("threads", 2, speedup_low=1.5, speedup_high=1.9)]))
    unknown = speedup_chart(summary([replace(row("threads", n), speedup_low=None, speedup_high=None) for n in (1, 2)]))
    bars = [[list(line.get_ydata()) for line in figure.axes[0].lines] for figure in (known, unknown)]
    assert [1.5, 1.9] in bars[0]
    assert len(bars[0]) > len(bars[1])


def test_physical_cores_and_quota_are_marked() -> None:
    """Where the cores end stands in the chart; equal limits share a mark."""
    machine = {"cores_physical": 2, "cores_usable": 4, "cores_quota": 3.5, "python": "3.13.0", "cpu_model": None}
    figure = speedup_chart(summary([row("threads", n) for n in (1, 2, 4)], machine=machine))
    assert {"2 physical cores", "4 usable cores", "3.5 CPU quota"} <= set(drawn_texts(figure))


def test_one_core_is_one() -> None:
    """On a machine with a single core the mark speaks of one."""
    machine = {"cores_physical": None, "cores_usable": 1, "cores_quota": 1.0, "python": "3.13.0", "cpu_model": None}
    figure = speedup_chart(summary([row("threads", n) for n in (1, 2)], machine=machine))
    assert "1 usable core = CPU quota" in drawn_texts(figure)


def test_doubts_stand_in_the_caption() -> None:
    """A chart with warnings says how many, and one with too few rounds says so."""
    bare = [row("threads", workers, speedup_low=None, speedup_high=None) for workers in (1, 2)]
    figure = speedup_chart(summary(bare, findings=[finding()], rounds=2))
    caption = " ".join(drawn_texts(figure))
    assert "read it with its 1 warning" in caption
    assert "too few rounds for intervals" in caption


def test_labels_do_not_touch() -> None:
    """Six backends with the same speedup have six labels at different heights."""
    rows = [row(f"b{number}", workers, speedup=1.5) for number in range(6) for workers in (1, 2)]
    axes = speedup_chart(summary(rows)).axes[0]
    heights = sorted(one.xyann[1] for one in axes.texts if one.get_text().startswith("b"))
    assert all(upper - lower > 0.04 for lower, upper in pairwise(heights))


def test_one_worker_count_alone_can_be_drawn(tmp_path: Path) -> None:
    """A sweep with a single worker count gives points."""
    save(speedup_chart(summary([row("threads", 2)])), tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 5_000


def test_nothing_to_draw_is_an_error() -> None:
    """The plain loop alone has no speedup; the error says what to measure."""
    with pytest.raises(InputError, match="no speedup of 'primes' to draw"):
        speedup_chart(summary([]))


def test_the_title_says_how_the_work_grew() -> None:
    """A chart of weak scaling is headed by it and by each worker's tasks; one of strong scaling is not."""
    strong = summary([row("threads", 1), row("threads", 2)])
    weak = replace(strong, weak=True, tasks=24)
    titles = [drawn_texts(speedup_chart(found))[0] for found in (strong, weak)]
    assert "primes: speedup against workers" == titles[0]
    assert titles[1].startswith("primes: scaled speedup")
    assert "24 tasks" in titles[1]


def test_a_dollar_sign_is_no_formula(tmp_path: Path) -> None:
    """Names and labels from a file are drawn as they are: an unfinished formula is no error."""
    label = dict.fromkeys(("where", "when", "by"), "$\\frac{ $")
    odd = replace(summary([row("$\\frac{ $", 1, speedup=1.0), row("$\\frac{ $", 2, speedup=2.0)]), label=label)
    save(speedup_chart(replace(odd, workload="$\\frac{ $")), tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 0


def test_efficiency_is_speedup_over_workers() -> None:
    """Each backend's points are its speedups over the workers, and so are the ends of its intervals."""
    rows = [row("threads", 2, speedup=1.5, speedup_low=1.25, speedup_high=1.75), row("threads", 4, speedup=2.0)]
    axes = efficiency_chart(summary(rows)).axes[0]
    points, bar = [line for line in axes.lines if line.get_color() == "#0072B2"][:2]
    assert [0.75, 0.5] == list(points.get_ydata())
    assert [0.625, 0.875] == list(bar.get_ydata())


def test_the_honest_line_is_what_the_machine_gives_each_worker() -> None:
    """The ceiling is drawn as its share of the workers; 100 % is a line of its own."""
    rows = [row("threads", 1, ceiling=1.0), row("threads", 2, ceiling=1.5)]
    lines = [list(line.get_ydata()) for line in efficiency_chart(summary(rows)).axes[0].lines]
    assert [1.0, 0.75] in lines
    assert [1.0, 1.0] in lines


def test_an_efficiency_above_one_is_inside() -> None:
    """A superlinear point, with its interval, is not cut off."""
    rows = [row("threads", 1), row("threads", 2, speedup=2.8, speedup_low=2.6, speedup_high=3.0)]
    assert efficiency_chart(summary(rows)).axes[0].get_ylim()[1] > 1.5


@pytest.mark.parametrize("chart", [speedup_chart, efficiency_chart])
def test_sixteen_workers_and_six_backends_stay_readable(chart) -> None:
    """With 16 workers, 6 backends and three marks of cores no two texts touch at 800 pixels."""
    assert [] == overlaps(chart(crowd()))
    assert [] == overlaps(chart(replace(crowd(), rows=crowd(range(1, 33)).rows)))
