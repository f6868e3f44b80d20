"""What becomes of a segment of shared memory when its maker ends, as the notebook shows it."""

import os
import secrets
from multiprocessing.shared_memory import SharedMemory

import pytest

from parlab import owners, segments
from parlab.errors import InputError
from parlab.workloads import segment_ends
from parlab.workloads.segment_ends import ALL_KILLED, ENDS, TIDY

on_posix = pytest.mark.skipif(os.name != "posix", reason="on Windows a segment goes with its last user")


def own_segments() -> set[str]:
    return {one.name for one in segments.leftovers() if one.owner == owners.mark()}


@on_posix
@pytest.mark.parametrize("end", ENDS)
def test_only_a_kill_of_all_leaves_a_segment(end: str) -> None:
    """The tracker removes what is forgotten, unless it is killed, too; and then it is removed here."""
    before = own_segments()
    assert ("still there" if end == ALL_KILLED else "gone") == segment_ends.fate(end)
    assert own_segments() <= before


def test_who_tidies_up_leaves_nothing() -> None:
    """On every system."""
    assert "gone" == segment_ends.fate(TIDY)


@pytest.mark.parametrize("call", [segment_ends.fate, lambda end: segment_ends.make_and_end("parlab-x", end)])
def test_another_end_is_refused(call) -> None:
    """Before anything is made, with those that there are."""
    with pytest.raises(InputError, match=r"'explode'.*killed"):
        call("explode")


@on_posix
def test_a_segment_is_removed_once() -> None:
    """The first time it was there, the second time not; and another one stays."""
    names = [f"{segments.name_prefix()}{secrets.token_hex(4)}" for _ in range(2)]
    for name in names:
        SharedMemory(name, create=True, size=1).close()
    assert [True, False] == [segment_ends.remove(names[0]), segment_ends.remove(names[0])]
    assert segment_ends.remove(names[1])
