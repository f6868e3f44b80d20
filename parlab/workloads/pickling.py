"""Tries out what can be pickled, for the notebooks. Nothing is unpickled here, and no workload is here."""

import pickle
import re
from typing import Any

_ADDRESS = re.compile(" at 0x[0-9a-fA-F]+")  # differs from run to run, and tells a learner nothing


def pickled(thing: Any) -> str:
    """Try whether a thing can be pickled, and so be sent to a process.

    Parameters
    ----------
    thing
        Anything.

    Returns
    -------
    str
        How many bytes that makes, or ``"no: "`` and why not, in Python's words.
    """
    try:
        return f"{len(pickle.dumps(thing)):,} bytes"
    except Exception as problem:  # whatever a thing says to being pickled is the answer
        return f"no: {_ADDRESS.sub('', str(problem))}"


def local_object() -> object:
    """Make an object of a class that stands in a function, where nobody can import it."""

    class Local:
        pass

    return Local()
