"""Arguments of ``parlab.speedup`` as people give them, and what is said of the others, in Python's words."""

from pathlib import Path

import numpy as np
import pytest

import parlab
from parlab.errors import ON_SKIPPING, InputError, LostTaskError, TaskError
from parlab.notebook.given import place, specs, unknown_argument, worker_counts
from parlab.notebook.wording import spoken_in_python


def test_one_or_several() -> None:
    """A count, a list, an array and a text of counts; a backend, a list and a text of backends."""
    for given in ([1, 2], np.array([1, 2]), "1,2"):
        assert [1, 2] == list(worker_counts(given))
    assert (2,) == worker_counts(2)
    for several in ("pool, threads", ["pool", "threads"]):
        assert ("pool", "threads") == specs(several)
    assert ("pool",) == specs("pool")
    assert Path("a.jsonl") == place("a.jsonl")
    assert {None} == {worker_counts(None), specs(None), place(None)}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"workers": 2.5}, "workers cannot be 2.5"),
        ({"workers": "two"}, "'two' is no whole number from 1 up"),
        ({"workers": [2.0]}, "2.0 workers are not allowed"),
        ({"backends": [None]}, "backends cannot hold None"),
        ({"backends": 3}, "backends cannot hold 3"),
        ({"output": 3}, "output cannot be 3"),
        ({"folder": "x"}, "Write options={'folder': 'x'}"),
        ({"trace": False, "on_error": "skip"}, 'on_error="skip" cannot go with trace=False'),
        ({"worker": [1]}, "Did you mean 'workers'"),
    ],
)
def test_refusals_speak_python(given: dict, text: str) -> None:
    """No option of the command line is named, and nothing is started."""
    with pytest.raises(InputError) as caught:
        parlab.speedup("photos", progress=False, **given)
    assert text in str(caught.value)
    assert "--" not in str(caught.value)


def test_a_tasks_own_words_stay() -> None:
    """What failed in the user's code is told as it was said there."""
    with pytest.raises(TaskError, match="see --rounds 3"), spoken_in_python():
        raise TaskError("see --rounds 3")


def test_below_a_tasks_own_words_the_way_on_is_said_in_python() -> None:
    """The last line is ours; the error keeps its kind, and all that it knows."""
    with pytest.raises(LostTaskError, match=r'see --rounds 3\n.*: on_error="skip"\.$') as caught, spoken_in_python():
        raise LostTaskError(f"see --rounds 3\n{ON_SKIPPING}", "lost(SIGKILL)")
    assert "lost(SIGKILL)" == caught.value.how


def test_fields_of_the_command_are_not_offered() -> None:
    """What only the command line gives is not among the arguments."""
    assert "make_folder" not in str(unknown_argument("folders", "primes", 1))
