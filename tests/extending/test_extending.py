"""CONTRIBUTING.md says how five things are added: each is done to a copy of the clone, step by step as the page has it.

``make test`` does all five in one copy and runs the tests of what is new; ``make extending`` takes each alone, runs all
that the page says must pass, and leaves out each step once, which must be noticed.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from extending import PAGE, ROOT, Step, copy_clone, failed, read_addition, run, run_tests
from table_of_notebooks import written

EXAMPLES = Path(__file__).parent
NAMES = ("backend", "workload", "finding", "notebook", "check")
ADDITIONS = {name: read_addition(name) for name in NAMES}
NOTEBOOK = next(step.target for step in ADDITIONS["notebook"].steps if step.target.endswith(".ipynb"))
ALWAYS = ("tests/test_layers.py", "tests/test_house.py", "tests/test_imports.py")
EASILY_FORGOTTEN = {  # what is added: the step, by its file, and the test that asks for it
    "backend": ("parlab/backends/__init__.py", "test_registry.py::test_every_file_with_a_backend_is_registered"),
    "workload": ("parlab/workloads/__init__.py", "test_registry.py::test_every_file_with_a_workload_is_registered"),
    "finding": ("parlab/analysis/findings.py", "test_lone_worker.py::test_recorded_traces_show_it"),
    "notebook": ("docs/teaching.md", "test_teaching_page.py::test_every_notebook_has_its_section"),
    "check": ("tests/helpers/wrong_answers_19.py", "test_answers.py::test_every_exercise_has_two_wrong_answers"),
}
# Of what must pass, that which needs no kernel, and no worker for long: files, and the names of tests in them.
QUICK = (
    *(f"tests/backends/test_{one}.py" for one in ("registry", "conformance")),
    *(f"tests/workloads/test_{one}.py" for one in ("registry", "nonces")),
    *(f"tests/analysis/test_{one}.py" for one in ("findings", "lone_worker")),
    *(f"tests/learn/test_{one}.py" for one in ("registry", "answers")),
    "tests/notebooks/test_course.py",
    *(f"tests/test_{one}.py" for one in ("teaching_page", "layers", "house", "imports")),
)
NEW = (
    "thread-pool or registered or nonces or lone_worker or has_its_row or the_readme_has or point_down or its_section "
    "or public_function or two_wrong_answers or table_of_the_notebooks "
    "or (19 and not as_it_stands and not learners_copy and not rejected and not under_both)"
)


class Added(NamedTuple):
    """A copy of the clone in which all is done, and what its tests said while a step of each was left out."""

    clone: Path
    with_gaps: "subprocess.CompletedProcess[str]"


def do(step: Step, clone: Path, *, quickly: bool) -> None:
    """Do a step; what executes notebooks is left to ``make extending`` where it should be quick."""
    if quickly and step.goal:
        seconds = {Path(step.target).name: 8.0} if step.goal == "notebooks-table" else {}
        written(clone / "notebooks", seconds)
    else:
        step.do(clone)


def is_forgotten(name: str, step: Step) -> bool:
    return step.target == EASILY_FORGOTTEN[name][0]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Added:
    """Do all but one step of each, ask the tests, then do the rest."""
    clone = copy_clone(tmp_path_factory.mktemp("added") / "clone")
    steps = [(name, step) for name, addition in ADDITIONS.items() for step in addition.steps]
    for name, step in steps:
        if not is_forgotten(name, step):
            do(step, clone, quickly=True)
    some = "every_file or recorded_traces_show_it or every_notebook_has or two_wrong_answers"
    with_gaps = run_tests(clone, *QUICK, "-k", some)
    for name, step in steps:
        if is_forgotten(name, step):
            do(step, clone, quickly=True)
    return Added(clone, with_gaps)


def test_the_page_has_the_steps() -> None:
    """Each section has steps, and tests that must pass; the files that lie here are those that are linked."""
    steps = [step for addition in ADDITIONS.values() for step in addition.steps]
    assert all(addition.tests for addition in ADDITIONS.values())
    linked = {step.source for step in steps if step.source}
    kept = {path.relative_to(ROOT).as_posix() for path in EXAMPLES.glob("*/*.*") if path.parent.name in NAMES}
    assert linked == kept
    listed = re.findall(r"(?m)^- (?:New|In|At the end|Then|Must pass)\b", PAGE.read_text(encoding="utf-8"))
    commands = [step for step in steps if step.goal]
    assert len(listed) == len(steps) - len(commands) + 1 + len(ADDITIONS)  # the two commands are one item


@pytest.mark.parametrize("name", NAMES)
def test_a_forgotten_step_is_noticed(name: str, added: Added) -> None:
    """Without its line in the registry, its call, its section or its wrong answers a test that must pass does not."""
    assert 1 == added.with_gaps.returncode, added.with_gaps.stdout[-4000:]
    assert any(EASILY_FORGOTTEN[name][1] in one for one in failed(added.with_gaps)), added.with_gaps.stdout[-4000:]


def test_all_that_is_added_passes(added: Added) -> None:
    """The tests of the five new things, and the rules of the house about them."""
    done = run_tests(added.clone, *QUICK, "-k", NEW)
    assert 0 == done.returncode, done.stdout[-4000:]
    for mark in ("tests/backends", "tests/workloads", "tests/analysis", "tests/notebooks", "tests/learn"):
        assert re.search(rf"\d+ tests  {mark}$", done.stdout, flags=re.MULTILINE), done.stdout[-4000:]


def test_a_user_has_the_backend_and_the_workload(added: Added, tmp_path: Path) -> None:
    """``parlab bench`` measures the new work on the new engine, and every answer is the plain loop's."""
    words = ["bench", "nonces", "--backends", "thread-pool", "--workers", "2", "--rounds", "1", "--size", "8"]
    done = run(added.clone, "parlab", *words, "--output", str(tmp_path / "one.jsonl"))
    assert 0 == done.returncode, done.stdout + done.stderr
    shown = json.loads(run(added.clone, "parlab", "show", str(tmp_path / "one.jsonl"), "--json").stdout)
    assert ["serial", "thread-pool"] == [row["backend"] for row in shown["rows"]]
    assert ("nonces", 1) == (shown["workload"], shown["rows"][1]["rounds"])


def test_a_user_is_told_the_finding(added: Added) -> None:
    """``parlab show`` says of the recorded sweep what is new, below its table."""
    done = run(added.clone, "parlab", "show", "tests/traces/one-worker.jsonl")
    assert 0 == done.returncode, done.stderr
    assert "Measure --workers 1,2 to see what a second core brings." in " ".join(done.stdout.split())


CHECKED = """
import sys
from parlab.learn import check
print([check("19-left-over", answer).state for answer in (4, 20, ...)])
"""


def test_a_learner_has_the_notebook_and_the_check(added: Added, tmp_path: Path) -> None:
    """The copy has a stub for each solution; a wrong answer gets its advice, and the right one passes."""
    done = run(added.clone, "parlab", "learn", str(tmp_path / "mine"), "--notebook", "19")
    assert 0 == done.returncode, done.stderr
    copy = nbformat.read(tmp_path / "mine" / Path(NOTEBOOK).name, as_version=4)
    sources = "\n".join(cell.source for cell in copy.cells)
    assert 3 == len(re.findall(r"(?m)^ *# your code here$", sources)), sources
    assert "cancel_futures=True)\n                return" not in sources
    script = added.clone / "asked.py"
    script.write_text(CHECKED, encoding="utf-8")
    try:
        assert "['not yet', 'passed', 'not yet']" == run(added.clone, "asked").stdout.strip()
    finally:
        script.unlink()  # the linters read what lies in the clone


def whole(name: str) -> list[Step]:
    """List the steps of one thing; a notebook and its checks are whole only together."""
    order = ("check", "notebook") if name in ("check", "notebook") else (name,)
    return [step for one in order for step in ADDITIONS[one].steps]


def do_all(steps: list[Step], clone: Path) -> None:
    """Do the steps in their order; a new notebook comes as its author has it, never run."""
    for step in steps:
        step.do(clone)
        path = clone / step.target
        if path.suffix == ".ipynb" and not step.goal:
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            nbformat.write(notebook, path)


def what_fails(name: str, clone: Path, *options: str) -> str:
    """Run what the page says must pass, and return what pytest said where it did not."""
    for line in (*ADDITIONS[name].tests, ALWAYS):
        done = run_tests(clone, *line, *options)
        if done.returncode:
            return done.stdout[-4000:] or done.stderr[-4000:]
    return ""


@pytest.fixture
def _all_steps(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--all-steps"):
        pytest.skip("make extending runs it")


@pytest.mark.usefixtures("_all_steps")
@pytest.mark.parametrize("name", NAMES)
def test_alone_it_passes_all_that_it_must(name: str, tmp_path: Path) -> None:
    """Each of the five without the others."""
    clone = copy_clone(tmp_path / "clone")
    do_all(whole(name), clone)
    assert not what_fails(name, clone)


@pytest.mark.usefixtures("_all_steps")
@pytest.mark.parametrize("line", ["ruff check .", "ruff format --check .", "mypy"])
def test_the_linters_have_nothing_to_say(line: str, added: Added) -> None:
    """In its place each example keeps the rules for parlab's own modules, which are stricter than those for tests."""
    done = run(added.clone, *line.split())
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("_all_steps")
def test_the_notebook_lies_here_as_it_runs(tmp_path: Path) -> None:
    """What is compared shows the same when it is executed anew: the example is not stale."""
    clone = copy_clone(tmp_path / "clone")
    do_all(whole("notebook"), clone)

    def compared(path: Path) -> list[str]:
        cells = nbformat.read(path, as_version=4).cells
        kept = [cell for cell in cells if "nbval-ignore-output" not in cell.metadata.get("tags", [])]
        return [
            str(one.get("text") or one["data"].get("text/plain")) for cell in kept for one in cell.get("outputs", [])
        ]

    assert compared(EXAMPLES / "notebook" / Path(NOTEBOOK).name) == compared(clone / NOTEBOOK)


@pytest.mark.usefixtures("_all_steps")
@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{place + 1}")
        for name, addition in ADDITIONS.items()
        for place, _ in enumerate(addition.steps)
    ],
)
def test_no_step_can_be_left_out(name: str, place: int, tmp_path: Path) -> None:
    """A step cannot be done without an earlier one, or something that must pass does not."""
    missing = ADDITIONS[name].steps[place]
    clone = copy_clone(tmp_path / "clone")
    try:
        do_all([step for step in whole(name) if step != missing], clone)
    except subprocess.CalledProcessError:  # a notebook that is not there cannot be executed
        return
    assert what_fails(name, clone, "-x"), f"nobody misses: {missing}"
