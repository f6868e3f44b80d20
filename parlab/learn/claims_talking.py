"""What must be true of an answer that sends a table: it does not travel with every task."""

from parlab.learn.records import Check, Claim, Run


def _travelled_once(_check: Check, run: Run) -> str | None:
    if any(call.loads > 1 for call in run.calls):
        return "again"
    return "everywhere" if len({call.process for call in run.calls}) > 2 else None


TRAVELLED_ONCE = Claim(
    "the table travelled once to each worker",
    _travelled_once,
    {
        "again": (
            "Your answer is right, but the table was packed, sent and rebuilt again and again: it travelled with the "
            "tasks. Send it once when a worker starts, with initializer=… and initargs=(…,), and keep it in a global "
            "variable of the worker."
        ),
        "everywhere": (
            "Your answer is right, but the table travelled to more than two processes, and each of them had to be "
            "started for it. Two workers are enough: they can do several tasks each."
        ),
    },
)
