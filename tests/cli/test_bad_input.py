"""Bad input gets one clear message, exit code 2, no traceback, and nothing is written or lost."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from builders import HEADER, make_round, write_results
from PIL import Image

from parlab.cli.app import run

BENCH = ("bench", "primes", "--rounds", "1", "--size", "2")
COMPARE = ("compare", "recorded:primes-2-cores", "recorded:primes-2-cores-python-3.14")
KINDS = ("speedup", "efficiency", "time", "timeline", "break-even", "laws", "startup", "memory")
READERS = [
    ("explain", "FILE"),
    ("fit", "FILE"),
    ("plan", "FILE"),
    ("compare", "FILE", "recorded:primes-2-cores"),
    ("compare", "recorded:primes-2-cores", "FILE"),
    *(("export", "FILE", "-o", "out.csv", "--what", what) for what in ("trials", "spans", "rows")),
    *(("plot", "FILE", "-o", "out.png", "--kind", kind) for kind in KINDS),
]
CASES = [
    (("bench", "prims"), "Unknown workload 'prims'. Did you mean 'primes'"),
    (("bench", ""), "Unknown workload ''"),
    ((*BENCH, "--backends", "thread"), "Did you mean 'threads'"),
    ((*BENCH, "--backends", ","), "No backend was given"),
    ((*BENCH, "--backends", "processes:spwan"), "Did you mean 'spawn'"),
    ((*BENCH, "--workers", "0"), "'0' is no whole number from 1 up"),
    ((*BENCH, "--workers", "-1"), "'-1' is no whole number from 1 up"),
    ((*BENCH, "--workers", "two"), "'two' is no whole number from 1 up"),
    ((*BENCH, "--workers", "1.5"), "'1.5' is no whole number from 1 up"),
    ((*BENCH, "--workers", ""), "No worker count was given"),
    ((*BENCH, "--size", "enormous"), "Size 'enormous' is not allowed"),
    (("bench", "primes", "--rounds", "0"), "--rounds 0 is not allowed"),
    (("bench", "primes", "--rounds", "-3"), "--rounds -3 is not allowed"),
    ((*BENCH, "--budget", "soon"), "--budget 'soon' is no duration"),
    ((*BENCH, "--budget", "0s"), "--budget '0s' is no duration"),
    ((*BENCH, "--precision", "0"), "--precision '0' is not allowed. Give a share from 0.01% to 50%, as 5% or 0.05"),
    ((*BENCH, "--precision", "-5%"), "--precision '-5%' is not allowed"),
    ((*BENCH, "--precision", "150%"), "--precision '150%' is not allowed"),
    ((*BENCH, "--precision", "5"), "--precision '5' is not allowed"),
    ((*BENCH, "--precision", "abc"), "--precision 'abc' is not allowed"),
    ((*BENCH, "--deadline", "x"), "--deadline 'x' is no duration"),
    ((*BENCH, "--chunksize", "0"), "--chunksize 0 is not allowed"),
    ((*BENCH, "--on-error", "ignore"), "Allowed: stop, skip"),
    ((*BENCH, "--items", "3"), "makes its own items"),
    ((*BENCH, "--folder", "."), "has no option 'folder'"),
    ((*BENCH, "--workers", "9" * 5000), "no whole number from 1 up"),
    ((*BENCH, "--seed", "-1"), "seed cannot be -1"),
    ((*BENCH, "--output", ""), "is no name for a result file"),
    ((*BENCH, "--output", "chart.png"), "is no name for a result file"),
    (("bench", "photos", "--folder", ""), "There is no folder ''"),
    ((*BENCH, "--resume"), "--resume needs --output"),
    ((*BENCH, "--output", "nowhere/out.jsonl"), "There is no folder 'nowhere'"),
    ((*BENCH, "--output", "missing.jsonl", "--resume"), "There is no result file"),
    (("bench", "tasks:double"), "needs --items"),
    (("bench", "tasks:double", "--items", "0"), "a count goes from 1"),
    (("bench", "tasks:double", "--items", "-4"), "a count goes from 1"),
    (("bench", "tasks:double", "--items", "*.nothing"), "matches no file"),
    (("bench", "tasks:double", "--items", "missing.csv"), "There is no file 'missing.csv'"),
    (("bench", "tasks:double", "--items", "what is this"), "is not understood"),
    (("bench", "tasks:double", "--items", "tasks:yield_nothing"), "gave no item"),
    (("bench", "tasks:double", "--items", "tasks:yield_then_raise"), "RuntimeError: the generator broke"),
    (("bench", "tasks:double", "--items", "2", "--kwargs", "{"), "is no JSON"),
    (("bench", "tasks:double", "--items", "2", "--kwargs", "[1]"), "must be a JSON object"),
    (("bench", "tasks:dobule", "--items", "2"), "Did you mean 'double'"),
    (("bench", "tasks.double", "--items", "2"), "Is it a function of your own? Write tasks:double."),
    (("bench", "folder/tasks.py:double", "--items", "2"), "Write folder.tasks:double."),
    (("bench", "tasks:nothing_given", "--items", "2"), "nothing_given() cannot be called with one item"),
    (("bench", "tasks:later", "--items", "2"), "later is async def"),
    (("bench", "tasks:double", "--items", "2", "--kwargs", '{"depth": 1}'), "got an unexpected keyword argument"),
    (("bench", "tasks:double", "--items", "/"), "is a folder. For its files write '/*'"),
    (("bench", "tasks:NOT_A_FUNCTION", "--items", "2"), "cannot be called"),
    (("bench", "no_module:f", "--items", "2"), "There is no module 'no_module'"),
    (("bench", "photos", "--folder", "nowhere"), "There is no folder 'nowhere'"),
    (("demo", "--folder", "nowhere"), "There is no folder 'nowhere'"),
    ((*BENCH, "--data", "a.csv"), "has no option 'data'"),
    ((*BENCH, "--delay", "1s"), "has no option 'delay'"),
    (("bench", "download", "--delay", "soon"), "--delay 'soon' is no duration"),
    (("bench", "download", "--delay", "11s"), "A delay of 11.0 s is not allowed: give 0 to 10 seconds"),
    (("bench", "tasks:double", "--items", "3", "--data", "a.csv"), "give your function --items"),
    (("bench", "customers", "--columns", "a,b,c"), "give it together with --data FILE"),
    (("bench", "customers", "--data", ""), "There is no file ''"),
    (("bench", "customers", "--data", "missing.csv", "--output", "out.jsonl"), "There is no file 'missing.csv'"),
    ((*BENCH, "--weak", "--on-error", "skip"), "--weak cannot go with --on-error skip"),
    (("bench", "tasks:double", "--items", "3", "--workers", "1,4", "--weak"), "3 items are too few for 4 workers"),
    ((*BENCH, "--output", "recorded:mine"), "names a recorded sweep, and those are only read"),
    (("show", "missing.jsonl"), "There is no result file 'missing.jsonl'"),
    (("show", "."), "cannot be read"),
    (("explain", "missing.jsonl"), "There is no result file 'missing.jsonl'"),
    (("explain", "recorded:nothing"), "Unknown recorded sweep 'nothing'"),
    (("plot", "missing.jsonl", "-o", "chart.png"), "There is no result file"),
    (("plot", "missing.jsonl", "-o", "chart.gif"), "Allowed: png, svg"),
    (("plot", "missing.jsonl", "-o", "nowhere/chart.png"), "There is no folder 'nowhere'"),
    (("plot", "missing.jsonl", "--kind", "pie", "-o", "chart.png"), "Unknown kind of chart 'pie'"),
    (("plot", "missing.jsonl", "--backend", "loky", "-o", "chart.png"), "shows every backend, so none can be chosen"),
    (("plot", "recorded:photos-2-cores", "--kind", "timeline", "--workers", "0", "-o", "chart.png"), "--workers 0"),
    (("plot", "recorded:photos-2-cores", "--kind", "memory", "-o", "chart.png"), "Measure with --memory"),
    (("compare", "missing.jsonl", "recorded:primes-2-cores"), "There is no result file 'missing.jsonl'"),
    (("compare", "recorded:primes-2-cores", "recorded:nothing"), "Unknown recorded sweep 'nothing'"),
    (("compare", "recorded:primes-2-cores", "recorded:photos-2-cores"), "A measured 'primes', B 'photos'"),
    (("compare", "recorded:primes-2-cores"), "Missing argument 'B'"),
    ((*COMPARE, "--by", "times"), "Unknown way to judge 'times'. Did you mean 'time'"),
    ((*COMPARE, "--by", "pace"), "they come from different machines or Pythons"),
    ((*COMPARE, "--fail-if-slower", "10"), "--fail-if-slower '10' is not allowed. Give a share from 0% to 100%"),
    ((*COMPARE, "--fail-if-slower", "-1%"), "--fail-if-slower '-1%' is not allowed"),
    ((*COMPARE, "--fail-if-slower", "much"), "--fail-if-slower 'much' is not allowed"),
    (("export", "missing.jsonl", "-o", "out.csv"), "There is no result file"),
    (("export", "missing.jsonl", "-o", "out.xlsx"), "Unknown table format 'xlsx'. Allowed: csv, parquet"),
    (("export", "missing.jsonl", "-o", "out"), "Unknown table format 'out'"),
    (("export", "missing.jsonl", "-o", "nowhere/out.csv"), "There is no folder 'nowhere'"),
    (("export", "missing.jsonl", "-o", "out.csv", "--what", "span"), "Unknown table 'span'. Did you mean 'spans'"),
    (("bench", "primes", "--no-such-option"), "No such option"),
    (("no-such-command",), "No such command"),
]


@pytest.mark.parametrize(
    ("arguments", "text"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_refused(command, tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    """The message says what was given; the code is 2; the folder is as empty as before."""
    done = command(*arguments)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert [] == list(tmp_path.iterdir())


def test_an_empty_folder_of_images(started_command, tmp_path: Path) -> None:
    """A folder without images says what was looked for."""
    (tmp_path / "empty").mkdir()
    done = started_command("bench", "photos", "--folder", "empty")
    assert 2 == done.returncode
    assert "holds no image. Looked for .jpeg, .jpg" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "arguments", "text"),
    [
        ("a.csv", "customer;date;amount\n1;2024-05-31;12.50\n", (), "It has: customer;date;amount."),
        ("a.csv", "who,date,amount\n1,2024-05-31,5\n", ("--columns", "a,b,c"), "has no column 'a'. It has: who, date"),
        ("a.csv", "who,date,amount\n1,2024-05-31,5\n", ("--columns", "who,who,amount"), "names a column twice"),
        ("a.txt", "customer,date,amount\n", (), "its name must end in .csv, .parquet, .pq"),
    ],
)
def test_purchases_that_cannot_be_read(
    command, tmp_path: Path, name: str, content: str, arguments: tuple[str, ...], text: str
) -> None:
    """What is wrong in the user's file is said before anything is measured, and only the user's file is there."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / name).write_text(content)
    line = ("bench", "customers", "--data", name, *arguments, "--output", "out.jsonl")
    done = command(*line, TMPDIR=str(tmp_path / "tmp"))
    assert 2 == done.returncode, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert {name, "tmp"} == {path.name for path in tmp_path.iterdir()}
    assert [] == list((tmp_path / "tmp").iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three good pictures and a broken one."""
    place = tmp_path / "pictures"
    place.mkdir()
    for number in range(3):
        Image.new("RGB", (80, 60), (80 * number, 90, 120)).save(place / f"{number}.jpg")
    (place / "broken.jpg").write_bytes((place / "0.jpg").read_bytes()[:300])
    return place


def test_a_broken_image_is_named_and_stops(command, folder: Path, tmp_path: Path) -> None:
    """By default the sweep stops before anything is measured or written."""
    done = command("bench", "photos", "--folder", "pictures", "--output", "out.jsonl")
    assert 2 == done.returncode
    assert "broken.jpg cannot be read" in done.stderr
    assert "--on-error skip" in done.stderr
    assert [folder] == list(tmp_path.iterdir())


def test_a_broken_image_is_named_and_skipped(command, folder: Path) -> None:
    """With --on-error skip the others are measured and the broken one is named."""
    done = command(
        "bench", "photos", "--folder", "pictures", "--on-error", "skip", "--rounds", "1", "--workers", "2",
        "--backends", "threads,processes",
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "1 task was skipped" in done.stdout
    assert "broken.jpg" in done.stdout.replace("\n", "").replace(" ", "")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's; there not even root can write it")
def test_a_folder_that_cannot_be_written(command) -> None:
    """A place that refuses files is refused before anything is measured."""
    done = command(*BENCH, "--output", "/proc/out.jsonl")
    assert 2 == done.returncode
    assert "'/proc/out.jsonl' cannot be written" in done.stderr
    assert "checking" not in done.stderr


def test_an_output_that_is_a_folder(command, tmp_path: Path) -> None:
    """A folder is no result file."""
    (tmp_path / "out.jsonl").mkdir()
    done = command(*BENCH, "--output", "out.jsonl")
    assert 2 == done.returncode
    assert "exists already" in done.stderr


def test_an_existing_result_or_chart_is_kept(command, tmp_path: Path) -> None:
    """Neither the result file nor a picture that lies where the chart would go is overwritten."""
    for name in ("old.jsonl", "other.png"):
        (tmp_path / name).write_text("precious")
    for output in ("old.jsonl", "other.jsonl"):
        done = command(*BENCH, "--output", output)
        assert 2 == done.returncode
        assert "exists already" in done.stderr
    assert ["precious", "precious"] == [(tmp_path / name).read_text() for name in ("old.jsonl", "other.png")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("hello\n", "its first line is no JSON"),
        ("[1]\n", "its first line is no header"),
        ('{"kind": "header", "schema": 99, "parlab": "9.0"}\n', "newer parlab (9.0, schema 99)"),
        ('{"kind": "header", "schema": 1}\n', "lacks the field"),
    ],
)
def test_files_that_are_no_results(command, tmp_path: Path, text: str, message: str) -> None:
    """show says what is wrong with the file."""
    (tmp_path / "file.jsonl").write_text(text)
    done = command("show", "file.jsonl")
    assert 2 == done.returncode
    assert message in done.stderr


def _run_in_process(arguments: tuple[str, ...], place: Path, capsys) -> tuple[int, str]:
    """Run a command that only reads without the second that a process takes to start."""
    code = run([str(place) if one == "FILE" else one for one in arguments])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("show", "FILE"), *READERS], ids=" ".join)
def test_no_reader_takes_what_is_no_result_file(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch, capsys
) -> None:
    """An empty file, a folder and a binary file are named with what is wrong, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "binary.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff" * 40)
    (tmp_path / "folder.jsonl").mkdir()
    before = set(tmp_path.iterdir())
    texts = {"empty": "it is empty", "binary": "its first line is no JSON", "folder": "cannot be read"}
    for name, text in texts.items():
        code, said = _run_in_process(arguments, tmp_path / f"{name}.jsonl", capsys)
        assert 2 == code
        assert f"{name}.jsonl" in said
        assert text in said
    assert before == set(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_no_reader_makes_something_of_a_header_alone(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch, capsys
) -> None:
    """Before its first trial a file has nothing to explain, fit, draw, compare or export; each command says so."""
    monkeypatch.chdir(tmp_path)
    write_results(tmp_path / "header.jsonl", [], reason=None)
    code, said = _run_in_process(arguments, tmp_path / "header.jsonl", capsys)
    assert 2 == code
    assert "There is n" in said or "There are n" in said or "none with a complete round" in said
    assert ["header.jsonl"] == [path.name for path in tmp_path.iterdir()]


def test_a_header_alone_is_shown(command, tmp_path: Path) -> None:
    """show is where one looks first, so it says that no round was measured, and what to do."""
    write_results(tmp_path / "header.jsonl", [], reason=None)
    done = command("show", "header.jsonl")
    assert 0 == done.returncode
    assert "The sweep was cut off after 0 of 6 rounds" in done.stdout


def test_the_plain_loop_alone_is_not_fitted(command, tmp_path: Path) -> None:
    """A sweep without an engine has no points, and says so instead of printing nothing."""
    alone = replace(HEADER, sweep=replace(HEADER.sweep, backends=("serial",)))
    write_results(tmp_path / "alone.jsonl", make_round(0, (2.0, 2.0)), header=alone)
    done = command("fit", "alone.jsonl")
    assert (2, "") == (done.returncode, done.stdout)
    assert "the plain loop alone was measured" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cores,speedup\n1,1\n2,2\n", "has no column 'workers'. It has: 'cores, speedup'"),
        ("workers,time\n1,1\n2,2\n", "has none of the columns with a value"),
        ("workers,speedup\n1,one\n2,2\n", "line 2: speedup 'one' is not allowed"),
        ("workers,speedup\n1,\n2,2\n", "line 2: speedup '' is not allowed"),
        ("workers,speedup\n1,NaN\n2,2\n", "line 2: speedup 'NaN' is not allowed"),
        ("workers,speedup\n1,inf\n2,2\n", "line 2: speedup 'inf' is not allowed"),
        ("workers,elapsed_s\n1,0\n2,2\n", "line 2: elapsed_s '0' is not allowed"),
        ("workers,throughput\n1,5\n2,-2\n", "line 3: throughput '-2' is not allowed"),
        ("workers,speedup\n0,1\n2,2\n", "line 2: '0' workers are not allowed"),
        ("workers,speedup\n1,1\n", "has only one point"),
        ("workers,speedup\n", "has a header and no point"),
        ("workers,speedup\n1,1\n2,1.9\n2,2\n", "line 4: 2 workers stand there a second time"),
        ("", "is empty"),
    ],
)
def test_points_that_cannot_be_fitted(tmp_path: Path, capsys, text: str, message: str) -> None:
    """fit says the line and what stands there."""
    path = tmp_path / "points.csv"
    path.write_text(text)
    assert 2 == run(["fit", str(path)])
    assert message in capsys.readouterr().err


def test_a_file_that_was_cut_off_is_shown(command, recorded: Path, tmp_path: Path) -> None:
    """A half-written last line is no error: the rest is shown, and two findings say what happened."""
    (tmp_path / "cut.jsonl").write_bytes(recorded.read_bytes()[:-2000])
    done = command("show", "cut.jsonl")
    assert 0 == done.returncode
    assert "ends in the middle of line" in done.stdout.replace("\n  ", " ")
    assert "--resume" in done.stdout


def test_a_failing_task_shows_the_workers_traceback(command) -> None:
    """The error names task, item and exception, and the code is 1: it ran, and failed."""
    done = command("bench", "tasks:refuse_three", "--items", "6")
    assert 1 == done.returncode
    assert "Task 3 of 6, item 3, raised ValueError: no threes" in done.stderr
    assert "in refuse_three" in done.stderr
