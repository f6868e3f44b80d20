"""``parlab learn`` and ``parlab lab``: the learner's copy, and JupyterLab for this machine alone."""

import subprocess
import sys
from pathlib import Path

from parlab.cli.course import command as lab_line
from parlab.learn import contents


def test_learn_makes_the_copy(command, tmp_path: Path) -> None:
    """Each file is named, and how to open them; none has an output."""
    done = command("learn", "mine")
    assert 0 == done.returncode
    files = [one.file for one in contents.lessons(contents.course_folder())]
    assert [*files, "start.ipynb", "", "Open it with: parlab lab mine"] == done.stdout.splitlines()
    assert '"execution_count": 1' not in (tmp_path / "mine" / files[0]).read_text()
    assert f"{files[0]}: as given, left alone" == command("learn", "mine").stdout.splitlines()[0]


def test_a_wrong_number_is_refused(command) -> None:
    """With the numbers that there are."""
    done = command("learn", "mine", "--notebook", "77")
    assert (2, "") == (done.returncode, done.stdout)
    assert "parlab: Unknown notebook '77'. " in done.stderr
    assert " Allowed: 00, 01" in done.stderr


def test_lab_says_what_is_missing(command, tmp_path: Path) -> None:
    """Without JupyterLab: the line that installs it, and no folder."""
    hide = (
        "import sys; sys.modules['jupyterlab'] = None; from parlab.cli.app import run; sys.exit(run(['lab', 'mine']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert 2 == done.returncode
    assert "parlab: JupyterLab is not installed here. Get it with: pip install 'parlab[lab]'\n" == done.stderr
    assert [] == list(tmp_path.iterdir())


def test_lab_listens_to_this_machine_alone(tmp_path: Path) -> None:
    """On 127.0.0.1, with Jupyter's own token, at the start page."""
    line = lab_line(tmp_path, browser=False)
    assert "--ServerApp.ip=127.0.0.1" in line
    assert "--LabApp.default_url=/lab/tree/start.ipynb" in line
    assert f"--ServerApp.root_dir={tmp_path}" in line
    assert "--no-browser" in line
    assert "--no-browser" not in lab_line(tmp_path, browser=True)
    assert not [word for word in line if "token" in word or "password" in word or "0.0.0.0" in word]  # noqa: S104
