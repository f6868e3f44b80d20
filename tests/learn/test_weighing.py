"""A cause is accepted as far as the measured rounds support it: no further, and no less."""

from dataclasses import replace

import pytest
from builders import make_results
from traces import loop, round_of, traced

from parlab.errors import InputError
from parlab.learn import check, evidence
from parlab.notebook.view import View
from parlab.records import Finding


def view(*trials, findings=()) -> View:
    """A sweep whose rounds are these trials, each between two plain loops in which the tasks take as long."""
    rounds = [
        one for number, trial in enumerate(trials) for one in round_of(trial, loop(*trial.spans["cpu_s"]), number)
    ]
    made = View.of(make_results(rounds, sweep={"tasks": 4, "workers": (2,)}))
    return replace(made, summary=replace(made.summary, findings=tuple(findings)))


def lanes(gap_s: float, tail_s: float):
    """Two workers with two tasks of a second each: a gap before the second task, and a tail of one of them."""
    first = [(0.0, 1.0), (1.0 + gap_s, 2.0 + gap_s)]
    second = [(0.0, 1.0), (1.0 + gap_s, 2.0 + gap_s + tail_s)]
    return traced(2.0 + gap_s + tail_s, [first, second])


TAIL = [lanes(0.0, 1.5)] * 6


@pytest.mark.parametrize(("cause", "supported"), [("tail", True), ("transfer", False), ("none", False)])
def test_a_clear_loss_is_the_only_right_cause(cause, supported) -> None:
    """One worker had nothing to do for a long time: that is no transfer, and not nothing; the check says the same."""
    found = evidence(view(*TAIL), cause)
    assert found is not None
    assert supported is found["supported"]
    assert "threads, 2 workers" == found["where"]
    result = check("18-largest-loss", found)
    assert supported is result.passed
    assert supported or "idle tail takes 21%" in result.advice.lower()


def test_where_the_rounds_leave_it_open_both_are_right() -> None:
    """In some rounds the one is larger, in some the other: nobody can tell, so nobody is told to be wrong."""
    mixed = [lanes(0.9, 0.5), lanes(0.3, 1.8)] * 3
    found = [evidence(view(*mixed), cause) for cause in ("tail", "transfer", "waiting")]
    assert [True, True, False] == [one is not None and one["supported"] for one in found]


def test_with_few_rounds_what_was_largest_in_any_of_them_may_be_named() -> None:
    """One round gives no interval; a part that was never the largest is still wrong."""
    two = [lanes(0.9, 0.5), lanes(0.3, 1.8)]
    assert [True, True] == [evidence(view(*two), cause)["supported"] for cause in ("tail", "transfer")]
    assert not evidence(view(*two[:1]), "tail")["supported"]


def test_nothing_is_right_where_nothing_is_lost() -> None:
    """Both workers worked all the time."""
    assert evidence(view(*[lanes(0.0, 0.0)] * 6), "none")["supported"]


def test_a_finding_may_be_named_where_the_sweep_has_it() -> None:
    """Its code stands for the part that it explains; a code that nobody has found does not."""
    uneven = Finding("imbalance", "Uneven.", "Sort.")
    assert evidence(view(*TAIL, findings=[uneven]), "imbalance")["supported"]
    assert not evidence(view(*TAIL), "imbalance")["supported"]
    assert "Findings: imbalance" in evidence(view(*TAIL, findings=[uneven]), "big-payloads")["told"]


def test_what_the_plain_loop_waits_as_well_need_not_be_named() -> None:
    """Tasks that wait for a server wait on both sides: who names the tail is right, and who names the waiting, too."""
    waiting = [replace(one, spans={**one.spans, "cpu_s": [0.0] * 4}) for one in TAIL]
    rounds = [
        one
        for number, trial in enumerate(waiting)
        for one in round_of(
            trial,
            replace(loop(1.0, 1.0, 1.0, 2.5), spans=loop(1.0, 1.0, 1.0, 2.5).spans | {"cpu_s": [0.0] * 4}),
            number,
        )
    ]
    made = View.of(make_results(rounds, sweep={"tasks": 4, "workers": (2,)}))
    assert [True, True, False] == [evidence(made, cause)["supported"] for cause in ("waiting", "tail", "transfer")]


def test_a_name_alone_is_told_what_it_needs() -> None:
    """The sweep belongs to it."""
    assert "learn.evidence(before, cause)" in check("18-largest-loss", "waiting").advice


def test_startup_is_held_against_the_whole_trial() -> None:
    """Half a second to open and half to close, for each worker, of a short work: that is the largest loss of all."""
    assert evidence(view(*[lanes(0.1, 0.0)] * 6), "startup")["supported"]


def test_what_is_open_stays_open_and_what_cannot_be_is_refused() -> None:
    """No view, no cause: nothing to judge. An unknown word, a sweep without tasks' times: said in words."""
    assert [None, None, None] == [evidence(None, "tail"), evidence(view(*TAIL), None), evidence(view(*TAIL), ...)]
    with pytest.raises(InputError, match="Unknown cause 'tial'.*Did you mean 'tail'"):
        evidence(view(*TAIL), "tial")
    blind = View.of(make_results([replace(one, spans=None) for one in view(*TAIL).results.records]))
    with pytest.raises(InputError, match="without trace=False"):
        evidence(blind, "tail")
