"""Notebook 16, "Which engine should you use?": engines for five jobs, one function for any engine, two faults."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from parlab.learn import probes, probes_engines, probes_futures
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.claims_engines import WITH_ANY_ENGINE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = {item: item * item for item in _ITEMS}
_FACTOR = 3
_BEFORE = [_SQUARES[item] for item in _ITEMS[: _ITEMS.index(probes_futures.BAD)]]


def _kept(form: str = "<{name}>") -> list[Any]:
    """Return what a list holds where each error stands in this form."""
    errors = {item: form.format(name=kind.__name__, item=item) for item, kind in probes_futures.ERRORS.items()}
    return list((_SQUARES | errors).values())


def _twice(answer: list[Any], advice: str) -> Mistake:
    return Mistake([answer, answer], advice)


CHECKS = (
    Check(
        name="16-five-jobs",
        notebook=16,
        title="Engines for five jobs",
        asks=(
            "One machine, a Python with a GIL. 1. Sharpen 5,000 photographs with Pillow; the next step of the same "
            "program works on the results. 2. Count words in 10,000 long texts, in a Python loop; the function stands "
            "in a module. 3. The same, but the function stands in a plain notebook cell and shall stay there. 4. Keep "
            "20,000 connections open at once; the library for them has async functions. 5. Ask an old database "
            'driver 50 questions; each call waits. Answer with a list of five words: "threads", "processes", "loky" '
            'or "asyncio".'
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Ask of each: who is at work? Python code, a library in C, or somebody else, for whom you wait?",
            "Threads do for waiting, and for libraries that let go of the GIL. Python code wants processes.",
            (
                "Two are for threads. Only one engine here takes a function that no worker can import. And very many "
                "connections are too many threads."
            ),
        ),
        solution='["threads", "processes", "loky", "asyncio", "threads"]',
        read="notebook 16, “Explain”",
        claims=(VALUE,),
        expected=["threads", "processes", "loky", "asyncio", "threads"],
        mistakes=(
            Mistake(
                ["processes"] * 5,
                "Processes do for one of these. Look again at who is at work: a library in C, a function that nobody "
                "can import, or somebody else, for whom you wait?",
            ),
            Mistake(
                ["threads"] * 5,
                "Threads do for two of these. Two others count words in Python, which one thread at a time may do; "
                "and 20,000 connections are too many threads.",
            ),
            Mistake(
                ["Threads", "Processes", "Loky", "Asyncio", "Threads"],
                "You know it. Write the words in small letters, as the question does.",
            ),
            Mistake(
                ["processes", "processes", "loky", "asyncio", "asyncio"],
                "Two are not right. Pillow lets go of the GIL, so threads sharpen side by side. And an old driver, "
                "whose calls just wait, would hold up a whole event loop.",
            ),
            Mistake(
                ["processes", "processes", "loky", "asyncio", "threads"],
                "Nearly. Pillow lets go of the GIL, so threads sharpen side by side. Processes can do it, too, but "
                "each finished picture must travel back to the next step.",
            ),
            Mistake(
                ["threads", "processes", "processes", "asyncio", "threads"],
                "Nearly. A worker process imports its function, and nobody can import one of a plain cell. One engine "
                "sends the function itself.",
            ),
            Mistake(
                ["threads", "processes", "threads", "asyncio", "threads"],
                "Nearly. Threads can call a function of a plain cell. But this one counts in Python, so they take "
                "turns. Of the engines whose workers have a GIL each, one sends the function itself.",
            ),
            Mistake(
                ["threads", "processes", "loky", "asyncio", "processes"],
                "Nearly. Processes can wait, too. But they take longer to start, each needs memory for a Python of its "
                "own, and to wait takes none of it.",
            ),
            Mistake(
                ["threads", "processes", "loky", "threads", "threads"],
                "Nearly. 20,000 threads cost memory and time to start. One thread can wait for all of these "
                "connections, where the library has async functions.",
            ),
            Mistake(
                ["threads", "processes", "loky", "asyncio", "asyncio"],
                "Nearly. An old driver whose calls just wait would hold up the whole event loop. In threads, each call "
                "holds up its own thread alone.",
            ),
            Mistake(
                ["threads", "loky", "loky", "asyncio", "threads"],
                "Nearly. loky would do for the second as well. But that function stands in a module, so the processes "
                "of the standard library do: nothing to install, and quicker to start.",
            ),
            Mistake(
                ["threads", "threads", "loky", "asyncio", "threads"],
                "Nearly. A Python loop holds the GIL while it counts, so threads take turns.",
            ),
        ),
    ),
    Check(
        name="16-any-engine",
        notebook=16,
        title="One function for any engine",
        asks=(
            "engine(2) starts an executor with two workers, whichever it is: ProcessPoolExecutor, ThreadPoolExecutor, "
            "or one of another package. Have it do task(item) for all items. Return a list in the order of the items: "
            "the result, or the error itself where the task raised one."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "Every executor has submit, and every future has exception() and result(). Nothing else is needed.",
            "executor.map raises at the first error. So submit all tasks, keep the futures in a list, then ask each.",
            (
                "futures = [executor.submit(task, item) for item in items] in with engine(2) as executor:, and then "
                "[future.exception() or future.result() for future in futures]."
            ),
        ),
        solution=(
            "def run(task, items, engine):\n"
            "    with engine(2) as executor:\n"
            "        futures = [executor.submit(task, item) for item in items]\n"
            "    return [future.exception() or future.result() for future in futures]\n"
        ),
        read="notebook 16, “One interface”",
        claims=WITH_ANY_ENGINE,
        signature="run(task, items, engine)",
        calls=(
            (probes_futures.square_or_raise, _ITEMS, ProcessPoolExecutor),
            (probes_engines.square_beside_another, _ITEMS, ThreadPoolExecutor),
        ),
        expected=[_kept(), _kept()],
        mistakes=(
            _twice(_kept("{name}"), "Nearly. These are the errors' names. Keep the errors themselves: they hold more."),
            _twice(_kept("{item} is not welcome"), "Nearly. These are texts. Keep the errors themselves."),
            _twice(
                ["<Future>"] * len(_ITEMS),
                "These are futures: what will be a result. Ask each of them for its error, and then for its result.",
            ),
            _twice(
                _BEFORE,
                "Your list ends at the first error: executor.map gives nothing after it. Submit each task, and ask "
                "each future on its own.",
            ),
            _twice(
                [square for item, square in _SQUARES.items() if item not in probes_futures.ERRORS],
                "Where a task raised an error, your list has nothing: so nobody can tell whose result is whose. Put "
                "the error in its place.",
            ),
            _twice(
                list((_SQUARES | dict.fromkeys(probes_futures.ERRORS)).values()),
                "Where a task raised an error, your list has None, and the reason is lost. Put the error itself there.",
            ),
        ),
    ),
    Check(
        name="16-wrong-engine",
        notebook=16,
        title="The wrong engine",
        asks=(
            "task(item, factor) counts in pure Python, and this program is not faster than a plain loop. Mend it: two "
            "processes at work at once, results in the order of the items. One change alone will not do."
        ),
        kind="fault",
        difficulty=3,
        hints=(
            "Which engine runs Python code side by side? Change it, run the check, and read what it says then.",
            "A lambda has no name that a worker could import. The task has one; only factor must come along.",
            "functools.partial(task, factor=factor) can travel. Or map(task, items, [factor] * len(items)).",
        ),
        given=(
            "from concurrent.futures import ThreadPoolExecutor\n\n\n"
            "def weighted(task, items, factor):\n"
            "    with ThreadPoolExecutor(2) as executor:\n"
            "        return list(executor.map(lambda item: task(item, factor), items))\n"
        ),
        solution=(
            "from concurrent.futures import ProcessPoolExecutor\n"
            "from functools import partial\n\n\n"
            "def weighted(task, items, factor):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        return list(executor.map(partial(task, factor=factor), items))\n"
        ),
        read="notebook 16, “Explain”",
        claims=PROCESSES,
        signature="weighted(task, items, factor)",
        calls=((probes.times, _ITEMS, _FACTOR),),
        expected=[item * _FACTOR for item in _ITEMS],
        mistakes=(
            Mistake(
                [_ITEMS[0] * _FACTOR],
                "There is one result, of the first item. Like zip, map ends with the shortest list that it is given: "
                "so a list with one factor allows one task.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="16-no-difference",
        text=(
            "Nine rounds. The speed of pool over that of processes, inside rounds: 0.98, with an interval from 0.93 to "
            "1.04. What do you conclude?"
        ),
        options=(
            Option(
                "processes is faster, by 2 %.",
                "The interval holds 1, so these rounds do not tell which one is faster.",
            ),
            Option(
                "Both are equally fast.",
                "They may differ by a few percent either way. To see nothing is not to see that there is nothing.",
            ),
            Option(
                "These rounds show no difference: choose by something else.",
                "If one is faster, then by little. So let other things decide: which one tells you of a dead worker?",
            ),
            Option(
                "The measurement was useless.",
                "It shows that neither is far ahead. That is worth knowing: you are free to choose by other things.",
            ),
        ),
        right=3,
    ),
    Question(
        name="16-gil-came-back",
        text=(
            "You start a program with a free-threaded build. Its threads take turns nevertheless, and "
            "sys._is_gil_enabled() says True. What has happened, most likely?"
        ),
        options=(
            Option(
                "An extension module was imported that does not say it can do without the GIL.",
                "Then Python switches the GIL on for the whole process, with a warning. PYTHON_GIL=0 forbids it, at "
                "your own risk.",
            ),
            Option(
                "Too many threads were started.",
                "Their number does not matter: a free-threaded build has no GIL to begin with.",
            ),
            Option(
                "Free-threaded builds have a GIL; it is only faster.",
                "They have none, unless something switches it on.",
            ),
            Option(
                "One thread has taken a lock and not given it back.",
                "Then others would wait for that lock. It does not change what sys._is_gil_enabled() says.",
            ),
        ),
        right=1,
    ),
)

TOPICS = (
    Topic(
        name="16-slowest-start",
        question="How many times as long as the quickest engine here does the slowest one take to start?",
        unit="times",
        causes=(
            Cause("You know what stands behind an engine: threads, or whole new Pythons.", "near"),
            Cause(
                "More than you thought. A thread is a small thing. A process is a Python of its own, which must import "
                "what it needs, and some engines start further programs beside their workers.",
                "below",
            ),
            Cause(
                "Less than you thought. Even the slowest engine here starts only a few new Pythons, and does so side "
                "by side.",
                "above",
            ),
        ),
    ),
)
