"""docs/releases.md names what is public: the same names as the package, the command line and the notebook have."""

import re
from pathlib import Path

import typer

import parlab
from parlab.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "releases.md"


def paragraph(beginning: str) -> str:
    """The text from a beginning in bold up to the next one."""
    text = PAGE.read_text(encoding="utf-8")
    return re.split(r"\n\*\*|\nEverything else", text.split(f"**{beginning}**", 1)[1])[0]


def test_every_public_name_is_promised() -> None:
    """The first column of the table is parlab.__all__, no more and no less."""
    cells = re.findall(r"^\| (`.*?) \|", paragraph("In Python"), flags=re.MULTILINE)
    names = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(parlab.__all__) == sorted(names)
    assert all(hasattr(parlab, name) for name in names)


def test_every_command_is_promised() -> None:
    """All commands of the command line, and no other."""
    listed = paragraph("On the command line").split("their options")[0]
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == set(re.findall(r"`(\w+)`", listed))


def test_every_magic_is_promised() -> None:
    """The magics that %load_ext brings."""
    from parlab.notebook.magics import provide

    assert callable(provide)
    code = (Path(parlab.__file__).parent / "notebook" / "extension.py").read_text(encoding="utf-8")
    registered = re.findall(r'\("(cell|line)", (\w+)\)', code)
    promised = re.findall(r"`(%+)(\w+)`", paragraph("In a notebook"))
    assert {("cell", "workers"), ("cell", "deadline"), ("line", "speedup")} == set(registered)
    assert sorted(registered) == sorted(("cell" if mark == "%%" else "line", name) for mark, name in promised)
