"""Notebook 07, "What goes wrong when you share?": lost updates, locks, look-then-act, and who waits for whom."""

from parlab.learn import probes, probes_races
from parlab.learn.claims_races import ENDS, LOSSLESS, SELLING
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)

CHECKS = (
    Check(
        name="07-possible-ends",
        notebook=7,
        title="Where can it end?",
        asks=(
            "A shared number is 0. One process adds 1 to it, twice. Another adds 10, once. No lock is taken. At which "
            "numbers can it end? Answer with a list, the smallest first."
        ),
        kind="read",
        difficulty=2,
        hints=(
            "Write the steps down: the first process reads, writes, reads, writes; the second reads and writes.",
            "When is the 10 lost? When the first process reads before the 10 is written, and writes after it.",
            (
                "The second can read before the first process has begun, between its additions, or after them; and "
                "whoever writes last decides. There are four possible ends."
            ),
        ),
        solution="[2, 10, 11, 12]",
        read="notebook 07, “Every order there is”",
        claims=(ENDS,),
        expected=[2, 10, 11, 12],
        mistakes=(
            Mistake([12], "That is the right end. Without a lock there are others: what one has written can be lost."),
            Mistake(
                [2, 10, 12],
                "Nearly. The second process can also read in between: after the first 1 was written, and before the "
                "second 1 is.",
            ),
            Mistake(
                [2, 11, 12],
                "Nearly. The second process can read the 0, wait for a long time, and write its 10 last of all.",
            ),
            Mistake(
                [1, 2, 10, 11, 12],
                "Nearly. 1 cannot stand at the end: the first process writes twice, and its second addition begins "
                "with what it then reads, which is at least 1.",
            ),
            *(
                Mistake(
                    sorted({1, 2, 10, 11, 12} - {missing}),
                    "Nearly. One is missing, and 1 cannot stand at the end: the first process writes twice, and its "
                    "second addition begins with what it then reads, which is at least 1.",
                )
                for missing in (2, 10, 11, 12)
            ),
            Mistake([10, 11, 12], "Nearly. Can the 10 be lost, and both of the ones stay?"),
            Mistake([2, 12], "Nearly. One or both of the ones can be lost as well, not only the 10."),
        ),
    ),
    Check(
        name="07-nothing-lost",
        notebook=7,
        title="Nothing is lost",
        asks=(
            "Let two processes work out task(item), for each item once, both at the same time. Add every result to the "
            "account: account.read() returns its balance, account.write(number) sets it. Nothing may get lost. Return "
            "the balance at the end."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "account.write(account.read() + amount) is two steps. Nobody else may read between them.",
            (
                "Make one multiprocessing.Lock in deposited, and give it to both processes among their args. Call "
                "task(item) before you take the lock: else the other worker waits for your task."
            ),
            (
                "In the worker: amount = task(item); with lock: account.write(account.read() + amount). Or share "
                "nothing: let a pool return the amounts, and write once, in the parent."
            ),
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def deposited(task, items, account):\n"
            "    lock = multiprocessing.Lock()\n"
            "    halves = [items[::2], items[1::2]]\n"
            "    shared = (account, lock)\n"
            "    workers = [multiprocessing.Process(target=deposit, args=(task, half, *shared)) for half in halves]\n"
            "    for worker in workers:\n"
            "        worker.start()\n"
            "    for worker in workers:\n"
            "        worker.join()\n"
            "    return account.read()\n\n\n"
            "def deposit(task, items, account, lock):\n"
            "    for item in items:\n"
            "        amount = task(item)\n"
            "        with lock:\n"
            "            account.write(account.read() + amount)\n"
        ),
        read="notebook 07, “A lock”",
        claims=LOSSLESS,
        signature="deposited(task, items, account)",
        calls=((probes.square, _ITEMS, probes_races.Number(100)),),
        expected=100 + sum(item * item for item in _ITEMS),
    ),
    Check(
        name="07-last-seat",
        notebook=7,
        title="The last seat",
        asks=(
            "Two processes sell seats. task(customer) asks a customer, who always says yes. seats.read() returns how "
            "many seats are free, seats.write(number) sets it. One seat is left, and sometimes two are sold. There is "
            "a lock, and yet something is wrong. Find it, and mend it. Return how many were sold."
        ),
        kind="fault",
        difficulty=3,
        hints=(
            "Which two steps must belong together, so that nobody comes between them?",
            "When sell asks whether a seat is free, it does not hold the lock. By the time it holds it, who knows?",
            "Take the lock before the if, after task(customer): with lock: if seats.read() > 0: and then sell.",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def sold(task, customers, seats):\n"
            '    lock, count = multiprocessing.Lock(), multiprocessing.Value("i", 0)\n'
            "    halves, shared = [customers[::2], customers[1::2]], (seats, lock, count)\n"
            "    workers = [multiprocessing.Process(target=sell, args=(task, half, *shared)) for half in halves]\n"
            "    for worker in workers:\n"
            "        worker.start()\n"
            "    for worker in workers:\n"
            "        worker.join()\n"
            "    return count.value\n\n\n"
            "def sell(task, customers, seats, lock, count):\n"
            "    for customer in customers:\n"
            "        task(customer)\n"
            "        if seats.read() > 0:\n"
            "            with lock:\n"
            "                seats.write(seats.read() - 1)\n"
            "                count.value += 1\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def sold(task, customers, seats):\n"
            '    lock, count = multiprocessing.Lock(), multiprocessing.Value("i", 0)\n'
            "    halves, shared = [customers[::2], customers[1::2]], (seats, lock, count)\n"
            "    workers = [multiprocessing.Process(target=sell, args=(task, half, *shared)) for half in halves]\n"
            "    for worker in workers:\n"
            "        worker.start()\n"
            "    for worker in workers:\n"
            "        worker.join()\n"
            "    return count.value\n\n\n"
            "def sell(task, customers, seats, lock, count):\n"
            "    for customer in customers:\n"
            "        task(customer)\n"
            "        with lock:\n"
            "            if seats.read() > 0:\n"
            "                seats.write(seats.read() - 1)\n"
            "                count.value += 1\n"
        ),
        read="notebook 07, “Threads race as well”",
        claims=SELLING,
        signature="sold(task, customers, seats)",
        calls=((probes_races.ask, _ITEMS, probes_races.Number(1)),),
        expected=1,
    ),
)

QUESTIONS = (
    Question(
        name="07-value",
        text='counter = Value("i", 0), and several processes run counter.value += 1. Is anything lost?',
        options=(
            Option(
                "No, a Value has a lock, and += takes it.",
                "It has one, and each reading and each writing takes it, but gives it back in between. The addition "
                "as a whole is not protected.",
            ),
            Option(
                "No, because adding is a single step of the processor.",
                "Python reads the number, makes a new one, and writes it: three steps, and anybody may come between.",
            ),
            Option(
                "Yes, sometimes, unless each addition is made inside a block: with counter.get_lock().",
                "Inside that block nobody else reads between your reading and your writing.",
            ),
            Option(
                "Yes, each time, as the processes have different memory.",
                "A Value lies in memory that the processes share. That is why it can be lost at all.",
            ),
        ),
        right=3,
    ),
    Question(
        name="07-deadlock",
        text="Some work needs two locks at once. What keeps it from a deadlock, with certainty?",
        options=(
            Option(
                "Everybody takes the locks in the same order.",
                "Then nobody can hold the second and wait for the first, so no circle of waiting can close.",
            ),
            Option(
                "The locks are held for a very short time.",
                "That makes it rare, and so hard to find. Rare is not never.",
            ),
            Option(
                "Use RLock in the place of Lock.",
                "An RLock lets its own holder in again. It does not help against waiting for somebody else.",
            ),
            Option(
                "Use with, and never acquire.",
                "with gives the lock back whatever happens inside. The order in which you take two is still yours.",
            ),
        ),
        right=1,
    ),
)

TOPICS = (
    Topic(
        name="07-lost",
        question="Two processes add 1, five times each. How many of the ten additions are lost, on average?",
        unit="additions",
        causes=(
            Cause("You have seen through it: whoever writes last wipes out what the other one has added.", "near"),
            Cause(
                "More are lost than you thought. Each reader works with a number that is old by the time it writes, "
                "and wipes out all that was added meanwhile.",
                "below",
            ),
            Cause(
                "Fewer are lost than you thought: where the two happen not to overlap, both additions count. At least "
                "one of the two always gets through.",
                "above",
            ),
        ),
    ),
    Topic(
        name="07-locked-half",
        question="Four workers, and half of each task is done under one lock. How many times as fast as one worker?",
        unit="times",
        causes=(
            Cause("You have seen it: half of the work is done one after the other, so 2 is the most.", "near"),
            Cause(
                "Less than you thought. The half under the lock is done by one at a time, so even with a thousand "
                "workers it could not be faster than twice; and whoever comes while the lock is taken has to wait.",
                "above",
            ),
            Cause(
                "More than you thought: while one works under the lock, others do the half that needs none.", "below"
            ),
        ),
    ),
)
