"""What became of an answer, as text and as HTML: the same words each time, so that outputs of notebooks compare."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import Literal

from parlab.errors import AnswerError
from parlab.learn.records import State

Mark = Literal["yes", "no", "open"]
_MARKS: dict[Mark, str] = {"yes": "✓", "no": "✗", "open": "·"}
_WORDS: dict[Mark, str] = {"yes": "true", "no": "not true", "open": "not looked at"}
_WIDTH = 80


@dataclass(frozen=True, slots=True, repr=False)
class CheckResult:
    """What ``parlab.learn.check`` returns. It holds no time, no process number and no folder.

    Attributes
    ----------
    name, title
        The check's.
    state
        ``"passed"``, ``"not yet"``, or ``"refused"`` when the function cannot travel.
    fault
        A stable name of what is wrong, such as ``"serial"``; None when it is passed.
    advice
        What to do, for the learner.
    claims
        Each claim and what was found.
    lines
        Where it happened, in the learner's own code; what was printed.
    methods
        The start methods that it was tried under; empty for a value.
    notes
        What else there is to say.
    solution
        The course's own solution, when it may be seen.
    """

    name: str
    title: str
    state: State
    fault: str | None = None
    advice: str = ""
    claims: tuple[tuple[str, Mark], ...] = ()
    lines: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    solution: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.state == "passed"

    def require(self) -> None:
        """Raise unless the answer is right: a cell that ends with it has failed, and so has a test or a mark.

        Raises
        ------
        AnswerError
            The answer is wrong, still open, or refused.
        """
        if not self.passed:
            raise AnswerError(
                f"{self.name}: {self.state}. Its check must say passed; what it says instead tells what is missing. "
                "Mend the answer, run its cell again, and then this one."
            )

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide."""
        lines = [f"{self.name}: {self.state}"]
        lines += [f"  {_MARKS[mark]} {title}" for title, mark in self.claims]
        if self.advice:
            lines += ["", *self.advice_lines]
        lines += [f"    {line}" for line in self.lines]
        lines += ["", *(fill(text, _WIDTH) for text in self._last_words)] if self._last_words else []
        return "\n".join(lines)

    @property
    def advice_lines(self) -> list[str]:
        """The advice, cut into lines; line feeds in it are kept."""
        return [fill(line, _WIDTH) for line in self.advice.splitlines()]

    def _repr_html_(self) -> str:
        """Show it in a notebook; every text is escaped, and nothing is said by colour alone."""
        return "".join(self._html())

    @property
    def _last_words(self) -> list[str]:
        words = list(self.notes)
        if self.methods:
            words.insert(0, _tried(self.methods))
        return words

    def _html(self) -> Iterator[str]:
        yield f"<div><p><strong>{escape(self.title)}: {escape(self.state)}</strong></p>"
        rows = "".join(f'<li><span title="{_WORDS[mark]}">{_MARKS[mark]}</span> {escape(title)}</li>'
                       for title, mark in self.claims)  # fmt: skip
        yield f'<ul style="list-style: none">{rows}</ul>' if rows else ""
        yield "".join(f"<p>{escape(line)}</p>" for line in self.advice.splitlines())
        yield f"<pre>{escape(chr(10).join(self.lines))}</pre>" if self.lines else ""
        yield "".join(f"<p><em>{escape(text)}</em></p>" for text in self._last_words)
        if self.solution:
            yield f"<details><summary>The course's solution</summary><pre>{escape(self.solution)}</pre></details>"
        yield "</div>"


def _tried(methods: tuple[str, ...]) -> str:
    if len(methods) == 1:
        return f"Tried under {methods[0]}, the only way to start processes here."
    return f"Tried under {', '.join(methods[:-1])} and {methods[-1]}."
