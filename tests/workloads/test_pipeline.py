"""Thumbnails from files to files: whole or not at all, each on its own, and only those that are missing."""

import os
import pickle
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from PIL import Image

from parlab.errors import InputError
from parlab.workloads import pipeline
from parlab.workloads.photos import Photo, decoded, make_thumbnail, sample_photograph
from parlab.workloads.pipeline import STAGES, WAYS, Job, Outcome


def photograph(path: Path, side: int = 800) -> str:
    """Write a photograph of which a decoder can leave out something."""
    with Image.open(sample_photograph()) as portrait:
        portrait.resize((side, side)).save(path, quality=80)
    return str(path)


def broken(path: Path) -> str:
    path.write_bytes(Path(photograph(path)).read_bytes()[:3_000])
    return str(path)


def job(source: str, folder: Path) -> Job:
    return Job(source, str(folder / "new" / Path(source).name))


def test_a_file_becomes_a_thumbnail_in_a_file(tmp_path: Path) -> None:
    """It holds what the workload photos makes; its folder is made, and nothing else lies in it."""
    todo = job(photograph(tmp_path / "a.jpg"), tmp_path)
    jpeg = make_thumbnail(Photo(todo.source)).jpeg
    assert Outcome("a.jpg", len(jpeg)) == pipeline.one_to_file(todo) == pipeline.try_one(todo)
    assert jpeg == Path(todo.target).read_bytes()
    assert ["a.jpg"] == [one.name for one in Path(todo.target).parent.iterdir()]


def test_half_a_thumbnail_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails in the middle, the old thumbnail is still there, whole, and no part of the new one."""
    todo = job(photograph(tmp_path / "a.jpg"), tmp_path)
    pipeline.one_to_file(todo)
    before = Path(todo.target).read_bytes()

    def write_half(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(OSError, match="No space left"):  # no matter of this photograph, so not skipped
        pipeline.try_one(todo)
    assert before == Path(todo.target).read_bytes()
    assert ["a.jpg"] == [one.name for one in Path(todo.target).parent.iterdir()]


def test_a_broken_photograph_is_named_and_others_are_not_harmed(tmp_path: Path) -> None:
    """What cannot be read is an outcome with its reason, in which no folder stands; one_to_file raises instead."""
    (tmp_path / "text.jpg").write_text("no picture")
    names = [broken(tmp_path / "cut.jpg"), str(tmp_path / "text.jpg"), str(tmp_path / "gone.jpg")]
    outcomes = [pipeline.try_one(job(name, tmp_path)) for name in names]
    assert [("cut.jpg", 0), ("text.jpg", 0), ("gone.jpg", 0)] == [one[:2] for one in outcomes]
    assert "truncated" in outcomes[0].problem
    assert "no image that Pillow knows" == outcomes[1].problem
    assert "No such file or directory" == outcomes[2].problem
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match=r"cut\.jpg"):
        pipeline.one_to_file(job(names[0], tmp_path))


def test_only_what_is_missing_is_left_to_do(tmp_path: Path) -> None:
    """Without a thumbnail, or with one older than its photograph, a job is to be done; afterwards it is not."""
    jobs = [job(photograph(tmp_path / f"{name}.jpg", 40), tmp_path) for name in "abc"]
    assert jobs == pipeline.missing(jobs)
    for one in jobs[:2]:
        pipeline.one_to_file(one)
    assert jobs[2:] == pipeline.missing(jobs)
    later_s = Path(jobs[0].target).stat().st_mtime + 10
    os.utime(jobs[0].source, (later_s, later_s))
    assert [jobs[0], jobs[2]] == pipeline.missing(jobs)


def test_a_shrunk_thumbnail_is_made_from_fewer_pixels(tmp_path: Path) -> None:
    """The decoder leaves out pixels, never too many, and the thumbnail has the same size and nearly the same look."""
    todo = job(photograph(tmp_path / "a.jpg"), tmp_path)
    assert (400, 400) == decoded(Photo(todo.source), shrunk=True).size
    assert (300, 300) == decoded(Photo(todo.source, (0, 0, 300, 300)), shrunk=True).size
    usual = Image.open(pipeline.one_to_file(todo) and todo.target).convert("L")
    shrunk = Image.open(pipeline.one_shrunk(todo) and todo.target).convert("L")
    assert usual.size == shrunk.size == (160, 160)
    far = [abs(one - other) for one, other in zip(usual.tobytes(), shrunk.tobytes(), strict=True)]
    assert 0 < max(far)
    assert sum(far) / len(far) < 3


def test_each_stage_has_a_time_for_each_photograph(tmp_path: Path) -> None:
    """Without the one that warms up, and without a broken one; their shares are 100 % together."""
    sources = [photograph(tmp_path / "a.jpg"), broken(tmp_path / "cut.jpg"), photograph(tmp_path / "c.jpg")]
    times = pipeline.stage_times(sources)
    assert STAGES == tuple(times)
    assert {2} == {len(taken) for taken in times.values()}
    assert all(taken_s > 0 for taken in times.values() for taken_s in taken)
    assert pytest.approx(100) == sum(pipeline.percent_of(stage, times) for stage in STAGES)


def test_one_process_that_decodes_feeds_only_so_many() -> None:
    """While it reads and decodes one photograph, a worker gets through the rest of so many."""
    times = {
        "read": [1.0],
        "decode": [2.0, 3.0, 9.0],
        "resize": [2.0],
        "filter": [5.0],
        "encode": [1.0],
        "write": [7.0],
    }
    assert 2 == pipeline.most_fed(times)


def test_broken_photographs_alone_are_refused(tmp_path: Path) -> None:
    """There is nothing to time."""
    with pytest.raises(InputError, match="None of these"):
        pipeline.stage_times([broken(tmp_path / "cut.jpg")])


def test_each_way_gives_the_same_thumbnails(tmp_path: Path) -> None:
    """Whatever travels, the bytes are those of the loop, in the order of the photographs; and they can be pickled."""
    sources = [photograph(tmp_path / "a.jpg"), photograph(tmp_path / "b.jpg", 60)]
    loop = [make_thumbnail(Photo(source)).jpeg for source in sources]
    with ThreadPool(2) as pool:
        assert dict.fromkeys(WAYS, loop) == {way: pipeline.thumbnails_by(way, pool, sources) for way in WAYS}
    for prepare, task in pipeline._TASKS.values():
        assert loop[0] == task(pickle.loads(pickle.dumps(prepare(sources[0]))))


def test_pixels_are_the_largest_message(tmp_path: Path) -> None:
    """A path is a short text, a file's bytes are the file's, and pixels take three bytes each."""
    source = photograph(tmp_path / "a.jpg")
    path, content, pixels = (pipeline.item_bytes(way, source) for way in WAYS)
    assert path < len(source) + 30
    assert 0 <= content - Path(source).stat().st_size < 50
    assert 3 * 800 * 800 <= pixels


def test_written_by_the_parent_or_by_workers_is_the_same(tmp_path: Path) -> None:
    """The files are equal, byte by byte; one that differs or is missing on one side is noticed."""
    sources = [photograph(tmp_path / f"{name}.jpg", 60) for name in "ab"]
    here, there = ([job(source, tmp_path / place) for source in sources] for place in ("here", "there"))
    with ThreadPool(2) as pool:
        pipeline.thumbnails_saved_here(pool, here)
        pool.map(pipeline.one_to_file, there)
    assert pipeline.same_thumbnails(here, there)
    Path(here[1].target).unlink()
    assert not pipeline.same_thumbnails(here, there)
    Path(there[1].target).unlink()
    assert pipeline.same_thumbnails(here, there)
    Path(there[0].target).write_bytes(b"another")
    assert not pipeline.same_thumbnails(here, there)
