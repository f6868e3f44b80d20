"""In a real Jupyter kernel: the stop button keeps what is done, errors are one message, and nothing stays behind."""

import time
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager
from kernels import BOUND_S, Kernel, outcome
from living import lives

GONE_S = 60
LOOK_S = 0.05


def below(manager: KernelManager) -> list[psutil.Process]:
    return psutil.Process(manager.provisioner.pid).children(recursive=True)


def wait_until(true, bound_s: float = BOUND_S) -> None:
    deadline = time.monotonic() + bound_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(LOOK_S)


def trials_in(path: Path) -> int:
    return path.read_bytes().count(b'"kind":"trial"') if path.exists() else 0


def test_the_stop_button_ends_a_sweep_and_keeps_what_is_done(kernel: Kernel, tmp_path: Path) -> None:
    """After an interrupt the cell shows the finished rounds with a finding, the kernel is free, and nobody is left."""
    manager, client = kernel
    path = tmp_path / "stopped.jsonl"
    code = f"""
import parlab
view = parlab.speedup("hello", workers=[2], backends=["processes"], rounds=1000, output={str(path)!r}, progress=False)
print([finding.code for finding in view.findings if finding.code == "stopped"], view.summary.rounds > 0)
"""
    cell = client.execute(code)
    wait_until(lambda: trials_in(path) >= 8)
    manager.interrupt_kernel()
    reply, shown = outcome(client, cell)
    assert ("ok", "['stopped'] True\n") == (reply["status"], shown)
    wait_until(lambda: not below(manager), GONE_S)
    assert '"reason":"stopped"' in path.read_text()


def test_an_interrupt_before_the_first_trial_says_so_in_one_message(kernel: Kernel) -> None:
    """Nothing was measured, the text says it without a traceback, and nobody is left."""
    manager, client = kernel
    cell = client.execute("import parlab; parlab.speedup('primes', size=10**6, progress=False)")
    wait_until(lambda: len(below(manager)) >= 2)
    manager.interrupt_kernel()
    reply, _ = outcome(client, cell)
    assert ("error", "InterruptedSweepError") == (reply["status"], reply["ename"])
    assert ["InterruptedSweepError: Stopped before the first trial had finished: nothing was measured."] == (
        reply["traceback"]
    )
    wait_until(lambda: not below(manager), GONE_S)


def test_an_interrupt_in_the_first_round_says_that_it_was_stopped(kernel: Kernel, tmp_path: Path) -> None:
    """There is no speedup to show, so the cell does not go on to a chart without points; the file keeps the trials."""
    manager, client = kernel
    path = tmp_path / "first.jsonl"
    client.execute("import parlab, time")
    cell = client.execute(
        f"view = parlab.speedup(time.sleep, [0.01] * 3 + [2.0], workers=[1], backends=['threads'], rounds=90, "
        f"output={str(path)!r}, chunksize=4, progress=False); view.plot()"
    )
    wait_until(lambda: trials_in(path) >= 1)
    manager.interrupt_kernel()
    reply, _ = outcome(client, cell)
    said = "InterruptedSweepError: Stopped before the first round was complete: there is nothing to compare yet."
    assert [said] == reply["traceback"]
    assert trials_in(path) >= 1


def test_one_press_ends_a_cell_of_several_sweeps(kernel: Kernel, tmp_path: Path) -> None:
    """The first keeps its rounds, the second is not begun, and in the next cell one may begin."""
    manager, client = kernel
    path = tmp_path / "first.jsonl"
    sweep = "parlab.speedup('hello', workers=[2], backends=['threads'], progress=False, rounds="
    code = f"import parlab; first = {sweep}1000, output={str(path)!r}); second = {sweep}1000)"
    cell = client.execute(code)
    wait_until(lambda: trials_in(path) >= 8)  # two rounds of at most four
    manager.interrupt_kernel()
    reply, _ = outcome(client, cell)
    said = "Stopped: the sweep before this one in the cell was stopped, so this one was not begun."
    assert [f"InterruptedSweepError: {said}"] == reply["traceback"]
    ask = "from parlab.notebook import stopped\nprint(first.summary.rounds > 0, stopped.refuse_rest_of_cell())"
    reply, shown = outcome(client, client.execute(ask))
    assert ("ok", "True None\n") == (reply["status"], shown)


def test_an_error_is_one_message(kernel: Kernel) -> None:
    """A learner who misspells a backend reads what is allowed, and no frames of parlab's own code."""
    _, client = kernel
    reply, _ = outcome(client, client.execute("import parlab; parlab.speedup('primes', backends=['proceses'])"))
    assert "error" == reply["status"]
    assert 1 == len(reply["traceback"])
    assert "Did you mean 'processes'?" in reply["traceback"][0]


def test_a_killed_kernel_takes_its_sweep_along(kernel: Kernel, tmp_path: Path) -> None:
    """After a restart of the kernel in the middle of a sweep no process of it lives on."""
    manager, client = kernel
    path = tmp_path / "killed.jsonl"
    client.execute(f"import parlab; parlab.speedup('hello', rounds=1000, output={str(path)!r}, progress=False)")
    wait_until(lambda: trials_in(path) >= 2)
    family = below(manager)
    assert family
    manager.shutdown_kernel(now=True)
    wait_until(lambda: not any(map(lives, family)), GONE_S)
