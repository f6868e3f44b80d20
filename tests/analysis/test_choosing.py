"""Verdicts on the engines of a sweep, from rounds made by hand: what an interval does not show is not said."""

from math import log2

import pytest
from builders import make_results, make_round, parallel
from recordings import recording

from parlab.analysis.choosing import Verdict, judge, verdicts
from parlab.errors import InputError

ROUNDS = 9


def rounds(*speedups: float) -> dict[tuple[int, int], float]:
    """A speedup for each round; one alone stands for nine equal rounds."""
    values = speedups * ROUNDS if len(speedups) == 1 else speedups
    return {(0, number): value for number, value in enumerate(values)}


def words(**engines: dict[tuple[int, int], float]) -> dict[str, str]:
    return {one.engine: one.word for one in verdicts(engines, 2)}


def test_each_word_has_its_case() -> None:
    """Best; faster than the loop and slower than the best; not told apart from the loop; slower than it."""
    unsure = rounds(0.9, 1.1, 1.0, 0.95, 1.05, 1.1, 0.9, 1.0, 1.02)
    expected = {"one": "best", "two": "helps less", "three": "no gain seen", "four": "slower"}
    assert expected == words(one=rounds(1.9), two=rounds(1.5), three=unsure, four=rounds(0.5))


def test_who_cannot_be_told_apart_is_as_good() -> None:
    """The ratios inside rounds lie on both sides of 1: both are among the best, though one median is larger."""
    first = rounds(1.8, 1.9, 1.8, 1.9, 1.8, 1.9, 1.8, 1.9, 1.9)
    second = rounds(1.9, 1.8, 1.9, 1.8, 1.9, 1.8, 1.9, 1.8, 1.7)
    assert {"one": "among the best", "two": "among the best"} == words(one=first, two=second)


def test_drift_of_the_machine_tells_nothing_apart() -> None:
    """Both engines have bad rounds together: their intervals overlap widely, and inside each round one is ahead."""
    drift = (1.9, 1.2, 1.8, 1.3, 1.9, 1.2, 1.7, 1.4, 1.9)
    assert {"one": "best", "two": "helps less"} == words(
        one=rounds(*drift), two=rounds(*(0.95 * speedup for speedup in drift))
    )


def test_few_rounds_support_no_word() -> None:
    """Six rounds are enough for one engine; for three at once they are not, however clear they look."""
    few = rounds(*[1.9] * 6)
    assert {"one": "best"} == words(one=few)
    assert {"too few rounds"} == set(words(one=few, two=rounds(*[0.5] * 6), three=few).values())


@pytest.mark.parametrize("engines", range(1, 9))
def test_the_rounds_that_are_asked_for_are_enough(engines: int) -> None:
    """With as many rounds as the verdict names there is a word, and with one less there is none."""
    needed = verdicts({str(place): rounds(1.9) for place in range(engines)}, 2)[0].rounds_needed
    enough, less = ({str(place): rounds(*[1.9] * count) for place in range(engines)} for count in (needed, needed - 1))
    assert {"too few rounds"} == {one.word for one in verdicts(less, 2)}
    assert "too few rounds" not in {one.word for one in verdicts(enough, 2)}
    assert needed >= log2(2 * (2 * engines - 1) / 0.05)  # the least that the sign test can reach


def test_rounds_without_the_best_engine_are_left_out() -> None:
    """Two engines are compared in the rounds that both have; without a common one nothing is said."""
    apart = {(0, 100 + number): 1.2 for number in range(ROUNDS)}
    (one, two) = verdicts({"one": rounds(1.9), "two": apart}, 2)
    assert (None, None) == (one.to_best, two.to_best)


def test_a_sweep_is_judged_with_or_without_its_start() -> None:
    """Loops of 2 s: half the time for the work, and as long as the loop with half a second to open and to close."""
    trials = [
        trial
        for number in range(ROUNDS)
        for trial in make_round(number, (2.0, 2.0), parallel(1.0), parallel(0.9, backend="pool", open_s=3.0))
    ]
    results = make_results(trials, sweep={"backends": ("threads", "pool"), "rounds": ROUNDS})
    alone = {one.engine: (one.word, one.speedup.median) for one in judge(results, 2)}
    whole = {one.engine: (one.word, one.speedup.median) for one in judge(results, 2, with_startup=True)}
    assert {"threads": ("helps less", 2.0), "pool": ("best", pytest.approx(2 / 0.9))} == alone
    assert {"threads": ("no gain seen", 1.0), "pool": ("slower", pytest.approx(2 / 4.4))} == whole


def test_a_recorded_sweep_has_its_verdicts() -> None:
    """Nine rounds of primes on two cores: processes are ahead of threads, and nobody had to write that down."""
    found: dict[str, Verdict] = {one.engine: one for one in judge(recording("recorded:primes-2-cores"), 2)}
    assert "best" == found["processes"].word
    assert found["threads"].to_best is not None
    assert (found["threads"].to_best.high or 1.0) < 1


def test_a_worker_count_that_was_not_measured_is_refused() -> None:
    """With the counts that are there."""
    with pytest.raises(InputError, match=r"with 7 workers.*1, 2, 4"):
        judge(recording("recorded:primes-2-cores"), 7)
