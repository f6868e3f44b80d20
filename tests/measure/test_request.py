"""What cannot work is refused before anything is started or written; what can becomes a job."""

import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import tasks
from builders import HEADER, SWEEP, write_results

import parlab
from parlab.errors import BackendUnavailableError, FunctionError, InputError
from parlab.measure import payload, request
from parlab.measure.request import Request, default_workers, make_job


@pytest.fixture
def machine() -> parlab.Machine:
    return replace(parlab.detect(), cores_usable=4)


@pytest.fixture(autouse=True)
def _no_payload_stays(tmp_path_factory, monkeypatch):
    """In a temporary folder of our own, where nobody else puts anything, nothing may stay."""
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setenv("TMPDIR", str(place))
    yield
    assert [] == list(place.iterdir())


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
    """With --budget and no --rounds the rounds go on until the time is spent, or enough is known."""
    sweep = job_of(machine, tmp_path, budget_s=30.0).sweep
    assert (None, 30.0, 0.05) == (sweep.rounds, sweep.budget_s, sweep.precision)


def test_a_resumed_sweep_can_be_made_surer(machine: parlab.Machine, tmp_path: Path) -> None:
    """A file of six rounds goes on until a precision is reached; its other plans stay."""
    path = tmp_path / "out.jsonl"
    write_results(path, [])
    sweep = job_of(machine, tmp_path, output=path, resume=True, precision=0.02).sweep
    assert replace(SWEEP, rounds=None, budget_s=300.0, precision=0.02, ceiling=True) == sweep


def test_a_job_is_plain_json(machine: parlab.Machine, tmp_path: Path) -> None:
    """What crosses to the supervisor is one line of JSON that holds the parent's import path."""
    from parlab.codec import decode, dumps, encode, loads
    from parlab.measure.job import Job

    job = job_of(machine, tmp_path, subject=tasks.any_words, items=range(3), kwargs={"odd": math.nan, "deep": [1]})
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
        ({"budget_s": -1.0}, "budget_s cannot be -1"),
        ({"budget_s": math.nan}, "budget_s cannot be nan"),
        ({"precision": 5}, "precision cannot be 5: give a share from"),
        ({"chunksize": 0}, "chunksize cannot be 0"),
        ({"size": "huge"}, r"Size 'huge'.*small \(64 tasks\)"),
        ({"size": "0"}, "Size '0'"),
        ({"items": [1]}, "makes its own items"),
        ({"options": {"folder": "."}}, "has no option 'folder'"),
        ({"trace": False, "on_error": "skip"}, "cannot go with --no-trace"),
        ({"weak": True, "on_error": "skip"}, "--weak cannot go with --on-error skip"),
        ({"subject": tasks.double, "items": range(3), "weak": True}, "3 items are too few for 4 workers"),
        ({"subject": "customers", "options": {"delay": 1.0}}, "has no option 'delay'. Its options: data, columns"),
        ({"subject": "download", "options": {"data": "a.csv"}}, "has no option 'data'. Its options: delay"),
        ({"subject": "primes", "options": {"delay": 1.0}}, "has no option 'delay'. Its options: none"),
        ({"subject": tasks.double}, "needs --items"),
        ({"subject": tasks.double, "items": []}, "There are no items"),
        ({"subject": tasks.double, "items": 5}, "must be an iterable of items, not int"),
        ({"subject": tasks.double, "items": "abc"}, "must be an iterable of items, not str"),
        ({"subject": tasks.double, "items": [1], "size": "small"}, "give your function --items"),
        ({"rounds": "2"}, "rounds cannot be '2': give a whole number from 1 up"),
        ({"rounds": 1.5}, "rounds cannot be 1.5: give a whole number"),
        ({"budget_s": "60s"}, "budget_s cannot be '60s': give a number above 0"),
        ({"precision": "5%"}, "precision cannot be '5%': give a share from"),
        ({"chunksize": "2"}, "chunksize cannot be '2'"),
        ({"seed": "2"}, "seed cannot be '2'"),
        ({"deadline_s": "2s"}, "deadline_s cannot be '2s'"),
        ({"worker_memory_bytes": "500M"}, "worker_memory_bytes cannot be '500M'"),
        ({"on_error": "ignore"}, "on_error cannot be 'ignore'. Allowed: stop, skip"),
        ({"options": 3}, "options must be a dict of names and values"),
        ({"subject": tasks.double, "items": [1], "kwargs": [1]}, "kwargs must be a dict of names and values"),
        ({"subject": tasks.double, "items": "*.csv"}, r"is given as items_text='\*.csv'"),
        ({"subject": tasks.Doubler.double, "items": [1]}, "This is a method without its object"),
        ({"subject": tasks.each, "items": [1]}, "each yields: calling it makes a generator"),
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


@pytest.mark.parametrize("function", [tasks.anonymous, tasks.outer(), tasks.Doubler().double, lambda number: number])
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


def test_a_name_that_no_file_can_have(machine: parlab.Machine, tmp_path: Path) -> None:
    """The system's reason is told."""
    with pytest.raises(InputError, match=r"cannot be written: .*too long.*Choose another place"):
        job_of(machine, tmp_path, output=tmp_path / f"{'x' * 300}.jsonl")


def test_an_interrupt_while_a_job_is_made(
    machine: parlab.Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The items, which are written by then, do not stay."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(request, "_versions", interrupted)
    with pytest.raises(KeyboardInterrupt):
        job_of(machine, tmp_path, subject=tasks.double, items=[1, 2])


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


@pytest.mark.parametrize(("usable", "counts"), [(2, (1, 2, 4, 8)), (4, (1, 2, 4, 8)), (12, (1, 2, 4, 8, 12))])
def test_work_that_waits_gets_more_workers_than_cores(
    machine: parlab.Machine, tmp_path: Path, usable: int, counts: tuple[int, ...]
) -> None:
    """Waiting needs no core, so the default worker counts go up to 8 on small machines too."""
    assert counts == job_of(replace(machine, cores_usable=usable), tmp_path, subject="download").sweep.workers


@pytest.mark.parametrize(
    ("subject", "provision", "ceiling"),
    [("customers", True, True), ("download", True, False), ("triad", False, True), ("primes", False, True)],
)
def test_what_a_workload_needs(
    machine: parlab.Machine, tmp_path: Path, subject: str, *, provision: bool, ceiling: bool
) -> None:
    """Files and servers are made by a process of their own; work that waits for the network has no CPU ceiling."""
    job = job_of(machine, tmp_path, subject=subject)
    assert (provision, ceiling) == (job.needs_provision, job.may_have_ceiling)


def test_own_data_without_a_size_are_counted_later(machine: parlab.Machine, tmp_path: Path) -> None:
    """The face does not read large files: how many tasks they make is said by the process that cuts them."""
    options = {"data": "purchases.csv"}
    sweep = job_of(machine, tmp_path, subject="customers", options=options).sweep
    assert (None, None, options) == (sweep.size, sweep.tasks, sweep.options)
    assert ("5", 5) == (
        (sized := job_of(machine, tmp_path, subject="customers", options=options, size="5").sweep).size,
        sized.tasks,
    )


def test_an_option_that_is_none_was_not_given(machine: parlab.Machine, tmp_path: Path) -> None:
    """data=None names no data of the user's own: the small size is made up, and not all that there could be."""
    options = {"data": None, "columns": None}
    sweep = job_of(machine, tmp_path, subject="customers", options=options).sweep
    assert ("small", 16, {}) == (sweep.size, sweep.tasks, sweep.options)


@pytest.mark.parametrize(("weak", "size", "tasks"), [(None, None, 9), (True, None, 2), (True, "1", 1), (True, "5", 2)])
def test_an_own_folder_is_shared_out(
    machine: parlab.Machine, tmp_path: Path, *, weak: bool | None, size: str | None, tasks: int
) -> None:
    """Nine pictures are nine tasks; under weak scaling each of four workers gets two, or fewer if a size says so."""
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    for number in range(9):
        Image.new("RGB", (8, 8)).save(tmp_path / "pictures" / f"{number}.png")
    wanted = {"subject": "photos", "options": {"folder": str(tmp_path / "pictures")}, "weak": weak, "size": size}
    sweep = job_of(machine, tmp_path, **wanted).sweep
    assert (tasks, str(tasks)) == (sweep.tasks, sweep.size)


def test_items_of_an_own_function_are_shared_out(machine: parlab.Machine, tmp_path: Path) -> None:
    """Under weak scaling eleven items are two for each of four workers; all of them are packed."""
    job = make_job(Request(subject=tasks.double, items=range(11), weak=True, output=tmp_path / "out.jsonl"), machine)
    try:
        assert job.payload is not None
        assert (2, 11) == (job.sweep.tasks, len(payload.read(job.payload).items))
    finally:
        payload.remove(job.payload)


@pytest.mark.parametrize("workers", [None, [1, 2]])
def test_resuming_counts_the_workers_of_the_file(
    machine: parlab.Machine, tmp_path: Path, workers: list[int] | None
) -> None:
    """Three items are enough for two workers, also where this machine's own default would be four."""
    path = tmp_path / "out.jsonl"
    sweep = replace(SWEEP, workload="tasks:double", size=None, tasks=1, workers=(1, 2), weak=True, items="3")
    write_results(path, [], header=replace(HEADER, sweep=sweep))
    again = job_of(machine, tmp_path, subject="tasks:double", output=path, resume=True, weak=True, workers=workers)
    assert ((1, 2), 1, True) == (again.sweep.workers, again.sweep.tasks, again.sweep.weak)


@pytest.mark.parametrize("before", [True, False])
def test_resuming_keeps_the_kind_of_scaling(machine: parlab.Machine, tmp_path: Path, *, before: bool) -> None:
    """Without a word the file's own kind goes on; a strong one cannot be made weak."""
    path = tmp_path / "out.jsonl"
    write_results(path, [], header=replace(HEADER, sweep=replace(SWEEP, weak=before)))
    assert before is job_of(machine, tmp_path, output=path, resume=True).sweep.weak
    if before:
        assert job_of(machine, tmp_path, output=path, resume=True, weak=True).sweep.weak
    else:
        with pytest.raises(InputError, match="was begun with weak False, not True"):
            job_of(machine, tmp_path, output=path, resume=True, weak=True)


def test_resuming_weakly_keeps_to_stopping_at_errors(machine: parlab.Machine, tmp_path: Path) -> None:
    """What --weak refuses at first is refused later too."""
    path = tmp_path / "out.jsonl"
    write_results(path, [], header=replace(HEADER, sweep=replace(SWEEP, weak=True)))
    with pytest.raises(InputError, match="begun with on_error 'stop', not 'skip'"):
        job_of(machine, tmp_path, output=path, resume=True, on_error="skip")


def test_resuming_with_an_argument_called_data(machine: parlab.Machine, tmp_path: Path) -> None:
    """An argument of the user's own function is no path, whatever its name and its type."""
    path = tmp_path / "out.jsonl"
    sweep = replace(SWEEP, workload="tasks:any_words", size=None, tasks=3, items="3", kwargs={"data": 3})
    write_results(path, [], header=replace(HEADER, sweep=sweep))
    again = {"subject": "tasks:any_words", "output": path, "resume": True}
    assert {"data": 3} == job_of(machine, tmp_path, **again, kwargs={"data": 3}).sweep.kwargs
    with pytest.raises(InputError, match="was begun with kwargs"):
        job_of(machine, tmp_path, **again, kwargs={"data": "./3"})


def test_resuming_with_the_same_data_spelled_otherwise(machine: parlab.Machine, tmp_path: Path) -> None:
    """``./a.csv`` is ``a.csv``; another file is another sweep."""
    path = tmp_path / "out.jsonl"
    sweep = replace(SWEEP, workload="customers", size=None, tasks=8, options={"data": "a.csv"})
    write_results(path, [], header=replace(HEADER, sweep=sweep))
    again = {"subject": "customers", "output": path, "resume": True}
    assert {"data": "a.csv"} == job_of(machine, tmp_path, **again, options={"data": "./a.csv"}).sweep.options
    with pytest.raises(InputError, match="was begun with options"):
        job_of(machine, tmp_path, **again, options={"data": "b.csv"})
