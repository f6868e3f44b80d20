"""What must be true where the order of the tasks is the exercise. It never looks at a duration."""

from parlab.learn.records import Check, Claim, Run

_RIGHT_BUT = "Your answer is right, and two processes worked, but "


def _longest_first(check: Check, run: Run) -> str | None:
    """Look at the first task of each worker: the two largest items, as nobody else can have been given those.

    The first task waits until another worker has begun one. So whatever the system does meanwhile, the two items that
    were handed out first are the first tasks of two workers; those that come later may begin in any order.
    """
    items = [item for item in check.calls[0][1] if isinstance(item, int)]
    *_, second, largest = sorted(items)
    firsts = {(call.process, call.thread): call.item for call in reversed(run.calls)}.values()  # the earliest stays
    if {second, largest} <= set(firsts):
        return None
    if min(items) in firsts:
        return "shortest"
    return "together" if largest in firsts and second not in items[:2] else "as given"


LONGEST_FIRST = Claim(
    "the two largest items were begun first",
    _longest_first,
    {
        "shortest": (
            _RIGHT_BUT + "the smallest item was begun first: the largest then comes last, and one worker waits for it. "
            "sorted puts the smallest first; reverse=True turns that round."
        ),
        "together": (
            _RIGHT_BUT + "one worker was given the largest item and the second largest as well. That is what chunks "
            "and halves of a sorted list do. Let each worker take one task at a time: chunksize=1."
        ),
        "as given": (
            _RIGHT_BUT + "the tasks were begun in another order: the two largest items were not the first that the two "
            "workers got. Sort the items by size before you hand them out, the largest first."
        ),
    },
)
