"""Notebook 11, "How far can it scale?": Amdahl, Gustafson, Karp and Flatt, and honest outlooks."""

import math

from parlab.learn.claims import PURE, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_QUARTER = ([2, 4, 8], [1.6, 4 / 1.75, 8 / 2.75])  # by Amdahl's law: a quarter is serial
_RISING = ([2, 5, 10], [1.8, 3.125, 4.0])
_NOT_SHARED = (
    "You left out the last step. What you have is divided by 1 - 1/workers: the part that could be saved at all."
)
_GUSTAFSON = (
    "That is Gustafson's law, for work that grows with the workers. Here the work stays the same: Amdahl's law, "
    "n / (1 + serial * (n - 1))."
)

CHECKS = (
    Check(
        name="11-two-speedups",
        notebook=11,
        title="A fifth is serial",
        asks=(
            "A fifth of a program's work is serial, and the work stays the same. How many times as fast is it at best "
            "with 4 workers, and how many times with however many? Answer with a list of two numbers."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Let the plain loop take 1 second. Which part of it stays, and what becomes of the rest with 4 workers?",
            "0.2 s stay, 0.8 s become 0.2 s. And with very many workers the 0.8 s nearly disappear.",
            "1 / (0.2 + 0.8 / 4), and 1 / 0.2.",
        ),
        solution="[2.5, 5]",
        read="notebook 11, “Explain”",
        claims=(VALUE,),
        expected=[2.5, 5],
        mistakes=(
            Mistake([3.2, 5], "4 x 0.8 would need a serial part that nobody waits for. It stays: 0.2 + 0.8 / 4 = 0.4."),
            Mistake([3.4, 5], _GUSTAFSON),
            Mistake(
                [2.5, math.inf],
                "However many share the four fifths, the serial fifth stays: 1 / 0.2 is never passed.",
            ),
            Mistake([5, 2.5], "The right numbers, in the other order: first 4 workers, then however many."),
            Mistake([2.5, 4], "The second question is about however many workers: only the serial fifth is left."),
            Mistake([4, 5], "Four workers make the shared part 4 times as fast, not the whole: 0.2 + 0.8 / 4 = 0.4."),
            Mistake([2.5, 0.2], "0.2 is the time that is left. The plain loop took 1: divide that by what is left."),
        ),
    ),
    Check(
        name="11-karp-flatt",
        notebook=11,
        title="The serial fraction of each point",
        asks=(
            "Return Karp and Flatt's serial fraction for each worker count, as a list: "
            "(1/speedup - 1/workers) / (1 - 1/workers)."
        ),
        kind="write",
        difficulty=1,
        hints=(
            "zip(workers, speedups) gives both numbers of a point.",
            "A list comprehension returns one number for each point: [… for n, s in zip(workers, speedups)].",
            "[(1 / s - 1 / n) / (1 - 1 / n) for n, s in zip(workers, speedups)]",
        ),
        solution=(
            "def fractions(workers, speedups):\n"
            "    return [(1 / s - 1 / n) / (1 - 1 / n) for n, s in zip(workers, speedups)]\n"
        ),
        read="notebook 11, “One fraction for each point”",
        claims=PURE,
        signature="fractions(workers, speedups)",
        calls=(_QUARTER, _RISING),
        expected=[[0.25, 0.25, 0.25], [1 / 9, 0.15, 1 / 6]],
        mistakes=(
            Mistake([[0.125, 0.1875, 0.21875], [1 / 18, 0.12, 0.15]], _NOT_SHARED),
            Mistake(
                [[0.2, 1 - 1 / 1.75, 1 - 1 / 2.75], [0.1, 0.375, 0.6]],
                "That is 1 - efficiency: all that is lost, whatever lost it. Two workers at 90 % and ten at 60 % can "
                "have the same serial fraction, and this is what the formula finds out.",
            ),
            Mistake(
                [[0.4, (4 - 4 / 1.75) / 3, (8 - 8 / 2.75) / 7], [0.2, 0.46875, 6 / 9]],
                "That is (workers - speedup) / (workers - 1), the fraction for work that grows with the workers. "
                "Karp and Flatt's uses 1/speedup and 1/workers.",
            ),
        ),
    ),
    Check(
        name="11-too-far",
        notebook=11,
        title="Too far",
        asks=(
            "Two workers were 1.6 times as fast, so sixteen would be 12.8 times as fast, says this function. Nobody "
            "has ever seen that. Mend it: a serial part of the work, found from the point that was measured, holds "
            "back more workers as well (Amdahl's law)."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "The function thinks that efficiency stays the same. With a serial part, what stays the same instead?",
            "First Karp and Flatt's fraction of the measured point. It stays. Then Amdahl's law with that fraction.",
            (
                "serial = (1 / speedup - 1 / measured) / (1 - 1 / measured), and then "
                "workers / (1 + serial * (workers - 1))."
            ),
        ),
        given=(
            "def speedup_with(workers, measured, speedup):\n"
            "    efficiency = speedup / measured\n"
            "    return efficiency * workers\n"
        ),
        solution=(
            "def speedup_with(workers, measured, speedup):\n"
            "    serial = (1 / speedup - 1 / measured) / (1 - 1 / measured)\n"
            "    return workers / (1 + serial * (workers - 1))\n"
        ),
        read="notebook 11, “Explain”",
        claims=PURE,
        signature="speedup_with(workers, measured, speedup)",
        calls=((16, 2, 1.6), (8, 4, 2.5)),
        expected=[16 / 4.75, 8 / 2.4],
        mistakes=(
            Mistake(
                [12.8, 5.0],
                "Efficiency does not stay the same: the more workers, the more of them wait for the serial part. What "
                "stays is the serial fraction.",
            ),
            Mistake([4.0, 5.0], "That is the limit, 1 / serial, of however many workers. So many were not asked for."),
            Mistake([10.0, 4.5], _GUSTAFSON),
            Mistake(
                [16 / (1 + 0.2 * 15), 8 / (1 + 0.375 * 7)],
                "You took 1 - efficiency for the serial fraction. That holds all that is lost at this worker count. "
                "Karp and Flatt's formula gives the fraction that stays.",
            ),
        ),
    ),
    Check(
        name="11-enough",
        notebook=11,
        title="How many are enough?",
        asks=(
            "By Amdahl's law: return the fewest workers with which a program with this serial fraction is at least "
            "`wanted` times as fast as alone, or None where no number of workers is enough."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "The limit is 1 / serial, and no number of workers ever reaches it. Begin with that case.",
            "Count up from 1 until workers / (1 + serial * (workers - 1)) >= wanted. Or solve it for the workers.",
            "if serial * wanted >= 1 (and wanted > 1): return None. Then a while loop that adds one worker at a time.",
        ),
        solution=(
            "def enough(wanted, serial):\n"
            "    if serial * wanted >= 1 and wanted > 1:\n"
            "        return None\n"
            "    workers = 1\n"
            "    while workers / (1 + serial * (workers - 1)) < wanted:\n"
            "        workers += 1\n"
            "    return workers\n"
        ),
        read="notebook 11, “Explain”",
        claims=PURE,
        signature="enough(wanted, serial)",
        calls=((2, 0.1), (6, 0.1), (12, 0.1), (4, 0.25), (1, 0.5)),
        expected=[3, 14, None, None, 1],
        mistakes=(
            Mistake(
                [2, 13, None, None, 1],
                "Nearly. With the workers rounded down it is not yet fast enough: take the next whole number "
                "(math.ceil rounds up).",
            ),
            Mistake([2, 6, 12, 4, 1], "So many would be enough if nothing was serial. The serial part takes its time."),
            Mistake([3, 7, 14, 5, 1], _GUSTAFSON),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="11-which-law",
        text=(
            "A simulation runs for an hour, as long as you are willing to wait. With more workers you run more samples "
            "in that hour. Reading the input, a tenth of the hour, stays as it is. Which law says what you gain?"
        ),
        options=(
            Option(
                "Amdahl's law: at most 10 times as much, however many workers there are.",
                "Amdahl asks how much sooner the same work is done. Here the work grows, and the hour stays.",
            ),
            Option(
                "Gustafson's law: with 32 workers nearly 29 times as much.",
                "Yes: 32 - 0.1 x 31 = 28.9. Each worker adds nine tenths of an hour of samples.",
            ),
            Option(
                "None: 32 workers get 32 times as much done.",
                "For a tenth of the hour all but one wait. What they could have done in it is lost.",
            ),
            Option(
                "That depends on the number of cores, and no law knows it.",
                "On too few cores workers take turns, true. But the law says what is the best that can be had.",
            ),
        ),
        right=2,
    ),
    Question(
        name="11-rising",
        text=(
            "Karp and Flatt's fraction is 0.05 with 2 workers, 0.08 with 4, and 0.14 with 8. "
            "What holds the workers back?"
        ),
        options=(
            Option(
                "A serial part of the work, of about 0.05.",
                "A serial part has the same size for any number of workers: the fraction would stay at 0.05.",
            ),
            Option(
                "Something that grows with their number: messages, a lock, one memory for all.",
                "A rising fraction is overhead that each further worker adds to. Measure where the time went.",
            ),
            Option(
                "Nothing: these are good numbers.",
                "With 8 workers a fraction of 0.14 leaves a speedup of 4.04. That is half of the workers.",
            ),
            Option(
                "One task is longer than all others.",
                "A long task looks serial as soon as others wait for it. But then the fraction jumps and stays.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="11-same-work",
        question="A tenth of the work is serial. Eight workers: how many times as fast as one?",
        unit="times",
        causes=(
            Cause("You have reckoned with the tenth that nobody can share.", "near"),
            Cause(
                "Less than you thought. The tenth takes as long as ever, and the other nine tenths become so short "
                "that it is a large part of what is left.",
                "above",
            ),
            Cause("More than you thought. The nine tenths that can be shared really are eight times as fast.", "below"),
        ),
    ),
    Topic(
        name="11-grown-work",
        question="Now each of the eight workers gets as much as one had: how many times as much is done in the time?",
        unit="times",
        causes=(
            Cause("You have seen that the serial part stays, while all the rest grows.", "near"),
            Cause(
                "Less than you thought. The serial part does not grow, but while one worker does it, seven wait.",
                "above",
            ),
            Cause(
                "More than you thought. The serial part stays as it is, so beside the work that grows it matters less "
                "and less.",
                "below",
            ),
        ),
    ),
)
