"""When it pays to send: the lines of the model, and each kind of work where it belongs."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.sending import sending_chart

MIB = 2**20
WORK = {"a sum": (0.001, 8 * MIB), "a thumbnail": (0.05, MIB // 2), "primes": (0.1, 24)}


def test_each_work_has_its_upright() -> None:
    """At its seconds for each MiB; what is beyond the edge stands there, with an arrow."""
    axes = sending_chart(WORK).axes[0]
    uprights = sorted(line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1)
    assert uprights == pytest.approx([0.001 / 8, 0.1, axes.get_xlim()[1]])
    assert "primes →" in drawn_texts(axes.figure)


def test_lines_rise_to_the_number_of_machines() -> None:
    """A faster network is never worse, and none gains more than there are machines."""
    axes = sending_chart(WORK, machines=3).axes[0]
    slow, middle, fast = (line.get_ydata() for line in axes.lines[:3])
    assert (slow <= middle).all()
    assert (middle <= fast).all()
    assert 2.9 < fast[-1] <= 3


def test_no_two_texts_touch() -> None:
    """At 800 pixels, also where kinds of work stand close together."""
    assert [] == overlaps(sending_chart(WORK))
    assert [] == overlaps(sending_chart({f"work of kind {number}": (0.01 + number / 999, MIB) for number in range(3)}))


@pytest.mark.parametrize("work", [{}, {"nothing sent": (1.0, 0)}, {"no time": (0.0, 8)}])
def test_what_cannot_be_drawn_is_refused(work) -> None:
    """No work, or numbers that have no place on a logarithmic axis."""
    with pytest.raises(InputError):
        sending_chart(work)
