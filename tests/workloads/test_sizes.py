"""The environment chooses the size of the course's cases."""

import pytest

from parlab.errors import InputError
from parlab.workloads import albums, purchase_files
from parlab.workloads.sizes import VARIABLE, chosen

SIZES = {"small": 2, "large": 9}


@pytest.mark.parametrize(("value", "expected"), [(None, 2), ("", 2), ("small", 2), ("large", 9)])
def test_the_environment_chooses(value: str | None, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small where nothing is said."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert expected == chosen(SIZES)


@pytest.mark.parametrize("case", [lambda: chosen(SIZES), albums.photograph_count, purchase_files.set_out])
def test_another_size_is_refused(case, monkeypatch: pytest.MonkeyPatch) -> None:
    """By every case; the error names the variable, what it says, and what it may say."""
    monkeypatch.setenv(VARIABLE, "huge")
    with pytest.raises(InputError, match=r"size in PARLAB_SIZE 'huge'.*large, small.*unset the variable"):
        case()
