"""Which cells of a learner's copy are run."""

from slices import cells_needed_by, cells_that_matter

COMMITTED = [
    "%load_ext parlab\nimport math",
    "numbers = [1, 2]",
    "print(numbers)",
    "def mine(n):\n    return n",
    "answer = mine(3)",
    "print(answer)",
    "%%workers theirs\ndef double(n):\n    return 2 * n",
    "import other\nother.show()",
    "print(theirs.double(2))",
    'learn.check("x", numbers)',
    "%speedup mine numbers",
    "%%deadline 5\nimport theirs\ntheirs.double(3)",
    "%%deadline 5\nprint(numbers)",
]


def test_what_a_stub_can_change_is_run_and_what_it_needs() -> None:
    """Stubs, their users, checks; set-up and the cells that make what these read; nothing else."""
    given = list(COMMITTED)
    given[3] = "def mine(n):\n    raise NotImplementedError"
    given[6] = "%%workers theirs\ndef double(n):\n    raise NotImplementedError"
    assert [0, 1, 3, 4, 5, 6, 8, 9, 10, 11] == cells_that_matter(given, COMMITTED)


def test_a_copy_without_exercises_runs_its_checks_alone() -> None:
    """Where nothing was cut there is little to run."""
    assert [0, 1, 9] == cells_that_matter(COMMITTED, COMMITTED)


def test_a_cell_needs_what_it_reads_and_what_that_reads() -> None:
    """Makers of names, a module that a cell writes, and the cell with the magics; never itself, never a later one."""
    assert [0, 3] == cells_needed_by(COMMITTED, 4)
    assert [0, 6] == cells_needed_by(COMMITTED, 8)
    assert [0, 1, 3] == cells_needed_by(COMMITTED, 10)
    assert [0, 6] == cells_needed_by(COMMITTED, 11)
    assert [] == cells_needed_by(COMMITTED, 0)
