"""Notebook 09, "How do you measure a speedup honestly?": ratios inside rounds, the median, the honest baseline."""

from parlab.learn.claims import PURE, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

# Rounds in which every shortcut gives another number than the median of the ratios: 1.5, 2, 4 and 2, 1.8, 1.5, 1.6.
_LOOPS_S, _TWO_S = [3.0, 10.0, 8.0], [2.0, 5.0, 2.0]
_SLOWER_LOOPS_S, _SLOWER_TWO_S = [4.0, 9.0, 6.0, 16.0], [2.0, 5.0, 4.0, 10.0]
_BRACKETS_S = [(1.0, 9.0), (4.0, 25.0), (8.0, 8.0)]  # whose geometric means are _LOOPS_S
_SLOWER_BRACKETS_S = [(2.0, 8.0), (3.0, 27.0), (4.0, 9.0), (8.0, 32.0)]

_BEST = "That is the best round of each. Nobody can count on the best: the speedup is the median of the ratios."
_MEAN = "That is the mean of the ratios. One lucky round pulls a mean up: take the median."
_UPPER = (
    "Nearly. With an even number of rounds there are two ratios in the middle: the median is the mean of both. "
    "statistics.median knows that."
)
_TOTALS = (
    "You divided all serial seconds by all parallel ones. Then slow rounds count more than others. "
    "Take a ratio inside each round, and then their median."
)
_MEDIANS = (
    "You divided a median by a median. They can come from different rounds, and the machine is not the same in each. "
    "Take a ratio inside each round, and then their median."
)
_FASTEST = (
    "That is the fastest loop over the fastest parallel run. They can come from different rounds, and the machine is "
    "not the same in each. Take a ratio inside each round, and then their median."
)

CHECKS = (
    Check(
        name="09-which-speedup",
        notebook=9,
        title="The number that is the speedup",
        asks=(
            "Three rounds, in seconds. The plain loop took 3, 10 and 8, a pool of one worker 4, 12 and 9, two "
            "processes 2, 5 and 2. What is the speedup of two processes? Answer with a number."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Which of the three rows is the code that one had before? Divide its times by those of two processes.",
            "Divide round by round: 3 by 2, then 10 by 5, then 8 by 2. That gives three ratios.",
            "The ratios are 1.5, 2 and 4. The speedup is the one in the middle.",
        ),
        solution="2",
        read="notebook 09, “Do it by hand once”",
        claims=(VALUE,),
        expected=2,
        mistakes=(
            Mistake(
                4,
                "4 is what the best round gives, and no other round came near it. Take the one in the middle.",
            ),
            Mistake(
                1.5,
                "1.5 is the worst round, and also the fastest loop over the fastest two processes. "
                "Take one ratio in each round, and then the one in the middle.",
            ),
            Mistake(2.5, "2.5 is the mean of the ratios. One lucky round pulls it up. Take the one in the middle."),
            Mistake(7 / 3, _TOTALS),
            Mistake(2.33, _TOTALS),
            Mistake(
                [1.5, 2, 4], "These are the ratios of the three rounds. The speedup is one number: the middle one."
            ),
            Mistake(2.4, "2.4 is the speedup over a pool of one worker. The honest baseline is the plain loop."),
        ),
    ),
    Check(
        name="09-median-speedup",
        notebook=9,
        title="The speedup of some rounds",
        asks=(
            "serial_s holds for each round the times of two plain loops, (before, after); parallel_s the time of the "
            "parallel version between them. A round's serial time is the geometric mean of its two. Return the median "
            "of the ratios, each taken inside its round."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "First a list of ratios, one for each round; then statistics.median of that list.",
            "The geometric mean of two numbers is the square root of their product: (before * after) ** 0.5.",
            "for (before, after), parallel in zip(serial_s, parallel_s) walks through the rounds.",
        ),
        solution=(
            "from statistics import median\n\n\n"
            "def median_speedup(serial_s, parallel_s):\n"
            "    loops_s = [(before * after) ** 0.5 for before, after in serial_s]\n"
            "    return median(loop / parallel for loop, parallel in zip(loops_s, parallel_s))\n"
        ),
        read="notebook 09, “Do it by hand once”",
        claims=PURE,
        signature="median_speedup(serial_s, parallel_s)",
        calls=(
            (_BRACKETS_S, _TWO_S),
            (_SLOWER_BRACKETS_S, _SLOWER_TWO_S),
        ),
        expected=[2.0, 1.7],
        mistakes=(
            Mistake([4.0, 2.0], _BEST),
            Mistake([1.5, 1.5], "These are the worst rounds. The speedup is the median of the ratios."),
            Mistake([2.5, 1.725], _MEAN),
            Mistake([7 / 3, 35 / 21], _TOTALS),
            Mistake([4.0, 7.5 / 4.5], _MEDIANS),
            Mistake([1.5, 2.0], _FASTEST),
            Mistake([2.0, 1.8], _UPPER),
            Mistake([2.0, 1.6], _UPPER),
            Mistake(
                [2.9, 2.25],
                "You took the arithmetic mean of before and after. This exercise asks for the geometric mean, which is "
                "the square root of their product.",
            ),
            Mistake([0.8, 0.9], "You used the loop before alone. The one after it belongs to the round, too."),
            Mistake([4.5, 3.6], "You used the loop after alone. The one before it belongs to the round, too."),
            Mistake(
                [0.5, (5 / 9 + 5 / 8) / 2],
                "Your ratios are upside down. Divide serial by parallel: above 1 means that parallel is faster.",
            ),
            Mistake(
                [[1.5, 2.0, 4.0], [2.0, 1.8, 1.5, 1.6]],
                "The ratios are right. Return one number: the median of them.",
            ),
        ),
    ),
    Check(
        name="09-too-good",
        notebook=9,
        title="Too good to be true",
        asks=(
            "serial_s and parallel_s hold one time for each round. The function shall return the speedup: the median "
            "of the ratios inside the rounds. On a quiet machine it is nearly right, on others far off. Find out why, "
            "and mend it."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "From which round is min(serial_s), and from which is min(parallel_s)? Are they the same?",
            "In a slow round both are slow. So divide what was measured in the same round.",
            "statistics.median(serial / parallel for serial, parallel in zip(serial_s, parallel_s))",
        ),
        given="def speedup(serial_s, parallel_s):\n    return min(serial_s) / min(parallel_s)\n",
        solution=(
            "from statistics import median\n\n\n"
            "def speedup(serial_s, parallel_s):\n"
            "    return median(serial / parallel for serial, parallel in zip(serial_s, parallel_s))\n"
        ),
        read="notebook 09, “How charts lie”",
        claims=PURE,
        signature="speedup(serial_s, parallel_s)",
        calls=((_LOOPS_S, _TWO_S), (_SLOWER_LOOPS_S, _SLOWER_TWO_S)),
        expected=[2.0, 1.7],
        mistakes=(
            Mistake([1.5, 2.0], _FASTEST),
            Mistake([7 / 3, 35 / 21], _TOTALS),
            Mistake([4.0, 7.5 / 4.5], _MEDIANS),
            Mistake([2.5, 1.725], _MEAN),
            Mistake([4.0, 2.0], _BEST),
            Mistake([2.0, 1.8], _UPPER),
            Mistake([2.0, 1.6], _UPPER),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="09-overlap",
        text=(
            "Six rounds each. Version A: speedup 1.78, 95 % interval from 1.75 to 1.82. Version B: 1.81, from 1.75 to "
            "1.85. Which version is faster?"
        ),
        options=(
            Option(
                "B, because 1.81 is more than 1.78.",
                "Measure again, and it may be the other way round: both numbers lie in both intervals.",
            ),
            Option(
                "A, because its interval is narrower.",
                "A narrow interval says that A was steadier. It says nothing about who is faster.",
            ),
            Option(
                "Neither: it is shown that both are equally fast.",
                "No difference was shown. That is less than to show that there is none: more rounds might find one.",
            ),
            Option(
                "These rounds cannot tell.",
                "Saying so is a result. If the difference matters to you, take more rounds.",
            ),
        ),
        right=4,
    ),
)

TOPICS = (
    Topic(
        name="09-processes",
        question="Counting primes on two processes: how many times as fast as the plain loop?",
        unit="times",
        causes=(
            Cause("You have thought of what two processes can give on this machine.", "near"),
            Cause(
                "Less than you thought, and there are more workers than cores: they take turns.",
                "above",
                findings=("more-workers-than-cores",),
            ),
            Cause(
                "Less than you thought, and the machine was not quiet: others used its cores meanwhile.",
                "above",
                findings=("busy-machine", "stolen-time", "preempted", "noisy-machine"),
            ),
            Cause(
                "Less than you thought. Look at the ceiling: not even processes that share nothing always get two "
                "whole cores. The rest goes to sending tasks and waiting for the last one.",
                "above",
            ),
            Cause("More than you thought: these tasks are long enough, so that sending them hardly counts.", "below"),
        ),
    ),
)
