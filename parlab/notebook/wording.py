"""Says in Python what is said for a terminal: ``--rounds 6`` is ``rounds=6``. It changes no other word."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from parlab.errors import ON_SKIPPING, InputError, ParlabError, TaskError, WrongAnswerError
from parlab.records import Finding

_FLAGS = {
    "--memory": "memory=True",
    "--no-trace": "trace=False",
    "--no-verify": "verify=False",
    "--resume": "resume=True",
    "--weak": "weak=True",
}
_OTHER_NAMES = {"--budget": "budget_s", "--deadline": "deadline_s", "--worker-memory": "worker_memory_bytes"}
_FLAG = re.compile("|".join(_FLAGS))
_LIST = re.compile(r"--(backends|workers) (\w+(?:,\w+)*)")
_VALUED = re.compile(r"--(?P<name>[a-z]+(?:-[a-z]+)*)(?: (?P<value>\d+|skip)\b)?")


def in_python(text: str) -> str:
    """Replace options of the command line by arguments of ``parlab.speedup``.

    Parameters
    ----------
    text
        A finding's message or advice.

    Returns
    -------
    str
        Such as ``"Measure with rounds=6 or more."``.
    """
    text = _FLAG.sub(lambda found: _FLAGS[found[0]], text)
    text = _LIST.sub(_listed, text)
    return _VALUED.sub(_given, text)


def reworded(finding: Finding) -> Finding:
    """Return a finding in the words of a notebook."""
    return replace(finding, message=in_python(finding.message), advice=in_python(finding.advice))


def _listed(found: re.Match[str]) -> str:
    parts = found[2].split(",")
    values = parts if found[1] == "workers" else [f'"{part}"' for part in parts]
    return f"{found[1]}=[{', '.join(values)}]"


def _given(found: re.Match[str]) -> str:
    name = _OTHER_NAMES.get(f"--{found['name']}", found["name"].replace("-", "_"))
    if found["value"] is None:
        return name
    value = found["value"]
    return f"{name}={value}" if value.isdigit() else f'{name}="{value}"'


@contextmanager
def spoken_in_python() -> Iterator[None]:
    """Reword what a sweep refuses. The text of a task that failed holds the user's own words: its last line alone."""
    try:
        yield
    except ParlabError as problem:
        said = told_in_python(problem)
        if said is problem:
            raise
        raise said from problem.__cause__


def told_in_python(problem: ParlabError) -> ParlabError:
    """Return the same error in the words of a notebook; it itself, where they are no others."""
    text = str(problem)
    if isinstance(problem, TaskError) and text.endswith(ON_SKIPPING):
        problem.args = (text.removesuffix(ON_SKIPPING) + in_python(ON_SKIPPING),)
    elif isinstance(problem, InputError | WrongAnswerError) and in_python(text) != text:
        return type(problem)(in_python(text))
    return problem
