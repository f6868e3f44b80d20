"""Estimates how the clocks of Dask's workers stand, from several questions, each between two readings of our clock.

An answer's interval contains the offset (F. Cristian, "Probabilistic clock synchronization", 1989), and the narrowest
of several says most. Clocks that drift apart later are not followed: it is estimated when a trial opens.
"""

from collections.abc import Callable, Sequence

from parlab.backends.base import Answer

_QUESTIONS = 8


def narrowest(answers: Sequence[Answer], ask: Callable[[], Sequence[Answer]]) -> list[Answer]:
    """Ask again where clocks are not the same, and keep each worker's answer with the shortest way there and back.

    Parameters
    ----------
    answers
        The first answer of each worker.
    ask
        Asks all of them once more, in the same order.

    Returns
    -------
    list of Answer
        One a worker, in the same order.
    """
    best = list(answers)
    for _ in range(_QUESTIONS):
        if all(map(_may_share_our_clock, best)):
            break
        best = [min(pair, key=_width_s) for pair in zip(best, ask(), strict=True)]
    return best


def _may_share_our_clock(answer: Answer) -> bool:
    return answer.asked_s <= answer.introduction.clock_s <= answer.answered_s


def _width_s(answer: Answer) -> float:
    return answer.answered_s - answer.asked_s
