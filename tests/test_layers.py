"""The layer rule of the design: a module imports only from lower lines, and nothing imports in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "parlab"

# From top to bottom; a unit is a module of parlab or a subpackage of it.
LAYERS = (
    ("entry", {"__main__"}),
    ("faces", {"cli", "notebook"}),
    ("reporting", {"report"}),
    ("teaching", {"learn"}),
    ("explaining", {"compared", "explained", "fitted", "planned"}),
    ("charts", {"options", "plots", "progress", "tables"}),
    ("judging", {"analysis"}),
    ("running", {"measure"}),
    ("engines", {"backends"}),
    ("data", {"results", "trace"}),
    ("ground", {"capture", "machine", "workloads"}),
    ("shared arrays", {"shared_array"}),
    ("blocks", {"blocks", "forms"}),
    ("names", {"segments"}),
    ("tidiness", {"atomic", "logbook", "messages", "nesting", "temporary"}),
    ("bottom", {"codec", "dumps", "errors", "groups", "owners", "parcels", "records", "units"}),
)
DEPTH = {unit: depth for depth, (_, units) in enumerate(LAYERS) for unit in units}


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, known: dict[str, Path]) -> set[str]:
    """Every module of parlab that a file imports, at its top, in functions, or for type checking."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
        elif isinstance(node, ast.ImportFrom):
            pytest.fail(f"{path}: relative import; write the whole name")
    return {name for name in found if name in known}


def unit_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_module_has_a_layer() -> None:
    """A new module or subpackage is put on a line before it can be imported."""
    units = {unit_of(name) for name in modules()} - {""}
    assert set() == units - set(DEPTH)


def test_imports_point_down() -> None:
    """No module imports from its own line or a higher one, save from its own subpackage; only faces see everything."""
    known = modules()
    wrong = []
    for name, path in known.items():
        unit = unit_of(name)
        for target in imports_of(path, known):
            other = unit_of(target)
            if unit and other and other != unit and DEPTH[other] <= DEPTH[unit]:
                wrong.append(f"{name} imports {target}")
    assert [] == wrong


def test_no_import_cycles() -> None:
    """Modules can be put in an order in which each one comes after what it imports when it is loaded."""
    known = modules()
    graph = {}
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        graph[name] = _top_level(tree, known) - {name}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def _top_level(tree: ast.Module, known: dict[str, Path]) -> set[str]:
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
    return found & set(known)


def test_the_rule_itself_is_strict() -> None:
    """An import that points up is found: the workloads must not know the measuring core."""
    known = modules()
    assert DEPTH["measure"] < DEPTH["workloads"]
    assert "parlab.measure.trial" in imports_of(PACKAGE / "measure" / "trial_entry.py", known)


def test_modules_stay_small() -> None:
    """No module is longer than 400 lines; about 350 is where the design wants them to end."""
    long = {name: count for name, path in modules().items() if (count := len(path.read_text().splitlines())) > 400}
    assert {} == long
