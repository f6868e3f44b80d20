"""The commands that look at what is here: machine, engines, workloads, recorded sweeps. They measure nothing."""

import typer

from parlab.cli.output import JsonOption, print_json


def doctor(*, as_json: JsonOption = False) -> None:
    """Look at this machine: what works for parallel Python, what to watch, what to mend."""
    from dataclasses import asdict

    from parlab.analysis.doctor import diagnose
    from parlab.machine import detect
    from parlab.tables import console, print_diagnoses

    machine = detect()
    diagnoses = diagnose(machine)
    if as_json:
        print_json({"machine": asdict(machine), "checks": [asdict(one) for one in diagnoses]})
    else:
        print_diagnoses(console(), diagnoses)
    if any(one.status == "fail" for one in diagnoses):
        raise typer.Exit(1)


def list_backends(*, as_json: JsonOption = False) -> None:
    """List the ways to run tasks, and why each is or is not available here."""
    from dataclasses import asdict

    from parlab import backends
    from parlab.backends.base import Facts
    from parlab.tables import console, print_list

    rows = []
    for name, backend, reason in backends.survey():
        facts = asdict(backend.facts) if backend else dict.fromkeys(Facts.__dataclass_fields__)
        rows.append({"name": name, "available": reason is None, "reason": reason, **facts})
    if as_json:
        print_json(rows)
        return
    cells = [
        [str(row["name"]), "yes" if row["available"] else f"no: {row['reason']}", str(row["summary"])] for row in rows
    ]
    print_list(console(), ("backend", "available", "what it is"), cells)
    print("\nA start method can be chosen with a colon: processes:spawn, processes:fork, pool:forkserver.")


def list_workloads(*, as_json: JsonOption = False) -> None:
    """List the problems that parlab measures, and what each one teaches."""
    from parlab import workloads
    from parlab.tables import console, print_list

    found = [workloads.get(name) for name in workloads.names()]
    if as_json:
        keys = ("name", "title", "teaches", "bound", "options")
        print_json([{**{key: getattr(one, key) for key in keys}, "sizes": dict(one.sizes)} for one in found])
        return
    cells = [
        [one.name, ", ".join(f"{name} {count}" for name, count in one.sizes.items()), one.teaches] for one in found
    ]
    print_list(console(), ("workload", "tasks", "what it teaches"), cells)


def list_recorded(*, as_json: JsonOption = False) -> None:
    """List the sweeps that were recorded on other machines: `parlab show recorded:NAME` shows one."""
    from dataclasses import asdict

    from parlab.results import read, recorded_names
    from parlab.results.recorded import PREFIX
    from parlab.tables import console, print_list

    headers = {name: read(f"{PREFIX}{name}").header for name in recorded_names()}
    if as_json:
        print_json([{"name": name, **one.label, "sweep": asdict(one.sweep)} for name, one in headers.items()])
        return
    cells = [
        [name, one.label.get("when", ""), ",".join(map(str, one.sweep.workers)), one.label.get("where", "")]
        for name, one in headers.items()
    ]
    print_list(console(), ("recorded", "when", "workers", "where"), cells)


COMMANDS = (
    ("doctor", doctor),
    ("backends", list_backends),
    ("workloads", list_workloads),
    ("recorded", list_recorded),
)
