"""Sweeps that were recorded on other machines and come along with parlab: where and when stands in each file.

They are ordinary result files with a label. They stand in wherever the learner's own machine cannot show an effect, and
are always shown as what they are. Nothing in them is made up: no recording, no file.
"""

from pathlib import Path

from parlab.errors import unknown_choice

PREFIX = "recorded:"
FOLDER = Path(__file__).resolve().parents[1] / "data" / "recorded"


def names() -> tuple[str, ...]:
    """Return the names of all recorded sweeps, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.jsonl")))


def locate(file: str | Path) -> Path:
    """Turn ``"recorded:NAME"`` into the path of that file; any other text is a path already.

    Raises
    ------
    InputError
        There is no recorded sweep of that name; the text lists those that are there.
    """
    text = str(file)
    if not text.startswith(PREFIX):
        return Path(file)
    name = text.removeprefix(PREFIX)
    if name not in names():
        raise unknown_choice("recorded sweep", name, names(), "`parlab recorded` tells where each was measured.")
    return FOLDER / f"{name}.jsonl"
