"""What is pickled for the notebook about messages, and tasks whose data is fetched by its name."""

import pickle
from pathlib import Path

import pytest

from parlab.errors import InputError
from parlab.workloads import packing, payload


@pytest.mark.parametrize("kind", packing.KINDS)
def test_a_thing_holds_what_it_should_and_survives_pickling(kind: str) -> None:
    """So many values, and the same after the way through pickle."""
    made = packing.thing(kind, 37)
    assert 37 == len(made)
    again = pickle.loads(pickle.dumps(made))
    assert type(made) is type(again)
    assert list(made) == list(again)


def test_pickles_are_timed_by_kind_and_count() -> None:
    """One row for each kind and count; bytes are those of the pickle, and grow with the values; no time is zero."""
    rows = packing.pickle_times(["text", "list of ints"], [10, 200])
    assert [("text", 10), ("text", 200), ("list of ints", 10), ("list of ints", 200)] == [row[:2] for row in rows]
    assert all(row.payload_bytes == len(pickle.dumps(packing.thing(*row[:2]))) for row in rows)
    assert rows[0].payload_bytes < rows[1].payload_bytes
    assert all(row.dumps_s > 0 and row.loads_s > 0 for row in rows)


@pytest.mark.parametrize(("kind", "values", "said"), [("set", 3, "'set'.*DataFrame"), ("text", 0, "at least 1 value")])
def test_what_cannot_be_made_is_refused(kind: str, values: int, said: str) -> None:
    """The error says what was given and what is allowed."""
    with pytest.raises(InputError, match=said):
        packing.thing(kind, values)


def test_a_block_by_its_name_is_the_block_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task that reads gives the sum of the task that was sent the block; afterwards no file is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with packing.blocks_on_disk(2, seed=5) as names:
        assert [payload.add_up(block) for block in payload.items(2, 5)] == [*map(packing.add_up_block, names)]
        assert len(pickle.dumps(names[1])) < 1000 < payload.BYTES_PER_ITEM
    assert [] == list(tmp_path.iterdir())
