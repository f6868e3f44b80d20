"""The wall of a class: everything that was handed in, on one page that loads nothing, whatever a sheet holds."""

import json
from pathlib import Path

import pytest
from classes import as_data, crowd, put, room, sheet
from pages import Page

from parlab.analysis.classroom import lay_over
from parlab.analysis.collecting import Collection
from parlab.analysis.sheets import Foretold
from parlab.report import wall

EVIL = "<script>alert(1)</script>\"' onload=x {{ 7 * 7 }} \x1b[31m \x00 \u202egnp"[:60]


def page_of(folder: Path, **more) -> Page:
    return Page(wall(lay_over(Collection(folder).read()), **more))


def test_a_class_of_one(tmp_path: Path) -> None:
    """One learner, one chart, and nobody called unusual."""
    put(tmp_path, "me.json", sheet(name="Ada", predictions=(Foretold("04-pool", 2.0, 1.7),)))
    found = page_of(tmp_path)
    assert "1 learner 1 kind of hardware 1 kind of work 1 guess" in found.all("header")[0].words
    assert (
        "primes, 64 tasks: processes with 4 workers was 3.40 times as fast as the plain loop, on"
        in found.elements[[one.attributes.get("class") for one in found.elements].index("result")].words
    )
    assert 2 == len(found.all("img"))
    assert "1 crowd has fewer than 9 learners" in found.part("outliers")
    assert "Ada 2 1.7" in found.part("guesses")


def test_who_stands_out_is_told_with_what_is_different(tmp_path: Path) -> None:
    """In the headline as a number, below with the facts; the chart's text has the medians."""
    crowd(tmp_path, 11)
    put(tmp_path, "slow.json", sheet(99, (1.0, 1.4, 2.0), machine={"on_battery": True}))
    found = page_of(tmp_path)
    assert "1 curve stands out." in found.all("header")[0].words
    assert "learner 12: processes with 4 workers 2.00" in found.part("outliers")
    assert "Different there: it ran on battery." in found.part("outliers")
    assert (
        "Example 3000, 4 usable cores, 12 learners, medians: processes with 4: 3.4"
        in found.all("img")[0].attributes["alt"]
    )


def test_guesses_are_counted_by_side(tmp_path: Path) -> None:
    """Too low, near, too high, and not yet measured; who guessed what, the farthest first."""
    pairs = ((1.0, 2.0), (2.0, 1.9), (8.0, 1.5), (9.0, 1.5), (2.0, None))
    for number, (guess, measured) in enumerate(pairs, start=1):
        put(tmp_path, f"{number}.json", sheet(number, predictions=(Foretold("04-pool", guess, measured),)))
    part = page_of(tmp_path).part("guesses")
    assert "04: A pool of two workers: how many times as fast as the plain loop? 5 1.7 1 1 2 1 times" in part
    assert part.index("learner 4 9 1.5") < part.index("learner 3 8 1.5") < part.index("learner 2 2 1.9")


def test_nothing_of_a_hostile_sheet_becomes_markup(tmp_path: Path) -> None:
    """Names, processors, backends, workloads, file names: all are texts, cleaned and escaped."""
    bad = as_data(sheet(1), name=EVIL, parlab=EVIL)
    bad["machine"] |= dict.fromkeys(("cpu_model", "system", "python", "container", "cores_limited_by"), EVIL)
    bad["work"] |= {"workload": EVIL, "size": EVIL}
    bad["curves"][0]["backend"] = EVIL
    bad["predictions"] = [{"topic": "99-no-such-topic", "guess": 2.0, "measured": 1.0}]
    put(tmp_path, "bad.json", bad)
    (tmp_path / "<img src=x onerror=alert(1)>.json").write_text(json.dumps({"kind": "<script>"}))
    text = wall(lay_over(Collection(tmp_path).read()), title=EVIL, reload_s=5)
    found = Page(text)
    assert [] == [one for one in found.elements if one.tag in ("script", "iframe", "object", "form", "a")
                  and not one.attributes.get("href", "").startswith("#")]  # fmt: skip
    assert set() == {name for one in found.elements for name in one.attributes if name.startswith("on")}
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}
    assert "<script>alert(1)</script>" in found.part("guesses")
    assert "99-no-such-topic" in found.part("guesses")
    assert "<img src=x onerror=alert(1)>.json it is no sheet" in found.part("left-out")
    targets = [one.attributes[name] for one in found.elements for name in ("src", "href") if name in one.attributes]
    assert all(target.startswith(("data:", "#")) for target in targets)
    (policy,) = [one for one in found.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"].startswith("default-src 'none'; img-src data:")


@pytest.mark.parametrize("reload_s", [None, 5])
def test_it_reloads_itself_only_when_told(tmp_path: Path, reload_s: int | None) -> None:
    """While somebody watches the folder, and not afterwards; an empty class waits."""
    found = page_of(tmp_path, reload_s=reload_s)
    told = [one.attributes["content"] for one in found.all("meta") if one.attributes.get("http-equiv") == "refresh"]
    assert ([] if reload_s is None else ["5"]) == told
    assert "No sheet is here yet" in found.part("curves")


def test_500_learners_are_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are counted; however many crowds there are, the page draws so many charts and says that there are more."""
    monkeypatch.setattr("parlab.report.class_wall._MOST_PICTURES", 2)
    room(tmp_path, 500)
    text = wall(lay_over(Collection(tmp_path).read()))
    found = Page(text)
    assert found.all("header")[0].words.startswith("parlab class wall The class 500 learners 7 kinds of hardware")
    assert len(text) < 3_000_000
    assert 3 == len(found.all("img"))
    assert "The page draws 2 charts at most" in found.part("curves")
