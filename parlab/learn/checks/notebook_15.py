"""Notebook 15, "Why is it slower than one core?": for each bug of the lab, name its cause; and two cures."""

from parlab.learn import probes
from parlab.learn.bugs.listing import bugs
from parlab.learn.bugs.record import CAUSES, Bug
from parlab.learn.claims import PROCESSES, PURE, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic


def _check(bug: Bug) -> Check:
    mistakes = tuple(
        Mistake(other, f"Not {other}. That would be: {CAUSES[other][0].lower()}{CAUSES[other][1:]}")
        for other in bug.others
    )
    choices = ", ".join(f'"{name}"' for name in bug.candidates)
    return Check(
        name=bug.check,
        notebook=15,
        title=f"Bug: {bug.name.replace('-', ' ')}",
        asks=f"{bug.complaint} Name the cause. It is one of {choices}.",
        kind="read",
        difficulty=2,
        hints=bug.hints,
        solution=f'"{bug.cause}"',
        read="notebook 15, the code of the bug and what it shows",
        claims=(VALUE,),
        expected=bug.cause,
        mistakes=mistakes,
    )


_ITEMS = list(probes.ITEMS)

_CURES = (
    Check(
        name="15-workers-and-threads",
        notebook=15,
        title="Workers and threads that fit",
        asks=(
            "Return two whole numbers, the workers and the threads in each: as many workers as the cores allow, but no "
            "more than there are tasks; and then as many threads in each as still fit the cores, at least one."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "Workers first: two limits hold, the cores and the tasks. min() of both holds both.",
            "How many cores are left for each worker? Python's // divides and rounds down.",
            "workers = min(cores, pieces), and cores // workers threads in each.",
        ),
        solution=(
            "def split(cores, pieces):\n    workers = min(cores, pieces)\n    return workers, cores // workers\n"
        ),
        read="notebook 15, “Run”",
        claims=PURE,
        signature="split(cores, pieces)",
        calls=((8, 100), (8, 2), (6, 4), (1, 5)),
        expected=[[8, 1], [2, 4], [4, 1], [1, 1]],
        mistakes=(
            Mistake([[8, 8], [2, 8], [4, 6], [1, 1]], "Workers times threads are beyond the cores. Share them out."),
            Mistake([[8, 1], [8, 1], [6, 1], [1, 1]], "With fewer tasks than cores, some of these workers do nothing."),
            Mistake([[8, 1], [2, 1], [4, 1], [1, 1]], "Nearly. Two workers on eight cores leave six of them idle."),
            Mistake([[8, 1], [2, 4], [4, 1.5], [1, 1]], "Nearly. There is no half of a thread: // rounds down."),
        ),
    ),
    Check(
        name="15-no-callback",
        notebook=15,
        title="Results that are asked for",
        asks=(
            "These results come by a callback: in the order of the ends, and an error is lost. Mend it: the results "
            "come in the order of the items, and an error of a task is raised."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "What does apply_async return, and what becomes of it here?",
            "Keep the tickets in a list. First send all, then ask each for its result.",
            "calls = [pool.apply_async(task, (item,)) for item in items], then [call.get(30) for call in calls].",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def gather(task, items):\n"
            "    results = []\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        for item in items:\n"
            "            pool.apply_async(task, (item,), callback=results.append)\n"
            "        pool.close()\n"
            "        pool.join()\n"
            "    return results\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def gather(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        calls = [pool.apply_async(task, (item,)) for item in items]\n"
            "        return [call.get(30) for call in calls]\n"
        ),
        read="notebook 15, “Exercise 2”",
        claims=PROCESSES,
        signature="gather(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=[item * item for item in _ITEMS],
    ),
)
CHECKS = (*map(_check, bugs().values()), *_CURES)

QUESTIONS = (
    Question(
        name="15-first",
        text="Your parallel program is slower than the loop. What do you do first?",
        options=(
            Option("Take more workers.", "If the workers wait for tasks, data or memory, more of them wait."),
            Option(
                "Find out where the workers' time goes.",
                "Every bug of this lab has another cure, and what the workers did tells them apart.",
            ),
            Option("Take threads.", "That helps where arguments are big, and hurts where Python computes."),
            Option("Write it in C.", "The task may not be the problem: in half of these bugs it hardly counts."),
        ),
        right=2,
    ),
    Question(
        name="15-hang",
        text="A program hangs, and no core is busy. What tells you most?",
        options=(
            Option("The speedup.", "There is none: nothing has ended."),
            Option("The size of the memory.", "It tells of growth, not of waiting."),
            Option(
                "Where each process waits.",
                "Who waits for whom is the whole story of a hang; %%deadline, py-spy and faulthandler show it.",
            ),
            Option("How many workers there are.", "Two can wait for each other as well as two hundred."),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="15-threads",
        question="Two workers with twice as many BLAS threads each as cores: how many times as long as with one each?",
        unit="times",
        causes=(
            Cause("You have thought of threads that take each other's core.", "near"),
            Cause(
                "Less than you thought. The system shares cores out fairly, and a product that waits loses little more "
                "than its turn. On machines with many cores it is more.",
                "above",
            ),
            Cause(
                "More than you thought. Threads of BLAS wait for each other in a loop, and burn the core that the "
                "other one needs.",
                "below",
            ),
        ),
    ),
    Topic(
        name="15-found",
        question="Fourteen bugs. How many causes will you name at the first try?",
        unit="of 14 bugs",
        causes=(
            Cause("You know yourself well.", "near"),
            Cause("Fewer than you thought. Which symptoms have misled you? They are worth a note.", "above"),
            Cause("More than you thought: you have learnt to read symptoms.", "below"),
        ),
    ),
)
