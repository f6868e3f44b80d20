"""Says in words why workers could not be started, were lost, or are given up, and what to do then."""

import errno
from concurrent.futures import BrokenExecutor

from parlab.backends.memory import memory_advice
from parlab.errors import WorkersLostError

NOT_STARTED = (
    "The workers could not be started: one ended before it had anything to do. In a script, the work must stand below "
    '`if __name__ == "__main__":`, because workers import the script; what they printed says more.'
)
_MOST_LOST = 16  # tasks: then something else than a task is wrong, and starting workers for each is a storm
_TOLD_BY_ENGINES = ("KilledWorker", "WorkerCrashedError", "OutOfMemoryError", "NodeDiedError", "LocalRayletDiedError")
_MOST_BLAMELESS = 2  # pools in a row that broke without a culprit


class WorkerGoneError(BrokenExecutor):
    """An engine that keeps its processes to itself has lost one; ``how`` is its own word for that."""

    def __init__(self, text: str, how: str) -> None:
        super().__init__(text)
        self.how = how


def storm(losses: int, blameless: int, *, suspects: bool) -> WorkersLostError | None:
    """Tell whether it is time to stop starting workers, and why."""
    if losses >= _MOST_LOST:
        message = f"{losses} tasks have each ended their worker: mend the task, or look for what kills processes."
        return WorkersLostError(f"{message} It may be memory: {memory_advice()}")
    if blameless > _MOST_BLAMELESS:
        alone = ", and no task ended one when it ran alone" if suspects else ", and no task is known to have begun"
        message = f"Workers were lost {blameless} times in a row{alone}. Perhaps all together need too much:"
        return WorkersLostError(f"{message} {memory_advice()}")
    return None


def no_room(problem: OSError) -> str:
    """Say what the system lacks for processes that work together, and where to get it."""
    advice = {
        errno.ENOSPC: "Semaphores need room in /dev/shm: free some, give a container more (--shm-size=1g), or",
        errno.EMFILE: "Too many files are open: allow more (ulimit -n), give fewer workers, or",
        errno.EAGAIN: "Too many processes run: allow more (ulimit -u), give fewer workers, or",
    }.get(problem.errno or 0, "Look whether processes can be started at all, or")
    return f"The workers cannot be started: {problem.strerror or problem}. {advice} use threads."


def advice_on(how: str) -> str:
    """Say what an end like this usually means, and what to do."""
    if how == "SIGKILL":
        return f"Something killed it. Where memory runs out the system does that: {memory_advice()}"
    if how in ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"):
        return "It crashed in C code: look for ctypes, an extension module or too deep a recursion in the task."
    if how.startswith("exit code"):
        return "It left by itself, as os._exit() does: raise an exception instead, and only its task fails."
    if how in _TOLD_BY_ENGINES:
        return f"Something killed it, it left by itself, or C code crashed. Where memory runs out: {memory_advice()}"
    return "Look for what sends signals to these processes."
