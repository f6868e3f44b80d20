"""The bundle's installer: what it refuses, and one whole installation from a very small wheel, without a network."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import make_bundle
import pytest
from make_bundle import SYSTEMS, Wheel, markers, requirements

sys.path.insert(0, str(make_bundle.PARTS))

import installing
from installing import Bundle, RefusedError
from packaging.requirements import Requirement

HERE = "{}.{}".format(*sys.version_info[:2])
BUNDLE = Bundle("1.0", [HERE], [installing.this_platform()], 1000)
# Stands in for parlab: `parlab learn FOLDER` makes a folder with a notebook.
MODULE = """
import pathlib, sys

def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    (folder / "start.ipynb").write_text("{}")
"""


def test_this_python_and_platform_are_taken() -> None:
    """A bundle that was made for here is accepted here."""
    installing.check_python(BUNDLE)
    installing.check_tools()
    if installing.this_platform() in SYSTEMS:
        installing.check_platform(BUNDLE)


def test_another_python_is_refused() -> None:
    """With the one that it is, those that are allowed, and how to start one of them."""
    with pytest.raises(RefusedError, match=rf"This is Python {HERE}, .* for Python 3\.6 or 3\.7\..*3\.6 install\.py"):
        installing.check_python(replace(BUNDLE, pythons=["3.6", "3.7"]))


def test_a_python_without_gil_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its wheels are others."""
    monkeypatch.setattr(installing.sysconfig, "get_config_var", lambda _: 1)
    with pytest.raises(RefusedError, match="a free-threaded Python"):
        installing.check_python(BUNDLE)


def test_another_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it is, and what the bundle is for; a Python of 32 bits counts as another system."""
    with pytest.raises(RefusedError, match="packages for: plan9-mips"):
        installing.check_platform(replace(BUNDLE, platforms=["plan9-mips"]))
    monkeypatch.setattr(installing.platform, "system", lambda: "Windows")
    monkeypatch.setattr(installing.platform, "machine", lambda: "AMD64")
    assert "windows-x86_64" == installing.this_platform()
    monkeypatch.setattr(installing.sys, "maxsize", 2**31 - 1)
    assert "windows-x86_64-with-32-bit-python" == installing.this_platform()


@pytest.mark.parametrize("found", [("glibc", "2.17"), ("", ""), ("libc", "musl")])
def test_another_c_library_is_refused(found: tuple[str, str]) -> None:
    """One that is too old, or musl; the newest ones are fine."""
    installing.check_libc(("glibc", "2.100"))
    with pytest.raises(RefusedError, match=r"glibc 2\.28 or newer"):
        installing.check_libc(found)


def test_a_python_without_venv_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package that brings it."""
    monkeypatch.setattr(installing.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(RefusedError, match=rf"lacks its module ensurepip.*apt install python{HERE}-venv"):
        installing.check_tools()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """Nothing of others is touched; a new one, an empty one and a cut-off installation are fine."""
    installing.check_folder(tmp_path / "new")
    installing.check_folder(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RefusedError, match="has other files in it. Name another folder"):
        installing.check_folder(tmp_path)
    with pytest.raises(RefusedError, match="is no folder"):
        installing.check_folder(tmp_path / "thesis.txt")
    (tmp_path / "environment").mkdir()
    (tmp_path / "environment" / "pyvenv.cfg").touch()
    installing.check_folder(tmp_path)


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    """Before anything is written, also where the folder's parents are not there yet."""
    with pytest.raises(RefusedError, match=r"and parlab needs 1000000000000\.0 GB"):
        installing.check_room(tmp_path / "not" / "there", 10**21)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parlab": "1"}'])
def test_a_broken_bundle_is_refused(tmp_path: Path, text: str) -> None:
    """What says what it is for is gone or damaged."""
    (tmp_path / "files").mkdir()
    with pytest.raises(RefusedError, match="Copy the whole folder again"):
        installing.read_bundle(tmp_path)
    (tmp_path / "files" / "bundle.json").write_text(text)
    with pytest.raises(RefusedError, match="Copy the whole folder again"):
        installing.read_bundle(tmp_path)


def small_wheel(folder: Path) -> Path:
    path = folder / "parlab-1.0-py3-none-any.whl"
    files = {
        "parlab.py": MODULE,
        "parlab-1.0.dist-info/METADATA": "Metadata-Version: 2.4\nName: parlab\nVersion: 1.0\nProvides-Extra: lab\n",
        "parlab-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "parlab-1.0.dist-info/entry_points.txt": "[console_scripts]\nparlab = parlab:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, "parlab-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "parlab-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle as `make bundle` makes it, with one small wheel in it."""
    folder = tmp_path / "a stick"
    (folder / "files" / "wheels").mkdir(parents=True)
    small_wheel(folder / "files" / "wheels")
    make_bundle.write_parts(folder, "1.0", BUNDLE.pythons, BUNDLE.platforms, BUNDLE.room_bytes)
    (folder / "files" / "constraints.txt").write_text("# none\n")
    make_bundle.write_sums(folder)
    return folder


def test_damaged_files_are_named(bundle: Path) -> None:
    """A changed byte, a lost file, a wheel that nobody noted."""
    installing.check_sums(bundle)
    (bundle / "files" / "wheels" / "other-1.0-py3-none-any.whl").touch()
    (bundle / "LICENSE").unlink()
    with (bundle / "README.txt").open("a") as file:
        file.write(" ")
    with pytest.raises(RefusedError) as caught:
        installing.check_sums(bundle)
    assert "LICENSE, README.txt, files/wheels/other-1.0-py3-none-any.whl. Copy" in str(caught.value)


def test_the_text_fits_a_terminal(bundle: Path) -> None:
    """README.txt has every value in its place, at most 80 columns, and line ends for Windows."""
    data = (bundle / "README.txt").read_bytes()
    assert b"$" not in data
    assert data.count(b"\n") == data.count(b"\r\n") > 20
    assert max(len(line) for line in data.decode().splitlines()) <= 80


@pytest.mark.skipif(installing.this_platform() not in SYSTEMS, reason="no bundle is made for this machine")
def test_it_installs(bundle: Path, tmp_path: Path) -> None:
    """From the bundle alone, whatever pip's settings say, where it was cut off before; the bundle stays as it was."""
    (tmp_path / "made" / "environment").mkdir(parents=True)
    (tmp_path / "made" / "environment" / "pyvenv.cfg").touch()
    before = {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    line = [sys.executable, str(bundle / "install.py"), str(tmp_path / "made")]
    hostile = {**os.environ, "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_REQUIRE_VIRTUALENV": "x"}
    done = subprocess.run(line, env=hostile, capture_output=True, text=True, timeout=300, check=False)
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert (tmp_path / "made" / "course" / "start.ipynb").exists()
    shown = installing.shown([str(installing.scripts(tmp_path / "made" / "environment") / "parlab"), "lab"])
    assert f"  {shown} " in done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    (bundle / "SHA256SUMS").unlink()
    again = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert (2, "install.py: SHA256SUMS cannot be read") == (again.returncode, again.stderr[:37])


def test_old_pythons_can_read_the_beginning() -> None:
    """install.py is plain ASCII, has no f-string and no annotation: a Python of 2008 gets as far as the message."""
    text = (make_bundle.PARTS / "install.py").read_text(encoding="utf-8")
    newer = ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.FunctionDef | ast.Match
    assert text.isascii()
    assert [] == [node for node in ast.walk(ast.parse(text)) if isinstance(node, newer)]


def test_no_comprehension_hides_a_function() -> None:
    """Python 3.12.1 loses the function for the rest of the calling one, and bundles meet that Python."""
    tree = ast.parse((make_bundle.PARTS / "installing.py").read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    loops = [node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension)]
    variables = {node.id for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Name)}
    assert variables
    assert set() == variables & functions


PARLAB = Wheel(
    "parlab",
    "1.0",
    tuple(
        map(
            Requirement,
            [
                "numpy>=2",
                'jupyterlab>=4; extra == "lab"',
                'pywinpty; os_name == "nt" and extra == "lab"',
                'appnope; sys_platform == "darwin"',
                'tomli; python_version < "3.11"',
                'mypy; extra == "dev"',
            ],
        )
    ),
)


@pytest.mark.parametrize(
    ("system", "extras", "names"),
    [
        ("linux-x86_64", (), ["numpy"]),
        ("linux-x86_64", ("lab",), ["numpy", "jupyterlab"]),
        ("windows-x86_64", ("lab",), ["numpy", "jupyterlab", "pywinpty"]),
        ("macos-arm64", ("lab",), ["numpy", "jupyterlab", "appnope"]),
    ],
)
def test_requirements_are_those_of_the_other_system(system: str, extras: tuple[str, ...], names: list[str]) -> None:
    """Markers are read for the machine that the bundle is for, and not for this one."""
    found = requirements(PARLAB, extras, markers("3.12", SYSTEMS[system]))
    assert names == [one.name for one in found]


def test_pins_that_do_not_fit_end_it() -> None:
    """A wheel that is too old for another one is found before the room finds it."""
    with pytest.raises(SystemExit, match="numpy>=2 is needed, and constraints.txt has 1.9"):
        make_bundle._refuse_misfits([Requirement("numpy>=2")], {"numpy": Wheel("numpy", "1.9", ())})


def test_bundle_json_says_what_it_is_for(bundle: Path) -> None:
    """Other programs can read it."""
    told = json.loads((bundle / "files" / "bundle.json").read_text())
    assert {"parlab": "1.0", "pythons": [HERE], "platforms": BUNDLE.platforms, "room_bytes": 1000} == told
