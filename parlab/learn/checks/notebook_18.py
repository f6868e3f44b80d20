"""Notebook 18, "Can you make your own function faster?": worth it, the largest loss, in parallel, a generator."""

from math import inf

from parlab.learn import probes
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.claims_own import OWN, SUPPORTED
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = [item * item for item in _ITEMS]
_ROUNDED = "Right, but rounded. Let Python divide, and give it all its digits: 20 / (4 + 16 / 2) is the first."
_NAME_ALONE = (
    "That is a name alone. Hand it over with your sweep: project.cause(cause), or without a project "
    "learn.evidence(before, cause)."
)
_BUSY = ("busy-machine", "stolen-time", "preempted", "noisy-machine")

CHECKS = (
    Check(
        name="18-worth-it",
        notebook=18,
        title="Is it worth it?",
        asks=(
            "A program takes 20 seconds: 4 to read its data, 16 in a loop whose turns do not depend on each other. "
            "How many times as fast can it become at best: with the loop on 2 workers, on 8 workers, on any number? "
            "Answer with a list of three numbers, as divisions, and not rounded."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "The 4 seconds stay as they are, however many workers there are. Only the 16 are shared out.",
            "With 2 workers the loop takes 16 / 2 = 8 seconds at best, and the program 4 + 8.",
            "20 / (4 + 16 / 2), then 20 / (4 + 16 / 8), and with the loop in no time at all 20 / 4.",
        ),
        solution="[1.6666666666666667, 3.3333333333333335, 5.0]",
        read="notebook 18, “Profile first”, and notebook 11",
        claims=(VALUE,),
        expected=[20 / 12, 20 / 6, 5.0],
        mistakes=(
            Mistake([2, 8, 16], "That is for a program which is all loop. Here 4 of 20 seconds are shared by nobody."),
            Mistake(
                [1.6, 6.4, 16],
                "You have multiplied the share of the loop, 0.8, by the workers. Add up times instead: what stays, and "
                "what the loop takes when it is shared out.",
            ),
            Mistake([12, 6, 4], "The right times, in seconds. The check wants how many times as fast: 20 over them."),
            Mistake([1.67, 3.33, 5], _ROUNDED),
            Mistake([1.7, 3.3, 5], _ROUNDED),
            Mistake(
                [20 / 12, 20 / 6, inf],
                "The first two are right. With any number of workers the loop takes no time at all, and the program "
                "still takes 4 seconds.",
            ),
            Mistake(
                [2, 8, inf],
                "That is for a program which is all loop. Here 4 of 20 seconds stay, however many workers there are.",
            ),
            Mistake(
                [2, 8, 5],
                "The last number is right: 4 seconds always stay. They stay with 2 and with 8 workers, too.",
            ),
        ),
    ),
    Check(
        name="18-largest-loss",
        notebook=18,
        title="The largest loss of your function",
        asks=(
            "Where did the largest part of your workers' time go, besides useful work? Name the part, as notebook 10 "
            "does, or the code of the finding that fits, and hand it over with your sweep: project.cause(cause), or "
            "learn.evidence(before, cause) without a project."
        ),
        kind="read",
        difficulty=2,
        hints=(
            'before.plot("time") shows the parts as a bar, before.explain() as a table: “The work itself”.',
            (
                'waiting inside tasks is "waiting", dispatch and transfer "transfer", idle tail "tail", extra CPU '
                'time "inflation", start-up and close "startup". Where none takes a tenth, it is "none".'
            ),
            "[one.code for one in before.findings] lists what parlab has found. A code that names a cause may be it.",
        ),
        solution=(
            "{'cause': 'transfer', 'where': 'processes, 2 workers', 'supported': True, "
            "'told': 'of the example: dispatch and transfer takes the most'}"
        ),
        read="notebook 18, “Name the largest loss”, and notebook 10",
        claims=(SUPPORTED,),
        expected={},
        mistakes=(
            Mistake("transfer", _NAME_ALONE),
            Mistake("tail", _NAME_ALONE),
        ),
    ),
    Check(
        name="18-own-function",
        notebook=18,
        title="Your own function, in parallel",
        asks=(
            "In one module: work(item), the task; make_items(), which returns a list of items; and run(items), which "
            "returns work(item) for each of them, in their order, done by two workers or more, processes or threads. "
            "Nothing may be left behind."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "Begin with the plain loop, return [work(item) for item in items]. Then let a pool do it.",
            "A with block ends the pool whatever happens: with multiprocessing.Pool(2) as pool: ...",
            "return pool.map(work, items) inside of the with block, with a chunk size that leaves chunks for both.",
        ),
        solution=(
            "import math\nimport multiprocessing\n\n\n"
            "def work(number):\n"
            "    return sum(math.gcd(number, other) == 1 for other in range(1, 5_000))\n\n\n"
            "def make_items():\n"
            "    return list(range(1_000, 1_040))\n\n\n"
            "def run(items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(work, items, chunksize=5)\n"
        ),
        read="notebook 18, “Exercise 2: the program”, and notebook 04",
        claims=OWN,
        signature="run(items)",
        calls=(([],),),  # it gets those that the learner's make_items() gives
        expected=None,
        own=True,
        deadline_s=60.0,
    ),
    Check(
        name="18-generator",
        notebook=18,
        title="Two workers, one at work",
        asks=(
            "The owner of this program has two workers and no speedup. All tasks are sent, it seems, and then all "
            "results are asked for. Find out why one worker waits for the other, and mend it."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "When is a task sent? Put a print into the line with submit, and see when it comes.",
            "Round brackets make a generator. It does nothing until somebody asks it for its next value.",
            "Each task is sent only when the result before it has been taken. Square brackets send them all at once.",
        ),
        given=(
            "from concurrent.futures import ProcessPoolExecutor\n\n\n"
            "def all_results(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        calls = (executor.submit(task, item) for item in items)\n"
            "        return [call.result() for call in calls]\n"
        ),
        solution=(
            "from concurrent.futures import ProcessPoolExecutor\n\n\n"
            "def all_results(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        calls = [executor.submit(task, item) for item in items]\n"
            "        return [call.result() for call in calls]\n"
        ),
        read="notebook 18, “Exercise 3: a last fault”, and notebook 05",
        claims=PROCESSES,
        signature="all_results(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
)

QUESTIONS = (
    Question(
        name="18-first-step",
        text="A colleague's script takes an hour, and she wants it on all 16 cores. What do you do first?",
        options=(
            Option(
                "Put a pool of 16 around its longest loop.",
                "Perhaps that loop is a tenth of the hour. Then even endless cores save six minutes.",
            ),
            Option(
                "Profile the plain program: where is the time, and does it compute or wait?",
                "That tells the share which can be done in parallel, so the limit of all that follows; and whether "
                "threads or processes fit. Sometimes it shows a slow line that needs no second core at all.",
            ),
            Option(
                "Try every engine, and keep the fastest.",
                "You may learn which engine loses least, and not why. If the time is elsewhere, none of them helps.",
            ),
            Option(
                "Ask for a machine with 64 cores.",
                "More cores make the parallel part shorter, and nothing else. First find out how large it is.",
            ),
        ),
        right=2,
    ),
    Question(
        name="18-no-difference",
        text=(
            "You have changed the chunk size. After over before is 0.97, with an interval from 0.90 to 1.05. What do "
            "you write into your report?"
        ),
        options=(
            Option(
                "3 % faster.",
                "The interval holds 1, so it may as well be slower. The next six rounds can say 1.02.",
            ),
            Option(
                "The change has no effect.",
                "It may have one, of up to 10 %: the rounds are too few, or too noisy, to see it. No difference shown "
                "is not the same as no difference.",
            ),
            Option(
                "No difference that these rounds support; anything from 10 % faster to 5 % slower is possible.",
                "That is all that you know, and it is worth knowing. The simpler of the two programs may stay.",
            ),
            Option(
                "Nothing: measure again until it is faster.",
                "Whoever measures until the result pleases will always find one. Say beforehand how many rounds.",
            ),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="18-speedup",
        question="Your function, as it stands, on two processes: how many times as fast as the plain loop?",
        unit="times",
        causes=(
            Cause("You know your function.", "near"),
            Cause(
                "Less than you thought: tasks are sent with a lot of luggage, and packing takes longer than the work.",
                "above",
                findings=("big-payloads",),
            ),
            Cause(
                "Less than you thought: a task is over sooner than its message has arrived.",
                "above",
                findings=("tasks-too-short",),
            ),
            Cause(
                "Less than you thought: at the end one worker has a long task, and the other has none.",
                "above",
                findings=("imbalance", "few-chunks"),
            ),
            Cause(
                "Less than you thought: both workers wait for the same memory.",
                "above",
                findings=("memory-bound",),
            ),
            Cause(
                "Less than you thought, and the machine was not quiet: others used its cores meanwhile.",
                "above",
                findings=_BUSY,
            ),
            Cause("Less than you thought. The area says where the rest went.", "above"),
            Cause(
                "More than you thought. Is the plain loop slower than it need be, or does your function wait?",
                "below",
            ),
        ),
    ),
)
