"""Notebook 13, "How do you sum up millions of purchases?": what can be merged, customers in many files, a bad file."""

from parlab.learn import probes, probes_purchases
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_BUYERS = {one for item in _ITEMS for one in probes_purchases.buyers_of(item)}
_LOYAL = set(_BUYERS).intersection(*map(probes_purchases.buyers_of, _ITEMS))
_BROKEN = sorted(probes_purchases.BROKEN)
_READ = [item for item in _ITEMS if item not in _BROKEN]
_TOTAL = probes_purchases.CENTS * sum(_READ)
_BEFORE = probes_purchases.CENTS * sum(_ITEMS[:2])  # until the first broken one

CHECKS = (
    Check(
        name="13-mergeable",
        notebook=13,
        title="What can be merged?",
        asks=(
            "A shop writes a file a week, so a customer stands in many files. From each file you get one number, and "
            "nothing else. Can the year's number be worked out from the 52? Answer with a list of six, True or False: "
            "the number of purchases; the spend; the number of different customers; the median purchase; the latest "
            "day with a purchase; the mean purchase."
        ),
        kind="read",
        difficulty=1,
        hints=(
            (
                "Try it with two tiny files. If other purchases could give the same two numbers and another answer, "
                "the two numbers do not suffice."
            ),
            "Counts, sums, smallest and largest can be merged. Ask of the others what a number has forgotten.",
            (
                "Anna buys in both weeks: who knows that? Medians of 1, 2, 9 and of 3: is it 2, or 2.5? A mean of 1 "
                "purchase and a mean of 1,000: do both weigh the same?"
            ),
        ),
        solution="[True, True, False, False, True, False]",
        read="notebook 13, “By customer, or by date?”",
        claims=(VALUE,),
        expected=[True, True, False, False, True, False],
        mistakes=(
            Mistake(
                [True, True, True, False, True, False],
                "A customer who buys in two weeks is counted twice when you add up. How many there are of those, the "
                "numbers do not tell.",
            ),
            Mistake(
                [True, True, False, True, True, False],
                "A median of medians is no median: a file with one purchase would weigh as much as one with thousands.",
            ),
            Mistake(
                [True, True, False, False, True, True],
                "A mean can be merged when its count comes along: then both make a sum again. The means alone do not "
                "tell how much each of them weighs.",
            ),
            Mistake(
                [True, True, False, False, False, False],
                "The latest day of all is the latest of the latest days. A maximum can be merged, and so can a "
                "minimum.",
            ),
            Mistake([False, False, True, True, False, True], "It is the other way round: True is for what can."),
        ),
    ),
    Check(
        name="13-too-many",
        notebook=13,
        title="More customers than there are",
        asks=(
            "task(partition) returns a list of the partition's customers, each of them once. The function shall say "
            "how many different customers there are in all partitions. On files by customer it was right. Now there "
            "is a file a week, and it finds too many. Find out why, and mend it; two processes shall still do the work."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "Who buys in two weeks stands in two lists. What does the sum of their lengths make of that?",
            "A number cannot say who was counted. Join the customers themselves, and count after that.",
            (
                "A set holds each value once: len(set().union(*pool.map(task, partitions, chunksize=1))). The star "
                "hands over each list by itself."
            ),
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def customers_in(task, partitions):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return sum(len(found) for found in pool.map(task, partitions, chunksize=1))\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def customers_in(task, partitions):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return len(set().union(*pool.map(task, partitions, chunksize=1)))\n"
        ),
        read="notebook 13, “By customer, or by date?”",
        claims=PROCESSES,
        signature="customers_in(task, partitions)",
        calls=((probes_purchases.buyers, _ITEMS),),
        expected=len(_BUYERS),
        mistakes=(
            Mistake(
                sum(len(probes_purchases.buyers_of(item)) for item in _ITEMS),
                "That is the sum of the lengths: who buys in three weeks is counted three times.",
            ),
            Mistake(
                max(len(probes_purchases.buyers_of(item)) for item in _ITEMS),
                "That is how many customers one partition has. Others bought only in other weeks.",
            ),
            Mistake(len(_ITEMS), "That is the number of partitions: of lists, and not of what is in them."),
            Mistake(
                len(_LOYAL),
                "That is how many bought in every week. All are asked for who bought in any: a union, and no "
                "intersection.",
            ),
            Mistake(
                0,
                "Nobody was found. A set in a worker's memory stays there: let the customers come back, and join them "
                "in the parent.",
            ),
            Mistake("<set>", "That is the set of the customers. The check wants their number: put len(…) around it."),
            Mistake(
                sorted(_BUYERS), "These are the customers themselves, each of them once. The check wants their number."
            ),
        ),
    ),
    Check(
        name="13-total",
        notebook=13,
        title="A sum, and what is not in it",
        asks=(
            "task(partition) returns what was spent there, in cents, or raises a ValueError when the file cannot be "
            "read. Return a list of two: the sum of those that could be read, and a sorted list of the partitions that "
            "could not. Two processes do the work, and nothing is left behind."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "pool.map raises the first error, and the other results are gone. How do you fetch one result at a time?",
            "apply_async gives you a call for each partition. Send all of them first; then get each in a try.",
            (
                "calls = {one: pool.apply_async(task, (one,)) for one in partitions}; then for each: try: total += "
                "call.get(10); except ValueError: missing.append(one). All inside of the with block: after it no "
                "result comes. The comma in (one,) makes it a tuple."
            ),
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def total(task, partitions):\n"
            "    spent, missing = 0, []\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        calls = {one: pool.apply_async(task, (one,)) for one in partitions}\n"
            "        for one, call in calls.items():\n"
            "            try:\n"
            "                spent += call.get(10)\n"
            "            except ValueError:\n"
            "                missing.append(one)\n"
            "    return [spent, sorted(missing)]\n"
        ),
        read="notebook 13, “When a file is broken”",
        claims=PROCESSES,
        signature="total(task, partitions)",
        calls=((probes_purchases.spend, _ITEMS),),
        expected=[_TOTAL, _BROKEN],
        mistakes=(
            Mistake(
                [_TOTAL, []],
                "The sum is right, and nobody will know what is missing in it. Put each partition that raised a "
                "ValueError into the list.",
            ),
            Mistake(_TOTAL, "That is the sum alone. A sum that does not say what is missing looks complete."),
            Mistake(
                [_BEFORE, _BROKEN[-1:]],
                "Your loop ended at the first broken partition, and those behind it were left out. The try belongs "
                "inside of the loop, around one result.",
            ),
            Mistake([_TOTAL, len(_BROKEN)], "Say which partitions are missing, not only how many."),
            Mistake(
                [_TOTAL, sorted(f"partition {one} cannot be read" for one in _BROKEN)],
                "The right sum, and what the errors say. Put the partitions themselves into the list, as they were "
                "given: then a program can try them again.",
            ),
            Mistake(
                [_TOTAL, [_ITEMS.index(one) for one in _BROKEN[::-1]]],
                "The right sum, but these are places in the list of partitions. Name the partitions themselves.",
            ),
            Mistake(
                [_TOTAL, None],
                "missing.sort() sorts the list where it is, and returns None. sorted(missing) returns one.",
            ),
            Mistake([_BROKEN, _TOTAL], "Both are right, and the wrong way round: the sum first, then the list."),
            Mistake([_TOTAL, *_BROKEN], "The missing ones belong in a list of their own: [sum, [one, another]]."),
            Mistake(
                [_TOTAL / probes_purchases.CENTS, _BROKEN], "The tasks return cents, and the sum is in cents, too."
            ),
            Mistake(
                [0, sorted(_ITEMS)],
                "All are said to be missing, and most can be read. Either one error ended a pool.map, which gives all "
                "results or none; or results were asked for after the with block, when none comes any more, and "
                "except Exception took that for a bad file.",
            ),
            Mistake(
                [_TOTAL, [one for one in _ITEMS if one in _BROKEN]],
                "The right sum and the right partitions. Sort the list of those: then it is the same each time.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="13-which-way",
        text=(
            "pandas takes 10 seconds for a table of sums by customer, a pool of four processes 4, pyarrow with its own "
            "threads 2. Tomorrow each customer needs a score besides, from 300 lines of plain Python, and the scores "
            "of all take 60 seconds. What do you try first?"
        ),
        options=(
            Option(
                "Four processes that do both, a partition a task.",
                "It works, and a partition a task is the right cut. But each process would also do the sums, for which "
                "there is something better. Look for the answer that uses both.",
            ),
            Option(
                "pyarrow for the sums, and a pool for the scores, customer group by customer group.",
                "Each part of the work goes where it is cheapest. The sums take 2 seconds, and the 60 seconds of "
                "Python, which no library can do, are shared out.",
            ),
            Option(
                "pyarrow for both: its threads are faster than processes.",
                "Its threads run what is written in C++. Your 300 lines are Python, and need the GIL: they would run "
                "in one thread at a time.",
            ),
            Option(
                "pandas for the sums, since it is the plain loop.",
                "The plain loop is what you compare with. Once it is measured, you may leave it.",
            ),
        ),
        right=2,
    ),
    Question(
        name="13-broken",
        text=(
            "One of 200 files cannot be read tonight, and at eight o'clock somebody wants the sum. What should the "
            "program do?"
        ),
        options=(
            Option(
                "Count the file as 0, so that a number is there.",
                "A number is there, it looks complete, and it is too small. Nobody will ever find out.",
            ),
            Option(
                "Catch every error in the worker and go on.",
                "Then a slip of your own in the program also counts as a broken file. Catch the one error that a bad "
                "file causes, and let the others be seen.",
            ),
            Option(
                "Sum up the others, and say in the result which file is missing.",
                "Whoever reads the sum knows what it is worth, and where to look. If a sum with a gap is of no use to "
                "them, they can still refuse it.",
            ),
            Option(
                "Stop at the first error, so that nobody reads a wrong sum.",
                "Safe, and right where a gap is worse than no number at all. But then the work of 199 files is lost, "
                "and tomorrow the next file may be broken: find all of them in one run.",
            ),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="13-two-processes",
        question=(
            "Two processes sum up the purchases, a partition a task: how many times as fast as pandas alone on "
            "everything at once?"
        ),
        unit="times",
        causes=(
            Cause("You have thought of the messages, and of what pandas does at once.", "near"),
            Cause(
                "Less than you thought. Each file is opened, read and grouped on its own, so two workers together have "
                "more to do than pandas, which does it once. The plain loop, file by file, shows how much more.",
                "above",
            ),
            Cause(
                "More than you thought. Small frames stay in the caches of a core, and little travels back.",
                "below",
            ),
        ),
    ),
    Topic(
        name="13-memory",
        question=(
            "pandas takes all purchases at once, a worker one file after the other. How many times as much memory do "
            "the purchases take in pandas?"
        ),
        unit="times",
        causes=(
            Cause("You have thought of what a worker must hold at one time: a single file.", "near"),
            Cause(
                "Less than you thought. A worker holds one file, but also its copies: the table as it was read, the "
                "frame made of it, and what grouping needs. And memory that was given back is not always free at once. "
                "With few purchases, what the libraries take for their first work hides the rest.",
                "above",
            ),
            Cause(
                "More than you thought. pandas holds all purchases at one time, as a table and as a frame; a worker "
                "only ever holds one file.",
                "below",
            ),
        ),
    ),
)
