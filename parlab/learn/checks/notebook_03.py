"""Notebook 03, "What does a new process know?": what is inherited, what is pickled, and what it costs."""

from parlab.learn import probes
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_OLD_FACTOR = (
    "Your workers had the factor {old}. If you have set a global variable: only the parent's copy has changed, and a "
    "worker imports the module as it stands in the file. Send the factor as an argument."
)

CHECKS = (
    Check(
        name="03-who-knows",
        notebook=3,
        title="Which level does the child see?",
        asks=(
            "The module settings says level = 1. The notebook imports it and sets settings.level = 2. Then it starts a "
            "child by fork, one by forkserver and one by spawn, whose function reads settings.level. "
            "Which value does each of the three find? Answer with a list of three numbers."
        ),
        kind="read",
        difficulty=2,
        hints=(
            "Which of the three ways copies the Python that is running, with everything in its memory?",
            "A spawned child is a fresh Python: it imports settings again, and there stands level = 1.",
            "The forkserver is a helper that was started fresh. Its children are copies of it, not of your notebook.",
        ),
        solution="[2, 1, 1]",
        read="notebook 03, “Inherited or imported”",
        claims=(VALUE,),
        expected=[2, 1, 1],
        mistakes=(
            Mistake([2, 2, 2], "Only one of the three inherits what the notebook has in its memory."),
            Mistake([1, 1, 1], "One of the three is a copy of the notebook's own process, with what you have set."),
            Mistake(
                [2, 2, 1], "Nearly. A forkserver forks itself, and not the notebook: it never saw what you have set."
            ),
        ),
    ),
    Check(
        name="03-tell-the-workers",
        notebook=3,
        title="Tell the workers",
        asks=(
            "Only the parent knows the factor. Have two processes compute task(item, factor) for each item, under "
            "every start method, and return the results in the order of the items."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "A variable that the parent has set is not known to a spawned child. So the factor must travel.",
            "What travels is what stands in the arguments. Pool.starmap takes a tuple of arguments for each task.",
            "with multiprocessing.Pool(2) as pool: return pool.starmap(task, [(item, factor) for item in items])",
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def scaled(task, items, factor):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.starmap(task, [(item, factor) for item in items])\n"
        ),
        read="notebook 03, “Explain”",
        claims=PROCESSES,
        signature="scaled(task, items, factor)",
        calls=((probes.times, _ITEMS, 3),),
        expected=[3 * item for item in _ITEMS],
        mistakes=tuple(Mistake([old * item for item in _ITEMS], _OLD_FACTOR.format(old=old)) for old in (0, 1)),
    ),
    Check(
        name="03-no-lambda",
        notebook=3,
        title="What cannot travel",
        asks=(
            "This function shall return task(item) + 1 for each item, computed by two processes, in the order of the "
            "items. It raises an error instead. Find out what cannot travel, and mend it."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "Functions travel by name: a worker imports them. Which function here has no name?",
            "Write a function at the top of the cell that takes task and item, and returns task(item) + 1.",
            (
                "functools.partial(add_one, task) fixes the first argument, and can travel. "
                "Or pool.starmap(add_one, [(task, item) for item in items])."
            ),
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def plus_one(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(lambda item: task(item) + 1, items)\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def add_one(task, item):\n"
            "    return task(item) + 1\n\n\n"
            "def plus_one(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.starmap(add_one, [(task, item) for item in items])\n"
        ),
        read="notebook 03, “What is pickled”",
        claims=PROCESSES,
        signature="plus_one(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=[item * item + 1 for item in _ITEMS],
    ),
)

QUESTIONS = (
    Question(
        name="03-methods",
        text="How does a spawned child get the function that it is to run?",
        options=(
            Option(
                "It inherits it with the parent's memory.",
                "That is fork. A spawned child is a fresh Python with an empty memory.",
            ),
            Option(
                "It gets the name of the module and of the function, and imports it.",
                "So the function must lie in a module, at the top, where it can be imported.",
            ),
            Option(
                "The parent sends the function's source code.",
                "Pickle sends names, and no code. (cloudpickle, which loky uses, does send code.)",
            ),
            Option(
                "It reads the notebook's cells.",
                "A child knows nothing of notebooks. That is why a function of a plain cell cannot be found.",
            ),
        ),
        right=2,
    ),
    Question(
        name="03-pickle",
        text="Which of these can be sent to a worker as an argument?",
        options=(
            Option("A lambda.", "It has no name by which the worker could import it."),
            Option(
                "An open file.", "It belongs to the process that opened it. Send its path, and open it in the worker."
            ),
            Option(
                "A list of a million numbers.",
                "But it is copied: pickled, sent and rebuilt. Notebook 06 measures that.",
            ),
            Option("A function inside a function.", "Its name leads nowhere from outside, so nobody can import it."),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="03-spawn-cost",
        question="How many times as long as the cheapest way does spawn take to start a process?",
        unit="times",
        causes=(
            Cause("You know what a fresh Python costs.", "near"),
            Cause(
                "Less than you thought. The other ways need time, too: a fork copies the lists of the memory in "
                "use, and a busy notebook has much of it.",
                "above",
            ),
            Cause(
                "More than you thought: a spawned child starts Python afresh, and imports all modules again that the "
                "task needs.",
                "below",
            ),
        ),
    ),
)
