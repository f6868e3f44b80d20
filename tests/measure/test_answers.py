"""Answers are compared by value: by digest between processes, part by part within one."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlab.measure.answers import fingerprint, same


@dataclass
class Point:
    x: float
    y: float


class Plain:
    def __init__(self, value):
        self.value = value


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(values)
def test_equal_values_have_equal_digests(value: object) -> None:
    """A value and its copy agree in both comparisons."""
    import copy

    assert fingerprint(value) == fingerprint(copy.deepcopy(value)) is not None
    assert same(value, copy.deepcopy(value))


@given(values, values)
def test_different_values_have_different_digests(left: object, right: object) -> None:
    """Where digests agree the values are equal."""
    if fingerprint(left) == fingerprint(right):
        assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1, 2], [2, 1]),
        (Point(1, 2), Point(1, 3)),
        (Plain(1), Plain(2)),
        (np.arange(3), np.arange(4)),
        (np.arange(3), np.arange(3) + 1),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        ({"a": 1}, {"b": 1}),
        ("1", "2"),
        (1.0, 1.0 + 1e-9),
    ],
)
def test_differences_are_seen(left: object, right: object) -> None:
    """Unequal answers are unequal to both comparisons."""
    assert not same(left, right)
    marks = fingerprint(left), fingerprint(right)
    assert None in marks or marks[0] != marks[1]


@pytest.mark.parametrize("make", [lambda: Plain([1.5]), lambda: np.eye(3), lambda: {"k": {1, 2, 3}}, lambda: math.nan])
def test_equal_objects_are_equal(make) -> None:
    """Objects without an equality of their own, arrays, sets and NaN compare by what they hold."""
    assert same(make(), make())
    assert fingerprint(make()) == fingerprint(make()) is not None


def test_dictionaries_have_no_order() -> None:
    """The order of insertion does not count."""
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_tolerance_is_relative() -> None:
    """Floats may differ by the tolerance, and by no more."""
    assert same([100.0], [100.5], tolerance=0.01)
    assert not same([100.0], [102.0], tolerance=0.01)


@pytest.mark.parametrize("value", [object(), len, ValueError("x"), [object()]])
def test_what_cannot_be_read_has_no_digest(value: object) -> None:
    """No digest is better than one that differs between processes, or never differs."""
    assert fingerprint(value) is None


def test_a_value_that_holds_itself_has_no_digest() -> None:
    """Depth is limited."""
    loop: list[object] = []
    loop.append(loop)
    assert fingerprint(loop) is None


def test_private_caches_are_no_part_of_an_answer() -> None:
    """A Path keeps its hash, which differs between processes: it has no digest, and is compared by its equality."""
    from pathlib import PurePosixPath

    used = PurePosixPath("a/b")
    hash(used)
    assert fingerprint(used) is None
    assert same(used, PurePosixPath("a/b"))
