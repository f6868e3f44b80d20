"""docs/jupyterhub.md: what can be checked without a hub. Settings are Python, and the doctor says what it shows."""

import ast
import os
import re
import shlex
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main

from parlab.analysis.doctor import diagnose
from parlab.cli.app import app
from parlab.learn.contents import course_folder, lessons
from parlab.learn.stubs import BEGIN
from parlab.machine import detect
from parlab.results import recorded

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
SAID = [line for kind, code in BLOCKS if kind == "text" for line in code.splitlines()]
(IMAGE,) = [code for kind, code in BLOCKS if kind == "dockerfile"]
MIB = 1 << 20


def test_there_is_something_to_check() -> None:
    """Every block is of a kind that is checked here."""
    assert {"python", "sh", "text", "dockerfile"} == {kind for kind, _ in BLOCKS}
    assert len(PYTHON) >= 4


def test_settings_are_python_of_the_hubs_configuration() -> None:
    """Each block parses, and sets traits of ``c`` alone."""
    for code in PYTHON:
        body = ast.parse(code).body
        targets = [ast.unparse(target) for node in body if isinstance(node, ast.Assign) for target in node.targets]
        assert targets
        assert [] == [target for target in targets if not re.fullmatch(r"c\.\w+\.\w+", target)]


def test_the_doctor_says_what_the_page_shows() -> None:
    """On a node of 64 cores with a quota of 2, and with the shared memory that Docker gives."""
    machine = replace(
        detect(),
        system="Linux 6.1",
        cores_logical=64,
        cores_affinity=64,
        cores_quota=2.0,
        cores_slurm=None,
        cores_python=None,
        cores_override=None,
        cores_usable=2,
        cores_limited_by="cgroup CPU quota",
        shared_memory_bytes=64 * MIB,
        shared_memory_free_bytes=64 * MIB,
    )
    found = {one.name: one for one in diagnose(machine, probe=lambda: None)}
    assert [f"{name}: {found[name].message}" for name in ("cores", "shared memory")] == SAID
    assert "warn" == found["shared memory"].status


def test_commands_and_recorded_sweeps_are_there() -> None:
    """Each command that the page names is one of parlab's, each recorded sweep comes along."""
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    lines = [line for kind, code in BLOCKS if kind == "sh" for line in code.splitlines()]
    ours = [line for line in lines if line.startswith("parlab ")] + re.findall(r"`(parlab [^`]+)`", TEXT)
    assert [] == [line for line in ours if shlex.split(line)[1] not in known]
    others = [shlex.split(line, comments=True) for line in lines if not line.startswith("parlab ")]
    assert [["make", "dist"], ["docker", "build", "--tag", "parlab-course", "."]] == others
    named = set(re.findall(r"recorded:([\w.-]+)", TEXT))
    assert len(named) >= 2
    assert named <= set(recorded.names())


@pytest.mark.skipif(os.name != "posix", reason="images are Linux")
def test_the_image_installs_the_wheel_with_extras_that_there_are(tmp_path: Path) -> None:
    """Its line gives pip one wheel of any version, and the pins; pip is a stand-in that says what it was given."""
    (line,) = re.findall(r"^RUN (.+)$", IMAGE, flags=re.MULTILINE)
    (tmp_path / "parlab-0.1.dev1+g12-py3-none-any.whl").touch()
    program(tmp_path / "pip", 'printf "%s\\n" "$@"')
    said = shell(line.replace("/tmp/parlab", shlex.quote(str(tmp_path))), tmp_path)  # noqa: S108  # of the image
    *options, what = said.stdout.splitlines()
    assert ["install", "--no-cache-dir", "--constraint", "constraints.txt"] == options
    wheel, extras = re.fullmatch(r"([^\[]+)\[([\w,]+)\]", what).groups()  # type: ignore[union-attr]
    assert "parlab-0.1.dev1+g12-py3-none-any.whl" == wheel
    there = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.split(",")) <= set(there["optional-dependencies"])


def test_no_layer_of_the_image_holds_the_clone() -> None:
    """What is copied is a wheel and the pins: what a later layer removes stays in the one below."""
    assert ["COPY dist/parlab-*.whl constraints.txt /tmp/parlab/"] == re.findall(
        r"^(?:COPY|ADD) .+$", IMAGE, flags=re.MULTILINE
    )
    assert (ROOT / "constraints.txt").is_file()
    assert [] == re.findall(r"^RUN .*\brm\b", IMAGE, flags=re.MULTILINE)


def test_the_page_is_right_that_an_installation_has_the_solutions() -> None:
    """If it ever has none, the page should no longer say so."""
    assert "**The solutions are in every installation.**" in TEXT
    assert any(BEGIN in (course_folder() / one.file).read_text(encoding="utf-8") for one in lessons())


@pytest.mark.skipif(os.name != "posix", reason="hubs start servers on Linux")
@pytest.mark.parametrize("ending", [0, 2], ids=["copy made", "copy refused"])
def test_a_server_starts_even_without_a_copy_of_the_course(tmp_path: Path, ending: int) -> None:
    """A full home folder must not keep a learner out; the server gets all that the spawner adds."""
    (text,) = re.findall(r"^c\.Spawner\.cmd = (.+)$", TEXT, flags=re.MULTILINE)
    program(tmp_path / "parlab", f'echo "copy $2"; exit {ending}')
    program(tmp_path / "jupyterhub-singleuser", 'printf "%s\\n" server "$@"')
    given = ["--ip=0.0.0.0", "--port=8888", "--a=b c"]
    said = shell(shlex.join([*ast.literal_eval(text), *given]), tmp_path)
    assert [f"copy {tmp_path}/parlab-course", "server", *given] == said.stdout.splitlines()


def program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line where the folder's programs come first and the folder is home."""
    around = {**os.environ, "HOME": str(folder), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", line], env=around, capture_output=True, text=True, timeout=60, check=True)
