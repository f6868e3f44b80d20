"""``parlab.BenchmarkPanel``, its widgets driven from Python: what is measured, shown, refused, cancelled and left."""

import gc
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from html.parser import HTMLParser

import psutil
import pytest
import tasks
from kernels import BOUND_S, Kernel, outcome
from living import lives
from pressing import pressed

import parlab
from parlab.errors import BackendUnavailableError, InputError, InterruptedSweepError, TaskError, TrialError
from parlab.notebook import background
from parlab.notebook import panel_texts as texts
from parlab.notebook.background import running

LOOK_S, INTERRUPT_S = 0.02, 0.3
ENDLESS = {"backends": ["threads"], "workers": [2], "rounds": 1000}


def wait_until(true) -> None:
    deadline = time.monotonic() + BOUND_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(LOOK_S)


def group_of(panel: parlab.BenchmarkPanel) -> list[psutil.Process]:
    """The supervisor of what a panel measures, and everybody below."""
    supervisor = psutil.Process(panel._measurement._session._process.pid)
    return [supervisor, *supervisor.children(recursive=True)]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No test may leave a measurement behind."""
    yield
    left = running()
    if left is not None:
        left.end()
    assert left is None


@pytest.fixture(scope="module")
def done() -> tuple[parlab.BenchmarkPanel, list[str]]:
    """A panel whose Start was pressed, at its end, and the pictures that it has shown on the way."""
    return run_to_its_end(rounds=2)


def run_to_its_end(rounds: int) -> tuple[parlab.BenchmarkPanel, list[str]]:
    panel = parlab.BenchmarkPanel(tasks.double, range(20), backends=["threads"], workers=[2], rounds=rounds)
    panel.widget()
    pictures = []
    panel._face.chart.observe(lambda change: pictures.append((panel.state, change["new"])), "value")
    panel._face.start.click()
    assert panel.wait(BOUND_S)
    return panel, pictures


def test_the_chart_grows_while_it_runs(done) -> None:
    """A chart is drawn when a round is complete, at the end that of the result, each with its numbers as text."""
    panel, pictures = done
    if "running" != pictures[0][0] or pictures[0][1] == pictures[-1][1]:  # on a busy machine it looks once for both
        panel, pictures = run_to_its_end(rounds=8)
    assert "running" == pictures[0][0]
    assert pictures[0][1] != pictures[-1][1] == texts.chart(panel.view)
    assert all('alt="Chart: speedup against workers of tasks:double. threads: ' in one for _, one in pictures)


def test_the_end_is_said_with_table_and_findings(done) -> None:
    """The line of text says that it is done, and where the result is; numbers and findings stand below."""
    panel, _ = done
    face = panel._face
    assert ("finished", 100) == (panel.state, int(face.bar.value.partition('value="')[2].partition('"')[0]))
    assert 'role="status" aria-live="polite"' in face.status.value
    assert "Done after 2 rounds." in face.status.value
    assert "threads" in face.table.value
    assert "With 2 rounds no 95 % interval can be given" in face.table.value
    assert not face.form.workers.disabled


def test_the_result_goes_on(done) -> None:
    """``view`` and ``results`` are those of a sweep as ``parlab.speedup`` makes it."""
    panel, _ = done
    assert isinstance(panel.view, parlab.View)
    assert [("serial", 2), ("threads", 2)] == list(
        panel.view.rows[["backend", "rounds"]].itertuples(index=False, name=None)
    )
    assert "rounds" == panel.results.ended


def test_a_result_is_shown_without_widgets(done) -> None:
    """On a code host the panel is its purpose, table and chart."""
    panel, _ = done
    html = panel._repr_html_()
    HTMLParser().feed(html)
    assert "the function tasks:double" not in html  # it is called as in the cell
    assert "the function double" in html
    assert "<table" in html
    assert 'alt="Chart: speedup' in html
    assert "95 % interval" in repr(panel)


def test_a_new_panel_says_what_it_is_for() -> None:
    """Without a result there is text, the same on every machine, beside the widget."""
    bundle = parlab.BenchmarkPanel("photos", backends=["threads"])._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} == set(bundle)
    assert "the workload photos gets with more workers. Backends: threads." in bundle["text/html"]
    assert ".run() measures it" in bundle["text/plain"]
    assert max(map(len, bundle["text/plain"].splitlines())) <= 80


def test_without_ipywidgets_the_text_names_the_install_line(monkeypatch) -> None:
    """No form, but no failure either; and who asks for the form is told how to get it."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    panel = parlab.BenchmarkPanel()
    assert {"text/plain", "text/html"} == set(panel._repr_mimebundle_())
    assert "pip install 'parlab[lab]'" in repr(panel)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'parlab\[lab\]'"):
        panel.widget()


def test_cancel_keeps_what_is_finished_and_leaves_nobody() -> None:
    """Start again is refused; a second panel is refused, and says why; Cancel ends everything in the middle."""
    panel = parlab.BenchmarkPanel("hello", **ENDLESS)
    panel.widget()
    face = panel._face
    face.start.click()
    assert "running" == panel.state
    assert face.form.workload.disabled
    family = group_of(panel)
    face.start.click()
    assert "This panel is measuring already" in face.status.value
    second = parlab.BenchmarkPanel("primes")
    second.widget()
    second._face.start.click()
    assert "is measuring hello right now" in second._face.status.value
    with pytest.raises(InputError, match="would spoil each other"):
        parlab.speedup("primes")
    wait_until(lambda: panel._measurement.rounds_done >= 1)
    assert panel.view.summary.rounds >= 1  # in the middle
    assert "unfinished" not in [one.code for one in panel.view.findings]
    family += group_of(panel)
    face.cancel.click()
    assert panel.wait(BOUND_S)
    assert not any(map(lives, family))
    assert "cancelled" == panel.state
    assert "Nothing of it runs any more" in face.status.value
    assert panel.view.summary.rounds >= 1
    assert "stopped" in [one.code for one in panel.view.findings]
    face.cancel.click()
    assert "there is nothing to cancel" in face.status.value


def test_the_panel_in_the_way_is_cancelled_from_the_other() -> None:
    """A panel that is not seen any more can be in the way: Cancel of the one that was refused ends it."""
    long = {**ENDLESS, "size": 10**6}  # no round of it is ever complete
    first, second = parlab.BenchmarkPanel("primes", **long), parlab.BenchmarkPanel("primes", **long)
    first.start()
    second.widget()
    second._face.cancel.click()
    assert "running" == first.state  # it was not offered yet
    second._face.start.click()
    assert "Cancel in this panel ends it, too." in second._face.status.value
    second._face.cancel.click()
    assert first.wait(BOUND_S)
    assert "cancelled" == first.state
    with pytest.raises(InputError, match="No round is complete|Nothing is measured"):
        _ = first.view


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process in the middle")
def test_a_sweep_that_does_not_stop_is_killed(monkeypatch) -> None:
    """Cancel asks first; who does not listen, as one that stands still, is ended after a while."""
    monkeypatch.setattr(background, "STOP_S", 0.1)
    panel = parlab.BenchmarkPanel("hello", **ENDLESS)
    panel.start()
    wait_until(lambda: panel._measurement.event is not None)
    family = group_of(panel)
    family[0].suspend()
    panel.cancel()
    assert "cancelled" == panel.state
    wait_until(lambda: not any(map(lives, family)))


@pytest.mark.parametrize("end", ["close", "delete"])
def test_no_process_outlives_its_panel(end: str) -> None:
    """A panel that is closed, or that nobody has any more, takes its processes along."""
    panel = parlab.BenchmarkPanel("hello", **ENDLESS)
    if end == "close":
        panel.widget()
    panel.start()
    family = group_of(panel)
    if end == "close":
        panel.close()
    else:
        del panel
        gc.collect()
    assert not any(map(lives, family))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("workers", "0,-1,abc", "Workers '0,-1,abc' is not allowed: '0' is no whole number from 1 up"),
        ("workers", "", "Workers: there is no number"),
        ("workers", "99999", "99999 workers are not allowed"),
        ("size", "huge", "Size 'huge' is not allowed for primes: give small (64 tasks)"),
        ("rounds", "-1", "Rounds '-1' is not allowed"),
        ("precision", "500 %", "Precision '500 %' is not allowed"),
        ("workload", "prime", "Unknown workload 'prime'. Did you mean 'primes'?"),
    ],
)
def test_wrong_input_is_refused_in_words(field: str, value: str, told: str) -> None:
    """The line of text says what was given and what is allowed, and nothing is started."""
    panel = parlab.BenchmarkPanel()
    panel.widget()
    getattr(panel._face.form, field).value = value
    panel._face.start.click()
    status = panel._face.status.value.replace("&#x27;", "'")
    assert told in status
    assert 'role="alert"' in status
    assert "Traceback" not in status
    assert "ready" == panel.state


def test_no_backend_is_refused_in_words() -> None:
    """At least one must be ticked; those that cannot run here have no box, but a reason."""
    panel = parlab.BenchmarkPanel(backends=["threads", "processes:spawn"])
    panel.widget()
    form = panel._face.form
    assert ["threads", "processes:spawn"] == [spec for spec, tick in form.backends.items() if tick.value]
    for tick in form.backends.values():
        tick.value = False
    panel._face.start.click()
    assert "Backends: none is chosen" in panel._face.status.value
    if sys.version_info < (3, 14):
        assert "interpreters" not in form.backends
        assert any("interpreters cannot run here: " in getattr(one, "value", "") for one in form.box.children)


def test_what_nobody_has_thought_of_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is none of ours ends in one line, not in a traceback somewhere; one of ours says what to do."""
    panel = parlab.BenchmarkPanel(tasks.double, range(3), kwargs=3)
    panel.widget()
    panel._face.start.click()
    assert "Not started. kwargs must be a dict" in panel._face.status.value
    monkeypatch.setattr("parlab.notebook.background.make_job", lambda *_given: 1 + None)
    panel._face.start.click()
    assert "Not started. TypeError: " in panel._face.status.value
    assert "ready" == panel.state


@pytest.mark.parametrize("task", [lambda number: number, tasks.outer()], ids=["lambda", "local"])
def test_a_function_that_cannot_travel_is_refused_in_words(task) -> None:
    """The ways out are named; with backends that ship functions it goes."""
    panel = parlab.BenchmarkPanel(task, range(3))
    panel.widget()
    panel._face.start.click()
    assert "Three ways out" in panel._face.status.value


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"workload": "prime"}, "Did you mean 'primes'"),
        ({"backends": ["thread"]}, "Did you mean 'threads'"),
        ({"backends": "threads"}, "must be a list of names"),
        ({"workers": 2}, "must be a list of whole numbers"),
        ({"rouns": 2}, "Did you mean 'rounds'"),
        ({"items": range(3)}, "items belong to a function"),
        ({"task": tasks.double}, "needs items"),
        ({"task": tasks.double, "items": []}, "There are no items"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments: dict, told: str) -> None:
    """What the form cannot put right raises where it was written."""
    with pytest.raises(InputError, match=told):
        parlab.BenchmarkPanel(**arguments)


def test_what_was_said_in_python_stands_in_the_form() -> None:
    """And another workload brings its own sizes and usual workers, as long as nobody has changed those."""
    panel = parlab.BenchmarkPanel("primes", precision=0.025)
    panel.widget()
    form = panel._face.form
    assert ("small", "", "2.5 %") == (form.size.value, form.rounds.value, form.precision.value)
    usual = form.workers.value
    form.workload.value = "downl"  # half typed
    assert "Type one of these: customers, download, " in form.about.value
    form.workload.value = "download"
    assert "8" in form.workers.value.split(", ")  # who waits needs no core
    assert "Fetch pages from a slow server" in form.about.value
    form.workload.value = "primes"
    assert usual == form.workers.value
    form.workers.value = "3"
    form.workload.value = "download"
    assert "3" == form.workers.value


def test_a_failing_task_is_told() -> None:
    """The error of the worker stands in the panel; ``run`` and ``view`` raise it."""
    panel = parlab.BenchmarkPanel(tasks.refuse_three, range(6), backends=["threads"], workers=[2])
    panel.widget()
    with pytest.raises(TaskError, match=r"no threes(.|\n)*on_error=\"skip\""):
        panel.run()
    assert "failed" == panel.state
    assert "Failed after 0 rounds" in panel._face.status.value
    assert "no threes" in panel._face.status.value
    with pytest.raises(TaskError, match="no threes"):
        _ = panel.view


def test_run_ends_in_time() -> None:
    """Without a click: what takes longer than it may is cancelled, and a round that is not complete is said."""
    panel = parlab.BenchmarkPanel("primes", size=10**6, **ENDLESS)
    with pytest.raises(InputError, match="it was cancelled before"):
        panel.run(timeout_s=0.1)
    assert "cancelled" == panel.state


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill cannot interrupt there")
def test_an_interrupt_while_waiting_cancels(monkeypatch) -> None:
    """Whoever interrupts a cell that waits wants an end, and waits for it: also where the signal ends a join."""
    monkeypatch.setattr("parlab.notebook.panel._LOOK_S", BOUND_S)  # so that it does
    panel = parlab.BenchmarkPanel("hello", **ENDLESS)
    panel.start()
    with pytest.raises(InterruptedSweepError, match="nothing runs any more"), pressed(joins):
        panel.wait()
    assert "cancelled" == panel.state


def joins() -> bool:
    """Tell whether the main thread waits in ``threading`` for what ``panel.wait`` waits for."""
    frame = sys._current_frames()[threading.main_thread().ident]
    stack = [one.f_code for one, _ in traceback.walk_stack(frame)]
    return stack[0].co_filename == threading.__file__ and parlab.BenchmarkPanel.wait.__code__ in stack


def test_the_panel_says_how_the_next_cell_finds_it(kernel: Kernel) -> None:
    """By its name in the notebook; a panel without one by the number of its cell."""
    _, client = kernel
    outcome(client, client.execute("import parlab; panel = parlab.BenchmarkPanel()"))
    outcome(client, client.execute("parlab.BenchmarkPanel()"))
    code = "from parlab.notebook.panel import _name_in_notebook as name; print(name(panel), name(_))"
    assert "panel _2\n" == outcome(client, client.execute(code))[1]


def test_the_stop_button_and_the_end_of_the_kernel_end_it(kernel: Kernel) -> None:
    """The kernel is free while it measures; its stop button ends it, though no cell runs, and so does its shutdown."""
    manager, client = kernel
    below = psutil.Process(manager.provisioner.pid)
    code = f"import parlab; panel = parlab.BenchmarkPanel('hello', **{ENDLESS!r}); panel.start()"
    assert "ok" == outcome(client, client.execute(code))[0]["status"]
    assert "running\n" == outcome(client, client.execute("print(panel.state)"))[1]

    def stopped() -> bool:
        time.sleep(INTERRUPT_S)
        manager.interrupt_kernel()  # again and again: the first may come before anybody listens
        return not below.children(recursive=True)

    wait_until(stopped)
    assert "cancelled\n" == outcome(client, client.execute("panel.wait(); print(panel.state)"))[1]
    assert "ok" == outcome(client, client.execute("panel.start()"))[0]["status"]
    family = below.children(recursive=True)
    assert family
    manager.shutdown_kernel()
    wait_until(lambda: not any(map(lives, family)))


def test_others_have_their_turn_whatever_ends_a_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody thought of is told, and does not block every later measurement."""

    def broken(_path: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(background, "read", broken)
    panel = parlab.BenchmarkPanel(tasks.double, range(4), backends=["threads"], workers=[1], rounds=1)
    panel.start()
    assert panel.wait(BOUND_S)
    wait_until(lambda: running() is None)
    assert "failed" == panel.state
    assert panel._measurement is not None
    assert isinstance(panel._measurement.error, TrialError)
    assert "RuntimeError: out of luck" in str(panel._measurement.error)
