"""Versions with known advisories are refused: the page's table, pip's bounds, conda's bounds and the pins agree."""

import re
import tomllib
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"jupyter-core": "jupyter_core", "jupyter-server": "jupyter_server"}
ONLY_PIP = {"ray"}
ADVISORY = re.compile(r"(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+)")


def table() -> dict[str, tuple[str, list[str]]]:
    """Read the page: by package, its oldest version and the advisories that this leaves out."""
    part = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## Versions with known advisories")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    return {name: (floor, advisories.split(", ")) for name, floor, advisories, _ in rows[2:]}


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    return [Requirement(text) for text in (*project["dependencies"], *extras)]


def floor_of(one: Requirement) -> str:
    (found,) = [spec.version for spec in one.specifier if spec.operator == ">="]
    return found


def test_the_table_is_read() -> None:
    """It has the packages that show or open what others made, and each row names at least one advisory by its form."""
    assert {"jinja2", "pillow", "pyarrow", "jupyterlab", "jupyter-server", "tornado"} <= set(table())
    assert [] == [
        one for _, advisories in table().values() for one in advisories or ["none"] if not ADVISORY.fullmatch(one)
    ]


@pytest.mark.parametrize("name", sorted(table()))
def test_every_bound_is_that_of_the_table(name: str) -> None:
    """Wherever pip's requirements name the package, in the base or in an extra, they begin at the table's version."""
    floors = {floor_of(one) for one in wanted() if one.name == name}
    assert {table()[name][0]} == floors


@pytest.mark.parametrize("name", sorted(set(table()) - ONLY_PIP))
def test_conda_begins_there_too(name: str) -> None:
    """environment.yml has the same bound."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    specs = {
        one.name.normalized: str(one.version)
        for one in (rattler.MatchSpec(text) for text in entries if isinstance(text, str))
    }
    assert f">={table()[name][0]}" == specs[CONDA_NAMES.get(name, name)]


@pytest.mark.parametrize("name", sorted(table()))
def test_the_pin_is_not_older(name: str) -> None:
    """constraints.txt pins a version that the table allows."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)
    assert Version(pins[name]) >= Version(table()[name][0])
