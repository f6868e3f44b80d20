"""The workflow for GitHub names the systems, Pythons, targets and files that the repository has."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
SYSTEMS = ["ubuntu-latest", "macos-latest", "windows-latest"]
JOBS = ["lint", "test", "conda"]


def workflow() -> dict:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


def job(name: str) -> dict:
    return workflow()["jobs"][name]


def matrix(name: str) -> dict[str, list[str]]:
    return job(name).get("strategy", {}).get("matrix", {})


def commands(name: str) -> list[str]:
    return [step["run"] for step in job(name)["steps"] if "run" in step]


def make_targets(command: str) -> list[str]:
    calls = re.findall(r"\bmake\s+([^\n;&|]*)", command)
    return [word for call in calls for word in call.split() if "=" not in word and not word.startswith("-")]


def pythons_of_the_classifiers() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text) for text in project["classifiers"]]
    return [match[1] for match in found if match]


def test_it_runs_on_pushes_pull_requests_weekly_and_by_hand() -> None:
    """The workflow parses; pushes to main, pull requests, a weekly date and a person start its three jobs."""
    events = workflow()[True]  # PyYAML speaks YAML 1.1, where the word `on` is a truth value
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == set(events)
    assert {"branches": ["main"]} == events["push"]
    assert ["*", "*", "1"] == events["schedule"][0]["cron"].split()[2:]
    assert JOBS == list(workflow()["jobs"])


def test_pip_is_tested_on_every_system_and_python() -> None:
    """The matrix is the three systems times the Pythons of pyproject.toml's classifiers, none left out or added."""
    expected = {"os": SYSTEMS, "python": pythons_of_the_classifiers()}
    assert ["3.11", "3.12", "3.13", "3.14"] == expected["python"]
    assert expected == matrix("test")


def test_lint_runs_on_the_oldest_python() -> None:
    """The lint job sets up the first Python of the classifiers, for which the pins were made."""
    given = [step["with"] for step in job("lint")["steps"] if "python-version" in step.get("with", {})]
    assert pythons_of_the_classifiers()[:1] == [one["python-version"] for one in given]


def test_conda_makes_the_environment_of_the_repository() -> None:
    """On each system the conda job creates environment.yml, activates it by its name and runs the tests in it."""
    given = [step["with"] for step in job("conda")["steps"] if "environment-file" in step.get("with", {})]
    assert {"os": SYSTEMS} == matrix("conda")
    assert ["environment.yml"] == [one["environment-file"] for one in given]
    name = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["name"]
    assert [name] == [one["activate-environment"] for one in given]
    assert "bash -el {0}" == job("conda")["defaults"]["run"]["shell"]
    assert "python -m pytest" in commands("conda")


def test_make_targets_exist() -> None:
    """Each make target that a step names stands in the Makefile; lint and test are among them."""
    named = {target for name in JOBS for command in commands(name) for target in make_targets(command)}
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {"lint", "test"} == named
    assert set() == named - known


@pytest.mark.parametrize("name", JOBS)
def test_nothing_may_fail_unseen(name: str) -> None:
    """No job and no step goes on after an error, and every job has a time limit."""
    assert [] == [one for one in [job(name), *job(name)["steps"]] if "continue-on-error" in one]
    assert 0 < job(name)["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", JOBS)
def test_matrix_values_that_are_read_exist(name: str) -> None:
    """What a job reads as matrix.something is in its matrix: GitHub would put an empty text there and go on."""
    read = set(re.findall(r"\bmatrix\.(\w+)", str(job(name))))
    assert set(matrix(name)) == read


def releasing() -> dict:
    return yaml.safe_load((WORKFLOW.parent / "release.yml").read_text(encoding="utf-8"))


def test_a_release_begins_with_a_tag_alone() -> None:
    """Nothing else starts it: no branch, no pull request, no person by mistake."""
    assert {"push": {"tags": ["v[0-9]*"]}} == releasing()[True]


def test_what_is_published_was_checked() -> None:
    """The files come from a job that builds and tries them with the Makefile's target, with all of the history."""
    build, publish = releasing()["jobs"].values()
    assert "build" == publish["needs"]
    assert ["make PYTHON=python dist-check"] == [step["run"] for step in build["steps"] if "run" in step]
    assert re.search(r"^dist-check:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert 0 == build["steps"][0]["with"]["fetch-depth"]
    given = [step["with"] for job in (build, publish) for step in job["steps"] if "artifact" in step.get("uses", "")]
    assert [("dist", "dist/")] * 2 == [(one["name"], one["path"]) for one in given]


def test_only_the_last_job_may_publish() -> None:
    """It alone can prove who it is, in an environment that a person guards, and it runs no code of the repository."""
    build, publish = releasing()["jobs"].values()
    assert {"contents": "read"} == releasing()["permissions"]
    assert "permissions" not in build
    assert ({"id-token": "write"}, "pypi") == (publish["permissions"], publish["environment"])
    assert [] == [step for step in publish["steps"] if "run" in step or "checkout" in step["uses"]]
    assert "password" not in str(publish)


def test_actions_are_pinned_to_commits() -> None:
    """In both workflows, and the same action to the same commit."""
    texts = "".join(path.read_text(encoding="utf-8") for path in WORKFLOW.parent.glob("*.yml"))
    used = re.findall(r"uses: (\S+?)@(\S+) # (v\S+)", texts)
    assert len(used) == texts.count("uses: ")
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for _, commit, _ in used)
    assert len({name for name, _, _ in used}) == len(set(used))
