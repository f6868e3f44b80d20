"""Nothing that came from elsewhere is run: calls that run data are counted, and a crafted pickle does nothing."""

import ast
import os
import pickle
import stat
from pathlib import Path

import pytest

from parlab.analysis.points import read_points
from parlab.errors import InputError, ParlabError
from parlab.learn.store import FILE, MANIFEST, Store
from parlab.measure import payload
from parlab.results import read
from parlab.workloads.items import parse_items

PACKAGE = Path(__file__).parents[2] / "parlab"
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="users and modes as on Unix")

# Calls that run data, or a shell, or race for a name; with the files that may have them, and why.
ALLOWED: dict[str, set[str]] = {
    "pickle.loads": {"parcels.py", "workloads/packing.py"},  # this user's own processes; packed three lines above
    "exec": {"notebook/cell.py"},  # the learner's own cell, as a notebook does
    "trial.exec": {"backends/interpreters.py"},  # a line of ours in an interpreter of ours
}
REFUSED = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "cloudpickle.load", "cloudpickle.loads", "marshal.load",
    "marshal.loads", "shelve.open", "dill.load", "dill.loads", "joblib.load", "pandas.read_pickle", "pd.read_pickle",
    "yaml.load", "yaml.unsafe_load", "eval", "exec", "os.system", "os.popen", "tempfile.mktemp", "subprocess.getoutput",
    "subprocess.getstatusoutput", "builtins.eval", "builtins.exec", "trial.exec",
}  # fmt: skip


def called(tree: ast.AST) -> set[str]:
    return {ast.unparse(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}


def unsafe_keywords(tree: ast.AST) -> set[str]:
    keywords = [one for call in ast.walk(tree) if isinstance(call, ast.Call) for one in call.keywords]
    named = [one for one in keywords if one.arg in ("shell", "allow_pickle", "trust_remote_code")]
    return {str(one.arg) for one in named if not (isinstance(one.value, ast.Constant) and one.value.value is False)}


def imported_by_name(tree: ast.AST) -> set[str]:
    """List what is imported out of its module, which would hide a call from the list above."""
    modules = {name.rpartition(".")[0] for name in REFUSED} - {"", "trial", "os", "tempfile", "subprocess"}
    from_them = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module in modules]
    return {f"{one.module}.{alias.name}" for one in from_them for alias in one.names}


def test_what_runs_data_stands_where_its_reason_stands() -> None:
    """Each call that could run data is only in the files that are listed, and no list is longer than it must be."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in (called(tree) & REFUSED) | unsafe_keywords(tree) | (imported_by_name(tree) & REFUSED):
            found.setdefault(name, set()).add(path.relative_to(PACKAGE).as_posix())
    assert ALLOWED == found


@pytest.mark.parametrize(
    ("text", "name"),
    [("pickle.load(f)", "pickle.load"), ("numpy.load(f, allow_pickle=True)", ""), ("run('x', shell=True)", "")],
)
def test_the_search_finds(text: str, name: str) -> None:
    """It would see such a call."""
    tree = ast.parse(text)
    assert (called(tree) & REFUSED == {name}) if name else unsafe_keywords(tree)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


def test_the_trap_works(mark: Path) -> None:
    """Unpickled, it does run."""
    pickle.loads(pickle.dumps(Trap(mark)))
    assert mark.exists()


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_in_the_place_of_a_file_does_nothing(tmp_path: Path, mark: Path, protocol: int) -> None:
    """As a result file, as points, as items, as progress: it is refused, and does not run."""
    crafted = pickle.dumps(Trap(mark), protocol)
    for name, reader in (("a.jsonl", read), ("a.csv", read_points), ("b.jsonl", lambda one: parse_items(str(one)))):
        (tmp_path / name).write_bytes(crafted + b"\n")
        with pytest.raises(ParlabError):
            reader(tmp_path / name)
    (tmp_path / MANIFEST).write_text("{}")
    (tmp_path / FILE).write_bytes(crafted)
    assert {} == Store.of(tmp_path).progress.exercises
    assert not mark.exists()


@pytest.fixture
def written() -> Path:
    path, _ = payload.write(payload.Payload([1, 2]))
    yield path
    payload.remove(str(path))


@POSIX_ONLY
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_items_travel_in_a_file_that_is_ours_alone(umask: int) -> None:
    """0600 in 0700, from the first moment on, whatever the umask says."""
    before = os.umask(umask)
    try:
        path, _ = payload.write(payload.Payload([1]))
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]
    payload.remove(str(path))
    assert [0o600, 0o700] == modes


@POSIX_ONLY
def test_a_link_in_its_place_is_not_followed(written: Path, tmp_path: Path, mark: Path) -> None:
    """Whoever could replace the file by a link gets nothing unpickled."""
    (tmp_path / "elsewhere").write_bytes(pickle.dumps(Trap(mark)))
    written.unlink()
    written.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"[Ll]ink|symbolic"):
        payload.read(str(written))
    assert not mark.exists()


@POSIX_ONLY
@pytest.mark.parametrize("where", ["the file", "its folder"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_may_write_is_not_unpickled(written: Path, mark: Path, where: str, mode: int) -> None:
    """A file or a folder that group or world may write is refused before a byte of it runs."""
    written.write_bytes(pickle.dumps(Trap(mark)))
    place = written if where == "the file" else written.parent
    place.chmod(stat.S_IMODE(place.stat().st_mode) | mode)
    with pytest.raises(InputError, match="may have been written by somebody else"):
        payload.read(str(written))
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_not_unpickled(written: Path, mark: Path) -> None:
    """One that another user owns is refused."""
    written.write_bytes(pickle.dumps(Trap(mark)))
    os.chown(written, 65534, -1)
    with pytest.raises(InputError, match="may have been written by somebody else"):
        payload.read(str(written))
    assert not mark.exists()


def test_what_was_written_comes_back(written: Path) -> None:
    """The user's own file is read."""
    assert [1, 2] == payload.read(str(written)).items
