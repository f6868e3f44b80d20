"""The monitor watches, tells what it saw, and always ends: by itself, at Stop, with its block, cell or widget."""

import gc
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from kernels import outcome
from sweeps import wait_until

import parlab
from parlab.errors import InputError
from parlab.notebook import monitor as module
from parlab.notebook.bars import averages_html, averages_text, live_bars
from parlab.notebook.live import averages_of

WIDGET = "application/vnd.jupyter.widget-view+json"
ENDLESS = {"seconds": 3600, "every_s": 0.1}


def threads() -> int:
    return sum(one.name == "parlab-cpu-monitor" for one in threading.enumerate())


@pytest.fixture(autouse=True)
def none_left():
    """Each test begins and ends without a watching thread."""
    assert 0 == threads()
    yield
    wait_until(lambda: threads() == 0)


def seen(monitor: parlab.CpuMonitor, looks: int = 2) -> None:
    wait_until(lambda: len(monitor._samples()) >= looks)


def test_a_block_is_watched_and_told() -> None:
    """A row for each look and core, times that rise, shares from 0 to 100, and a chart of the same."""
    with parlab.CpuMonitor(every_s=0.1) as monitor:
        assert monitor.running
        seen(monitor)
    assert not monitor.running
    frame = monitor.frame
    assert ["time_s", "core", "percent"] == list(frame.columns)
    assert set(range(frame["core"].nunique())) == set(frame["core"])
    assert frame["time_s"].is_monotonic_increasing
    assert frame["percent"].between(0, 100).all()
    looks = frame["time_s"].nunique()
    assert len(frame) == looks * frame["core"].nunique()
    assert looks == len(monitor.plot().axes[0].collections[0].get_array()[0])
    assert 0 <= monitor.cost_share < 1
    assert "The block ended after" in repr(monitor)
    forms = monitor._repr_mimebundle_()
    assert {"text/plain", "text/html"} == set(forms)  # what is over is not shown live
    assert "<table" in forms["text/html"]
    assert "data:image/png" in forms["text/html"]


def test_it_ends_when_the_block_raises() -> None:
    """An interrupt too, which it names."""
    with pytest.raises(KeyboardInterrupt), parlab.CpuMonitor(**ENDLESS) as monitor:
        raise KeyboardInterrupt
    assert not monitor.running
    assert "interrupted" == monitor._sampler.reason


def test_it_ends_when_its_time_is_over() -> None:
    """Though nobody stops it, and though the block goes on."""
    with parlab.CpuMonitor(seconds=0.2, every_s=0.1) as monitor:
        wait_until(lambda: not monitor.running)
    assert "time" == monitor._sampler.reason
    assert "It stopped by itself after" in repr(monitor)


def test_the_button_stops_the_live_one() -> None:
    """Bars while it watches, then averages, and the button says so."""
    monitor = parlab.CpuMonitor(**ENDLESS)
    said, bars, button = monitor.widget().children
    wait_until(lambda: "core 0" in bars.value)
    assert "more seconds" in said.value
    button.click()
    assert not monitor.running
    assert (True, "Stopped") == (button.disabled, button.description)
    assert "It was stopped after" in said.value
    assert "average" in bars.value.lower()
    assert monitor.widget() is monitor.widget()


def test_to_show_it_begins_and_another_one_takes_its_place() -> None:
    """A cell that is run again leaves one thread; shown twice, it is the same one."""
    first = parlab.CpuMonitor(**ENDLESS)
    assert {"text/plain", "text/html", WIDGET} == set(first._repr_mimebundle_())
    assert WIDGET in first._repr_mimebundle_()
    assert 1 == threads()
    second = parlab.CpuMonitor(**ENDLESS)
    second._repr_mimebundle_()
    assert (False, True, "replaced") == (first.running, second.running, first._sampler.reason)
    assert 1 == threads()
    second.stop()


def test_a_block_does_not_end_the_live_one() -> None:
    """What is watched around a block is watched beside it."""
    live = parlab.CpuMonitor(**ENDLESS)
    live.widget()
    with parlab.CpuMonitor(**ENDLESS):
        assert 2 == threads()
    assert live.running
    live.stop()


@pytest.mark.parametrize("end", [parlab.CpuMonitor.close, lambda monitor: monitor.widget().close()])
def test_it_ends_with_its_widget(end) -> None:
    """Closed as a whole, or the widget alone."""
    monitor = parlab.CpuMonitor(**ENDLESS)
    monitor.widget()
    end(monitor)
    wait_until(lambda: not monitor.running)


def test_it_ends_when_nobody_holds_it() -> None:
    """A monitor that is dropped, as with ``del``, takes its thread along."""
    monitor = parlab.CpuMonitor(**ENDLESS)
    monitor.widget()
    del monitor
    gc.collect()
    wait_until(lambda: threads() == 0)


def test_a_kernel_without_widgets_still_has_words(monkeypatch) -> None:
    """It says how to get them, and watches nothing that nobody sees."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monitor = parlab.CpuMonitor()
    forms = monitor._repr_mimebundle_()
    assert {"text/plain", "text/html"} == set(forms)
    assert all("pip install 'parlab[lab]'" in text for text in forms.values())
    assert "Watches how busy each core is for 30 s" in forms["text/plain"]
    assert 0 == threads()


def test_before_it_has_watched_there_is_nothing() -> None:
    """An empty frame with its columns, and a chart that says why there is none."""
    monitor = parlab.CpuMonitor()
    assert [] == monitor.frame.to_numpy().tolist()
    with pytest.raises(InputError, match="not looked at"):
        monitor.plot()


def test_it_watches_once() -> None:
    """A second block needs a new one."""
    with parlab.CpuMonitor() as monitor:
        pass
    with pytest.raises(InputError, match="Make a new one"), monitor:
        pass


@pytest.mark.parametrize(
    ("given", "said"),
    [({"seconds": 0}, "seconds must be"), ({"seconds": 4000}, "to 3600"), ({"every_s": 0.01}, "from 0.1"),
     ({"every_s": True}, "every_s must be"), ({"seconds": float("nan")}, "seconds must be")],
)  # fmt: skip
def test_times_that_are_none_are_refused(given: dict, said: str) -> None:
    """The text has the range."""
    with pytest.raises(InputError, match=said):
        parlab.CpuMonitor(**given)


def test_a_limit_that_bars_cannot_show_is_said(monkeypatch) -> None:
    """A quota, or a setting, allows fewer cores at once than may be used in turn."""
    monkeypatch.setattr(module, "count", lambda: SimpleNamespace(usable=2, affinity=8, logical=8, limited_by="a quota"))
    with parlab.CpuMonitor(every_s=0.1) as monitor:
        seen(monitor)
    assert "This process may keep 2 of them busy at once (a quota)." in repr(monitor)
    monkeypatch.setattr(module, "count", lambda: SimpleNamespace(usable=8, affinity=8, logical=64, limited_by="x"))
    assert "" == parlab.CpuMonitor()._limit


def test_averages_count_stretches_by_their_length() -> None:
    """10 % for one second and 40 % for two are 30 %, and 40 % at most."""
    samples = [SimpleNamespace(time_s=1.0, percents=[10.0]), SimpleNamespace(time_s=3.0, percents=[40.0])]
    assert ([30.0], [40.0]) == tuple(map(list, np.round(averages_of(samples), 6)))


def test_every_number_of_cores_is_shown() -> None:
    """Each core has its number and its share as text; those of this process are marked where there are others."""
    for count in (1, 2, 9, 33, 256):
        percents = [float(core % 101) for core in range(count)]
        for shown in (live_bars(percents, {0}), averages_html(percents, percents, {0})):
            assert count <= shown.count(" %<")
        assert ("★" in live_bars(percents, {0})) == (count > 1)
        lines = averages_text(percents, percents, {0})
        assert count == " ".join(lines).count("core ")
        assert max(map(len, lines)) <= 80
    assert "not known" in averages_html([1.0], [1.0], None)


INTERRUPTED = """
import parlab, threading
hooks = get_ipython().events.callbacks["post_run_cell"]
before = len(hooks)
monitor = parlab.CpuMonitor(seconds=3600)
display(monitor)
print("watching:", monitor.running, len(hooks) - before)
raise KeyboardInterrupt
"""
LOOK = """
monitor._sampler._thread.join()
print("left:", monitor._sampler.reason, len(hooks) - before)
"""
EXIT = "import parlab; monitor = parlab.CpuMonitor(seconds=3600); monitor.widget(); print(monitor.running)"


def test_it_does_not_keep_a_process_from_ending() -> None:
    """A kernel that is shut down, or a script at its end, takes it along without a word."""
    done = subprocess.run([sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=60, check=False)
    assert (0, "True\n", "") == (done.returncode, done.stdout, done.stderr)


def test_an_interrupted_cell_ends_it(kernel) -> None:
    """In a real kernel: the cell is interrupted, and after it nothing watches; the kernel's hook is gone."""
    _, client = kernel
    reply, shown = outcome(client, client.execute(INTERRUPTED))
    assert ("error", "KeyboardInterrupt") == (reply["status"], reply["ename"])
    assert "watching: True 1" in shown
    _, shown = outcome(client, client.execute(LOOK))
    assert "left: interrupted 0" in shown
