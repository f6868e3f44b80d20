"""Runs the code of a cell as a program of its own: ``python -m parlab.notebook.cell FOLDER``, for ``%%deadline``.

It starts no thread, so that the cell may fork. Its ``__main__`` is an empty module, as new to workers as a notebook's.
"""

import ast
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from parlab import segments
from parlab.codec import loads
from parlab.notebook import relay, stacks


def main(folder: str) -> int:
    """Run the cell that lies in a private folder, and return the exit code."""
    order = loads(Path(folder, "order").read_bytes())
    sys.path[:] = order["path"]
    sys.argv[:] = ["cell"]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", write_through=True)  # type: ignore[union-attr]
    segments.own_semaphores()
    segments.keep_sockets_in(folder)
    sys.modules["__main__"] = program = ModuleType("__main__")
    until_s = time.monotonic() + order["deadline_s"]
    relay.tell_where(folder, "cell", until_s)
    Path(folder, "begun").touch()
    with relay.relaying(relay.Orders(folder, until_s)):
        return _run(order["cell"], vars(program))


def _run(cell: str, names: dict[str, Any]) -> int:
    try:
        for code in _compiled(cell):
            exec(code, names)  # noqa: S102  # the learner's own cell, which they have just run
    except SystemExit as left:
        _tell_exit(left)
    except BaseException as error:  # whatever it is, it is the learner's
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        print(stacks.traceback_text(error, cell, Path.cwd()), flush=True)  # noqa: T201  # the learner reads it
        return 1
    return 0


def _compiled(cell: str) -> list[Any]:
    """Compile a cell in two parts: a last line that is an expression shows its value, as in a notebook."""
    tree = ast.parse(cell, stacks.CELL)
    last = [tree.body.pop()] if tree.body and isinstance(tree.body[-1], ast.Expr) else []
    parts = [compile(tree, stacks.CELL, "exec", dont_inherit=True)]
    return parts + [compile(ast.Interactive([one]), stacks.CELL, "single", dont_inherit=True) for one in last]


def _tell_exit(left: SystemExit) -> None:
    if left.code not in (None, 0):
        print(f"The cell has left with {left.code!r}.", flush=True)  # noqa: T201  # the learner reads it


if __name__ == "__main__":
    this = sys.modules["__main__"]  # whose names would go with it
    sys.exit(main(sys.argv[1]))  # then Python waits for workers that still run, as at the end of a script
