"""Notebook 01, "What happens when you start a process?": start, join, exit codes, and who comes first."""

from parlab.learn import probes
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_NUMBERS = list(probes.ITEMS)
_CODES = [3, 0, 5, 2]

CHECKS = (
    Check(
        name="01-exit-codes",
        notebook=1,
        title="How they ended",
        asks=(
            "Four children: one returns, one raises a ValueError that nobody catches, one calls sys.exit(3), and one "
            "is ended with terminate() in its nap. Write down their four exit codes, in this order, as a list."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Three of the four codes are not 0. Which child ended well?",
            "An error that nobody caught gives 1. A child that leaves by itself chooses its code.",
            "A negative code names the signal that ended the child. terminate() sends SIGTERM, number 15.",
        ),
        solution="[0, 1, 3, -15]",
        read="notebook 01, “How did it end?”",
        claims=(VALUE,),
        expected=[0, 1, 3, -15],
        mistakes=(
            Mistake([0, 0, 0, 0], "0 means a good end. Only one of the four ended well."),
            Mistake([0, 0, 3, -15], "The error did not reach us, but the child did not end well: its code is not 0."),
            Mistake(
                [0, 1, 3, 15], "Nearly. A code that names a signal is negative, so that it is not taken for a choice."
            ),
            Mistake(
                [0, 1, 3, 1],
                "Nearly. terminate() raises no error in the child: a signal ends it, and the code names it.",
            ),
            Mistake([0, 1, 3, 0], "Nearly. A child that was terminated has not ended well: its code is not 0."),
        ),
    ),
    Check(
        name="01-start-and-join",
        notebook=1,
        title="A process for each number",
        asks=(
            "Start a process for each of the numbers. Each runs task(queue, number), which sends the number and its "
            "square. All shall work at once. When all have ended, return a sorted list of what they sent."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "Four steps: make a queue, make the processes, start all, join all. Then take the messages out.",
            "multiprocessing.SimpleQueue() makes the queue; Process(target=task, args=(queue, number)) a process.",
            (
                "Two loops: one with process.start(), and after it one with process.join(). "
                "Then sorted(queue.get() for _ in numbers)."
            ),
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def start_all(task, numbers):\n"
            "    queue = multiprocessing.SimpleQueue()\n"
            "    processes = [multiprocessing.Process(target=task, args=(queue, number)) for number in numbers]\n"
            "    for process in processes:\n"
            "        process.start()\n"
            "    for process in processes:\n"
            "        process.join()\n"
            "    return sorted(queue.get() for _ in numbers)\n"
        ),
        read="notebook 01, “Five processes print a number”",
        claims=PROCESSES,
        signature="start_all(task, numbers)",
        calls=((probes.send_square, _NUMBERS),),
        expected=sorted((number, number * number) for number in _NUMBERS),
    ),
    Check(
        name="01-in-turn",
        notebook=1,
        title="Nobody works beside anybody",
        asks=(
            "Each process runs task(code) and ends with that exit code. The function returns the right codes, and yet "
            "the processes never work at once. Find out why, and mend it."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "Follow the loop with your finger: what has happened to the first process when the second one starts?",
            "join() waits for the end. So one loop for the starts, and a second one for the joins.",
            "Keep the processes in a list. After the second loop: [process.exitcode for process in processes].",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def exit_codes(task, codes):\n"
            "    found = []\n"
            "    for code in codes:\n"
            "        process = multiprocessing.Process(target=task, args=(code,))\n"
            "        process.start()\n"
            "        process.join()\n"
            "        found.append(process.exitcode)\n"
            "    return found\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def exit_codes(task, codes):\n"
            "    processes = [multiprocessing.Process(target=task, args=(code,)) for code in codes]\n"
            "    for process in processes:\n"
            "        process.start()\n"
            "    for process in processes:\n"
            "        process.join()\n"
            "    return [process.exitcode for process in processes]\n"
        ),
        read="notebook 01, “start and join in turn”",
        claims=PROCESSES,
        signature="exit_codes(task, codes)",
        calls=((probes.leave, _CODES),),
        expected=_CODES,
        mistakes=(
            Mistake(
                [None] * len(_CODES),
                "You asked too early: None means that the processes still run. Join all first, and then read the exit "
                "codes.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="01-order",
        text="You start three processes in the order 1, 2, 3. In which order do they end?",
        options=(
            Option(
                "1, 2, 3: in the order of the starts.",
                "Often, when all do the same. But nobody promises it: the system decides who runs when.",
            ),
            Option(
                "3, 2, 1: the last one started is the first to end.",
                "Nothing turns the order around. Processes are no pile of plates.",
            ),
            Option(
                "In the order of the joins.",
                "join() only waits. It does not decide when a child ends; the child may have ended long before.",
            ),
            Option(
                "In any order. It may be another one next time.",
                "If you need an order, let each one send its number along, and sort.",
            ),
        ),
        right=4,
    ),
    Question(
        name="01-join",
        text="What does process.join(5) do?",
        options=(
            Option(
                "It starts the process and waits for 5 seconds.",
                "start() starts it. join() without a start is an error.",
            ),
            Option(
                "It waits until the process has ended, but no longer than 5 seconds.",
                "Afterwards process.exitcode tells whether it has ended: None means that it still runs.",
            ),
            Option(
                "It ends the process after 5 seconds.",
                "join() never ends a process. That would be terminate() or kill().",
            ),
            Option(
                "It fetches what the function returned.", "A return value stays in the child. A queue can bring it."
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="01-in-order",
        question="Five children send a number. In how many of 20 runs do they arrive in the order of the starts?",
        unit="runs",
        causes=(
            Cause("That is how it came out this time. Nobody promises it for the next 20.", "near"),
            Cause(
                "Fewer than you thought: the system decides which child runs first, and a child that started later can "
                "be faster.",
                "above",
            ),
            Cause(
                "More than you thought: starting a child takes longer than its tiny task, so the first has often ended "
                "before the next begins. It is still no promise.",
                "below",
            ),
        ),
    ),
    Topic(
        name="01-together",
        question="Four processes count primes: all at once against one after the other. How many times as fast?",
        unit="times",
        causes=(
            Cause("You have thought of both: how many cores there are, and what it costs to start.", "near"),
            Cause(
                "Less than you thought. Four processes cannot run at once on fewer than four cores, and each of them "
                "has to be started first. On a busy machine other programs have a part of the cores, too.",
                "above",
                1.5,
            ),
            Cause("A little less than you thought: starting the processes costs time, too.", "above"),
            Cause("More than you thought: in turn, every start is waited for as well.", "below"),
        ),
    ),
)
