"""Importing parlab is light and changes nothing: every worker pays for what stands at the top of a module."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from parlab import workloads

PACKAGE = Path(__file__).parents[1] / "parlab"
HEAVY = {"pandas", "matplotlib", "scipy", "ipywidgets", "rich", "typer", "pyarrow", "tqdm", "jinja2"}
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)


def fresh(code: str) -> object:
    """Run code in a fresh interpreter and return what it prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [*workloads.names(), "purchases"])
def test_a_workload_imports_nothing_heavy(name: str) -> None:
    """A fresh interpreter that imports a workload has loaded no chart, table or frame library."""
    loaded = fresh(f"import sys, json, parlab.workloads.{name}; print(json.dumps(sorted(sys.modules)))")
    assert set() == HEAVY & set(loaded)


def test_importing_parlab_loads_nothing_of_it() -> None:
    """``import parlab`` brings the package's face and no other module of it."""
    loaded = fresh("import sys, json, parlab; print(json.dumps(sorted(m for m in sys.modules if 'parlab' in m)))")
    assert ["parlab"] == [name for name in loaded if not name.startswith("__editable__")]


def test_the_supervisor_is_light() -> None:
    """The supervisor loads neither numpy nor a chart or frame library: nothing of it disturbs what is measured."""
    loaded = fresh("import sys, json, parlab.measure.supervisor; print(json.dumps(sorted(sys.modules)))")
    assert set() == (HEAVY | {"numpy"}) & set(loaded)


def test_public_names_are_found_late() -> None:
    """Every name in ``__all__`` resolves, and an unknown one is refused with the list."""
    import parlab

    assert sorted(parlab.__all__) == dir(parlab)
    assert all(getattr(parlab, name) is not None for name in parlab.__all__)
    with pytest.raises(AttributeError, match="speedup"):
        parlab.no_such_name  # noqa: B018


SIDE_EFFECTS = """
import json, os, sys, threading, warnings, signal, logging, importlib
def state():
    return {
        "environment": dict(os.environ), "path": list(sys.path), "threads": threading.active_count(),
        "signals": {s.name: str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)},
        "filters": len(warnings.filters), "handlers": len(logging.getLogger().handlers),
        "folder": sorted(os.listdir(".")),
        "descriptors": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
        "children": open(f"/proc/self/task/{os.getpid()}/children").read() if os.path.exists("/proc/self/task") else "",
        "excepthook": str(sys.excepthook), "recursion": sys.getrecursionlimit(),
    }
import multiprocessing, numpy, pandas, matplotlib.figure, scipy.stats, PIL.Image
import rich, typer, psutil, loky, tqdm.auto
before = state()
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
after = state()
start = multiprocessing.get_start_method(allow_none=True)
print(json.dumps([key for key in before if before[key] != after[key]] + ([] if start is None else ["start method"])))
"""


def test_no_module_has_side_effects(tmp_path: Path) -> None:
    """Importing every module of parlab changes no environment, path, thread, signal, filter, file or start method."""
    done = subprocess.run(
        [sys.executable, "-c", SIDE_EFFECTS, json.dumps(MODULES)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
    )
    assert [] == json.loads(done.stdout)
