"""What `make dist` makes: versions from tags, what wheel and sdist hold, and an installation far from the clone."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import make_dist
import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[2]
METADATA = """Metadata-Version: 2.4
Name: parlab
Version: 1.0
Summary: {summary}
Description-Content-Type: text/markdown

# parlab
{text}
"""


def run(line: list[str], cwd: Path, **more: str) -> str:
    environment = {key: text for key, text in os.environ.items() if not key.startswith(("PYTHON", "GIT_"))} | more
    done = subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def git(folder: Path, *words: str) -> str:
    return run(["git", "-c", "user.name=test", "-c", "user.email=test@localhost", *words], folder)


def version_of(folder: Path) -> str:
    return run([sys.executable, "-P", "-m", "hatchling", "version"], folder).strip()


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """A small repository with our settings, whose only commit is tagged."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("pyproject.toml", ".git_archival.txt", ".gitattributes", "README.md"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "tag", "--annotate", "v7.8.9", "--message", "parlab 7.8.9")
    return folder


def test_the_version_is_the_tag(tagged: Path) -> None:
    """On the tag it is the tag's; after it, a development version that counts commits and names the last one."""
    assert "7.8.9" == version_of(tagged)
    git(tagged, "commit", "--quiet", "--allow-empty", "--message", "second")
    commit = git(tagged, "rev-parse", "HEAD")[:7]
    assert re.fullmatch(rf"7\.8\.10\.dev1\+g{commit}\w*", version_of(tagged))


def test_an_archive_knows_its_tag(tagged: Path, tmp_path: Path) -> None:
    """What a download button gives has no .git, and says the same version; without tag or .git it is the fallback."""
    git(tagged, "archive", "--output", str(tmp_path / "a.zip"), "HEAD")
    shutil.unpack_archive(tmp_path / "a.zip", tmp_path / "archive")
    assert "7.8.9" == version_of(tmp_path / "archive")
    shutil.copytree(tagged, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    git(tagged, "tag", "--delete", "v7.8.9")
    git(tagged, "archive", "--output", str(tmp_path / "b.zip"), "HEAD")
    shutil.unpack_archive(tmp_path / "b.zip", tmp_path / "untagged")
    assert ["0.1.dev0"] * 2 == [version_of(tmp_path / "copy"), version_of(tmp_path / "untagged")]


def test_a_shallow_clone_without_tags_has_a_version(tagged: Path, tmp_path: Path) -> None:
    """As continuous integration clones: older than every release, and not refused."""
    git(tagged, "commit", "--quiet", "--allow-empty", "--message", "second")
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-tags", tagged.as_uri(), "shallow")
    assert Version(version_of(tmp_path / "shallow")) < Version("0.1.0")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this clone, as it is now."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    return next(folder.glob("*.whl"))


def known() -> list[str]:
    """What git knows and is still there; a file that nobody has added yet is refused by `make dist`, not here."""
    return [name for name in make_dist.tracked() if (ROOT / name).exists()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a clone knows which files are its own")
def test_the_wheel_holds_what_it_must_and_no_more(wheel: Path) -> None:
    """Notebooks, recorded sweeps, templates, py.typed, licence; no tests, no path of this machine; good metadata."""
    assert [] == [fault for fault in make_dist.faults(wheel, known()) if "which git does not know" not in fault]
    names = set(make_dist.members(wheel))
    assert {"parlab/py.typed", "parlab/report/pages/report.html.j2"} <= names
    assert {f"parlab/data/course/{path.name}" for path in (ROOT / "notebooks").glob("[01]*.ipynb")} <= names
    assert [] == [name for name in names if name.startswith(("tests/", "release/")) or "__pycache__" in name]


def made_wheel(folder: Path, files: dict[str, str], text: str = "", summary: str = "short") -> Path:
    path = folder / "parlab-1.0-py3-none-any.whl"
    told = dict.fromkeys(make_dist.DIST_INFO, "") | {"METADATA": METADATA.format(text=text, summary=summary)}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, **{f"parlab-1.0.dist-info/{key}": value for key, value in told.items()}}.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("files", "text", "said"),
    [
        ({}, "", "lacks parlab/a.py"),
        ({"parlab/a.py": "", "parlab/notes.txt": ""}, "", "holds parlab/notes.txt, which git does not know"),
        ({"parlab/a.py": f"place = '{ROOT.as_posix()}/x'"}, "", "parlab/a.py names a path of one machine"),
        ({"parlab/a.py": ""}, "![chart](docs/speedup.png)", "the description links to ](docs/speedup.png)"),
    ],
)
def test_faults_are_named(tmp_path: Path, files: dict[str, str], text: str, said: str) -> None:
    """A file too few, one too many, a path of one machine, a picture that a package index has not."""
    [fault] = make_dist.faults(made_wheel(tmp_path, files, text), ["parlab/a.py", "tests/test_a.py"])
    assert fault.endswith(said)


def test_bad_metadata_are_a_fault(tmp_path: Path) -> None:
    """A field that a package index refuses."""
    wheel = made_wheel(tmp_path, {}, summary="two\n        lines")
    assert any("summary" in fault for fault in make_dist.faults(wheel, []))


RELEASED = "## [Unreleased]\n\n## [1.2.0] - 2027-01-31\n\n## [1.1.0] - 2026-12-01\n"
CITED = 'title: x\nversion: 1.2.0\ndate-released: "2027-01-31"\n'


@pytest.mark.parametrize(
    ("version", "changelog", "citation", "count"),
    [
        ("1.2.0", RELEASED, CITED, 0),
        ("1.2.1.dev3+gabc", RELEASED, CITED, 0),
        ("0.1.dev3+gabc", "## [Unreleased]\n", "title: x\n", 0),
        ("1.3.0", RELEASED, CITED, 1),
        ("1.2.0", RELEASED, CITED.replace("1.2.0", "1.1.0"), 1),
        ("1.2.1.dev3+gabc", RELEASED, CITED.replace("-31", "-30"), 1),
        ("1.2.0", "## [Unreleased]\n", "title: x\n", 1),
    ],
)
def test_a_release_is_in_step(version: str, changelog: str, citation: str, count: int) -> None:
    """Tag, changelog and citation say the same version and day, or each difference is told."""
    assert count == len(list(make_dist.release_faults(version, changelog, citation)))


def test_changelog_and_citation_are_in_step() -> None:
    """Those of this clone, between releases as well."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "CITATION.cff")]
    assert [] == list(make_dist.release_faults("0.dev0+here", *texts))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and the other packages of this one; nothing in it leads to the clone."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)], ROOT)
    inner = scripts(folder) / "python"
    home = Path(run([str(inner), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], ROOT).strip())
    others = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    (home / "others.pth").write_text("\n".join(others) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(inner), "install", "--quiet", "--no-deps", "--no-index"]
    run([*pip, "--ignore-installed", str(wheel)], folder)
    return folder


def scripts(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture
def alone(installed: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a program of that environment in an empty folder."""

    def call(program: str, *words: str) -> str:
        return run([str(scripts(installed) / program), *words], tmp_path, COLUMNS="80")

    return call


def test_every_place_says_the_same_version(wheel: Path, installed: Path, alone: Callable[..., str]) -> None:
    """File name, `parlab --version` and `parlab.__version__`; and it is the installed one that answers."""
    code = "import parlab; print(parlab.__file__); print(parlab.__version__)"
    place, told = alone("python", "-c", code).splitlines()
    assert installed in Path(place).parents
    assert [wheel.name.split("-")[1]] * 2 == [told, alone("parlab", "--version").strip()]


def test_it_works_far_from_the_clone(alone: Callable[..., str], tmp_path: Path) -> None:
    """A sweep with workers that import parlab anew, recorded sweeps, and the learner's copy of the course."""
    options = ["--rounds", "1", "--size", "4", "--workers", "2", "--no-trace", "--output", "primes.jsonl"]
    alone("parlab", "bench", "primes", "--backends", "processes:spawn", *options)
    assert '"parlab":"' + alone("parlab", "--version").strip() in (tmp_path / "primes.jsonl").read_text()
    assert "primes-16-cores" in alone("parlab", "recorded")
    assert "00_what_can_your_machine_do.ipynb" in alone("parlab", "learn", "mine")
