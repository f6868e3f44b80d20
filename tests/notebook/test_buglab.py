"""The bug lab: programs run once, causes are judged, cures come when they may, and hangs end."""

import sys
from dataclasses import replace

import pytest

import parlab
from parlab.errors import AnswerError, InputError
from parlab.learn import store
from parlab.learn.bugs.listing import bugs
from parlab.learn.bugs.record import CAUSES
from parlab.notebook import buglab, symptoms
from parlab.records import Finding
from parlab.workloads import mistakes

ALL = list(bugs().values())


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was seen, and nothing was tried."""
    monkeypatch.setattr(buglab, "_seen", {})
    monkeypatch.setattr(store, "_memory", {})


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Note what would be run, and run nothing."""
    done: list[tuple[str, str]] = []

    def note(found, which):
        done.append((found.name, which))
        return f"<what the {which} program printed>"

    monkeypatch.setattr(buglab, "_run", note)
    monkeypatch.setattr(buglab, "_possible", lambda _found: True)
    return done


@pytest.mark.parametrize("found", ALL, ids=lambda one: one.name)
def test_a_bug_can_be_read_and_does_not_tell_its_cause(found) -> None:
    """Four causes to choose from; short programs; and neither name nor complaint holds the cause's words."""
    assert 4 == len(found.candidates)
    assert set(found.candidates) <= set(CAUSES)
    for program in (found.broken, found.cured):
        compile(program, "bug", "exec")
        lines = program.strip().splitlines()
        assert len(lines) <= 16
        assert max(map(len, lines)) <= 110
    assert found.broken != found.cured
    assert found.cause not in found.name.replace("-", " ")
    assert found.cause not in found.complaint.lower()


def test_every_cause_has_one_bug() -> None:
    """Fourteen causes, each the right one once."""
    assert sorted(CAUSES) == sorted(one.cause for one in ALL)


def test_without_a_cause_the_candidates_are_shown_and_no_cure(runs) -> None:
    """The learner sees symptoms and choices; the cure is not run."""
    case = parlab.bug("one-is-missing")
    assert [("one-is-missing", "broken")] == runs
    text = repr(case)
    assert "15-one-is-missing: not yet" in text
    assert all(f'"{name}"' in text for name in case.bug.candidates)
    assert case.bug.why not in text
    assert "error_callback" not in text
    assert repr(parlab.bug("one-is-missing", ...)) == text
    assert 1 == len(runs)  # what it has printed is kept


def test_a_wrong_cause_is_told_apart_and_three_show_the_cure(runs) -> None:
    """Advice for each, no cure before the third."""
    first = parlab.bug("one-is-missing", "lost worker")
    assert "Not lost worker" in repr(first)
    assert ("", 1) == (first.cured, len(runs))
    parlab.bug("one-is-missing", "stale code")
    third = parlab.bug("one-is-missing", "a typing error")
    assert "is not right" in repr(third)
    assert third.cured
    assert ("one-is-missing", "cured") in runs


def test_a_right_cause_shows_why_and_the_cure(runs) -> None:
    """Reason, changed lines, and what the mended program prints; all of it escaped in HTML."""
    case = parlab.bug("one-is-missing", "lost exception")
    assert case.judged.passed
    assert 1 == buglab.first_tries()
    text = " ".join(repr(case).split())
    assert "The cause: lost exception" in text
    assert "learn.solution" not in text
    assert case.bug.why in text
    assert "+ print(number," in text
    assert "what the cured program printed" in text
    html = case._repr_html_()
    assert "&lt;what the cured program printed&gt;" in html
    assert "<what" not in html


def test_again_runs_it_anew(runs) -> None:
    """On request."""
    parlab.bug("one-is-missing")
    parlab.bug("one-is-missing", again=True)
    assert 2 == len(runs)


def test_a_right_cause_at_the_second_try_does_not_count_as_the_first(runs) -> None:
    """The count is honest."""
    parlab.bug("one-is-missing", "stale code")
    parlab.bug("one-is-missing", "lost exception")
    assert 0 == buglab.first_tries()


def test_a_cell_that_is_run_again_does_not_lower_the_count(runs) -> None:
    """Passed is passed, however often the notebook is run."""
    for _ in range(3):
        parlab.bug("one-is-missing", "lost exception")
    assert 1 == buglab.first_tries()


def test_an_unknown_bug_is_refused_with_the_nearest() -> None:
    """A typing error."""
    with pytest.raises(InputError, match="Did you mean 'one-is-missing'"):
        parlab.bug("one-is-missin")


@pytest.mark.parametrize("needs", ["fork", "affinity", "segments"])
def test_what_a_system_cannot_show_is_said(monkeypatch: pytest.MonkeyPatch, needs: str) -> None:
    """No made-up output: the learner reads the code instead."""
    found = next(one for one in ALL if one.needs == needs)
    monkeypatch.setattr(buglab, "_possible", lambda _one: False)
    assert "Find the cause by reading" in repr(parlab.bug(found.name))


STUCK = {
    "never-comes-back": ("had not ended after", "parlab.pool: 3 LostTaskError"),
    "fails-as-a-script": ("has finished its bootstrapping phase.\n", "[1.0, 0.5, 0.25]"),
    "the-last-line-hangs": ("had not ended after", "1000000 bytes"),
    "hangs-sometimes": ("had not ended after", "task 1 had the lock"),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_stuck_program_is_ended_and_its_cure_ends_by_itself(name: str) -> None:
    """The real programs, as the notebook runs them."""
    found = bugs()[name]
    if not buglab._possible(found):
        pytest.skip(f"{found.needs} is missing here")
    case = parlab.bug(name, found.cause)
    broken, cured = STUCK[name]
    assert broken in case.printed
    assert cured in case.cured
    assert "had not ended" not in case.cured


def test_a_worker_that_is_still_starting_is_given_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not hide where the workers of a hang wait."""
    limits: list[str] = []

    def late(limit: str, _text: str, *, called: str) -> None:
        limits.append(limit)
        print("worker 1 had not begun yet." if len(limits) < 2 else f"the {called} hangs")

    monkeypatch.setattr(buglab.deadline, "watch", late)
    assert "the program hangs\n" == buglab._run(bugs()["never-comes-back"], "broken")
    assert ["2", "6"] == limits


def test_lines_of_a_bug_are_counted_from_its_first() -> None:
    """As the learner counts them: there is no magic above."""
    said = "The program was in\n    line 8 of the program: child.join()"
    for deadline_s in (2.0, 20.0):  # a busy machine may take a while to get there
        shown = buglab._run(replace(bugs()["the-last-line-hangs"], deadline_s=deadline_s), "broken")
        if said in shown:
            break
    assert said in shown


def test_tasks_that_are_far_longer_than_their_journey_are_not_called_short() -> None:
    """On a busy machine that finding would point to a wrong cause."""

    def found(task_s: float) -> Finding:
        return Finding("tasks-too-short", "", "", {"task_s": task_s, "break_even_s": 0.01})

    assert symptoms._slight(found(0.03))
    assert not symptoms._slight(found(0.003))


def test_a_sweep_of_the_lab_shows_what_was_found_and_no_advice() -> None:
    """Times, the finding about big arguments, and nothing of what to do."""
    found = bugs()["busy-and-slow"]
    shown = buglab._run(found, "broken")
    assert "usable core" in shown
    assert "processes, 2 workers" in shown
    assert "4 MiB travel with each task" in shown
    assert "handle" not in shown


def test_both_ways_through_memory_give_the_same() -> None:
    """The cure changes the order of the passes, not the numbers."""
    assert mistakes.pass_by_pass(0.5) == mistakes.block_by_block(0.5)


def test_a_price_that_is_mended_at_once_is_not_read_from_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Program and worker may both keep bytecode, and the second price comes within the second of the first."""
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    found = bugs()["old-answers"]
    assert "after:  30 here, 20 in the worker" in buglab._run(found, "broken")
    assert "after:  30 here, 30 in the worker" in buglab._run(found, "cured")


def test_only_the_right_cause_is_enough(runs) -> None:
    """``require()`` raises for a bug whose cause is not named, or named wrongly."""
    found = ALL[0]
    with pytest.raises(AnswerError, match=f"{found.check}: not yet. Name one of: "):
        parlab.bug(found.name).require()
    with pytest.raises(AnswerError, match=f"{found.check}: not yet. Its check must say passed"):
        parlab.bug(found.name, found.others[0]).require()
    assert parlab.bug(found.name, found.cause).require() is None
