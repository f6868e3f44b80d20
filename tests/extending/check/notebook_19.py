"""Notebook 19, "How do you stop when one has found it?": what goes on without you, and how to call it off."""

from parlab.learn import probes
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_FOUND, _NOWHERE = 9, 50  # an item whose square is sought, and what is no item's square
_HEAD = "from concurrent.futures import ProcessPoolExecutor, as_completed\n\n\n"
_SUBMIT = (
    "    with ProcessPoolExecutor(2) as executor:\n"
    "        whose = {executor.submit(task, item): item for item in items}\n"
    "        for future in as_completed(whose):\n"
    "            if future.result() == wanted:\n"
)

CHECKS = (
    Check(
        name="19-left-over",
        notebook=19,
        title="Who goes on",
        asks=(
            "20 calls are submitted to an executor. You take results as they come, and leave the loop and the with "
            "block when the fourth is what you sought. How many of the 20 are done in the end? Answer with a number."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Who tells the workers that you have left the loop?",
            "The end of the with block waits. For what?",
            "It waits for everything that was submitted and not cancelled. Was anything cancelled?",
        ),
        solution="20",
        read="notebook 19, “Run”",
        claims=(VALUE,),
        expected=20,
        mistakes=(
            Mistake(4, "Four results are what you have looked at. The workers know nothing of that, and go on."),
            Mistake(16, "Those are the ones that you did not look at. They are done as well as the four others."),
        ),
    ),
    Check(
        name="19-call-off",
        notebook=19,
        title="Call off the rest",
        asks=(
            "Let two processes do task(item) for the items. Return the item whose result is wanted as soon as it is "
            "known, and cancel what has not begun."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "Keep a dict from each future to its item, and take the futures as they come.",
            "When a result is what you want, call the executor's shutdown with cancel_futures=True.",
            "Then return whose[future]: the future's item, and not its result.",
        ),
        solution=(
            f"{_HEAD}def first_found(task, items, wanted):\n{_SUBMIT}"
            "                executor.shutdown(cancel_futures=True)\n"
            "                return whose[future]\n"
        ),
        read="notebook 19, “Call it off”",
        claims=PROCESSES,
        signature="first_found(task, items, wanted)",
        calls=((probes.square, _ITEMS, _FOUND**2),),
        expected=_FOUND,
    ),
    Check(
        name="19-nobody",
        notebook=19,
        title="And if nobody finds it?",
        asks=(
            "The function shall return the item whose result is wanted, and None where there is no such item. It "
            "finds one even then. Why? Mend it; two processes shall still do the work."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "In which two ways can the loop end?",
            "When no result fits, the loop ends by itself. What is `future` then?",
            "Return from within the loop, and return None behind it.",
        ),
        given=(
            f"{_HEAD}def found_or_none(task, items, wanted):\n{_SUBMIT}"
            "                break\n        return whose[future]\n"
        ),
        solution=(
            f"{_HEAD}def found_or_none(task, items, wanted):\n{_SUBMIT}"
            "                return whose[future]\n    return None\n"
        ),
        read="notebook 19, “Explain”",
        claims=PROCESSES,
        signature="found_or_none(task, items, wanted)",
        calls=((probes.square, _ITEMS, _FOUND**2), (probes.square, _ITEMS, _NOWHERE)),
        expected=[_FOUND, None],
    ),
)

QUESTIONS = (
    Question(
        name="19-cancel",
        text="You call shutdown(cancel_futures=True). What becomes of a task that a worker has begun?",
        options=(
            Option("It is ended at once.", "Nobody can end a task from outside without ending its whole process."),
            Option("It goes on to its end.", "Only what no worker has yet is cancelled."),
            Option("It raises CancelledError.", "That is raised by result(), for a call that was never begun."),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="19-opened",
        question="40 drawers, and the fourth holds what you seek. You leave the loop there. How many are opened?",
        unit="drawers",
        causes=(
            Cause("You knew: leaving the loop stops you, and nobody else.", "near"),
            Cause("More than you thought: what was submitted is done, whether you still look or not.", "below"),
            Cause("No more than there are, whatever happens.", "above"),
        ),
    ),
)
