"""docs/slurm.md: what can be checked without SLURM. Scripts parse, and each parlab command is one that parlab takes."""

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from parlab.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "slurm.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
SHELL = [code for kind, code in BLOCKS if kind == "sh"]
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
PYTHON += [code for script in SHELL for code in re.findall(r"python -c '(.*?)'", script, flags=re.DOTALL)]
COMMANDS = [line for script in SHELL for line in script.replace("\\\n", " ").splitlines() if line.startswith("parlab ")]


def test_there_is_something_to_check() -> None:
    """Every block is of a kind that is checked here."""
    assert {"sh", "python"} == {kind for kind, _ in BLOCKS}
    assert len(SHELL) >= 5
    assert len(PYTHON) >= 3
    assert len(COMMANDS) >= 8


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_scripts_have_no_fault_of_syntax() -> None:
    """As bash reads them; variables that were never set are not looked at."""
    for script in SHELL:
        read = subprocess.run(["bash", "-n"], check=False, input=script, text=True, capture_output=True, timeout=120)
        assert (0, "") == (read.returncode, read.stderr), script


def test_directives_stand_where_sbatch_reads_them() -> None:
    """Before the first command, each with an option that has a value or is a word of its own."""
    for script in SHELL:
        lines = script.splitlines()
        directives = [place for place, line in enumerate(lines) if line.startswith("#SBATCH")]
        assert directives == list(range(1, 1 + len(directives)))
        assert not directives or "#!/bin/bash" == lines[0]
        for place in directives:
            assert re.fullmatch(r"#SBATCH --[a-z-]+(=\S+)?", lines[place]), lines[place]


def test_programs_are_python() -> None:
    """Also those inside of a script."""
    for code in PYTHON:
        ast.parse(code)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_parlab_command_is_taken(line: str) -> None:
    """Its command, options and arguments are known; nothing is run."""
    words = shlex.split(line.replace(" || true", ""))
    commands = vars(typer.main.get_command(app))["commands"]
    assert words[1] in commands
    commands[words[1]].make_context(words[1], words[2:]).close()


def test_an_option_that_is_not_there_would_be_noticed() -> None:
    """The test above can fail."""
    with pytest.raises(Exception, match="No such option"):
        test_each_parlab_command_is_taken("parlab bench primes --workrs 2")
