"""The printed comparison: within 80 columns, and harmless whatever a file says of itself."""

from dataclasses import replace
from io import StringIO

from builders import make_results, make_round, parallel
from rich.console import Console

from parlab.analysis.comparison import compare
from parlab.compared import print_comparison
from parlab.results import Results


def printed(a: Results, b: Results, *, gate: bool = False) -> str:
    text = StringIO()
    out = Console(width=80, file=text, highlight=False, color_system=None, force_terminal=False)
    print_comparison(out, compare(a, b, limit=0.1 if gate else 0.0), ("a.jsonl", "b.jsonl"), gate=gate)
    return text.getvalue()


def sweep(backend: str = "threads", slower: float = 1.0, **fields: object) -> Results:
    trials = [
        trial for n in range(6) for trial in make_round(n, (2.0, 2.0), parallel(slower, backend=backend, workers=16))
    ]
    return make_results(trials, sweep={"backends": (backend,), "workers": (16,)}, **fields)


def test_long_names_fit_80_columns() -> None:
    """The longest backend of ours, with many workers, folds instead of pushing numbers out."""
    text = printed(sweep("processes:forkserver"), sweep("processes:forkserver", 1.5), gate=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "Slower by more than 10 %: processes:forkserver, 16 workers." in " ".join(text.split())


def test_texts_of_a_file_are_harmless() -> None:
    """Markup and control characters in names, versions and machines are shown and do nothing."""
    evil = "[red]x\x1b]0;title\x07"
    a = sweep(evil, machine={"cpu_model": evil, "python": evil})
    b = sweep(evil, machine={"cpu_model": "other", "python": "3"})
    named = [replace(one, header=replace(one.header, libraries={evil: str(n)})) for n, one in enumerate((a, b))]
    text = printed(*named)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]x" in text


def test_few_rounds_say_what_is_missing() -> None:
    """No interval, no verdict, and how many rounds it takes."""
    short = make_results([trial for n in range(3) for trial in make_round(n, (2.0, 2.0), parallel(9.0))])
    text = " ".join(printed(short, short).split())
    assert "too few rounds" in text
    assert "takes 6 rounds or more on each side" in text
    assert "No difference" not in text
