"""Notebook 05, "What is a future?": what a future says, results as they come, errors, and a worker that dies."""

from parlab.learn import probes, probes_futures
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.claims_futures import INNOCENT_KEPT, LOST, WHOSE_RESULT
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = {item: item * item for item in _ITEMS}
_ERRORS = {item: kind.__name__ for item, kind in probes_futures.ERRORS.items()}
_BEFORE_ERRORS = [_SQUARES[item] for item in _ITEMS[: _ITEMS.index(probes_futures.BAD)]]
_HEAD = "from concurrent.futures import ProcessPoolExecutor"

CHECKS = (
    Check(
        name="05-what-it-says",
        notebook=5,
        title="What futures say",
        asks=(
            "One call has returned, another has raised an error, and the with block is over. What do good.done(), "
            "bad.done(), bad.exception() is None and good.cancel() give? Answer with a list of four: True or False."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "The end of the with block waits for all calls. So what has become of both?",
            "done() says that nothing more will come, be it a result or an error. exception() returns an error.",
            "cancel() says whether it was in time. What is done can no longer be cancelled.",
        ),
        solution="[True, True, False, False]",
        read="notebook 05, “The states of a future”",
        claims=(VALUE,),
        expected=[True, True, False, False],
        mistakes=(
            Mistake(
                [True, False, False, False],
                "Nearly. A call that has raised an error is done, too: nothing more will come.",
            ),
            Mistake(
                [True, True, False, True],
                "Nearly. cancel() says whether it was in time, and here it came after the end.",
            ),
            Mistake(
                [True, True, True, False],
                "Nearly. exception() returns the error that the call raised, and None only where there was none.",
            ),
            Mistake(
                [False, False, False, False],
                "The end of the with block waits for all calls. After it, both are done.",
            ),
        ),
    ),
    Check(
        name="05-whose-result",
        notebook=5,
        title="Each result to its item",
        asks=(
            "Submit task(item) for each item to a ProcessPoolExecutor of two workers. Take the results as they come, "
            "with as_completed, and return a sorted list of pairs: (item, result)."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "as_completed gives you futures in the order of their ends. How do you know whose result it is?",
            "A future can be the key of a dict. Make one from each future to its item, before you wait.",
            (
                "whose = {executor.submit(task, item): item for item in items}, then "
                "sorted((whose[future], future.result()) for future in as_completed(whose))."
            ),
        ),
        solution=(
            f"{_HEAD}, as_completed\n\n\n"
            "def results_with_items(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        whose = {executor.submit(task, item): item for item in items}\n"
            "        return sorted((whose[future], future.result()) for future in as_completed(whose))\n"
        ),
        read="notebook 05, “As they come”",
        claims=WHOSE_RESULT,
        signature="results_with_items(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=sorted(_SQUARES.items()),
    ),
    Check(
        name="05-keep-the-good",
        notebook=5,
        title="Keep the good ones",
        asks=(
            "task(item) raises an error for some items. Have two processes do all tasks. Return a list in the order of "
            'the items: the result, or the name of the error\'s type, such as "ValueError".'
        ),
        kind="write",
        difficulty=2,
        hints=(
            "executor.map raises at the first error, and gives nothing after it. A future keeps its own error.",
            "exception() waits for the call, and returns its error, or None. type(error).__name__ is the name.",
            (
                "Submit all first. Then for each future: error = future.exception(); take future.result() where it is "
                "None, and type(error).__name__ where it is not."
            ),
        ),
        solution=(
            f"{_HEAD}\n\n\n"
            "def results_or_errors(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        futures = [executor.submit(task, item) for item in items]\n"
            "    results = []\n"
            "    for future in futures:\n"
            "        error = future.exception()\n"
            "        results.append(future.result() if error is None else type(error).__name__)\n"
            "    return results\n"
        ),
        read="notebook 05, “Errors”",
        claims=PROCESSES,
        signature="results_or_errors(task, items)",
        calls=((probes_futures.square_or_raise, _ITEMS),),
        expected=list((_SQUARES | _ERRORS).values()),
        mistakes=(
            *(
                Mistake(
                    [*_BEFORE_ERRORS, *last],
                    "Your list ends at the first error. executor.map gives nothing after it, even if you catch it. So "
                    "submit each call, and ask each future on its own: it keeps its own result, or its own error.",
                )
                for last in (["ValueError"], [])
            ),
            Mistake(
                list((_SQUARES | dict.fromkeys(_ERRORS, "ValueError")).values()),
                "Nearly. Not every error is a ValueError. type(error).__name__ is the name of the one that was raised.",
            ),
            Mistake(
                list((_SQUARES | {item: f"{item} is not welcome" for item in _ERRORS}).values()),
                "Nearly. This is the error's text. The name of its type was asked for: type(error).__name__.",
            ),
            Mistake(
                list((_SQUARES | dict.fromkeys(_ERRORS, "<type>")).values()),
                "Nearly. This is the type itself. Its name is a text: type(error).__name__.",
            ),
            Mistake(
                list((_SQUARES | {item: f"<{name}>" for item, name in _ERRORS.items()}).values()),
                "Nearly. This is the error itself. The name of its type was asked for: type(error).__name__.",
            ),
        ),
    ),
    Check(
        name="05-innocent",
        notebook=5,
        title="Lost with the culprit",
        asks=(
            "One of the tasks ends its worker. The function shall return the results in the order of the items, and "
            '"lost" for this one task alone. But it says "lost" of others, too. Find out why, and mend it. As before, '
            "two processes shall do the work together at first."
        ),
        kind="fault",
        difficulty=3,
        hints=(
            "Whose futures raise BrokenProcessPool when a worker dies: the culprit's alone?",
            "A future that fails so is only suspect. Do its task again, alone, in an executor that nobody else needs.",
            (
                "Write alone(task, item): with ProcessPoolExecutor(1) as executor, return "
                'executor.submit(task, item).result(), and "lost" on BrokenProcessPool. Call it instead of writing '
                '"lost".'
            ),
        ),
        given=(
            f"{_HEAD}\n"
            "from concurrent.futures.process import BrokenProcessPool\n\n\n"
            "def rescued(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        futures = [executor.submit(task, item) for item in items]\n"
            "    results = []\n"
            "    for future in futures:\n"
            "        try:\n"
            "            results.append(future.result())\n"
            "        except BrokenProcessPool:\n"
            '            results.append("lost")\n'
            "    return results\n"
        ),
        solution=(
            f"{_HEAD}\n"
            "from concurrent.futures.process import BrokenProcessPool\n\n\n"
            "def alone(task, item):\n"
            "    with ProcessPoolExecutor(1) as executor:\n"
            "        try:\n"
            "            return executor.submit(task, item).result()\n"
            "        except BrokenProcessPool:\n"
            '            return "lost"\n\n\n'
            "def rescued(task, items):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        futures = [executor.submit(task, item) for item in items]\n"
            "    results = []\n"
            "    for item, future in zip(items, futures):\n"
            "        try:\n"
            "            results.append(future.result())\n"
            "        except BrokenProcessPool:\n"
            "            results.append(alone(task, item))\n"
            "    return results\n"
        ),
        read="notebook 05, “A worker that dies”",
        claims=INNOCENT_KEPT,
        signature="rescued(task, items)",
        calls=((probes_futures.square_or_end, _ITEMS),),
        expected=[_SQUARES[item] if item != probes_futures.BAD else LOST for item in _ITEMS],
        deadline_s=30.0,
    ),
)

QUESTIONS = (
    Question(
        name="05-gave-up",
        text="future.result(timeout=1) raises TimeoutError. What about the task?",
        options=(
            Option("It is ended.", "Nobody has told the worker anything. The number of seconds is for you alone."),
            Option(
                "Its future is cancelled.", "Nobody has called cancel(), and of a task that runs it would say False."
            ),
            Option(
                "It runs on, and its result can be fetched later.",
                "You have stopped waiting, and nothing else. The end of the with block will wait for it again.",
            ),
            Option("It is begun anew.", "An executor never does a task twice, not even when a worker dies."),
        ),
        right=3,
    ),
    Question(
        name="05-broken",
        text="A worker of an executor dies. Which futures raise BrokenProcessPool?",
        options=(
            Option(
                "The one whose task the worker was doing.",
                "The executor would have to know which that was. It only knows which calls have no answer yet.",
            ),
            Option(
                "All that are not done.",
                "Also those that another worker was doing, and those that had not begun. What is done stays.",
            ),
            Option("All of the executor.", "A result that has arrived is in your process, and stays there."),
            Option(
                "None: a new worker does the task again.",
                "A task may have sent a letter or written half a file. So it is for you to decide whether it is done "
                "again.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="05-timeout",
        question=(
            "A task sleeps for 1 second. result(timeout=0.2) gives up waiting. After how many seconds is the with "
            "block over?"
        ),
        unit="seconds",
        causes=(
            Cause("You knew: giving up ends the waiting, and not the task. The block waits for all tasks.", "near"),
            Cause(
                "It took longer than you thought. result gave up, but the task ran on, and the end of the with block "
                "waits for every task that has begun.",
                "below",
            ),
            Cause("Not even that long: the block waits for the end of the task, and for nothing else.", "above"),
        ),
    ),
    Topic(
        name="05-survivors",
        question="Six tasks, two workers, and task 3 ends its worker. How many of the five other results do you get?",
        unit="results",
        options=(0, 1, 2, 3, 4, 5),
        causes=(
            Cause("Just so: you get those that had arrived before the worker died.", "near"),
            Cause(
                "Fewer than you thought. The executor does not know which task the worker had, so every future fails "
                "that is not done, also those that had not begun.",
                "above",
            ),
            Cause("More than you thought: a result that has arrived stays, whatever becomes of the workers.", "below"),
        ),
    ),
)
