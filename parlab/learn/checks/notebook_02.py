"""Notebook 02, "Why don't threads help, and when do they?": counting, waiting, and memory of one's own."""

from parlab.learn import probes
from parlab.learn.claims import PROCESSES, THREADS, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = [item * item for item in _ITEMS]

CHECKS = (
    Check(
        name="02-who-helps",
        notebook=2,
        title="Threads or processes?",
        asks=(
            'Which help more, "threads" or "processes"? 1. Count primes in a Python loop. 2. Wait for the answers of '
            "100 web servers. 3. Wait for files on a slow network disk. 4. Search long texts in a Python loop. "
            "Answer with a list of four words. Your Python has a GIL."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Ask of each: does the processor work, or does the program wait?",
            "The GIL lets one thread at a time run Python code. Who waits does not hold it.",
            "Two of the four only wait. Threads are enough there, and cost less to start.",
        ),
        solution='["processes", "threads", "threads", "processes"]',
        read="notebook 02, “Explain”",
        claims=(VALUE,),
        expected=["processes", "threads", "threads", "processes"],
        mistakes=(
            Mistake(
                ["processes"] * 4,
                "Processes would help everywhere. But for work that waits, threads do as well and cost less.",
            ),
            Mistake(
                ["process", "thread", "thread", "process"],
                'Nearly: you know it. But the words are "processes" and "threads", as in the question.',
            ),
            Mistake(
                ["processes", "threads", "processes", "processes"],
                "Nearly. Files on a slow disk are waited for, as answers from the network are.",
            ),
            Mistake(
                ["processes", "threads", "threads", "threads"],
                "Nearly. The texts are in memory already: a Python loop that searches them computes.",
            ),
            Mistake(
                ["threads"] * 4,
                "Two of these keep the processor busy with Python code. The GIL lets only one thread do that.",
            ),
            Mistake(
                ["threads", "processes", "processes", "threads"],
                "Just the other way round: threads for what waits, processes for what computes in Python.",
            ),
        ),
    ),
    Check(
        name="02-wait-together",
        notebook=2,
        title="Wait in two threads",
        asks=(
            "task(item) mostly waits. Have two threads do the tasks, and return the results in the order of the items."
        ),
        kind="write",
        difficulty=1,
        hints=(
            "concurrent.futures has an executor for threads, which you use in a with block.",
            "ThreadPoolExecutor(2) has two threads. Its map() gives the results in the order of the items.",
            "with ThreadPoolExecutor(2) as executor: return list(executor.map(task, items))",
        ),
        solution=(
            "from concurrent.futures import ThreadPoolExecutor\n\n\n"
            "def wait_together(task, items):\n"
            "    with ThreadPoolExecutor(2) as executor:\n"
            "        return list(executor.map(task, items))\n"
        ),
        read="notebook 02, “Waiting”",
        claims=THREADS,
        signature="wait_together(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
    Check(
        name="02-count-together",
        notebook=2,
        title="Count in two processes",
        asks=(
            "task(item) counts in pure Python. Have two processes do the tasks, and return the results in the order of "
            "the items."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "The executor for processes looks the same as the one for threads.",
            "from concurrent.futures import ProcessPoolExecutor; or multiprocessing.Pool, as in notebook 04.",
            "with ProcessPoolExecutor(2) as executor: return list(executor.map(task, items))",
        ),
        solution=(
            "from concurrent.futures import ProcessPoolExecutor\n\n\n"
            "def count_together(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        return list(executor.map(task, items))\n"
        ),
        read="notebook 02, “Counting”",
        claims=PROCESSES,
        signature="count_together(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
    Check(
        name="02-lost-list",
        notebook=2,
        title="The list stays empty",
        asks=(
            "Each child appends its result to the list `found`. All children do their work, and still the function "
            "returns an empty list. Mend it, so that the results come back in the order of the items."
        ),
        kind="fault",
        difficulty=3,
        hints=(
            "How many lists called `found` are there while the children run?",
            "Each process has its own memory, so each child appends to a list of its own. Results must travel back.",
            (
                "A pool of processes brings return values back: ProcessPoolExecutor(2) and its map(). "
                "Or let each child put its result, with its place, into a queue."
            ),
        ),
        given=(
            "import multiprocessing\n\n"
            "found = []\n\n\n"
            "def keep(task, item):\n"
            "    found.append(task(item))\n\n\n"
            "def collected(task, items):\n"
            "    processes = [multiprocessing.Process(target=keep, args=(task, item)) for item in items]\n"
            "    for process in processes:\n"
            "        process.start()\n"
            "    for process in processes:\n"
            "        process.join()\n"
            "    return found\n"
        ),
        solution=(
            "from concurrent.futures import ProcessPoolExecutor\n\n\n"
            "def collected(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        return list(executor.map(task, items))\n"
        ),
        read="notebook 02, “A memory of one's own”",
        claims=PROCESSES,
        signature="collected(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
)

QUESTIONS = (
    Question(
        name="02-gil",
        text="Your Python has a GIL. What can two threads of one process do at the same time?",
        options=(
            Option("Nothing at all.", "They can: while one waits for the network or a disk, the other can run."),
            Option(
                "One can run Python code while the other waits.",
                "Who waits gives the GIL away. That is why threads help when work is mostly waiting.",
            ),
            Option(
                "Both can run Python code, each on a core of its own.",
                "Only in a free-threaded build of Python. With a GIL they take turns.",
            ),
            Option(
                "Both can run Python code, if they use different variables.",
                "The GIL does not look at variables: one thread at a time runs Python code.",
            ),
        ),
        right=2,
    ),
    Question(
        name="02-memory",
        text="total is 0. A child process does total = 5 and ends. What is total in the parent?",
        options=(
            Option("0.", "The child has a memory of its own, and changed its own total."),
            Option("5.", "A thread would have changed it. A process has a memory of its own."),
            Option("5, but only after join().", "join() waits for the end. It brings no variable back."),
            Option(
                "0 or 5, it depends on who is faster.",
                "That would be a race, and it needs shared memory. These two share none.",
            ),
        ),
        right=1,
    ),
)

_COUNT = (
    Cause("Near to 1: the threads take turns, because only one at a time may run Python code.", "near"),
    Cause(
        "Less than you thought: the GIL lets one thread at a time run Python code. Two threads take turns, and pass it "
        "to and fro.",
        "above",
    ),
    Cause(
        "More than you thought: is this a free-threaded build, or did the plain loop have a bad moment?",
        "below",
        1.3,
    ),
    Cause("A little more than you thought. Measure again: such small differences are chance.", "below"),
)

TOPICS = (
    Topic("02-threads-count", "Counting, on two threads: how many times as fast as the plain loop?", "times", _COUNT),
    Topic(
        name="02-threads-wait",
        question="Waiting, on two threads: how many times as fast as the plain loop?",
        unit="times",
        causes=(
            Cause("Who waits needs no core and no GIL, so two wait in the time of one.", "near"),
            Cause(
                "Less than you thought. Look at the timeline: perhaps there was more to compute than to wait for, or "
                "the last task ran alone.",
                "above",
            ),
            Cause(
                "More than you thought: waiting needs no core and no GIL, so two threads wait side by side.", "below"
            ),
        ),
    ),
)
