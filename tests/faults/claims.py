"""What must be true of a probe's observation: a claim is a function of it and of the spot, and asserts."""

import re
from collections.abc import Callable
from typing import Any

from fault_tasks import TARGET
from spots import Spot

from parlab import detect
from parlab.machine.detection import crowding

Claim = Callable[[dict[str, Any], Spot], None]

SHORT_CHARACTERS = 400
PARENT_GONE_S, INTERRUPT_GONE_S, EXIT_S = 5.0, 2.0, 10.0  # the bounds that parlab promises on a quiet machine
MOST_PATIENCE = 5.0
TASKS = 6
OTHERS = [number for number in range(TASKS) if number != TARGET]
THE_TASK = rf"\b([Tt]asks?|begun:) (\d+( \(.*?\))?, )*{TARGET}\b"  # alone, or in a list of suspects


def patience() -> float:
    """Return how many times as long something may take now: once where each program that wants a core has one."""
    return min(MOST_PATIENCE, crowding(detect().cores_usable))


# For every case


def is_whole(observed: dict[str, Any], _spot: Spot) -> None:
    """The probe has answered in time and met nothing that its scenario does not know."""
    assert "late" not in observed, observed["late"]
    assert "broken" not in observed, observed["broken"]


def leaves_nothing(observed: dict[str, Any], spot: Spot) -> None:
    """No child lives on; files, threads and /dev/shm are as before: after the fault, after the next run, at the end."""
    for moment in ("after", "after next"):
        assert {"strays": [], "files": [], "threads": [], "shared memory": []} == observed[moment], moment
    end = observed["end"]
    if "killed" in observed or spot.group == "notebook":
        # Python's folder for the socket of its fork server: a user's process that is killed cannot remove it.
        end["temporary files"] = [one for one in end["temporary files"] if not one.startswith("pymp-")]
    assert {"strays": [], "shared memory": [], "temporary files": []} == end


def can_go_on(observed: dict[str, Any], _spot: Spot) -> None:
    """The next run in the same process does its work."""
    assert "broken" not in observed["next"], observed["next"]["broken"]
    assert observed["next"]["right"], observed["next"]["seen"]


def leaves_a_valid_file(observed: dict[str, Any], spot: Spot) -> None:
    """A result file is readable, or there is none."""
    if spot.is_sweep:
        assert observed.get("file") in ("valid", None), observed["file"]


ALWAYS = (is_whole, leaves_nothing, can_go_on, leaves_a_valid_file)


# Words


def says(text: str, *patterns: str) -> None:
    missing = [pattern for pattern in patterns if not re.search(pattern, text)]
    assert [] == missing, f"{missing} not in: {text[:1_500]}"


def is_kind(error: dict[str, Any] | None, *kinds: str) -> dict[str, Any]:
    assert error is not None, f"no {kinds[0]} was raised"
    assert set(kinds) <= set(error["kinds"]), error["traceback"]
    return error


# Sweeps


def parallel(observed: dict[str, Any]) -> dict[str, Any]:
    """Return the one trial that is not the plain loop."""
    assert observed["trials"], f"no trial was written down: {(observed['error'] or {}).get('traceback')}"
    (trial,) = [one for one in observed["trials"] if one["role"] == "parallel"]
    return trial


def sweep_went_on(observed: dict[str, Any], _spot: Spot) -> None:
    """The sweep came to its end and its plain loops are whole."""
    assert None is observed["error"], observed["error"]
    assert "rounds" == observed["ended"]
    assert ["ok", "ok"] == [one["outcome"] for one in observed["trials"] if one["role"] == "serial"]


def others_have_spans(observed: dict[str, Any], _spot: Spot) -> None:
    """Every other task was done and stands in the file as such."""
    spans = parallel(observed)["spans"]
    assert dict.fromkeys(map(str, OTHERS), "ok") == {task: spans.get(task) for task in map(str, OTHERS)}


def lost(how: str) -> tuple[Claim, ...]:
    """The task is found among the suspects and named, in the message and in its span."""

    def names_the_culprit(observed: dict[str, Any], _spot: Spot) -> None:
        trial = parallel(observed)
        assert "lost" == trial["outcome"], trial
        says(trial["message"], rf"\b[Tt]asks?\b.* {TARGET}\b", re.escape(how))

    def span_says_how(observed: dict[str, Any], _spot: Spot) -> None:
        assert how == parallel(observed)["spans"][str(TARGET)]

    return sweep_went_on, names_the_culprit, span_says_how, others_have_spans


def stopped_by(how: str) -> tuple[Claim, ...]:
    """Where the first failure ends a trial, it is named, and the sweep goes on with the next trial."""
    return lost(how)[:2]


def died_with_its_trial(how: str) -> tuple[Claim, ...]:
    """Threads cannot outlive their process: the trial is lost, and says which tasks had been begun."""

    def tells_what_had_begun(observed: dict[str, Any], _spot: Spot) -> None:
        trial = parallel(observed)
        assert "lost" == trial["outcome"], trial
        says(trial["message"], THE_TASK, re.escape(how))

    return sweep_went_on, tells_what_had_begun


def died_with_its_job(how: str) -> tuple[Claim, ...]:
    """MPI ends the job with a process of it: the trial is lost, says which tasks had been begun, and what ended it."""
    seen_by_mpiexec = {"lost(SIGKILL)": "signal 9", "lost(SIGSEGV)": "signal 11"}.get(how, "exit")

    def tells_what_had_begun(observed: dict[str, Any], _spot: Spot) -> None:
        trial = parallel(observed)
        assert "lost" == trial["outcome"], trial
        says(trial["message"], THE_TASK, seen_by_mpiexec)

    return sweep_went_on, tells_what_had_begun


def timed_out(*patterns: str) -> tuple[Claim, ...]:
    """The trial ended at its deadline, and names the task that it waited for."""

    def names_what_it_waited_for(observed: dict[str, Any], _spot: Spot) -> None:
        trial = parallel(observed)
        assert "timed out" == trial["outcome"], trial
        says(trial["message"], r"deadline", THE_TASK, *patterns)

    return sweep_went_on, names_what_it_waited_for


def recovered(observed: dict[str, Any], _spot: Spot) -> None:
    """What was lost was done again, no task is accused, and the trial is marked."""
    trial = parallel(observed)
    assert "recovered" == trial["outcome"], trial
    assert trial["rerun"], trial
    assert {"ok"} == set(trial["spans"].values())


def recovered_or_untouched(observed: dict[str, Any], _spot: Spot) -> None:
    """The death of a worker that had nothing to do costs nobody a task."""
    trial = parallel(observed)
    assert trial["outcome"] in ("ok", "recovered"), trial
    assert {"ok"} == set(trial["spans"].values())


def ended_somehow(observed: dict[str, Any], _spot: Spot) -> None:
    """The trial came to a defined end."""
    assert parallel(observed)["outcome"] in ("ok", "recovered", "lost", "timed out")


def ended_as(outcome: str, *patterns: str) -> Claim:
    """The trial came to this end, and says so."""

    def says_why(observed: dict[str, Any], _spot: Spot) -> None:
        trial = parallel(observed)
        assert re.fullmatch(outcome, trial["outcome"]), trial
        says(trial["message"], *patterns)

    return says_why


def accuses_nobody_else(observed: dict[str, Any], _spot: Spot) -> None:
    """Whatever is said, no other task is blamed."""
    outcomes = parallel(observed)["spans"]
    assert {"ok"} >= {outcomes[str(task)] for task in OTHERS if str(task) in outcomes}


def is_ok(observed: dict[str, Any], _spot: Spot) -> None:
    """Nothing happened that anybody has to know."""
    trial = parallel(observed)
    assert "ok" == trial["outcome"], trial
    assert {"ok"} == set(trial["spans"].values())


def check_failed(*patterns: str) -> Claim:
    """The sweep ends before its rounds, with exit code 1 and without a file."""

    def says_why(observed: dict[str, Any], _spot: Spot) -> None:
        error = is_kind(observed["error"], "ParlabError")
        says(error["text"], *patterns)
        assert (1, None) == (error["exit code"], observed["file"])

    return says_why


def one_bad_task(*patterns: str) -> tuple[Claim, ...]:
    """Skipped, it is the one failure among good tasks; else it ends the check with its name."""

    def is_the_only_failure(observed: dict[str, Any], _spot: Spot) -> None:
        assert None is observed["error"], observed["error"]
        trial = parallel(observed)
        assert "ok" == trial["outcome"], trial
        ((task, error, trace),) = trial["failures"]
        assert TARGET == task
        says(f"{error}\n{trace}", *patterns)
        assert "error" == trial["spans"][str(TARGET)]

    def ends_the_check(observed: dict[str, Any], _spot: Spot) -> None:
        stopped = observed["stopped"]
        error = is_kind(stopped["error"], "TaskError")
        says(error["text"], rf"^Task {TARGET} of {TASKS}, item .* raised ", *patterns)
        assert (1, None) == (error["exit code"], stopped["file"])

    return is_the_only_failure, others_have_spans, ends_the_check


def refused(*patterns: str) -> Claim:
    """Nothing was started or written, and the text says what is wrong; exit code 2."""

    def says_what_is_wrong(observed: dict[str, Any], _spot: Spot) -> None:
        error = is_kind(observed["error"], "InputError")
        says(error["text"], *patterns)
        assert (2, None) == (error["exit code"], observed.get("file"))

    return says_what_is_wrong


def failed(code: int, *patterns: str) -> Claim:
    """The sweep ends in one error of parlab's with this exit code."""

    def says_why(observed: dict[str, Any], _spot: Spot) -> None:
        error = is_kind(observed["error"], "ParlabError")
        says(error["text"], *patterns)
        assert code == error["exit code"]

    return says_why


def works_or_says(*patterns: str) -> Claim:
    """A way around it, or one clear error."""

    def has_an_answer(observed: dict[str, Any], _spot: Spot) -> None:
        if observed["error"] is not None:
            says(is_kind(observed["error"], "ParlabError")["text"], *patterns)

    return has_an_answer


def error_is_bounded(observed: dict[str, Any], _spot: Spot) -> None:
    """A text of 100 MB is cut, in the file and on the screen."""
    errors = [observed["error"], observed.get("raised"), observed.get("stopped", {}).get("error")]
    errors += [one for one in observed.get("values", []) if isinstance(one, dict)]
    assert [] == [one["traceback length"] for one in errors if one and one["traceback length"] > 1 << 20]
    assert 1 << 20 > (observed.get("bytes") or 0)


def starts_are_few(observed: dict[str, Any], _spot: Spot) -> None:
    """Workers that never come up are not started again and again."""
    assert 10 >= observed["starts"]


def kept_what_was_written(observed: dict[str, Any], _spot: Spot) -> None:
    """The whole lines of a file that could not grow are readable."""
    assert "valid" == observed["file"]
    assert observed["trials"]


def cut_line_is_left_out(observed: dict[str, Any], _spot: Spot) -> None:
    """A warning says that a line was cut; resuming keeps the lines before it and completes the round."""
    assert ("valid", ["cut-line"]) == (observed["cut"]["file"], observed["cut"]["about the file"])
    assert (None, True, "rounds") == (observed["error"], observed["kept"], observed["ended"])


def times_are_sane(observed: dict[str, Any], _spot: Spot) -> None:
    """A minute cannot have passed, nor less than nothing."""
    for trial in observed.get("trials", []):
        assert [] == [one for one in trial["times"] if one is None or not 0 <= one < 60], trial


# Clusters of others


def struck(*outcomes: str) -> Claim:
    """What was measured before is kept, and the trial that was struck is marked as one of these."""

    def is_marked(observed: dict[str, Any], _spot: Spot) -> None:
        assert observed["struck"], "nothing happened to the cluster"
        first, second, *_ = [one for one in observed["trials"] if one["role"] == "parallel"]
        assert "ok" == first["outcome"], first
        assert second["outcome"] in outcomes, second

    return is_marked


def all_rounds_were_tried(observed: dict[str, Any], _spot: Spot) -> None:
    """The sweep went on to its end."""
    assert None is observed["error"], observed["error"]["text"]
    assert "rounds" == observed["ended"]


def struck_trial_says(*patterns: str) -> Claim:
    """Its message names the cause, and what to do."""

    def says_why(observed: dict[str, Any], _spot: Spot) -> None:
        says([one for one in observed["trials"] if one["role"] == "parallel"][1]["message"], *patterns)

    return says_why


def ends_with(*patterns: str) -> Claim:
    """The sweep ends in one error of parlab's, which says why nothing can be measured any more."""

    def says_why(observed: dict[str, Any], _spot: Spot) -> None:
        says(is_kind(observed["error"], "ParlabError")["text"], *patterns)

    return says_why


# Ends


def interrupted_in_time(observed: dict[str, Any], _spot: Spot) -> None:
    """Nobody is left two seconds after Ctrl-C, or a few more on a busy machine."""
    assert patience() * INTERRUPT_GONE_S >= observed["gone after"]


def interrupted_with_one_message(kind: str) -> Claim:
    """The message is one short line, of a kind that is an interrupt to everybody else."""

    def is_short(observed: dict[str, Any], _spot: Spot) -> None:
        text = is_kind(observed["error"], kind)["text"]
        assert 0 < len(text) <= SHORT_CHARACTERS
        assert 1 == len(text.splitlines()), text

    return is_short


def kept_finished_trials(observed: dict[str, Any], _spot: Spot) -> None:
    """What had been measured before Ctrl-C is there, and the file says that it was stopped."""
    assert None is observed["error"], observed["error"]
    assert ("valid", "stopped") == (observed["file"], observed["ended"])
    assert len(observed["trials"]) > 1


def parent_gone_in_time(observed: dict[str, Any], _spot: Spot) -> None:
    """Workers notice in five seconds that their parent was killed, and nothing of theirs stays in /dev/shm."""
    assert patience() * PARENT_GONE_S >= observed["gone after"]
    assert patience() * PARENT_GONE_S >= observed["segments gone after"]


def exits_in_time(observed: dict[str, Any], _spot: Spot) -> None:
    """A program that closed nothing ends nevertheless."""
    assert observed["forgot"], "the program did not get that far"
    assert patience() * EXIT_S >= observed["ended after"]


# parlab.pool


def others_are_kept(observed: dict[str, Any], _spot: Spot) -> None:
    """Every other task's value stands in its place."""
    assert None is observed["error"], observed["error"]["traceback"]
    values = observed["values"]
    assert isinstance(values, list), values
    assert OTHERS == [values[number] for number in OTHERS]


def exception_stands_for(kind: str, *patterns: str) -> tuple[Claim, ...]:
    """The exception stands in the task's place, or is raised; it names task and cause, and ends nobody else."""

    def stands_in_its_place(observed: dict[str, Any], _spot: Spot) -> None:
        _tells(observed["values"][TARGET], kind, patterns)

    def is_raised(observed: dict[str, Any], _spot: Spot) -> None:
        _tells(observed["raised"], kind, patterns)

    return others_are_kept, stands_in_its_place, is_raised


def _tells(error: dict[str, Any] | None, kind: str, patterns: tuple[str, ...]) -> None:
    assert isinstance(error, dict), f"no {kind}, but {error!r}"
    is_kind(error, kind, "Exception")
    says("\n".join([error["text"], error["traceback"], *error["notes"]]), THE_TASK, *patterns)


def deadline_names_the_task(observed: dict[str, Any], _spot: Spot) -> None:
    """The error says which tasks were still running."""
    for error in (observed["raised"],):
        says(is_kind(error, "DeadlineError")["text"], THE_TASK)


def deadline_keeps_the_others(observed: dict[str, Any], _spot: Spot) -> None:
    """With the exceptions in their places, the others' results survive the deadline."""
    if observed["error"] is not None:  # raised as a whole is allowed, too: it is about the map, not about a task
        is_kind(observed["error"], "DeadlineError")
        return
    others_are_kept(observed, _spot)
    is_kind(observed["values"][TARGET], "DeadlineError")


def refused_at_once(*patterns: str) -> Claim:
    """Neither map gets as far as a task."""

    def says_what_is_wrong(observed: dict[str, Any], _spot: Spot) -> None:
        for error in (observed["error"], observed["raised"]):
            says(is_kind(error, "InputError")["text"], *patterns)

    return says_what_is_wrong


def functions_are_refused(observed: dict[str, Any], spot: Spot) -> None:
    """Each text names the ways out, and no process was started for it."""
    assert (2 if spot.group == "notebook" else 1) == len(observed["errors"])
    for error in observed["errors"]:
        says(is_kind(error, "FunctionError")["text"], "module", "loky", "%%workers" if spot.group == "notebook" else "")
    assert {0} == set(observed["more children"])


def one_clear_error(*patterns: str, kind: str = "ParlabError") -> Claim:
    """One error that says it: parlab's own, or a task's, which keeps its class."""

    def is_clear(observed: dict[str, Any], _spot: Spot) -> None:
        says(is_kind(observed["error"], kind)["text"], *patterns)

    return is_clear


def map_is_whole(observed: dict[str, Any], _spot: Spot) -> None:
    """All values are there."""
    assert None is observed["error"], observed["error"]["traceback"]
    assert list(observed.get("expected", range(TASKS))) == observed["values"]


def pool_was_replaced(observed: dict[str, Any], _spot: Spot) -> None:
    """More processes worked than work at once, a finding says why, and what CPython deadlocks with is refused."""
    assert 2 < observed["processes"]
    assert "workers-replaced" in observed["findings"]
    says(observed["refused"]["text"], "115634")


def is_told_in_order(observed: dict[str, Any], _spot: Spot) -> None:
    """What children print is shown by task, not by chance."""
    spoken = re.findall(r"task (\d) speaks", observed["printed"])
    assert list(map(str, range(TASKS))) == spoken


def prints_are_capped(observed: dict[str, Any], _spot: Spot) -> None:
    """A flood of 20 MB is cut to some kilobytes."""
    assert 1 << 20 > len(observed["printed"])


def runs_serially_inside(observed: dict[str, Any], _spot: Spot) -> None:
    """Every inner task ran in its worker, at both depths, and the inner pool says so."""
    assert None is observed["error"], observed["error"]
    for processes, codes in observed["value"]:
        assert 1 == len(processes)
        assert "nested-parallelism" in codes


def fork_warns_once(observed: dict[str, Any], _spot: Spot) -> None:
    """Not by default; with fork a warning and a finding, and the second time the finding alone."""
    usual, first, second = (observed[name] for name in ("usual", "first", "second"))
    assert [list(range(TASKS))] * 3 == [one["values"] for one in (usual, first, second)]
    assert [0, 1, 0] == [len(one["warned"]) for one in (usual, first, second)]
    assert [0, 1, 1] == [sum("fork" in code for code in one["findings"]) for one in (usual, first, second)]


def pool_survives_its_callbacks(observed: dict[str, Any], _spot: Spot) -> None:
    """What a callback does harms neither the task before nor the tasks after it."""
    assert None is observed["error"], observed["error"]
    assert 1 == observed["values"][0]
    assert {5} >= set(observed["values"][1:])
    assert list(range(TASKS)) == observed["map"]


def every_future_ends(observed: dict[str, Any], _spot: Spot) -> None:
    """Each future has its value, or says which calls had been begun; the culprit is among them, whoever says it."""
    values = observed["values"]
    lost_calls = [one for one in values if isinstance(one, dict)]
    assert values[TARGET] in lost_calls
    assert {*range(TASKS)} >= {one for one in values if one not in lost_calls}
    for error in lost_calls:
        says(is_kind(error, "WorkersLostError")["text"], rf"\b{TARGET}\b")


def refused_and_went_on(observed: dict[str, Any], _spot: Spot) -> None:
    """All that could not be sent was refused, and nothing else."""
    assert (100, list(range(100))) == (observed["refused"], observed["values"])
    assert observed["last"] is not None


def sum_is_right(observed: dict[str, Any], _spot: Spot) -> None:
    """No submission was lost."""
    assert sum(range(5_000)) == observed["total"]


def is_empty(observed: dict[str, Any], _spot: Spot) -> None:
    """No items, no values, no error."""
    assert (None, []) == (observed["error"], observed["value"])


def has_no_error(observed: dict[str, Any], _spot: Spot) -> None:
    """It works."""
    assert None is observed["error"], observed["error"]


def hints_at_memory(observed: dict[str, Any], _spot: Spot) -> None:
    """The message speaks of memory, shows how much there is, and what to do."""
    says(parallel(observed)["message"], "memory", "[0-9] ?[KMGT]i?B", "fewer workers")


def generator_error_is_raised(observed: dict[str, Any], _spot: Spot) -> None:
    """The generator's own words arrive; no task is to blame."""
    for error in (observed["error"], observed["raised"]):
        says(is_kind(error, "Exception")["text"], "the generator broke")


def ended_in_time(observed: dict[str, Any], _spot: Spot) -> None:
    """Values, exceptions in their places, or one error: but an end."""
    if observed["error"] is not None:
        is_kind(observed["error"], "ParlabError")
    else:
        others_are_kept(observed, _spot)
