"""Loads the pages' templates. Every text goes through one gate: it is cleaned and escaped."""

from functools import cache
from typing import TYPE_CHECKING, Any

from parlab.errors import harmless

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> "Template":
    """Return a template of the folder ``pages``."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("parlab.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _printable(value: Any) -> Any:
    """Replace control characters, among them those that turn the direction of writing; HTML made by us stays."""
    return harmless(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
