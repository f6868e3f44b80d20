"""Notebook 10, "Where did the speedup go?": parts of the area, POP's efficiencies, the longest first, chunks."""

from parlab.learn import probes
from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, PROCESSES, PURE, TIDY, TWO_PROCESSES, VALUE
from parlab.learn.claims_order import LONGEST_FIRST
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = [item * item for item in _ITEMS]

# (worker, started_s, finished_s), one message a task. In the second trial one of three workers never got a task.
_TWO = [(0, 0.0, 4.0), (1, 1.0, 3.0), (1, 4.0, 9.0), (0, 5.0, 6.0)]
_THREE = [(0, 1.0, 7.0), (1, 1.0, 2.0), (1, 3.0, 4.0)]

_ABSENT = (
    "In the second trial a worker got no task: it stands in no span, and was idle from begin to end. Its time belongs "
    "to the area: reckon with the number of workers that you are given."
)
_BUSY = ("busy-machine", "stolen-time", "preempted", "noisy-machine")

CHECKS = (
    Check(
        name="10-three-efficiencies",
        notebook=10,
        title="Three efficiencies",
        asks=(
            "Three workers took 5 seconds together. Inside tasks the first one spent 4 seconds, the second 2, the "
            "third 3. Load balance, communication efficiency, parallel efficiency? Answer with a list of three "
            "numbers between 0 and 1, in this order."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "First find two numbers: how long the workers were inside tasks on average, and how long the busiest was.",
            "Load balance is the mean over the largest. Communication efficiency is the largest over the time.",
            "The mean is 3 and the largest 4, in 5 seconds: 3 / 4, then 4 / 5, and then both multiplied.",
        ),
        solution="[0.75, 0.8, 0.6]",
        read="notebook 10, “Efficiencies that multiply”",
        claims=(VALUE,),
        expected=[0.75, 0.8, 0.6],
        mistakes=(
            Mistake(
                [0.5, 0.8, 0.4],
                "Load balance is not the smallest over the largest: one lazy worker of a hundred costs little. Take "
                "the mean over the largest.",
            ),
            Mistake(
                [0.75, 0.6, 0.45],
                "Communication efficiency takes the largest time inside tasks, not the mean. The mean over the time is "
                "already the product: parallel efficiency.",
            ),
            Mistake([0.75, 0.8, 1.55], "Efficiencies are multiplied, not added: none is ever more than 1."),
            Mistake([75, 80, 60], "The right shares, in percent. The check wants numbers between 0 and 1."),
            Mistake([0.8, 0.75, 0.6], "The right numbers, and the first two have changed places."),
        ),
    ),
    Check(
        name="10-parts",
        notebook=10,
        title="Take an area apart",
        asks=(
            "spans holds (worker, started, finished) for each task; each task was a message of its own. elapsed is the "
            "time of the whole work. All times are seconds from its beginning. Return three numbers of worker-seconds: "
            "inside tasks; idle until the last task began (dispatch and transfer); idle after that (idle tail)."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "The three parts add up to workers * elapsed. So find two of them, and the third is what is left.",
            "The border is max(started). What tasks do after it is finished - max(started, border), where that is > 0.",
            (
                "tail = workers * (elapsed - border) - sum(max(0, finished - max(started, border)) for each span). "
                "Also for workers that never got a task."
            ),
        ),
        solution=(
            "def parts(spans, workers, elapsed):\n"
            "    border = max(started for _, started, _ in spans)\n"
            "    inside = sum(finished - started for _, started, finished in spans)\n"
            "    late = sum(max(0, finished - max(started, border)) for _, started, finished in spans)\n"
            "    tail = workers * (elapsed - border) - late\n"
            "    return [inside, workers * elapsed - inside - tail, tail]\n"
        ),
        read="notebook 10, “Do it by hand once”",
        claims=PURE,
        signature="parts(spans, workers, elapsed)",
        calls=((_TWO, 2, 10.0), (_THREE, 3, 8.0)),
        expected=[[12.0, 3.0, 5.0], [8.0, 6.0, 10.0]],
        mistakes=(
            Mistake(
                [[12.0, 6.0, 2.0], [8.0, 13.0, 3.0]],
                "Your tail begins when the last task has ended. It begins earlier: when the last task has begun, and "
                "there is nothing left for whoever is free.",
            ),
            Mistake(
                [[12.0, 3.0, 5.0], [8.0, 3.0, 13.0]],
                "Your tail begins for each worker when its own last task has ended. As long as there is a task left "
                "to begin, an idle worker waits for dispatch. The border is the same for all: when the last one began.",
            ),
            Mistake([[12.0, 3.0, 5.0], [8.0, 11.0, 5.0]], _ABSENT),
            Mistake([[12.0, 3.0, 5.0], [8.0, 3.0, 5.0]], _ABSENT),
            Mistake(
                [[0.6, 0.15, 0.25], [8 / 24, 6 / 24, 10 / 24]],
                "The right parts, as shares of the area. The check wants worker-seconds.",
            ),
            Mistake(
                [[12.0, 5.0, 3.0], [8.0, 10.0, 6.0]],
                "The right parts, and the last two have changed places: first dispatch and transfer, then the tail.",
            ),
        ),
    ),
    Check(
        name="10-one-idle",
        notebook=10,
        title="One of two is idle",
        asks=(
            "On 10,000 tiny tasks this was fast. Now there are six tasks, and one of the two workers gets none of "
            "them. Find out why, and mend it, so that both work, be there six items or 10,000."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "How many chunks do six items make? And who gets the second chunk?",
            "A chunk size must leave several chunks for each worker: about four. So it depends on the number of items.",
            "chunksize=max(1, len(items) // (4 * 2)), or leave it out: map then makes about four chunks a worker.",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def all_of_them(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(task, items, chunksize=500)\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def all_of_them(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(task, items, chunksize=max(1, len(items) // (4 * 2)))\n"
        ),
        read="notebook 10, “Change one thing”",
        claims=PROCESSES,
        signature="all_of_them(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
    Check(
        name="10-longest-first",
        notebook=10,
        title="The longest first",
        asks=(
            "Each item is a number that says how much work its task is. Share the tasks out over two processes, the "
            "largest item first, one at a time to whoever is free. Return the results in the order of the items as "
            "they were given."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "Sort the items before you hand them out; a pool begins them in the order in which it gets them.",
            "Afterwards the results must go back to their places. Remember which item each result belongs to.",
            (
                "ordered = sorted(items, reverse=True); found = dict(zip(ordered, pool.map(task, ordered, "
                "chunksize=1))); then [found[item] for item in items]"
            ),
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def longest_first(task, items):\n"
            "    ordered = sorted(items, reverse=True)\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        found = dict(zip(ordered, pool.map(task, ordered, chunksize=1)))\n"
            "    return [found[item] for item in items]\n"
        ),
        read="notebook 10, “Follow the advice”",
        claims=(IN_TIME, NO_ERROR, ANSWER, TWO_PROCESSES, LONGEST_FIRST, TIDY),
        signature="longest_first(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
)

QUESTIONS = (
    Question(
        name="10-which-change",
        text=(
            "Four workers took 2 seconds: an area of 8 worker-seconds. Useful work 5.0, idle tail 2.2, dispatch and "
            "transfer 0.5, extra CPU time 0.2, waiting inside tasks 0.1. Which change can gain the most?"
        ),
        options=(
            Option(
                "Larger chunks, so that fewer messages travel.",
                "Dispatch and transfer take 0.5 of 8. If all of it went away, 2 s would become (8 - 0.5) / 4 = 1.88 s.",
            ),
            Option(
                "Begin with the longest tasks, or cut them smaller.",
                "The idle tail is the largest loss. Without it 2 s would become (8 - 2.2) / 4 = 1.45 s.",
            ),
            Option(
                "Eight workers instead of four.",
                "Workers are idle at the end already, for one of them is still at a long task. That one would take as "
                "long as before, and more workers would wait for it.",
            ),
            Option(
                "Threads instead of processes, since these need not send anything.",
                "What is sent costs 0.5 of 8, so there is little to gain. And threads that compute in Python would "
                "wait for each other.",
            ),
        ),
        right=2,
    ),
    Question(
        name="10-waiting",
        text=(
            "Two processes on two cores fetch pages. The speedup is 1.98, and 95 % of the area is waiting inside "
            "tasks. What do you try next?"
        ),
        options=(
            Option(
                "Nothing: 1.98 on two cores is all there is.",
                "The number of cores is a limit for work that computes. These cores have nothing to do for 95 % of "
                "the time.",
            ),
            Option(
                "A machine with more cores.",
                "More cores would be idle, too. Nobody waits for a core here; everybody waits for the server.",
            ),
            Option(
                "More workers than cores: threads, for a start.",
                "Who waits needs no core, so many can wait at once. Threads are cheap, and the GIL is free while "
                "they wait.",
            ),
            Option(
                "Larger chunks.",
                "Chunks save messages, and those are no loss here. The waiting is inside of the tasks.",
            ),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="10-lost",
        question="Very uneven tasks on two processes: how many percent of the workers' time is no useful work?",
        unit="percent",
        causes=(
            Cause("You have thought of what happens when a long task begins last.", "near"),
            Cause(
                "More was lost than you thought, and the machine was not quiet: others used its cores meanwhile.",
                "below",
                findings=_BUSY,
            ),
            Cause(
                "More was lost than you thought. The longest of these tasks begins last, and one worker has nothing to "
                "do until it ends.",
                "below",
            ),
            Cause(
                "Less was lost than you thought. Most of these tasks are short, and whoever is free takes the next "
                "one: only the end is uneven.",
                "above",
            ),
        ),
    ),
    Topic(
        name="10-longest-first",
        question="The same tasks, the longest first: how many times as fast as the plain loop?",
        unit="times",
        causes=(
            Cause("You have taken the idle tail out of the area, and nothing else.", "near"),
            Cause(
                "Less than you thought, and the machine was not quiet: others used its cores meanwhile.",
                "above",
                findings=_BUSY,
            ),
            Cause(
                "Less than you thought. The new order takes away the idle tail; what messages and busy cores take is "
                "still lost.",
                "above",
            ),
            Cause(
                "More than you thought. When the long tasks are under way, the short ones fill the gaps up to the end.",
                "below",
            ),
        ),
    ),
)
