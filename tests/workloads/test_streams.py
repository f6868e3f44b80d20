"""Runs that have a number: what they draw, how they are joined, what becomes of those that end in none."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from parlab.errors import InputError
from parlab.workloads import streams
from parlab.workloads.streams import Estimate, Lost, Tally, batches, estimate, growing, run, run_seed, tally, until


def normal(seed: np.random.SeedSequence) -> float:
    return float(np.random.default_rng(seed).normal(5.0, 2.0))


def odd(seed: np.random.SeedSequence) -> float:
    """A model in which four runs of ten go wrong, each in another way."""
    number = seed.spawn_key[0]
    if number == 2:
        raise ZeroDivisionError("nobody came")
    return {5: math.nan, 7: -math.inf, 9: 1e9}.get(number, float(number))


def fails(seed: np.random.SeedSequence) -> float:
    raise LookupError("no table")


def test_a_run_has_the_seed_that_spawn_would_give_it() -> None:
    """Each number stands for the child at its place, and asking again gives the same."""
    children = np.random.SeedSequence(14).spawn(4)
    states = [run_seed(14, number).generate_state(4).tolist() for number in range(4)]
    assert states == [child.generate_state(4).tolist() for child in children]
    assert states[3] == run_seed(14, 3).generate_state(4).tolist()


def test_batches_hold_each_run_once() -> None:
    """In order, without a gap; the last one is shorter."""
    assert [(0, 4), (4, 8), (8, 10)] == [(one.first, one.last) for one in batches(normal, 10, 4, 14)]


def test_the_tally_is_that_of_the_runs() -> None:
    """Number, sum, and squared distances from the mean, as numpy reckons them."""
    found = run(batches(normal, 50, 50, 14)[0])
    values = np.array([normal(run_seed(14, number)) for number in range(50)])
    assert (50, ()) == (found.runs, found.lost)
    assert pytest.approx(values.sum(), rel=1e-12) == found.total
    assert pytest.approx(values.var() * 50, rel=1e-12) == found.squares


@pytest.mark.parametrize("runs_per_task", [1, 7, 60])
def test_the_estimate_is_that_of_all_runs(runs_per_task: int) -> None:
    """Mean and standard error do not depend on how the runs were cut, but for rounding."""
    found = estimate(map(run, batches(normal, 60, runs_per_task, 14)))
    values = np.array([normal(run_seed(14, number)) for number in range(60)])
    assert pytest.approx(values.mean(), rel=1e-12) == found.mean
    assert pytest.approx(1.959964 * values.std(ddof=1) / 60**0.5, rel=1e-6) == found.half_width
    assert 60 == found.runs


def test_a_small_spread_around_a_large_mean_is_kept() -> None:
    """Sums of plain squares would lose it: their last digit is larger than the spread."""
    found = estimate([tally([1e9 + 0.1, 1e9 - 0.1]), tally([1e9 + 0.1, 1e9 - 0.1])])
    assert pytest.approx(1.959964 * (0.04 / 3 / 4) ** 0.5, rel=1e-5) == found.half_width


@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_answer_on_any_number_of_workers(workers: int) -> None:
    """To the last bit; the notebook shows it for processes, too."""
    work = batches(normal, 40, 10, 14)
    with ThreadPoolExecutor(workers) as executor:
        assert estimate(executor.map(run, work)) == estimate(map(run, work))


def test_another_order_gives_other_last_digits() -> None:
    """Sums are taken in the order in which they come: so the order of the tasks is part of the answer."""
    tallies = [run(one) for one in batches(normal, 200, 5, 14)]
    shuffle = np.random.default_rng(1)
    shuffled = [[tallies[place] for place in shuffle.permutation(len(tallies))] for _ in range(20)]
    means = {estimate(one).mean for one in shuffled}
    assert 1 < len(means)
    assert max(means) - min(means) < 1e-12


def test_numbers_are_added_one_by_one() -> None:
    """As a loop does in every version of Python; ``sum`` gives 2.0 from version 3.12 on."""
    assert 0.0 == streams.added([1.0, 1e100, 1.0, -1e100])


def test_a_run_without_a_number_is_named_and_the_others_go_on() -> None:
    """Raised, nan, inf or too large: each with its seed, its number and the reason."""
    found = run(batches(odd, 10, 10, 14, largest=100)[0])
    reasons = [(2, "ZeroDivisionError: nobody came"), (5, "nan"), (7, "-inf"), (9, "1e+09")]
    assert tuple(Lost(14, *one) for one in reasons) == found.lost
    assert (6, 0 + 1 + 3 + 4 + 6 + 8) == (found.runs, found.total)


def test_a_number_too_large_to_be_squared_is_none() -> None:
    """It would make the spread of all runs infinite."""
    assert "1e+200" == run(batches(lambda _seed: 1e200, 1, 1, 14)[0]).lost[0].why


def test_lost_runs_are_not_averaged_silently() -> None:
    """The error names them and how to repeat one; who leaves them out has it said in the estimate."""
    tallies = [run(one) for one in batches(odd, 10, 5, 14)]
    with pytest.raises(InputError, match=r"3 of 10 runs ended in no number: run 2 .* model\(streams.run_seed\(14, 2\)"):
        estimate(tallies)
    found = estimate(tallies, leave_out=True)
    assert (7, 3) == (found.runs, found.left_out)
    assert "3 left out" in str(found)


def test_a_model_that_always_fails_says_why() -> None:
    """The learner reads the model's own error."""
    with pytest.raises(InputError, match=r"4 of 4 runs .*\(LookupError: no table\)"):
        estimate(map(run, batches(fails, 4, 2, 14)))
    with pytest.raises(InputError, match="0 runs ended in a number.*LookupError: no table"):
        estimate(map(run, batches(fails, 4, 2, 14)), leave_out=True)


def test_until_stops_at_the_first_that_is_enough() -> None:
    """It takes no more than it needs from an endless supply, and one fewer would not do."""
    tallies = (run(batches(normal, 20 * number + 20, 20, 14)[number]) for number in range(10_000))
    taken = until(tallies, 0.5)
    assert estimate(taken).half_width <= 0.5 < estimate(taken[:-1]).half_width


def test_until_looks_twice_at_least_and_takes_all_where_none_is_enough() -> None:
    """One tally may have no spread by chance."""
    same = [tally([1.0, 1.0])] * 5
    assert 2 == len(until(same, 1e-9))
    assert 5 == len(until([tally([0.0, 9.0])] * 5, 1e-9))


def test_stopping_when_it_looks_narrow_costs_coverage() -> None:
    """Of 95 % intervals of waiting times, fewer hold the truth when the width decides when to stop."""
    draw = np.random.default_rng(14)
    many = [[tally(draw.exponential(4.0, 20).tolist()) for _ in range(10)] for _ in range(400)]
    fixed = sum(estimate(one).holds(4.0) for one in many)
    peeked = sum(estimate(until(one, 0.9)).holds(4.0) for one in many)
    assert fixed > 360
    assert peeked < fixed - 12


def test_growing_doubles() -> None:
    """After 1, 2, 4 tallies, and after all."""
    assert [2, 4, 8, 10] == [one.runs for one in growing([tally([0.0, 1.0])] * 5)]
    assert [2, 4, 8] == [one.runs for one in growing([tally([0.0, 1.0])] * 4)]


def test_experiments_have_seeds_of_their_own() -> None:
    """Two of five runs each, in tasks of two; the tallies are parted as the tasks were made."""
    work = streams.experiments(normal, 2, 5, 2, 14)
    assert [14, 14, 14, 15, 15, 15] == [one.seed for one in work]
    first, second = streams.groups([run(one) for one in work], 2)
    assert [run(one) for one in batches(normal, 5, 2, 15)] == second
    assert first != second


def test_an_estimate_in_words() -> None:
    """Mean, half width and runs; whether a value lies inside."""
    assert "4.000 ± 0.500 (1,000 runs)" == str(Estimate(4.0, 0.5, 1000))
    assert Estimate(4.0, 0.5, 9).holds(4.5)
    assert not Estimate(4.0, 0.5, 9).holds(4.6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: batches(normal, 0, 10, 14), "runs cannot be 0"),
        (lambda: batches(normal, 10, 0, 14), "runs_per_task cannot be 0"),
        (lambda: batches(normal, 10, 10, 14, largest=math.nan), "largest cannot be nan"),
        (lambda: batches(normal, 10, 10, 14, largest=math.inf), "largest cannot be inf"),
        (lambda: estimate([]), "0 runs ended in a number"),
        (lambda: estimate([Tally(1, 1.0, 0.0)]), "1 runs ended in a number"),
        (lambda: streams.groups([tally([1.0])] * 5, 2), "5 tallies cannot be parted into 2"),
        (lambda: until([], 0.0), "half_width cannot be 0.0"),
    ],
)
def test_what_cannot_be_used_is_refused(call, words: str) -> None:
    """Each error says what was given."""
    with pytest.raises(InputError, match=words):
        call()
