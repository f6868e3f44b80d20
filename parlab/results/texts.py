"""Makes texts of a result file fit for other files, tables and pages."""

from typing import Any


def encodable(value: Any) -> Any:
    """Return a text with a replacement mark for half a character, which Python writes for a byte that it cannot decode.

    Names of files may hold such bytes, and a result file keeps them as they are; a table of Arrow and a page in UTF-8
    cannot. What is no text is returned as it is.
    """
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
