"""``parlab.shown_output``: what processes print that a cell starts itself, in an order that is the same each time.

Where such prints go by themselves depends on how the process was started and on who runs the notebook; whose line comes
first is chance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

from parlab.errors import unknown_choice
from parlab.notebook import relay
from parlab.temporary import private_folder

_END_S = 10.0  # to wait for what has been killed

Order = Literal["started", "arrival"]


@contextmanager
def shown_output(order: Order = "started") -> Iterator[None]:
    """Show, at the end of the block, what the processes have printed that multiprocessing has started in it.

    Parameters
    ----------
    order
        ``"started"``: the lines of each process together, the process that was started first first; the same each
        time. ``"arrival"``: as they came, which is chance: a cell that shows it cannot be compared.

    Raises
    ------
    InputError
        There is no such order.

    Notes
    -----
    Only ``print`` and other text of Python's streams is shown, up to 16 KiB of each process, with the number in the
    order of the starts. An error is shown by the lines of the learner. Join the processes in the block. When the block
    raises, or is stopped, they are killed; when the kernel is gone, they end.

    Examples
    --------
    >>> import multiprocessing, parlab
    >>> context = multiprocessing.get_context("spawn")
    >>> with parlab.shown_output():
    ...     process = context.Process(target=print, args=("hello",))
    ...     process.start()
    ...     process.join()
    worker 1: hello
    """
    if order not in ("started", "arrival"):
        raise unknown_choice("order of parlab.shown_output", order, ("started", "arrival"))
    with private_folder() as folder:
        try:
            with relay.relaying(relay.Orders(str(folder), ends_with_parent=True)) as started, _ended_on_error(started):
                yield
        finally:
            _show(folder, by_arrival=order == "arrival")


@contextmanager
def _ended_on_error(started: list[BaseProcess]) -> Iterator[None]:
    try:
        yield
    except BaseException:  # the stop button, too
        running = [process for process in started if _runs(process)]
        for process in running:
            process.kill()
        for process in running:
            process.join(_END_S)
        raise


def _runs(process: BaseProcess) -> bool:
    try:
        return process.pid is not None and process.is_alive()
    except ValueError:  # it was closed, which only one that has ended can be; it answers nothing any more
        return False


def _show(folder: Path, *, by_arrival: bool) -> None:
    found = [(line, name) for name in relay.names(folder) for line in relay.lines(folder, name)]
    if by_arrival:
        found.sort(key=lambda one: one[0].came_ns)
    for line, name in found:
        print(f"{name}: {line.text.removesuffix(chr(10))}")  # noqa: T201  # what they have printed
