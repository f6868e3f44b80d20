"""docs/jupyterhub.md: what can be checked without a hub. Settings are Python, and the doctor says what it shows."""

import ast
import re
import shlex
from dataclasses import replace
from pathlib import Path

import typer.main

from parlab.analysis.doctor import diagnose
from parlab.cli.app import app
from parlab.machine import detect
from parlab.results import recorded

TEXT = (Path(__file__).parents[1] / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
SAID = [line for kind, code in BLOCKS if kind == "text" for line in code.splitlines()]
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
    lines += re.findall(r"`(parlab [^`]+)`", TEXT)
    assert [] == [line for line in lines if shlex.split(line)[1] not in known]
    named = set(re.findall(r"recorded:([\w.-]+)", TEXT))
    assert len(named) >= 2
    assert named <= set(recorded.names())


def test_the_image_installs_what_there_is() -> None:
    """Its extras are those of pyproject.toml."""
    import tomllib

    extras = re.findall(r"/tmp/parlab\[([\w,]+)\]", TEXT)  # noqa: S108  # of the image
    there = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert extras
    assert {name for one in extras for name in one.split(",")} <= set(there["optional-dependencies"])
