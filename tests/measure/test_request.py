"""What cannot work is refused before anything is started or written; what can becomes a job."""

import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import tasks

import parlab
from parlab.errors import BackendUnavailableError, FunctionError, InputError
from parlab.measure import payload
from parlab.measure.request import Request, default_workers, make_job


@pytest.fixture
def machine() -> parlab.Machine:
    return replace(parlab.detect(), cores_usable=4)


@pytest.fixture(autouse=True)
def _no_payload_stays():
    before = set(Path(tempfile.gettempdir()).glob("parlab-*"))
    yield
    assert before == set(Path(tempfile.gettempdir()).glob("parlab-*"))


def job_of(machine: parlab.Machine, tmp_path: Path, **wanted):
    job = make_job(Request(**{"subject": "primes", "output": tmp_path / "out.jsonl", **wanted}), machine)
    payload.remove(job.payload)
    return job


@pytest.mark.parametrize(
    ("usable", "counts"), [(1, (1, 2)), (2, (1, 2)), (3, (1, 2, 3)), (6, (1, 2, 4, 6)), (16, (1, 2, 4, 8, 16))]
)
def test_default_worker_counts(usable: int, counts: tuple[int, ...]) -> None:
    """Powers of two up to the usable cores, those cores themselves, and never fewer than two counts."""
    assert counts == default_workers(usable)


def test_defaults(machine: parlab.Machine, tmp_path: Path) -> None:
    """Without a word a workload is measured small, on threads and processes, in 7 rounds."""
    sweep = job_of(machine, tmp_path).sweep
    assert ("small", 64, ("threads", "processes"), (1, 2, 4), 7, None) == (
        sweep.size, sweep.tasks, sweep.backends, sweep.workers, sweep.rounds, sweep.budget_s
    )  # fmt: skip


def test_a_budget_alone_sets_no_rounds(machine: parlab.Machine, tmp_path: Path) -> None:
    """With --budget and no --rounds the rounds go on until the time is spent."""
    assert (None, 30.0) == ((sweep := job_of(machine, tmp_path, budget_s=30.0).sweep).rounds, sweep.budget_s)


def test_a_job_is_plain_json(machine: parlab.Machine, tmp_path: Path) -> None:
    """What crosses to the supervisor is one line of JSON that holds the parent's import path."""
    from parlab.codec import decode, dumps, encode, loads
    from parlab.measure.job import Job

    job = job_of(machine, tmp_path, subject=tasks.double, items=range(3), kwargs={"odd": math.nan, "deep": [1]})
    again = decode(Job, loads(dumps(encode(job))))
    assert job.sweep == again.sweep
    assert str(Path(tasks.__file__).parent) in again.sys_path
    json.dumps(encode(job), allow_nan=False)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"subject": "prime"}, r"Unknown workload 'prime'. Did you mean 'primes'"),
        ({"backends": ["thread"]}, r"Unknown backend 'thread'. Did you mean 'threads'"),
        ({"backends": []}, "No backend was given"),
        ({"workers": [0]}, "0 workers are not allowed"),
        ({"workers": [-2]}, "-2 workers are not allowed"),
        ({"workers": [1.5]}, "1.5 workers are not allowed"),
        ({"workers": [True]}, "True workers are not allowed"),
        ({"workers": [100_000]}, "100000 workers are not allowed"),
        ({"workers": []}, "No worker count was given"),
        ({"rounds": 0}, "rounds cannot be 0"),
        ({"budget_s": -1.0}, "budget cannot be -1"),
        ({"budget_s": math.nan}, "budget cannot be nan"),
        ({"chunksize": 0}, "chunksize cannot be 0"),
        ({"size": "huge"}, r"Size 'huge'.*small \(64 tasks\)"),
        ({"size": "0"}, "Size '0'"),
        ({"items": [1]}, "makes its own items"),
        ({"options": {"folder": "."}}, "has no option 'folder'"),
        ({"trace": False, "on_error": "skip"}, "cannot go with --no-trace"),
        ({"subject": tasks.double}, "needs --items"),
        ({"subject": tasks.double, "items": []}, "There are no items"),
        ({"subject": tasks.double, "items": 5}, "must be an iterable of items, not int"),
        ({"subject": tasks.double, "items": "abc"}, "must be an iterable of items, not str"),
        ({"subject": tasks.double, "items": [1], "size": "small"}, "give your function --items"),
        ({"subject": "tasks:dobule", "items": [1]}, "Did you mean 'double'"),
        ({"subject": "no_such_module:f", "items": [1]}, "There is no module 'no_such_module'"),
        ({"subject": "tasks:NOT_A_FUNCTION", "items": [1]}, "cannot be called"),
        ({"subject": 3, "items": [1]}, "must be a function that takes one item, not int"),
    ],
)
def test_refusals(machine: parlab.Machine, tmp_path: Path, wanted: dict, text: str) -> None:
    """The error says what was given and what is allowed; no file has been written."""
    with pytest.raises(InputError, match=text):
        job_of(machine, tmp_path, **wanted)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("function", [tasks.anonymous, tasks.outer(), "tasks:anonymous", lambda number: number])
def test_functions_that_cannot_travel(machine: parlab.Machine, tmp_path: Path, function: object) -> None:
    """A lambda or local function is refused with the three ways out."""
    with pytest.raises(FunctionError, match="Three ways out"):
        job_of(machine, tmp_path, subject=function, items=[1])


def test_a_lambda_goes_to_backends_that_ship_functions(machine: parlab.Machine, tmp_path: Path) -> None:
    """With loky and threads alone a lambda is accepted."""
    job = job_of(machine, tmp_path, subject=lambda number: number, items=[1], backends=["loky", "threads"])
    assert job.payload is not None


def test_a_missing_engine(machine: parlab.Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is not installed is refused with the line that installs it."""
    monkeypatch.setattr("parlab.backends.loky.find_spec", lambda _name: None)
    with pytest.raises(BackendUnavailableError, match="pip install loky"):
        job_of(machine, tmp_path, backends=["loky"])


def test_an_existing_file_is_not_overwritten(machine: parlab.Machine, tmp_path: Path) -> None:
    """The old file stays as it was."""
    path = tmp_path / "out.jsonl"
    path.write_text("precious")
    with pytest.raises(InputError, match="exists already and is not overwritten"):
        job_of(machine, tmp_path)
    assert "precious" == path.read_text()


def test_a_missing_folder(machine: parlab.Machine, tmp_path: Path) -> None:
    """A folder that is not there is named before anything is measured."""
    with pytest.raises(InputError, match="There is no folder"):
        job_of(machine, tmp_path, output=tmp_path / "nowhere" / "out.jsonl")


def test_items_are_consumed_once(machine: parlab.Machine, tmp_path: Path) -> None:
    """A generator is a fine iterable of items."""
    assert 3 == job_of(machine, tmp_path, subject=tasks.double, items=(n for n in range(3))).sweep.tasks


def test_keyword_arguments_of_a_partial(machine: parlab.Machine, tmp_path: Path) -> None:
    """A partial's keywords become the fixed arguments, and those given go before them."""
    from functools import partial

    job = job_of(machine, tmp_path, subject=partial(tasks.add, amount=1), items=[1], kwargs={"amount": 2})
    assert ("tasks:add", {"amount": 2}) == (job.sweep.workload, job.sweep.kwargs)
