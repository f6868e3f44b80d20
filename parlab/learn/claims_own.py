"""What must be true of a learner's own program, and of the cause that a learner names. It never looks at a duration.

Which cause is right nobody can write down beforehand: that is up to the learner's function and machine. So the claim
asks whether the measured rounds support it, and several causes may be right.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from parlab.learn.claims import IN_TIME, NO_ERROR, OPEN, TIDY
from parlab.learn.records import Check, Claim, Run

FEWEST_ITEMS = 2
CODES: Mapping[str, str] = MappingProxyType(
    {  # findings that name the reason of a loss, and the part of the area in which it shows
        "tasks-too-short": "transfer",
        "big-payloads": "transfer",
        "imbalance": "tail",
        "few-chunks": "tail",
        "gil-bound": "waiting",
        "io-bound": "waiting",
        "memory-bound": "inflation",
        "oversubscribed": "inflation",
        "startup-dominates": "startup",
    }
)
PARTS = ("inflation", "waiting", "transfer", "tail", "startup")
NONE = "none"  # no part takes what is worth a change
CAUSES = (*PARTS, NONE, *CODES)
_RIGHT_BUT = "Your answers are right, but "


def _answers(_check: Check, run: Run) -> str | None:
    found: dict[str, Any] = run.answers[0]
    if found["items"] < FEWEST_ITEMS:
        return "few items"
    if found["returned"] is None:
        return {"NoneType": "no return", "ellipsis": OPEN, "iterator": "iterator"}.get(found["kind"], "no list")
    if found["place"] is not None:
        return "order" if found["order"] else "wrong"
    return None if found["returned"] == found["items"] else "count"


def _two_workers(_check: Check, run: Run) -> str | None:
    if run.met is not None:
        return None
    workers = {(call.process, call.thread) for call in run.calls}
    if not workers:
        return "unused"
    if len(workers) > 1:
        return "in turn"
    return "serial" if run.root in {call.process for call in run.calls} else "one worker"


def _supported(_check: Check, run: Run) -> str | None:
    found = run.answers[0]
    if not isinstance(found, dict) or not {"supported", "told"} <= set(found):  # not what evidence() returns
        return "name" if found in CAUSES else "wrong"
    return None if found["supported"] else "not supported"


OWN_ANSWERS = Claim(
    "its answers are those of the plain loop",
    _answers,
    {
        OPEN: "This exercise is still open. Write the functions and run their cell and this one again.",
        "few items": "make_items() gave {items} items. Two workers need two or more.",
        "no return": "run returned nothing. End it with return and the list of all answers.",
        "iterator": (
            "run returned an iterator, whose values have not been fetched. Put list(…) around it, inside of the with "
            "block, while the workers still live."
        ),
        "no list": "run returned a {kind}. Return a list: work(item) for each item, in the order of the items.",
        "count": "run returned {returned} answers for {items} items. Which are missing, or there twice?",
        "order": (
            "All answers are there, but in another order than the items. Sort them back, or remember with each task "
            "which item it was."
        ),
        "wrong": (
            "For item {place}, counted from 0, the plain loop gives {expected}, and run gave {answer}. Does work "
            "change something that the workers do not share, or use random numbers without a seed of its own?"
        ),
    },
)
TWO_WORKERS = Claim(
    "two workers were at work at once",
    _two_workers,
    {
        "unused": (
            _RIGHT_BUT + "work(item) was never called while run was at work. Let run do its work by calling work for "
            "each item, in a worker."
        ),
        "serial": (
            _RIGHT_BUT + "one process did all the work, one task after the other: the one that called run. Give the "
            "tasks to two workers or more."
        ),
        "one worker": (
            _RIGHT_BUT + "one worker did all the tasks, and nobody worked beside it. Is there only one worker, or did "
            "all tasks go to it in one big chunk?"
        ),
        "in turn": (
            _RIGHT_BUT + "the workers worked in turn: each was waited for before the next could begin. Send all tasks "
            "first, and only then wait."
        ),
    },
)
SUPPORTED = Claim(
    "the rounds support the cause",
    _supported,
    {
        "not supported": "{told}",
        "name": (
            "A name alone is not right here: it needs your sweep beside it. Write learn.evidence(before, cause), or "
            "project.cause(cause)."
        ),
    },
)

OWN = (IN_TIME, NO_ERROR, OWN_ANSWERS, TWO_WORKERS, TIDY)
