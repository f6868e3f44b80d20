"""How a thing with a widget is offered to a notebook: with words that do without it, and how to get what is missing."""

from collections.abc import Callable
from typing import Any

from parlab.learn.quizzing import with_widget

TABLE = "line-height: 1.3; border-spacing: 14px 3px"  # widgets have no look for tables
INSTALL = "pip install 'parlab[lab]'"
_VIEW = "application/vnd.jupyter.widget-view+json"


def import_ipywidgets(what: str) -> Any:
    """Return the module ipywidgets.

    Raises
    ------
    ImportError
        It is not installed; the text says what for it is needed, and how to get it.
    """
    try:
        import ipywidgets  # type: ignore[import-untyped]
    except ImportError as missing:
        raise ImportError(_missing(what)) from missing
    return ipywidgets


def offered(bundle: dict[str, Any], make: Callable[[], Any], what: str) -> dict[str, Any]:
    """Add a widget to the forms that something can be shown in; without ipywidgets they say how to get it."""
    found = with_widget(bundle, make)
    if _VIEW in found:
        return found
    return bundle | {
        "text/plain": f"{bundle['text/plain']}\n{_missing(what)}",
        "text/html": f"{bundle['text/html']}<p>{_missing(what)}</p>",
    }


def _missing(what: str) -> str:
    return f"{what} need ipywidgets, which is not installed here. Get it with: {INSTALL}"
