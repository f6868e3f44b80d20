"""Notebook 14, "How do you trust a parallel simulation?": how many runs, whose seed, and when to stop."""

import numpy as np

from parlab.learn import probes, probes_streams
from parlab.learn.claims import VALUE
from parlab.learn.claims_streams import OWN_SEEDS, STOPS_IN_ORDER
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SEED, _ENOUGH, _NEVER = probes_streams.SEED, probes_streams.ENOUGH, probes_streams.NEVER
_FIRST = probes_streams.first_number

CHECKS = (
    Check(
        name="14-how-many-runs",
        notebook=14,
        title="How many runs?",
        asks=(
            "10,000 runs gave a mean ± 0.30. How many runs does it take for ± 0.10, and how many for ± 0.03? Answer "
            "with a list of two numbers: all the runs, not the further ones."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "The width goes with one over the square root of the runs. What makes a square root three times as large?",
            "Three times as narrow takes 3 * 3 times the runs.",
            "10,000 * 3**2, and 10,000 * 10**2.",
        ),
        solution="[90000, 1000000]",
        read="notebook 14, “How sure?”",
        claims=(VALUE,),
        expected=[90_000, 1_000_000],
        mistakes=(
            Mistake(
                [30_000, 100_000],
                "Three times the runs make the interval only 1.7 times as narrow. It goes with their square root.",
            ),
            Mistake([80_000, 990_000], "Those are the further runs. The check asks for all of them."),
            Mistake([9, 100], "The right factors. The check wants runs: multiply them by 10,000."),
            Mistake(
                [17_320, 31_623],
                "The other way round: three times the runs are narrower by the root of three. Three times as narrow "
                "takes the square of three.",
            ),
            Mistake([3, 10], "So many times as narrow it shall be. The runs go with the square of that."),
            Mistake(
                [90_000, 900_000],
                "The first is right. ± 0.03 is a tenth of ± 0.30, and the square of ten is a hundred.",
            ),
            Mistake([90_000, 9_000_000], "± 0.03 is a tenth of ± 0.30, so it takes 10 * 10 times the runs."),
        ),
    ),
    Check(
        name="14-same-numbers",
        notebook=14,
        title="The same numbers everywhere",
        asks=(
            "The tasks shall draw independent numbers, and all of them draw the same. Mend it: each task gets a child "
            "of its own of SeedSequence(seed), in the order of the items, and two processes share the tasks."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "Every task begins with the same seed. How does numpy make many seeds from one?",
            "SeedSequence(seed).spawn(n) returns a list of n children, whose streams have nothing in common.",
            (
                "children = np.random.SeedSequence(seed).spawn(len(items)), then "
                "pool.starmap(task, zip(items, children))"
            ),
        ),
        given=(
            "import multiprocessing\n"
            "import numpy as np\n\n\n"
            "def draw_all(task, items, seed):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.starmap(task, [(item, np.random.SeedSequence(seed)) for item in items])\n"
        ),
        solution=(
            "import multiprocessing\n"
            "import numpy as np\n\n\n"
            "def draw_all(task, items, seed):\n"
            "    children = np.random.SeedSequence(seed).spawn(len(items))\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.starmap(task, zip(items, children))\n"
        ),
        read="notebook 14, “The same numbers everywhere”",
        claims=OWN_SEEDS,
        signature="draw_all(task, items, seed)",
        calls=((probes_streams.drawn, _ITEMS, _SEED),),
        expected=probes_streams.of_children(_ITEMS),
        mistakes=(
            Mistake(
                [_FIRST(_SEED)] * len(_ITEMS),
                "All tasks have drawn the same number, for they had the same seed. Six tasks then know what one knows, "
                "and claim to know six times as much.",
            ),
            Mistake(
                probes_streams.of_children(_ITEMS)[:1] * len(_ITEMS),
                "All tasks have drawn the same number: each got the first child, of a SeedSequence made anew. Make it "
                "once, and let it spawn all children together.",
            ),
            Mistake(
                probes_streams.of_children(_ITEMS)[:2] * (len(_ITEMS) // 2),
                "Two seeds for six tasks: each number was drawn three times. Who works does not matter, so there is a "
                "child for each task, not for each worker.",
            ),
            *(
                Mistake(
                    [_FIRST(np.random.SeedSequence(pair[::way])) for pair in ((_SEED, item) for item in _ITEMS)],
                    "Independent, and a good way, too: numpy mixes both numbers. Here each task's child is asked for: "
                    "SeedSequence(seed).spawn(…).",
                )
                for way in (1, -1)
            ),
            Mistake(
                [_FIRST(np.random.SeedSequence(_SEED, spawn_key=(item,))) for item in _ITEMS],
                "Independent children, but chosen by the items. The first item gets the first child, the second item "
                "the second one: zip(items, children).",
            ),
            Mistake(
                [_FIRST(_SEED + place) for place, _ in enumerate(_ITEMS)],
                "Your tasks are independent of each other, but not of the next experiment: seed + 1 gives it all of "
                "your streams but one. Children of one seed never meet those of another: spawn them.",
            ),
            Mistake(
                [_FIRST(_SEED + item) for item in _ITEMS],
                "Your tasks are independent of each other, but not of the next experiment: it may begin with one of "
                "your seeds. Children of one seed never meet those of another: spawn them.",
            ),
        ),
    ),
    Check(
        name="14-stop-in-order",
        notebook=14,
        title="Stop when it is enough",
        asks=(
            "Share the tasks out over two processes, and add their results up in the order of the items. Stop at the "
            "first sum that is at least enough. Return [how many results were added, their sum]; all of them, where "
            "even that is less than enough. Nothing may go on working after you have returned."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "Which of a pool's methods gives results one by one, while others still run, in the order of the items?",
            "Loop over imap. Add a result, count it, and leave the loop when the sum is enough.",
            (
                "for count, result in enumerate(pool.imap(task, items), 1): total += result; if total >= enough: break."
                " The end of the with block ends the rest."
            ),
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def add_until(task, items, enough):\n"
            "    count = total = 0\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        for result in pool.imap(task, items):\n"
            "            count, total = count + 1, total + result\n"
            "            if total >= enough:\n"
            "                break\n"
            "    return [count, total]\n"
        ),
        read="notebook 14, “Change one thing”",
        claims=STOPS_IN_ORDER,
        signature="add_until(task, items, enough)",
        calls=((probes.square, _ITEMS, _ENOUGH), (probes.square, _ITEMS, _NEVER)),
        expected=[[1, _ITEMS[0] ** 2], [len(_ITEMS), sum(item * item for item in _ITEMS)]],
    ),
)

QUESTIONS = (
    Question(
        name="14-which-seed",
        text=(
            "A thousand tasks simulate on eight workers. Which seeds give independent runs, and the same answer on any "
            "number of workers?"
        ),
        options=(
            Option(
                "One seed for each worker, set by its initializer.",
                "Independent, but which task gets which numbers depends on who takes it: another number of workers, or "
                "another day, gives another answer.",
            ),
            Option(
                "The time in nanoseconds, plus the process number.",
                "Two processes may get the same by chance, and nobody can ever repeat the answer.",
            ),
            Option(
                "SeedSequence(seed).spawn(1000), one child for each task.",
                "The task's place decides what it draws, and neither the worker nor the clock has a say.",
            ),
            Option(
                "The same seed for all, so that everything can be repeated.",
                "It can be repeated, a thousand times over: all tasks draw the same numbers, and know what one knows.",
            ),
        ),
        right=3,
    ),
    Question(
        name="14-four-workers",
        text="Two workers give ± 0.10 in a minute, and they scale perfectly. What do eight workers give in a minute?",
        options=(
            Option("± 0.025", "Four times the runs make it twice as narrow, not four times: the root of 4 is 2."),
            Option("± 0.05", "Four times the runs, so the interval is narrower by the root of 4."),
            Option("± 0.10", "The same precision comes sooner; in the same time you get four times the runs."),
            Option(
                "± 0.10, and four times as likely to be right.",
                "A 95 % interval holds in 95 of 100 cases, however many runs are in it. More runs make it narrower.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="14-narrower",
        question="16 times the runs: how many times as narrow is the interval?",
        unit="times",
        causes=(
            Cause("You have taken the root: 16 times the runs, four times as narrow.", "near"),
            Cause(
                "Less than you thought. A mean gets surer with the square root of its runs: four times as narrow takes "
                "16 times the runs.",
                "above",
            ),
            Cause(
                "More than you thought. It goes with the square root of the runs, and that of 16 is 4; what is missing "
                "or too much is the scatter of the first, small sample.",
                "below",
            ),
        ),
    ),
    Topic(
        name="14-same-seed",
        question="Eight tasks with the same seed: how many times the claimed error is the true one?",
        unit="times",
        causes=(
            Cause("You have seen that eight equal tasks know as much as one.", "near"),
            Cause(
                "More than you thought. Eight equal tasks know what one knows, but the interval counts eight times the "
                "runs: it is too narrow by about the root of 8.",
                "below",
            ),
            Cause(
                "Less than you thought. The interval is too narrow by the root of the number of equal tasks, not by "
                "the number: about the root of 8.",
                "above",
            ),
        ),
    ),
)
