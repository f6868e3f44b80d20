"""Makes texts of a result file fit for other files, tables and pages."""

from typing import Any


def encodable(value: Any) -> Any:
    r"""Write half of a surrogate pair, which Python has for a byte that it cannot decode, as its number: ``\udce9``.

    An error that names a file whose name is no UTF-8 has such halves in its text, and so may any JSON. A result file
    keeps them as they are; a table of Arrow and a page in UTF-8 cannot. What is no text is returned as it is.
    """
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
