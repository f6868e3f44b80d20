"""What started processes tell about themselves, under every start method of this system."""

import multiprocessing
import os
import subprocess

import pytest

from parlab.errors import InputError, TrialError
from parlab.workloads import lessons, starts

METHODS = sorted(multiprocessing.get_all_start_methods())


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, str]]:
    return starts.what_children_know()


@pytest.fixture(scope="module")
def held() -> dict[tuple[str, str, str], float]:
    rows = starts.memory_of_children(block_mib=16)
    return {(row["what"], row["method"], row["when"]): row["own_mib"] for row in rows}


def grown(held: dict[tuple[str, str, str], float], what: str, method: str, since: str, until: str) -> float:
    return held[what, method, until] - held[what, method, since]


class TestWhatTheyKnow:
    def test_every_method_is_asked_about_the_same(self, known) -> None:
        """All start methods of this system, in alphabetical order, with the same things in the same order."""
        assert METHODS == list(known)
        assert 1 == len({tuple(told) for told in known.values()})

    @pytest.mark.skipif("fork" not in METHODS, reason="this system has no fork")
    def test_a_fork_has_everything_but_the_threads(self, known) -> None:
        """A copy of the memory: nothing is pickled, not even the arguments."""
        others = {thing for thing, word in known["fork"].items() if word != starts.INHERITED}
        assert {"a running thread"} == others
        assert starts.UNKNOWN == known["fork"]["a running thread"]

    def test_a_spawned_child_has_the_environment_and_its_arguments(self, known) -> None:
        """A fresh Python imports modules anew, has no file of its parent, and gets arguments as pickles."""
        told = known["spawn"]
        assert starts.PICKLED == told.pop(starts.ARGUMENTS)
        assert {name for name in told if "environment" in name} == {
            thing for thing, word in told.items() if word == starts.INHERITED
        }

    @pytest.mark.skipif("forkserver" not in METHODS, reason="this system has no forkserver")
    def test_a_child_of_the_server_has_what_the_server_was_given(self, known) -> None:
        """The environment of the moment in which the server started, and nothing that came later."""
        told = dict(known["forkserver"])
        assert starts.PICKLED == told.pop(starts.ARGUMENTS)
        assert ["an environment variable, set early"] == [one for one, word in told.items() if word == starts.INHERITED]

    def test_nothing_is_changed_here(self, known) -> None:
        """What the program sets for its children is not set in this process."""
        assert (1, []) == (starts.level, starts.visitors)
        assert not [name for name in os.environ if name.startswith("PARLAB_SET_")]


class TestStartTimes:
    def test_every_start_is_measured_in_every_round(self) -> None:
        """A row for each method with each module in each round; the first of each kind is no row."""
        rows = starts.start_times([starts.LIGHT, "colorsys"], rounds=2)
        kinds = [(row["round"], row["method"], row["imports"]) for row in rows]
        assert sorted(kinds) == sorted(
            (number, method, name) for number in (1, 2) for method in METHODS for name in (starts.LIGHT, "colorsys")
        )
        assert all(row["start_s"] > 0 for row in rows)

    def test_the_child_finds_its_module(self) -> None:
        """A module that prints when it is imported disturbs nothing, though every spawned child prints it again."""
        assert len(METHODS) == len(starts.start_times(["this"], rounds=1))

    @pytest.mark.parametrize("name", ["no_such_module", "numpy; import os", "no_such.module", ""])
    def test_a_module_that_is_not_there_is_refused(self, name: str) -> None:
        """The error names it and says what can be tried; nothing is started."""
        with pytest.raises(InputError, match=r"no module of this name is installed here\. Try 'numpy'"):
            starts.start_times([name])

    def test_no_rounds_are_refused(self) -> None:
        """A median of nothing is no number."""
        with pytest.raises(InputError, match="rounds cannot be 0: give a whole number from 1 up"):
            starts.start_times(rounds=0)


class TestMemory:
    @pytest.mark.skipif("fork" not in METHODS, reason="this system has no fork")
    def test_a_forked_child_copies_bytes_when_it_writes(self, held) -> None:
        """At its start and after reading it holds little of 16 MiB alone; after writing it holds nearly all of them."""
        first, read, written = starts.MOMENTS
        assert grown(held, starts.BYTES, "fork", first, read) < 8
        assert grown(held, starts.BYTES, "fork", read, written) > 12

    @pytest.mark.skipif("fork" not in METHODS, reason="this system has no fork")
    def test_a_forked_child_copies_objects_when_it_reads(self, held) -> None:
        """To look at a Python object is to write into it: its references are counted there."""
        first, read, _ = starts.MOMENTS
        assert grown(held, starts.NUMBERS, "fork", first, read) > 8

    @pytest.mark.parametrize("method", [method for method in METHODS if method != "fork"])
    def test_others_hold_a_copy_from_the_start(self, method: str, held) -> None:
        """What was pickled and sent is theirs alone before their function begins."""
        first, _, written = starts.MOMENTS
        assert held[starts.BYTES, method, first] > 16
        assert grown(held, starts.BYTES, method, first, written) < 8

    def test_no_memory_is_refused(self) -> None:
        """Nothing to give is nothing to weigh."""
        with pytest.raises(InputError, match="block_mib cannot be 0: give a whole number from 1 up"):
            starts.memory_of_children(0)


class TestTrouble:
    def test_a_program_that_fails_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The last line of its error and what to do next."""
        monkeypatch.setattr(starts, "_PROGRAM", "raise OSError('no more processes')")
        with pytest.raises(TrialError, match="could not be asked: OSError: no more processes. Look whether"):
            starts.what_children_know()

    def test_a_program_that_hangs_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The deadline becomes an error in words."""

        def struck(text, timeout_s):
            raise subprocess.TimeoutExpired("program", timeout_s)

        monkeypatch.setattr(lessons, "run_script", struck)
        with pytest.raises(TrialError, match="there was no answer after 120 s"):
            starts.start_times()

    def test_a_child_that_dies_is_named(self) -> None:
        """Its start method and its exit code."""
        with pytest.raises(TrialError, match="A child that was started by spawn ended with 3"):
            starts._answer("spawn", _leave)

    def test_no_child_is_left(self, known) -> None:
        """Whoever was asked is gone."""
        assert [] == multiprocessing.active_children()


def _leave(queue) -> None:
    lessons.leave(3)
