"""Notebook 00, "What can your machine do?": cores that count, workers that fit."""

from types import SimpleNamespace

from parlab.learn.claims import PURE, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_GIB = 2**30


class MadeUpMachine(SimpleNamespace):
    """A machine that is made up, with the names that ``parlab.detect()`` gives; it says what it is in a few words."""

    def __repr__(self) -> str:
        """Name what the exercises ask about."""
        return (
            f"<{self.cores_usable} usable of {self.cores_logical} logical cores, "
            f"{self.memory_available_bytes / _GIB:g} GiB free>"
        )


def _machine(usable: int, free_gib: float = 16, logical: int = 16) -> MadeUpMachine:
    return MadeUpMachine(
        cores_usable=usable, cores_logical=logical, memory_available_bytes=int(free_gib * _GIB), memory_bytes=64 * _GIB
    )


CHECKS = (
    Check(
        name="00-usable-cores",
        notebook=0,
        title="The smallest limit counts",
        asks=(
            "A server's processor has 16 logical cores, which share 8 physical ones. Your container has an affinity of "
            "6 cores and a quota of 2.5. How many cores may your Python use at once? Answer with a whole number."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Write the limits in a row. Which of them hold for you, and which only describe the processor?",
            "Every limit holds at the same time. So the smallest one counts.",
            "A quota is rounded down: with half a core one cannot keep a whole worker busy.",
        ),
        solution="2",
        read="notebook 00, “Run”",
        claims=(VALUE,),
        expected=2,
        mistakes=(
            Mistake(16, "16 is what the label says. Of those, your container gets only a part."),
            Mistake(8, "8 is what the processor has. It says nothing of what your container may use."),
            Mistake(6, "The affinity allows 6 cores. But the quota holds as well, and it is smaller."),
            Mistake(2.5, "The quota is the smallest limit, yes. Workers are whole: it is rounded down."),
            Mistake(
                3, "The quota is the smallest limit, yes. But it is rounded down: a third worker would wait often."
            ),
        ),
    ),
    Check(
        name="00-workers-that-fit",
        notebook=0,
        title="Workers that fit",
        asks=(
            "Each worker needs bytes_each of memory. Return how many workers a machine can have: as many as fit into "
            "the memory that is free, no more than there are usable cores, and never less than 1."
        ),
        kind="write",
        difficulty=1,
        hints=(
            "How often does bytes_each go into machine.memory_available_bytes? Python's // divides and rounds down.",
            "There are two limits, what fits and machine.cores_usable. min() of both holds both.",
            "Put max(1, …) around it: a program without a worker does nothing.",
        ),
        solution=(
            "def workers_that_fit(machine, bytes_each):\n"
            "    fit = machine.memory_available_bytes // bytes_each\n"
            "    return max(1, min(machine.cores_usable, fit))\n"
        ),
        read="notebook 00, “Memory”",
        claims=PURE,
        signature="workers_that_fit(machine, bytes_each)",
        calls=(
            (_machine(8, 4), _GIB),
            (_machine(8, 4), _GIB // 4),
            (_machine(8, 4), 9 * _GIB),
            (_machine(8, 7), 3 * _GIB),
        ),
        expected=[4, 8, 1, 2],
        mistakes=(
            Mistake(
                [4, 16, 0, 2], "You counted what fits, and nothing else. The cores are a limit, and 1 is the least."
            ),
            Mistake(
                [4, 8, 0, 2],
                "Nearly. When not even one fits, this gives 0, and a program without a worker waits for ever.",
            ),
            Mistake([4, 16, 1, 2], "Nearly. More workers than usable cores take turns: the cores are a limit, too."),
            Mistake(
                [8, 8, 7, 8],
                "You looked at the memory that is installed. Part of it is in use: machine.memory_available_bytes says "
                "how much is free.",
            ),
            Mistake([8, 8, 8, 8], "You counted the cores. But does the memory suffice for so many?"),
            Mistake([4, 8, 1, 7 / 3], "Nearly. A third of a worker cannot work: // rounds down, / does not."),
        ),
    ),
    Check(
        name="00-leave-one-free",
        notebook=0,
        title="Leave one core free",
        asks=(
            "This function shall return how many workers to start when one of the usable cores is to stay free for "
            "other programs; at least 1 worker there must be. On some machines it is wrong. Find the faults, mend them."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "What does it return in a container that may use 2 of 16 cores?",
            "And what does it return on a machine with one core?",
            "Begin with machine.cores_usable, and put max(1, …) around the whole.",
        ),
        given="def leave_one_free(machine):\n    return machine.cores_logical - 1\n",
        solution="def leave_one_free(machine):\n    return max(1, machine.cores_usable - 1)\n",
        read="notebook 00, “Explain”",
        claims=PURE,
        signature="leave_one_free(machine)",
        calls=((_machine(16),), (_machine(2),), (_machine(1, logical=1),)),
        expected=[15, 1, 1],
        mistakes=(
            Mistake(
                [15, 15, 0],
                "On a machine of one's own that is right. In a container with 2 of 16 cores it gives 15, and with a "
                "single core 0.",
            ),
            Mistake([15, 1, 0], "Nearly. With a single core it gives 0, and then nobody works."),
            Mistake([15, 15, 1], "Nearly. In a container that may use 2 of 16 cores it gives 15."),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="00-label",
        text="A laptop has 8 logical cores. What decides how many of them your Python may use at once?",
        options=(
            Option(
                "The number on the label: 8.",
                "The label counts what the processor has. The system, a container or a queue may give you fewer.",
            ),
            Option(
                "How many processes you start.",
                "You may start more than there are cores. They then take turns, and each gets less.",
            ),
            Option(
                "The smallest of all limits: affinity, quota, queue, and what you set yourself.",
                "All limits hold at the same time, so the smallest counts.",
            ),
            Option(
                "How much memory is free.",
                "Memory limits how many workers fit. It does not change how many cores may run them.",
            ),
        ),
        right=3,
    ),
)

TOPICS = (
    Topic(
        name="00-cores",
        question="How many cores may your Python use at once?",
        unit="cores",
        causes=(
            Cause("You know your machine, and nothing limits it further.", "near"),
            Cause(
                "Fewer than you thought. Either the machine has no more, or a container's quota, an affinity, a queue "
                "or a variable holds you below what the label says. parlab doctor names the one that counts.",
                "above",
            ),
            Cause("More than you thought: the label counts logical cores, two for each physical one.", "below", 1.9),
            Cause("More than you thought. parlab doctor lists what the processor has.", "below"),
        ),
    ),
    Topic(
        name="00-two-copies",
        question="Two copies count at the same time. How many times as far do they get together as one copy alone?",
        unit="times",
        causes=(
            Cause("That is about what your machine gives to two processes that share nothing.", "near"),
            Cause(
                "Less than you thought. One usable core: the two take turns. Two hyper-threads of one core: they share "
                "its arithmetic. The processor lowers its clock when more cores work. Or others use the cores, too.",
                "above",
            ),
            Cause("More than you thought: two processes on two cores hardly disturb each other.", "below"),
        ),
    ),
)
