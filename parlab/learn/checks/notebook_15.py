"""Notebook 15, "Why is it slower than one core?": for each bug of the lab, name its cause."""

from parlab.learn.bugs.listing import bugs
from parlab.learn.bugs.record import CAUSES, Bug
from parlab.learn.claims import VALUE
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
        kind="fault",
        difficulty=2,
        hints=bug.hints,
        solution=f'"{bug.cause}"',
        read="notebook 15, the code of the bug and what it shows",
        claims=(VALUE,),
        expected=bug.cause,
        mistakes=mistakes,
    )


CHECKS = tuple(map(_check, bugs().values()))

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
