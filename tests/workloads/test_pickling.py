"""What pickle says to a thing is told in one line."""

import pickle
import re
import threading

import pytest

from parlab.workloads import pickling


def test_a_size_is_told() -> None:
    """What can travel has the size of its pickle, with commas at the thousands."""
    assert f"{len(pickle.dumps(bytes(2000))):,} bytes" == pickling.pickled(bytes(2000))
    assert pickling.pickled(bytes(2000)).startswith("2,0")


@pytest.mark.parametrize("thing", [lambda: None, pickling.local_object(), threading.Lock(), (one for one in [1])])
def test_a_refusal_is_told(thing) -> None:
    """What cannot travel has Python's reason."""
    assert re.fullmatch("no: .*(pickle|local).*", pickling.pickled(thing))
    assert " at 0x" not in pickling.pickled(thing)
