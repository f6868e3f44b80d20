"""Says whether a Dask cluster of others can run this task: versions, workers, and the module that the task stands in.

A module in one file is sent there; a package is refused with what to do. Nothing is measured.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.backends.dask_worker import find_module, source_digest
from parlab.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

_ALIKE = ("python", "parlab", "dask", "distributed", "cloudpickle")
_MOST_NAMED = 3


def refusal(client: "Client", address: str) -> str | None:
    """Return why the cluster of a client cannot be used, and what to do; None when it can."""
    told = client.get_versions(packages=["parlab"])
    if not told["workers"]:
        return f"the scheduler at {address} has no workers: start some with `dask worker {address} --nthreads 1`."
    others = {"the scheduler": told["scheduler"], **told["workers"]}
    here = told["client"]["packages"]
    different = list(differences(here, {who: one["packages"] for who, one in others.items()}))
    if not different:
        return None
    return f"versions differ: {'; '.join(different)}. Install the same in all places."


def differences(here: Mapping[str, str | None], others: Mapping[str, Mapping[str, str | None]]) -> Iterator[str]:
    """Say which versions differ, package by package: what pickles and messages need alike.

    Parameters
    ----------
    here
        Version by package, of this process; None where it is not installed.
    others
        The same of each of the others.
    """
    for package in _ALIKE:
        wanted = _digits(package, here.get(package))
        wrong = {who: found for who, one in others.items() if (found := _digits(package, one.get(package))) != wanted}
        if wrong:
            named = [f"{who} has {version or 'none'}" for who, version in list(wrong.items())[:_MOST_NAMED]]
            more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
            yield f"{package} is {wanted or 'not installed'} here, {', '.join(named)}{more}"


def _digits(package: str, version: str | None) -> str | None:
    """Take Python's first two numbers; its patch releases understand each other."""
    return ".".join(version.split(".")[:2]) if package == "python" and version else version


def send_module(client: "Client", task: Callable[[Any], Any]) -> None:
    """Let all workers have the module of a task.

    Raises
    ------
    InputError
        It is not there and cannot be sent, or cannot be imported there.
    """
    while isinstance(task, partial):
        task = task.func
    name = task.__module__
    if name == "__main__" or name.partition(".")[0] in ("parlab", *sys.stdlib_module_names):
        return  # travels by value; the same everywhere, since the versions are
    path = getattr(import_module(name), "__file__", None) or ""
    wanted = source_digest(path)
    lacking = _lacking(client, name, wanted)
    if not lacking:
        return
    if not _is_one_file(name, path):
        if all(found is not None for found in lacking.values()):
            return  # they have a package of that name, in whatever version: its owner's choice
        text = f"{_named(lacking)} cannot import {name!r}, and a module of a package cannot be sent alone."
        raise InputError(f"{text} Install the package there, or put the function into one file of its own.")
    try:
        client.upload_file(path)
    except Exception as problem:  # the module's own code runs there
        text = (
            f"{name!r} was sent to the Dask workers and cannot be imported there: {type(problem).__name__}: {problem}."
        )
        raise InputError(f"{text} Install there what it imports.") from problem
    lacking = _lacking(client, name, wanted)
    if lacking:
        text = f"{_named(lacking)} have another {name!r} than this one, even after it was sent."
        raise InputError(f"{text} Restart the workers, or rename the module.")


def _lacking(client: "Client", name: str, wanted: str | None) -> dict[str, str | None]:
    """Return the workers without this very source, and what they have instead."""
    found: Mapping[str, str | None] = client.run(find_module, name)
    return {address: one for address, one in found.items() if one is None or one != wanted}


def _is_one_file(name: str, path: str) -> bool:
    return "." not in name and path.endswith(".py") and Path(path).name != "__init__.py"


def _named(lacking: Mapping[str, Any]) -> str:
    more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
    return f"The Dask workers {', '.join(list(lacking)[:_MOST_NAMED])}{more}"
