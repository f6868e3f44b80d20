"""Every fault of the table: an answer in time, nothing left behind, the others' results, and an error that says it."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from cases import CASES, QUICK, Case, Plan, walk, why_not
from claims import ALWAYS, patience
from spots import ENGINES, GROUPS, Spot, of
from watching import can_divide, can_mount

from parlab import backends


@dataclass(frozen=True)
class Place:
    """One cell of the table, or one of the three numbers in it."""

    case: Case
    plan: Plan
    spot: Spot

    @property
    def id(self) -> str:
        return f"{self.case.key}-{self.spot.label}"

    @property
    def plan_as_data(self) -> dict[str, Any]:
        """Return the plan for a probe that starts now: on a busy machine with more time until its deadline."""
        arguments = self.plan.arguments
        if "deadline_s" in arguments and not self.plan.needs_network:
            arguments = {**arguments, "deadline_s": arguments["deadline_s"] * patience()}
        return {"scenario": self.plan.scenario, "spot": self.spot.label, "arguments": arguments}


def parameters() -> list[Any]:
    made = []
    for case, plan, spot in walk():
        place = Place(case, plan, spot)
        marks = [pytest.mark.quick_fault] if place.id in QUICK else []
        if spot.group in ENGINES and (missing := backends.get(spot.group).availability()):
            marks.append(pytest.mark.skip(reason=missing))
        if plan.needs_mounts:
            marks.append(pytest.mark.skipif(not can_mount(), reason="only root can mount a disk of its own"))
        if plan.needs_network:
            marks.append(pytest.mark.skipif(not can_divide(), reason="network namespaces are not permitted here"))
        made.append(pytest.param(place, id=place.id, marks=marks))
    return made


@pytest.mark.parametrize("place", parameters())
def test_fault(place: Place, watched, record_property) -> None:
    """Whatever goes wrong, everything that the case claims is true."""
    record_property("fault", [place.case.key, place.spot.group, place.spot.method])
    observed = watched(place.id)
    record_property("seconds", observed.get("seconds"))
    broken = [text for claim in (*ALWAYS, *place.plan.claims) if (text := objection(claim, observed, place.spot))]
    if broken:  # without pytest's own view of it, which repeats each text
        head = f"case {place.case.key}, {place.case.title}: {place.plan.scenario} {place.plan.arguments}"
        pytest.fail("\n\n".join([head, *broken]), pytrace=False)


def objection(claim: Any, observed: dict[str, Any], spot: Spot) -> str | None:
    """Return what speaks against a claim, so that one test tells all of it."""
    try:
        claim(observed, spot)
    except AssertionError as problem:
        return f"NOT TRUE: {claim.__name__}: {claim.__doc__ or ''}\n{problem}"
    except (KeyError, TypeError, ValueError) as problem:  # the observation lacks what the claim is about
        return f"NOT SEEN: {claim.__name__}: {type(problem).__name__}: {problem}"
    return None


@pytest.mark.quick_fault
def test_the_table_has_no_gap() -> None:
    """Each case is tried in each column, with each start method, or says why not."""
    tried = {(case.key, spot) for case, _, spot in walk()}
    places = [(case, spot) for case in CASES for spot in of(*GROUPS)]
    gaps = [(case.key, spot) for case, spot in places if (case.key, spot) not in tried and not why_not(case, spot)]
    assert [] == gaps


@pytest.mark.quick_fault
def test_the_specification_is_covered() -> None:
    """All 26 faults are cases, each of them in the quick set too, and no place stands twice in the table."""
    ids = [Place(*one).id for one in walk()]
    assert len(set(ids)) == len(ids)
    assert QUICK <= set(ids)
    for tried in (ids, QUICK):
        assert set(range(1, 27)) <= {int(re.match(r"\d+", one)[0]) for one in tried}
