"""The registry of engines: a name, or a name and an option, becomes a backend. Engines are imported when asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parlab.backends.base import Backend

__all__ = ["get", "names", "require", "survey"]

GROUP = "parlab.backends"  # entry points of third parties

_HOMES = {
    "serial": "parlab.backends.serial:SerialBackend",
    "threads": "parlab.backends.threads:ThreadsBackend",
    "pool": "parlab.backends.pool:PoolBackend",
    "processes": "parlab.backends.processes:ProcessesBackend",
    "interpreters": "parlab.backends.interpreters:InterpretersBackend",
    "loky": "parlab.backends.loky:LokyBackend",
    "dask": "parlab.backends.dask:DaskBackend",
    "joblib": "parlab.backends.joblib:JoblibBackend",
    "mpi": "parlab.backends.mpi:MpiBackend",
    "ray": "parlab.backends.ray:RayBackend",
}


def names() -> tuple[str, ...]:
    """Return the names of all backends, ours first and then what other packages have registered."""
    return (*_HOMES, *sorted(set(_foreign()) - set(_HOMES)))


def get(spec: str) -> "Backend":
    """Make the backend that a spec names.

    Parameters
    ----------
    spec
        ``"threads"``, ``"processes"``, ``"processes:spawn"``.

    Raises
    ------
    InputError
        There is no such backend or option; the text lists those that are there. Whether the engine can run here is
        another question: ``Backend.availability`` answers it.
    """
    name, colon, option = spec.partition(":")
    if name in _HOMES:
        from importlib import import_module

        module, _, attribute = _HOMES[name].partition(":")
        kind = getattr(import_module(module), attribute)
    else:
        foreign = _foreign()
        if name not in foreign:
            from parlab.errors import unknown_choice

            raise unknown_choice("backend", name, names(), "`parlab backends` tells what each one is.")
        kind = _load(foreign[name])
    backend: Backend = kind(option if colon else None)
    return backend


def require(spec: str) -> "Backend":
    """Make a backend and refuse it when its engine cannot run here.

    Raises
    ------
    InputError
        There is no such backend.
    BackendUnavailableError
        Its engine is missing; the text says why and how to get it.
    """
    from parlab.errors import BackendUnavailableError

    backend = get(spec)
    reason = backend.availability()
    if reason is not None:
        raise BackendUnavailableError(f"The backend {spec!r} cannot run here: {reason}")
    return backend


def survey() -> list[tuple[str, "Backend | None", str | None]]:
    """Look at every backend: its name, the backend (None: a broken plug-in), and why it cannot run (None: it can)."""
    from parlab.errors import BackendUnavailableError

    found: list[tuple[str, Backend | None, str | None]] = []
    for name in names():
        try:
            backend = get(name)
        except BackendUnavailableError as problem:
            found.append((name, None, str(problem)))
        else:
            found.append((name, backend, backend.availability()))
    return found


def _load(point: "EntryPoint") -> "type[Backend]":
    from parlab.errors import BackendUnavailableError

    try:
        kind: type[Backend] = point.load()
    except Exception as problem:  # another package's code runs here
        message = f"The plug-in {point.name!r} ({point.value}) cannot be loaded: {type(problem).__name__}: {problem}."
        raise BackendUnavailableError(f"{message} Mend or uninstall the package that brings it.") from problem
    return kind


def _foreign() -> dict[str, "EntryPoint"]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
