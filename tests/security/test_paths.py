"""Names that shall lead elsewhere, and links that somebody planted: nothing is written or read where it must not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parlab.atomic import replacing
from parlab.errors import InputError
from parlab.learn.copies import make_copy
from parlab.learn.store import MANIFEST
from parlab.notebook.magics import MARK, provide
from parlab.results import read

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="links and users as on Unix")
ROOT_ONLY = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can act as somebody else")
SOMEBODY = 65_534


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "recorded:../../../../etc/passwd"),
        ("show", "recorded:/etc/passwd"),
        ("show", "a\nb.jsonl"),
        ("show", "x" * 5_000),
        ("bench", "../x:f"),
        ("bench", "/etc/passwd:f"),
        ("bench", "..x:f"),
        ("bench", "primes", "--output", "../nowhere/x.jsonl"),
        ("bench", "primes", "--output", "x" * 300 + ".jsonl"),
        ("plot", "recorded:primes-2-cores", "-o", "../nowhere/x.png"),
        ("report", "recorded:primes-2-cores", "-o", "../nowhere/x.html"),
        ("export", "recorded:primes-2-cores", "-o", "x" * 300 + ".csv"),
        ("learn", "mine", "--notebook", "../../etc/passwd"),
        ("learn", "mine", "--notebook", "/etc/passwd"),
        ("learn", "no/such/parent"),
        ("progress", "../.."),
    ],
)
def test_names_that_lead_elsewhere(command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Each is refused in a sentence, before anything is written."""
    done = command(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("parlab: "), done.stderr
    assert [] == list(tmp_path.iterdir())


def test_a_zero_byte_is_no_name() -> None:
    """Python's own callers can give what a shell cannot."""
    with pytest.raises(InputError):
        read("a\x00b.jsonl")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a.b", "a/b", "a\\b", "..", "con\x00", "a\nb", "parlab"])  # noqa: S108
def test_modules_of_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A cell becomes a module in the notebook's folder, by a plain name that hides no other."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        provide(name, "x = 1\n", {})
    assert [] == list(tmp_path.iterdir())


@POSIX_ONLY
@pytest.mark.parametrize("there", [True, False])
def test_a_cell_is_not_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    """Also not where the link leads to a file with our mark, or nowhere."""
    notebook, outside = tmp_path / "notebook", tmp_path / "outside.py"
    notebook.mkdir()
    if there:
        outside.write_text(f"{MARK}\n")
    (notebook / "tasks_linked.py").symlink_to(outside)
    monkeypatch.chdir(notebook)
    with pytest.raises(InputError, match="is a link"):
        provide("tasks_linked", "x = 1\n", {})
    assert (outside.read_text() == f"{MARK}\n") if there else not outside.exists()


@POSIX_ONLY
def test_a_course_that_is_full_of_links(tmp_path: Path) -> None:
    """To a file outside, to nothing, to its own folder: none is written through, and each newer version lies beside."""
    mine, outside = tmp_path / "mine", tmp_path / "outside.ipynb"
    make_copy(mine)
    first, second, third = sorted(mine.glob("*.ipynb"))[:3]
    outside.write_text("theirs")
    for path in (first, second, third):
        path.unlink()
    first.symlink_to(outside)
    second.symlink_to(tmp_path / "nowhere.ipynb")
    third.symlink_to(mine, target_is_directory=True)
    for state in ("yours", "beside"):
        placed = {one.file: one.state for one in make_copy(mine)}
        assert {state} == {placed[path.name] for path in (first, second, third)}
        (mine / MANIFEST).unlink()  # what was given is forgotten: then all that differs is theirs
    assert "theirs" == outside.read_text()
    assert not (tmp_path / "nowhere.ipynb").exists()
    assert all(path.is_symlink() for path in (first, second, third))


@POSIX_ONLY
def test_a_link_to_a_folder_is_the_users_own_way(tmp_path: Path) -> None:
    """The copy itself may be a link: the user named it. One that leads nowhere, or to itself, is refused."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    assert make_copy(tmp_path / "link")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("loop", "dangling"):
        with pytest.raises(InputError):
            make_copy(tmp_path / name)


@pytest.fixture
def everybodys(tmp_path: Path) -> Path:
    """A folder like /tmp, and outside of it a file that is to stay."""
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o1777)
    (tmp_path / "precious").write_text("mine")
    return folder


@ROOT_ONLY
@pytest.mark.parametrize("what", ["the file", "a folder above", "a link of a link"])
def test_somebody_elses_link_is_not_followed(everybodys: Path, tmp_path: Path, what: str) -> None:
    """Who may write into /tmp does not choose which of our files a chart or a report replaces."""
    precious, planted = tmp_path / "precious", everybodys / "chart.png"
    if what == "a folder above":
        planted = everybodys / "folder" / "precious"
        planted.parent.symlink_to(tmp_path)
        os.lchown(planted.parent, SOMEBODY, SOMEBODY)
    else:
        planted.symlink_to(precious)
        os.lchown(planted, SOMEBODY, SOMEBODY)
    if what == "a link of a link":
        (tmp_path / "own.png").symlink_to(planted)
        planted = tmp_path / "own.png"
    with pytest.raises(PermissionError, match="somebody else"), replacing(planted):
        pytest.fail("there is a place to write to")
    assert "mine" == precious.read_text()


@POSIX_ONLY
def test_an_own_link_is_followed_there(everybodys: Path, tmp_path: Path) -> None:
    """One's own link, and the folder's owner's, mean what they say."""
    (everybodys / "chart.png").symlink_to(tmp_path / "precious")
    with replacing(everybodys / "chart.png") as place:
        place.write_text("new")
    assert "new" == (tmp_path / "precious").read_text()


@ROOT_ONLY
def test_a_command_says_so(everybodys: Path, tmp_path: Path, command) -> None:
    """The export is refused in a sentence, and the file that the link led to is as it was."""
    (everybodys / "t.csv").symlink_to(tmp_path / "precious")
    os.lchown(everybodys / "t.csv", SOMEBODY, SOMEBODY)
    done = command("export", "recorded:primes-2-cores", "-o", str(everybodys / "t.csv"))
    assert (2, "mine") == (done.returncode, (tmp_path / "precious").read_text())
    assert "a link that somebody else has put there" in done.stderr


@ROOT_ONLY
def test_names_in_the_temporary_folder_cannot_be_guessed(everybodys: Path) -> None:
    """Somebody who makes folders of our form beforehand gets none of our files, and none of theirs is swept."""
    ahead = everybodys / "parlab-private-1-0-aaaaaaaa"
    ahead.mkdir()
    os.chown(ahead, SOMEBODY, SOMEBODY)
    code = "from parlab.temporary import new_folder; print(new_folder())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(everybodys)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    made = Path(done.stdout.strip())
    assert ahead.exists()
    assert made != ahead
    assert (0, 0o40700) == (made.stat().st_uid, made.stat().st_mode)
