"""``parlab.learn``: exercises that are checked, hints, quizzes, predictions and progress. Imports nothing until asked.

The workers of a check import this package for its tasks, so whatever stood here would be charged to each of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parlab.learn.checking import check
    from parlab.learn.helping import given, hint, solution
    from parlab.learn.predicting import Prediction
    from parlab.learn.quizzing import quiz
    from parlab.learn.result import CheckResult
    from parlab.learn.table import progress
    from parlab.learn.weighing import evidence

__all__ = ["CheckResult", "Prediction", "check", "evidence", "given", "hint", "progress", "quiz", "solution"]

_HOMES = {
    "CheckResult": "result",
    "Prediction": "predicting",
    "check": "checking",
    "evidence": "weighing",
    "given": "helping",
    "hint": "helping",
    "progress": "table",
    "quiz": "quizzing",
    "solution": "helping",
}


if not TYPE_CHECKING:  # as in parlab itself

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name in _HOMES:
            from importlib import import_module

            return getattr(import_module(f"parlab.learn.{_HOMES[name]}"), name)
        message = f"module 'parlab.learn' has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
