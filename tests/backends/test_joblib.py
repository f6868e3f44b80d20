"""joblib: what must be true besides what the conformance suite holds for every engine."""

import os

import joblib
import numpy as np
import pytest
import tasks

from parlab import backends
from parlab.errors import BackendUnavailableError


def test_its_map_is_joblibs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare engine is ``joblib.Parallel``, whose batches are joblib's choice, and large arrays are mapped.

    So they are when they are sent one by one, also after ``Parallel`` has removed what it mapped.
    """
    sizes = []
    original = joblib.Parallel

    def noted(*arguments, **keywords):
        sizes.append(keywords["batch_size"])
        return original(*arguments, **keywords)

    monkeypatch.setattr(joblib, "Parallel", noted)
    large = np.zeros(200_000)
    with backends.get("joblib").open(2) as executor:
        assert [3, 5] == list(executor.map(tasks.add, [1, 2], [2, 3]))
        assert [True] == list(executor.map(tasks.is_mapped, [large], chunksize=2))
        assert executor.submit(tasks.is_mapped, large).result()
    assert ["auto", 2] == sizes


def test_one_worker_is_a_process() -> None:
    """``Parallel(n_jobs=1)`` would be the plain loop in the parent."""
    with backends.get("joblib").open(1) as executor:
        assert os.getpid() not in {process for process, _ in executor.map(tasks.who, range(2))}


def test_one_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has the install line."""
    monkeypatch.setattr("parlab.backends.joblib.find_spec", lambda _name: None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'parlab\[joblib\]'"):
        backends.require("joblib")
