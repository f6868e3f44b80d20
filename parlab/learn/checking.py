"""``parlab.learn.check``: looks at an answer and says what is right and wrong with it. Never raises for a wrong one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parlab.errors import FunctionError, InputError
from parlab.learn import registry
from parlab.learn.claims import OPEN, TRACEBACK, is_open, right_answer, same
from parlab.learn.records import Check, Claim, Run
from parlab.learn.result import CheckResult, Mark
from parlab.learn.runner import plain
from parlab.learn.store import Store
from parlab.learn.stubs import is_stub

_SHOWN_LETTERS, _PRINTED_LINES = 200, 5
_BUSY = (
    "This machine was busy meanwhile: {busy}. If you find no such fault in your answer, that can be the reason: "
    "run the check again when it is quiet."
)
_TRACKER = "resource_tracker"  # its warnings come from our ending of everything, and tell a learner nothing
_NO_RETURN = "Have you written it already? It returned nothing: let it end with return and the answer."
_NOT_THERE = (
    "Have you written run already? Then work or make_items is not written where it imports them from. Import both from "
    "the module that holds yours, such as my_function."
)
_DOUBTFUL_WHEN_BUSY = ("late", "time", "in turn", "one worker", "lost")
_FORMS = ((str, "a text"), (list | tuple, "a list"), (dict, "a dict"), (set, "a set"))
_OF_THE_VALUE = ("wrong", "empty", "order")  # faults in which a known mistake tells more than the claim


def check(name: str, answer: Any, *, deadline_s: float | None = None) -> CheckResult:
    """Check an answer.

    A function is called in processes of its own, under forkserver and under spawn, with tasks that see who works when.
    It never runs in the notebook's process. A value is compared.

    Parameters
    ----------
    name
        The exercise's, such as ``"01-start-and-join"``.
    answer
        The function, from a cell that begins with ``%%workers NAME`` or from a module; or a value. ``None``, ``...``
        and the stub of a learner's copy stand for "not done yet".
    deadline_s
        How long each run may take; None for what the exercise allows.

    Returns
    -------
    CheckResult
        ``passed``, ``not yet`` or ``refused``, what is right and what is not, and what to do.

    Raises
    ------
    InputError
        There is no exercise of that name.
    """
    found = registry.find(name)
    if is_open(answer) or is_stub(answer):
        result = _result(found, OPEN, _open_text(found), ())
    elif not found.calls:
        result = _value(found, answer)
    else:
        result = _function(found, answer, deadline_s)
    store = Store.here()  # only now: other notebooks of this copy go on while a function is tried
    if result.fault != OPEN and result.state != "refused":
        store = store.tried(name, passed=result.passed)
    notes = [*result.notes, *store.notes]
    if not result.passed:
        notes.append(f'For a hint: parlab.learn.hint("{name}"). Where to read: {found.read}.')
    open_now = result.passed or store.solution_is_open(name)
    if open_now:
        notes.append(f'The course has a solution, too: parlab.learn.solution("{name}").')
    return replace(result, notes=tuple(notes), solution=found.solution if open_now else "")


def _value(found: Check, answer: Any) -> CheckResult:
    if callable(answer):
        return _result(found, "wrong", "This exercise asks for a value, and this is a function. Call it first.", ())
    run = Run("", "returned", answers=[plain(answer)], kinds=(type(answer).__name__,))
    claim = found.claims[0]
    fault = "wrong" if isinstance(answer, bool) else claim.find(found, run)
    if fault is None:
        return _result(found, None, "", ((claim.title, "yes"),))
    if fault in claim.advice:
        other = claim.advice[fault].format(**(run.answers[0] if isinstance(answer, dict) else {}))
    else:
        other = f"{_shown(answer)} is not right. {_form(found.expected, answer)}".strip()
    return _result(found, fault, _known(found, run.answers[0]) or other, ((claim.title, "no"),))


def _known(found: Check, answer: Any) -> str:
    """Return what is to be said to a wrong answer that many give."""
    return next((one.advice for one in found.mistakes if same(plain(one.value), answer)), "")


def _form(expected: Any, answer: Any) -> str:
    if isinstance(expected, int | float):
        given = next((word for kind, word in _FORMS if isinstance(answer, kind)), "")
        return f"The answer is one number, and this is {given}." if given else ""
    if isinstance(expected, list):
        if isinstance(answer, dict):
            return f"The answer is a list of {len(expected)}, and this is a dict. Give its values alone, in order."
        if not isinstance(answer, list | tuple):
            return f"The answer is a list of {len(expected)}."
        if len(answer) != len(expected):
            return f"The answer is a list of {len(expected)}, and this has {len(answer)}."
        places = sum(map(same, plain(answer), plain(expected)))
        return f"Of its {len(expected)} parts, {places} {'is' if places == 1 else 'are'} right."
    return ""


def _function(found: Check, answer: Any, deadline_s: float | None) -> CheckResult:
    from parlab.learn.watching import runs

    if not callable(answer):
        text = f"This exercise asks for a function, {found.signature}, and this is {type(answer).__name__}. "
        return _result(found, "wrong", text + "Give its name without parentheses.", ())
    try:
        done = runs(found, answer, deadline_s)
    except (FunctionError, InputError) as refusal:
        return CheckResult(found.name, found.title, "refused", "refused", str(refusal))
    methods = tuple(run.method for run in done)
    judged = [(run, *_judge(found, run)) for run in done]
    run, claim, fault = next((one for one in judged if one[2] is not None), judged[0])
    result = _result(found, fault, "", _marks(found, claim), methods)
    if claim is None or fault is None:
        return result
    if fault == OPEN:
        more = _NO_RETURN if run.ended == "returned" else _NOT_THERE if found.own else ""
        text = f"{_open_text(found)}\n{more}".strip()
        return _result(found, OPEN, text, ())
    doubtful = run.busy and fault in _DOUBTFUL_WHEN_BUSY and TRACEBACK not in run.printed  # an error is reason enough
    notes = [_BUSY.format(busy=run.busy)] if doubtful else []
    known = _known(found, run.answers[0] if len(found.calls) == 1 else run.answers) if fault in _OF_THE_VALUE else ""
    advice = known or claim.advice[fault].format(deadline_s=deadline_s or found.deadline_s, **_facts(found, run))
    if len(methods) > 1 and any(one[2] is None for one in judged):
        good = ", ".join(one[0].method for one in judged if one[2] is None)
        advice = f"Under {good} all is right, and under {run.method} it is not.\n{advice}"
    return replace(result, advice=advice, lines=tuple(_lines(run)), notes=tuple(notes))


def _judge(found: Check, run: Run) -> tuple[Claim | None, str | None]:
    for claim in found.claims:
        fault = claim.find(found, run)
        if fault is not None:
            return claim, fault
    return None, None


def _marks(found: Check, wrong: Claim | None) -> tuple[tuple[str, Mark], ...]:
    marks: list[tuple[str, Mark]] = []
    state: Mark = "yes"
    for claim in found.claims:
        if claim is wrong:
            marks.append((claim.title, "no"))
            state = "open"
        else:
            marks.append((claim.title, state))
    return tuple(marks)


def _result(
    found: Check,
    fault: str | None,
    advice: str,
    claims: tuple[tuple[str, Mark], ...],
    methods: tuple[str, ...] = (),
) -> CheckResult:
    state = "passed" if fault is None else "not yet"
    return CheckResult(found.name, found.title, state, fault, advice, claims, methods=methods)  # type: ignore[arg-type]


def _facts(found: Check, run: Run) -> dict[str, Any]:
    pairs = list(zip(run.answers, right_answer(found), strict=False))
    place = next((place for place, (answer, right) in enumerate(pairs) if not same(answer, right)), 0)
    answer, expected = pairs[place] if pairs else ([], right_answer(found)[0])
    arguments = ", ".join(getattr(one, "__name__", None) or repr(one) for one in found.calls[place])
    return {
        "asked": "The answer is" if len(found.calls) == 1 else f"{found.function}({arguments}) returned",
        "error": run.error,
        "answer": _shown(answer),
        "expected": _shown(expected),
        "files": ", ".join(run.files),
        **(answer if found.own and isinstance(answer, dict) else {}),
    }


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # a learner's own class
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN_LETTERS else f"{text[:_SHOWN_LETTERS]}…"


def _lines(run: Run) -> Iterator[str]:
    yield from run.lines
    wanted = run.ended == "lost" or not run.lines or TRACEBACK in run.printed
    printed = [line for line in run.printed.splitlines() if wanted and _TRACKER not in line]
    if printed:
        yield "It printed:"
        yield from (line[:_SHOWN_LETTERS] for line in printed[-_PRINTED_LINES:])


def _open_text(found: Check) -> str:
    return f"This exercise is still open. {found.asks}"
