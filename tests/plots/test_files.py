"""Charts are written whole, the same bytes each time, and texts from anybody do no harm."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from drawn import crowd, row, summary

from parlab.errors import InputError
from parlab.plots import as_png, check_format, efficiency_chart, is_ours, save, speedup_chart, startup_chart

ODD = "$\\frac{ $ <b> & \x1b[31m \x00 \N{PILE OF POO} " + "long " * 60


@pytest.mark.parametrize("name", ["chart", "chart.gif", "chart.jsonl"])
def test_only_png_and_svg(name: str, tmp_path: Path) -> None:
    """Another ending is refused with the allowed ones."""
    with pytest.raises(InputError, match="Allowed: png, svg"):
        check_format(tmp_path / name)


@pytest.mark.parametrize("name", ["chart.png", "chart.svg"])
def test_a_chart_that_fails_leaves_the_old_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop in the middle of drawing, or a full disk, leaves the chart that was there and nothing half."""
    figure, path = speedup_chart(summary([row("threads", 2)])), tmp_path / name
    save(figure, path)
    before = path.read_bytes()
    full = OSError(28, "No space left on device")
    for ending, told in ((KeyboardInterrupt(), KeyboardInterrupt), (full, InputError)):
        monkeypatch.setattr(figure, "savefig", _fails_with(ending))
        with pytest.raises(told):
            save(figure, path)
        assert {path: before} == {one: one.read_bytes() for one in tmp_path.iterdir()}


def _fails_with(ending: BaseException):
    def savefig(place: Path, **_given: object) -> None:
        Path(place).write_bytes(b"half")
        raise ending

    return savefig


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_same_figure_gives_the_same_bytes(ending: str, tmp_path: Path) -> None:
    """Drawn again from the same data, a chart is the same file, so that charts can be compared."""
    for name in ("one", "two"):
        save(speedup_chart(crowd()), tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_bytes_for_a_page_are_those_of_the_file(tmp_path: Path) -> None:
    """What stands in a report is the picture that `parlab plot` writes."""
    save(speedup_chart(crowd()), tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes() == as_png(speedup_chart(crowd()))


@pytest.mark.parametrize("chart", [speedup_chart, efficiency_chart, startup_chart])
def test_texts_from_anybody_do_no_harm(chart: Callable, tmp_path: Path) -> None:
    """Formulas, markup, control characters, letters without a glyph, endless names: an SVG stays well-formed."""
    odd = summary([row(ODD, workers) for workers in (1, 2)], workload=ODD)
    odd = replace(odd, label=dict.fromkeys(("where", "when", "by"), ODD), machine={**odd.machine, "cpu_model": ODD})
    save(chart(odd), tmp_path / "chart.svg")
    assert "svg" in ET.parse(tmp_path / "chart.svg").getroot().tag  # noqa: S314  # we wrote it a line above


def test_own_charts_are_known_again(tmp_path: Path) -> None:
    """A PNG of parlab's may be replaced; another picture, or no picture, may not."""
    from PIL import Image

    save(speedup_chart(crowd()), tmp_path / "ours.png")
    Image.new("RGB", (2, 2)).save(tmp_path / "theirs.png")
    (tmp_path / "none.png").write_text("no picture")
    assert [True, False, False] == [is_ours(tmp_path / f"{name}.png") for name in ("ours", "theirs", "none")]


def test_a_hostile_picture_is_not_ours(tmp_path: Path) -> None:
    """A text of megabytes in some bytes, which Pillow refuses by an error of its own, is just another picture."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Software", "parlab" * 1_000_000, zip=True)
    Image.new("RGB", (2, 2)).save(tmp_path / "bomb.png", pnginfo=note)
    assert not is_ours(tmp_path / "bomb.png")
