"""Before and after: a word only where the rounds support it, of times and not of speedups."""

from dataclasses import replace

import pytest
from builders import make_results, make_round, parallel, serial

from parlab.analysis.improvement import improvement
from parlab.errors import InputError

NOISE = (1.0, 1.02, 0.98, 1.01, 0.99, 1.03)


def sweep(map_s: float, *, rounds: int = 6, serial_s: float = 2.0, **fields):
    trials = [
        trial
        for number in range(rounds)
        for trial in make_round(number, (serial_s, serial_s), parallel(map_s * NOISE[number % 6], **fields))
    ]
    plan = {"backends": (fields.get("backend", "threads"),), "workers": (fields.get("workers", 2),)}
    return make_results(trials, sweep=plan)


@pytest.mark.parametrize(
    ("after_s", "verdict", "words"),
    [
        (0.5, "faster", "Faster, and the rounds"),
        (2.0, "slower", "Slower, and the"),
        (1.005, "no difference", "No diff"),
    ],
)
def test_the_rounds_decide(after_s, verdict, words) -> None:
    """Far apart is told, near together is not."""
    found = improvement(sweep(1.0), sweep(after_s))
    assert verdict == found.verdict
    assert found.sentence.startswith(words)
    assert found.ratio.low <= found.ratio.value <= found.ratio.high


def test_too_few_rounds_are_no_result() -> None:
    """However large the difference looks."""
    found = improvement(sweep(1.0, rounds=2), sweep(0.1, rounds=2))
    assert "too few rounds" == found.verdict
    assert "it takes 6" in found.sentence


def test_a_slower_plain_loop_makes_nothing_faster() -> None:
    """The speedup has doubled, since the plain loop takes twice as long; the time is the same, and that counts."""
    assert "no difference" == improvement(sweep(1.0), sweep(1.0, serial_s=4.0)).verdict


def test_the_fastest_of_each_is_compared_even_of_other_engines() -> None:
    """Another engine may be the improvement."""
    found = improvement(sweep(1.0), sweep(0.5, backend="pool", workers=4))
    assert ("threads, 2 workers", "pool, 4 workers") == (found.before.label, found.after.label)
    assert "faster" == found.verdict


def test_what_cannot_be_compared_is_refused() -> None:
    """Another machine, or nothing but the plain loop."""
    one = sweep(1.0)
    other = replace(one, header=replace(one.header, machine={**one.header.machine, "cpu_model": "another"}))
    with pytest.raises(InputError, match="different machines"):
        improvement(one, other)
    with pytest.raises(InputError, match="The sweep after has no engine"):
        improvement(one, make_results([serial(2.0), serial(2.0)]))
