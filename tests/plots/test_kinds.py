"""A chart is had by the name of its kind, from a sweep; what cannot be chosen is refused with what can."""

import subprocess
import sys

import pytest
from drawn import drawn_texts

from parlab.errors import InputError
from parlab.plots import KINDS, check_kind, draw
from parlab.results import read
from parlab.results.recorded import PREFIX

PHOTOS = f"{PREFIX}photos-2-cores"


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"memory"}))
def test_each_kind_is_drawn_of_a_recorded_sweep(kind: str) -> None:
    """Every kind has a heading with the workload, says that it was recorded, and has something in its axes."""
    figure = draw(kind, read(PHOTOS))
    texts = drawn_texts(figure)
    assert texts[0].startswith("photos: ")
    assert texts[1].startswith("Recorded, not measured here")
    assert all(axes.has_data() or axes.collections for axes in figure.axes)


def test_one_configuration_is_the_fastest_unless_said() -> None:
    """Without a choice the fastest backend is drawn with its most workers; each can be chosen alone."""
    headings = [
        drawn_texts(draw("timeline", read(PHOTOS), backend=backend, workers=workers))[0]
        for backend, workers in ((None, None), ("loky", None), (None, 1), ("pool", 1), ("serial", None))
    ]
    wanted = ["threads, 2 workers", "loky, 2 workers", "threads, 1 worker", "pool, 1 worker", "the plain loop"]
    assert [f"photos: timeline of {one}" for one in wanted] == headings


def test_an_unknown_kind_is_refused_with_the_list() -> None:
    """And the nearest is named."""
    with pytest.raises(InputError, match=r"Did you mean 'timeline'\? Allowed: .*efficiency.*memory.*startup"):
        check_kind("timelin")


@pytest.mark.parametrize(
    ("kind", "choice"), [("speedup", {"backend": "threads"}), ("speedup", {"workers": 2}), ("laws", {"workers": 2})]
)
def test_a_choice_that_would_be_ignored_is_refused(kind: str, choice) -> None:
    """A kind that shows every backend or worker count does not silently drop a choice."""
    with pytest.raises(InputError, match="shows every (backend|worker count), so none can be chosen.*timeline"):
        draw(kind, read(PHOTOS), **choice)


def test_what_was_not_measured_is_refused() -> None:
    """A backend or worker count that the file lacks, with those that it has; memory that was not measured."""
    for kind, choice, told in (
        ("timeline", {"backend": "mars"}, "Allowed: loky, pool, processes, serial, threads"),
        ("timeline", {"workers": 9}, "Worker counts in this file: 1, 2"),
        ("memory", {}, "--memory"),
    ):
        with pytest.raises(InputError, match=told):
            draw(kind, read(PHOTOS), **choice)


def test_matplotlib_is_loaded_when_a_chart_is_drawn() -> None:
    """Whoever only names the kinds, as ``--help`` does, does not wait for matplotlib; and pyplot is never loaded."""
    load = "import sys, parlab.plots; print('matplotlib' in sys.modules, end=' ')"
    make = f"from parlab.results import read; parlab.plots.draw('time', read({PHOTOS!r}))"
    look = "print('matplotlib.figure' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{load}; {make}; {look}"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "False True False" == done.stdout.strip()
