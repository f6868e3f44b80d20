"""``parlab.bug``: runs a program that goes wrong, lets the learner name the cause, and then shows the cure.

The program runs as ``%%deadline`` runs a cell: in processes that are watched and ended. What it showed is kept as long
as the kernel lives, so that a second look, with a cause, need not run it again.
"""

import difflib
import re
import subprocess
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from html import escape
from io import StringIO
from textwrap import fill
from typing import Any

from parlab.errors import AnswerError, InterruptedTasksError
from parlab.learn import check
from parlab.learn.bugs.listing import bugs, find_bug
from parlab.learn.bugs.record import CAUSES, Bug
from parlab.learn.claims import is_open
from parlab.learn.result import CheckResult
from parlab.learn.store import Store
from parlab.machine import detect
from parlab.notebook import deadline
from parlab.workloads.lessons import run_script

_WIDTH = 80
_LONG_S = 120.0  # for a program that should end by itself
_PATIENCE = (1, 3, 10)  # times a bug's deadline, as long as a worker is still starting
_ERROR = re.compile(  # with the indented lines of its first paragraph
    r"^(?:\w+\.)*(?P<kind>\w*(?:Error|BrokenProcessPool)):\s*(?P<text>\S.*(?:\n[ \t]+\S.*)*)", flags=re.MULTILINE
)
_PRE = "border-left: 2px solid; padding-left: 1em; margin-bottom: 1em; word-break: normal; overflow-wrap: anywhere"
_NOT_HERE = {
    "fork": "This system has no fork, so this bug cannot happen here. Find the cause by reading.",
    "affinity": "This system does not let a program choose its cores, so this cannot be shown here. "
    "Find the cause by reading.",
    "segments": "This system removes shared memory when nobody uses it, so this bug cannot happen here. "
    "Find the cause by reading.",
}

_seen: dict[tuple[str, str], str] = {}  # what a program printed, by bug and whether it was broken or cured


def bug(name: str, cause: str | None = None, *, again: bool = False) -> "Case":
    """Run a program that goes wrong, and judge the cause that a learner names.

    Parameters
    ----------
    name
        Such as ``"one-is-missing"``; see notebook 15.
    cause
        One of the causes that are listed with it; None, or ``...``, as long as you do not know. When it is right, or
        after three tries, the cure is shown and run.
    again
        Run both programs anew, instead of showing what they printed before.

    Returns
    -------
    Case
        Which a notebook shows.

    Raises
    ------
    InputError
        There is no such bug.
    InterruptedTasksError
        The user stopped it; nothing of it is left.
    """
    found = find_bug(name)
    if again:
        for which in ("broken", "cured"):
            _seen.pop((name, which), None)
    shown = _printed(found, "broken")
    judged = None if is_open(cause) else check(found.check, cause)
    open_now = Store.here().solution_is_open(found.check)
    cured = _printed(found, "cured") if judged is not None and open_now else ""
    if judged is not None and open_now:  # the cause and the cure are shown: no word of a solution elsewhere
        judged = replace(judged, notes=(), solution="")
    return Case(found, shown, judged, cured)


def first_tries() -> int:
    """Count the bugs whose cause was right at the first try, as the progress of this copy of the course knows them."""
    known = [Store.here().exercise(one.check) for one in bugs().values()]
    return sum(one.passed is not None and one.tries == 1 for one in known)


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """A bug as it was seen.

    Attributes
    ----------
    bug
        What is run.
    printed
        By the broken program.
    judged
        What was said to the learner's cause; None when none was named.
    cured
        What the cured program printed; empty while the cure is not shown.
    """

    bug: Bug
    printed: str
    judged: CheckResult | None
    cured: str

    def require(self) -> None:
        """Raise unless the right cause was named, as ``CheckResult.require`` does.

        Raises
        ------
        AnswerError
            Another cause was named, or none.
        """
        if self.judged is None:
            raise AnswerError(f"{self.bug.check}: not yet. Name one of: {', '.join(self.bug.candidates)}.")
        self.judged.require()

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide."""
        parts = [fill(f"“{self.bug.complaint}”", _WIDTH), _indented(self.bug.broken), self.printed.rstrip()]
        if self.judged is None:
            parts.append(self._question())
        else:
            parts.append(repr(self.judged))
        if self.cured:
            parts += [self._cause(), fill(self.bug.why, _WIDTH), _indented(self._difference()), self.cured.rstrip()]
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        """Show it in a notebook; every text is escaped."""
        blocks = [
            f"<p>“{escape(self.bug.complaint)}”</p>",
            _code(self.bug.broken),
            "<p><strong>What it shows</strong></p>",
            _code(self.printed),
            self._list() if self.judged is None else self.judged._repr_html_(),
        ]
        if self.cured:
            blocks += [
                f"<p><strong>{escape(self._cause())}</strong></p><p>{escape(self.bug.why)}</p>",
                "<p><strong>The cure</strong>: lines with - go, lines with + come</p>",
                _code(self._difference()),
                "<p><strong>What it shows now</strong></p>",
                _code(self.cured),
            ]
        return f"<div>{''.join(blocks)}</div>"

    def _cause(self) -> str:
        return f"The cause: {self.bug.cause}"

    def _question(self) -> str:
        lines = [f"{self.bug.check}: not yet", "What is the cause?"]
        lines += [fill(f'"{name}": {CAUSES[name]}', _WIDTH, subsequent_indent="    ") for name in self.bug.candidates]
        return "\n".join(lines)

    def _list(self) -> str:
        rows = "".join(f"<li><code>{escape(one)}</code>: {escape(CAUSES[one])}</li>" for one in self.bug.candidates)
        return f"<p><strong>What is the cause?</strong> (not yet named)</p><ul>{rows}</ul>"

    def _difference(self) -> str:
        lines = difflib.ndiff(self.bug.broken.strip().splitlines(), self.bug.cured.strip().splitlines())
        return "\n".join(line for line in lines if line[:1] != "?")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").splitlines())


def _code(text: str) -> str:
    return f'<pre style="{_PRE}">{escape(text.strip(chr(10)))}</pre>'


def _printed(found: Bug, which: str) -> str:
    """Return what a program prints; run it when that is not known yet."""
    key = (found.name, which)
    if key not in _seen:
        _seen[key] = _run(found, which) if _possible(found) else _NOT_HERE[found.needs]
    return _seen[key]


def _possible(found: Bug) -> bool:
    import psutil

    machine = detect()
    possible = {
        "": True,
        "fork": "fork" in machine.start_methods,
        "affinity": hasattr(psutil.Process, "cpu_affinity"),
        "segments": not machine.system.startswith("Windows"),
    }
    return possible[found.needs]


def _run(found: Bug, which: str) -> str:
    text = found.broken if which == "broken" else found.cured
    limit_s = found.deadline_s if which == "broken" else _LONG_S
    if found.how == "script":
        return _run_script(text.lstrip(), limit_s)
    for times in _PATIENCE:
        shown = StringIO()
        with redirect_stdout(shown):
            deadline.watch(f"{times * limit_s:g}", text, called="program")
        if deadline.NOT_BEGUN not in shown.getvalue():  # else a busy machine hides the symptom
            break
    return shown.getvalue()


def _run_script(text: str, limit_s: float) -> str:
    """Run a script, and return what it printed and how it ended; of pages of errors, each kind once."""
    try:
        done: subprocess.CompletedProcess[Any] = run_script(text, limit_s)
    except KeyboardInterrupt:  # the program and all that it had started were ended
        raise InterruptedTasksError("Stopped: everything that the program had started is gone.") from None
    except subprocess.TimeoutExpired as late:
        printed = late.stderr or ""
        errors = printed.decode(errors="replace") if isinstance(printed, bytes) else printed
        return f"The script had not ended after {limit_s:g} s, and was ended.\n{_errors(errors)}"
    return f"{done.stdout}{_errors(done.stderr)}The script has ended with exit code {done.returncode}.\n"


def _errors(text: str) -> str:
    kinds = dict.fromkeys(f"{found['kind']}: {' '.join(found['text'].split())}" for found in _ERROR.finditer(text))
    return "".join(f"{fill(kind, _WIDTH, subsequent_indent='  ')}\n" for kind in kinds)
