"""The commands as a user runs them: what they print, what they leave, and how they end."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

import parlab
from parlab import backends, workloads
from parlab.analysis.summary import summarise
from parlab.cli.app import run
from parlab.report.headline import headline
from parlab.results import read

ROW_NAMES = [
    "backend", "workers", "rounds", "median_s", "speedup", "speedup_low", "speedup_high", "speedup_with_startup",
    "efficiency", "ceiling", "startup_s",
]  # fmt: skip


def test_bench_gives_a_table_a_chart_and_a_file(started_command, tmp_path: Path) -> None:
    """Without --output the result and the chart go to a dated file in parlab-results."""
    done = started_command(
        "bench", "primes", "--size", "4", "--workers", "1,2", "--backends", "threads", "--rounds", "1"
    )
    assert 0 == done.returncode, done.stderr
    assert "threads" in done.stdout
    assert "÷ceil" in done.stdout
    chart, results = sorted((tmp_path / "parlab-results").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert (".png", ".jsonl") == (chart.suffix, results.suffix)
    assert str(results.name) in done.stdout
    with Image.open(chart) as picture:
        assert picture.size[0] >= 800


def test_bench_fits_80_columns(command) -> None:
    """Nothing that bench prints is wider than a small terminal, long backend names included."""
    done = command(
        "bench", "primes", "--size", "4", "--workers", "2", "--backends", "processes:spawn,loky", "--rounds", "1"
    )
    body = done.stdout.split("results:")[0]
    assert max(len(line) for line in body.splitlines()) <= 80


@pytest.mark.parametrize("name", ["photos-2-cores", "payload-2-cores", "primes-16-cores"])
def test_show_says_which_of_several_engines_was_best(command, name: str) -> None:
    """In the words of a report, between table and findings, and in 80 columns."""
    said = headline(summarise(read(f"recorded:{name}")))
    text = command("show", f"recorded:{name}").stdout
    assert " ".join(said) in " ".join(text.split())
    assert text.index("all in: speedup") < text.index(said[0][:30])
    assert max(map(len, text.splitlines())) <= 80


def test_of_one_engine_none_is_called_best(command, recorded: Path, tmp_path: Path) -> None:
    """One engine has nobody beside it; its table says all, and JSON has no sentence at all."""
    alone = tmp_path / "alone.jsonl"
    done = command("bench", "hello", "--workers", "2", "--backends", "threads", "--rounds", "1", "--output", str(alone))
    assert "Highest so far" not in done.stdout
    assert "Best here" not in command("show", str(recorded), "--json").stdout
    two = command(
        "bench", "hello", "--workers", "2", "--backends", "threads,pool", "--rounds", "1", "--output", "b.jsonl"
    )
    assert "Highest so far" in two.stdout


def test_bench_json_is_one_object_with_stable_names(command, tmp_path: Path) -> None:
    """--json prints the object that the issue describes, the serial row first, and keeps no file."""
    done = command("bench", "hello", "--workers", "2", "--backends", "threads,pool", "--rounds", "1", "--json")
    found = json.loads(done.stdout)
    assert ["workload", "weak", "tasks", "label", "machine", "rows", "findings"] == list(found)
    assert [("serial", 1), ("threads", 2), ("pool", 2)] == [(row["backend"], row["workers"]) for row in found["rows"]]
    assert all(ROW_NAMES == list(row) for row in found["rows"])
    assert "hello" == found["workload"]
    assert "NaN" not in done.stdout
    assert [] == list(tmp_path.iterdir())


def test_bench_measures_a_function_of_the_current_folder(command, tmp_path: Path) -> None:
    """A module beside the user is found, with items of a CSV file and keyword arguments."""
    (tmp_path / "mine.py").write_text("def work(row, times=1):\n    return int(row['n']) * times\n")
    (tmp_path / "rows.csv").write_text("n\n1\n2\n3\n")
    done = command(
        "bench", "mine:work", "--items", "rows.csv", "--kwargs", '{"times": 3}', "--workers", "2",
        "--backends", "processes:spawn,processes", "--rounds", "1", "--output", "out.jsonl",
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert {"out.jsonl", "out.png"} <= {path.name for path in tmp_path.iterdir()}


def test_a_module_of_the_user_shadows_nothing_of_ours(started_command, tmp_path: Path) -> None:
    """A file queue.py beside the user's module does not break the harness."""
    (tmp_path / "queue.py").write_text("raise RuntimeError('imported by mistake')\n")
    (tmp_path / "mine.py").write_text("def work(n):\n    return n\n")
    done = started_command(
        "bench", "mine:work", "--items", "3", "--backends", "threads", "--workers", "1", "--rounds", "1", "--json"
    )
    assert 0 == done.returncode, done.stderr


def test_show_prints_the_same_twice(command, recorded: Path) -> None:
    """show reads a file and changes nothing."""
    before = recorded.read_bytes()
    first, second = (command("show", str(recorded)) for _ in range(2))
    assert first.stdout == second.stdout
    assert "primes" in first.stdout
    assert " to " in first.stdout  # 6 rounds have an interval
    assert before == recorded.read_bytes()


def test_show_json_has_the_same_names(command, recorded: Path) -> None:
    """bench and show give the same object."""
    found = json.loads(command("show", str(recorded), "--json").stdout)
    assert all(ROW_NAMES == list(row) for row in found["rows"])
    assert all(row["speedup_low"] is not None for row in found["rows"][1:])


def test_explain_says_where_the_time_went(command, recorded: Path) -> None:
    """explain prints tables of 80 columns, and with --json the same as one object."""
    done = command("explain", str(recorded))
    assert 0 == done.returncode, done.stderr
    assert "The work itself" in done.stdout
    assert 80 >= max(map(len, done.stdout.splitlines()))
    found = json.loads(command("explain", str(recorded), "--json").stdout)
    assert ["workload", "weak", "areas", "pop", "break_even", "traffic", "memory"] == list(found)
    assert len(found["areas"]) == len(found["pop"])


@pytest.mark.parametrize(("options", "text"), [(("--no-trace",), "--no-trace"), ((), "the plain loop alone")])
def test_explain_refuses_what_has_no_engines_spans(command, options, text: str) -> None:
    """Without spans, or without an engine, there is one sentence and the code of bad input."""
    engine = "threads" if options else "serial"
    small = ("--size", "4", "--rounds", "1", "--workers", "1", "--backends", engine, "--output", "out.jsonl")
    assert 0 == command("bench", "primes", *small, *options).returncode
    done = command("explain", "out.jsonl")
    assert 2 == done.returncode
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_plot_writes_a_picture(command, recorded: Path, tmp_path: Path, ending: str) -> None:
    """plot writes PNG and SVG, the same bytes each time."""
    for name in ("one", "two"):
        assert 0 == command("plot", str(recorded), "-o", f"{name}.{ending}").returncode
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two
    if ending == "svg":
        assert "svg" in ET.fromstring(one).tag  # noqa: S314  # written a line above


def test_doctor_judges_this_machine(command) -> None:
    """doctor prints a line for each thing it looked at, within 80 columns, and ends with 0 where nothing fails."""
    done = command("doctor")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert {"pass"} <= {line.split(" ")[0] for line in done.stdout.splitlines()} <= {"pass", "warn", ""}
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_doctor_json(command) -> None:
    """doctor --json has the machine, the number that is used, and every check."""
    found = json.loads(command("doctor", "--json", PARLAB_CORES="3").stdout)
    assert (3, "PARLAB_CORES") == (found["machine"]["cores_usable"], found["machine"]["cores_limited_by"])
    assert {"name", "status", "message", "fix"} == set(found["checks"][0])


def test_doctor_ends_with_1_where_something_fails(command, tmp_path: Path) -> None:
    """A machine on which no process can answer is a fail with a fix."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'parlab.measure.trial_entry' in ' '.join(sys.orig_argv): raise SystemExit(9)\n"
    )
    done = command("doctor", PYTHONPATH=str(tmp_path))
    assert 1 == done.returncode
    assert "fail" in done.stdout
    assert "fix:" in done.stdout


def test_backends_lists_all(command) -> None:
    """Every backend stands there with whether it can run here, in the order of the registry."""
    found = json.loads(command("backends", "--json").stdout)
    assert list(backends.names()) == [one["name"] for one in found]
    assert all(one["available"] is (one["reason"] is None) for one in found)
    assert "forkserver" in command("backends").stdout


def test_workloads_lists_all(command) -> None:
    """Every workload stands there with its sizes and what it teaches."""
    found = json.loads(command("workloads", "--json").stdout)
    assert list(workloads.names()) == [one["name"] for one in found]
    assert "GIL" in command("workloads").stdout


def test_help_names_every_command(command) -> None:
    """Without arguments the commands are listed."""
    done = command("--help")
    assert all(
        name in done.stdout for name in ("doctor", "demo", "bench", "show", "explain", "plot", "backends", "workloads")
    )
    assert f"{parlab.__version__}\n" == command("--version").stdout


def test_a_closed_pipe_is_no_error(command, recorded: Path, tmp_path: Path) -> None:
    """parlab show | head -1 ends quietly."""
    import subprocess
    import sys

    line = f"{sys.executable} -m parlab show {recorded} | head -1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert "" == done.stderr


def test_demo_measures_photographs(command, tmp_path: Path) -> None:
    """demo runs the photographs on every backend; here with one round, on a folder of three small pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 48), (40 * number, 90, 120)).save(folder / f"{number}.jpg")
    done = command("demo", "--folder", str(folder), "--budget", "1s", "--output", "demo.jsonl")
    assert 0 == done.returncode, done.stderr
    assert all(name in done.stdout for name in ("serial", "threads", "pool", "processes", "loky", "demo.png"))


def test_a_module_that_prints_does_not_disturb_json(command, tmp_path: Path) -> None:
    """What the user's module prints while it is imported goes to standard error."""
    (tmp_path / "noisy.py").write_text("print('noise')\ndef work(n):\n    return n\n")
    done = command("bench", "noisy:work", "--items", "2", "--backends", "threads", "--rounds", "1", "--json")
    assert "noisy:work" == json.loads(done.stdout)["workload"]
    assert "noise" in done.stderr


def test_resume_draws_its_own_chart_again_and_no_other(command, tmp_path: Path) -> None:
    """The chart of the first run is replaced; a picture that parlab did not draw is not."""
    line = ("bench", "primes", "--size", "2", "--backends", "threads", "--workers", "1", "--output", "out.jsonl")
    assert 0 == command(*line, "--rounds", "1").returncode
    drawn = (tmp_path / "out.png").read_bytes()
    assert 0 == command(*line, "--rounds", "2", "--resume").returncode
    assert drawn != (tmp_path / "out.png").read_bytes()
    (tmp_path / "out.png").write_bytes(b"a picture of my own")
    done = command(*line, "--rounds", "3", "--resume")
    assert 2 == done.returncode
    assert b"a picture of my own" == (tmp_path / "out.png").read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        ("customers", "--data", "a.csv", "--columns", "who,when,what", "--size", "2"),
        ("download", "--size", "2", "--delay", "0.01s"),
    ],
)
def test_work_with_files_or_a_server_leaves_nothing(command, tmp_path: Path, line: tuple[str, ...]) -> None:
    """After an ordinary sweep the result is there, and neither a temporary folder nor anything else."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "a.csv").write_text("who,when,what\n" + "".join(f"{n},2024-05-31,{n}.5\n" for n in range(40)))
    done = command(
        "bench", *line, "--backends", "threads", "--workers", "1", "--rounds", "1", "--output", "out.jsonl",
        TMPDIR=str(tmp_path / "tmp"),
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert line[0] in done.stdout
    assert {"a.csv", "out.jsonl", "out.png", "tmp"} == {path.name for path in tmp_path.iterdir()}
    assert [] == list((tmp_path / "tmp").iterdir())


def test_bench_measures_weak_scaling(command, tmp_path: Path) -> None:
    """--weak is said in the object that bench prints, and below the table of show."""
    line = ("bench", "primes", "--size", "3", "--backends", "threads", "--workers", "2", "--output", "out.jsonl")
    done = command(*line, "--rounds", "1", "--weak", "--json")
    assert 0 == done.returncode, done.stderr
    assert (True, 3) == tuple(json.loads(done.stdout)[name] for name in ("weak", "tasks"))
    assert "Weak scaling: 3 tasks for each worker" in command("show", "out.jsonl").stdout


def test_a_folder_that_was_removed_stops_no_command(tmp_path: Path, monkeypatch, capsys) -> None:
    """What needs no folder works where there is none any more."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert 0 == run(["--version"])
    assert capsys.readouterr().out.strip()
