"""The picture of what children know has a field for each thing and start method, with its word in it."""

import pytest
from drawn import drawn_texts, overlaps

from parlab.errors import InputError
from parlab.plots.known import known_chart

THINGS = {"an open file": "no", "the arguments": "pickled", "a variable of a module, changed": "inherited"}
KNOWN = {"fork": dict.fromkeys(THINGS, "inherited"), "forkserver": THINGS, "spawn": THINGS}


def test_each_field_says_its_word() -> None:
    """Column by column, from top to bottom."""
    words = [word for told in KNOWN.values() for word in told.values()]
    assert words == drawn_texts(known_chart(KNOWN))


def test_lines_and_columns_have_their_names() -> None:
    """Methods stand above, things at the left, in the order in which they were given."""
    axes = known_chart(KNOWN).axes[0]
    assert list(KNOWN) == [label.get_text() for label in axes.get_xticklabels()]
    assert list(THINGS) == [label.get_text() for label in axes.get_yticklabels()]
    assert axes.yaxis_inverted()


def test_words_do_not_speak_by_colour_alone() -> None:
    """What is pickled has a hatch, and each of the three words a colour of its own."""
    fields = known_chart({"spawn": THINGS}).axes[0].collections
    assert ["", "///", ""] == [field.get_hatch() or "" for field in fields]
    assert 3 == len({tuple(field.get_facecolor()[0]) for field in fields})


def test_another_word_is_drawn_as_well() -> None:
    """A word that it does not know, and a formula that is none."""
    assert ["$perhaps$"] == drawn_texts(known_chart({"spawn": {"a thing": "$perhaps$"}}))


def test_no_two_texts_touch() -> None:
    """At 800 pixels all can be read."""
    assert [] == overlaps(known_chart(KNOWN))


@pytest.mark.parametrize("known", [{}, {"fork": {}}, {"fork": THINGS, "spawn": {"an open file": "no"}}])
def test_nothing_to_draw_is_an_error(known) -> None:
    """The error shows what to give."""
    with pytest.raises(InputError, match="each start method needs the same things, and at least one"):
        known_chart(known)
