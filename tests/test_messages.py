"""Messages and reports as data: what they weigh on their way, and that all of it arrives."""

import pickle
import struct

from hypothesis import given
from hypothesis import strategies as st

from parlab.messages import Mark, Report
from parlab.records import Failure

MARKS = st.lists(st.tuples(*[st.floats(allow_nan=False, width=64)] * 5), max_size=20)


def arrived(report: Report) -> Report:
    """Send a report and receive it."""
    return pickle.loads(pickle.dumps(report))


@given(MARKS)
def test_marks_are_what_was_noted(noted: list[tuple[float, ...]]) -> None:
    """To the last bit, in the order of the tasks, on either side of a journey; none where no task ran."""
    report = Report(1, 2, moments=b"".join(struct.pack("5d", *one) for one in noted))
    assert [Mark(*one) for one in noted] == report.marks
    assert report.marks == arrived(report).marks


def test_a_report_with_news_arrives_whole() -> None:
    """Failures, exceptions, prints and the note of a nested pool, each alone and all together."""
    news = {
        "failures": [Failure(3, "item", "ValueError: no", "Traceback")],
        "errors": {3: b"packed"},
        "printed": {4: "heard\n"},
        "nested": True,
    }
    for told in [{}, news, *({name: value} for name, value in news.items())]:
        report = Report(1, 2, [b"value", None], struct.pack("10d", *range(10)), **told)
        assert report == arrived(report)
        assert 2 == len(arrived(report).marks)


def test_reports_do_not_share_what_they_hold() -> None:
    """A report that arrives without news has lists of its own."""
    first, second = (arrived(Report(1, 2)) for _ in range(2))
    first.failures.append(Failure(0, "", "", ""))
    first.printed[0] = "text"
    assert ([], {}) == (second.failures, second.printed)


def test_most_reports_weigh_little() -> None:
    """Without news, a hundred tasks with small results take less than 60 bytes each, 40 of which say when they ran."""
    report = Report(1, 2, [pickle.dumps(number) for number in range(100)], bytes(100 * 40))
    assert len(pickle.dumps(report)) < 100 * (40 + 20)
