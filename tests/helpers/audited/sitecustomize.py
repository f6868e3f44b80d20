"""Notes every socket that a Python program binds, in the file that a variable names; imported at Python's start."""

import json
import os
import stat
import sys

_PLACE = os.environ.get("PARLAB_BINDS", "")


def _note(event: str, arguments: tuple) -> None:
    if event != "socket.bind":
        return
    address = arguments[1]
    line = {"process": os.getpid(), "program": " ".join(sys.orig_argv[:6])[-200:]}
    if isinstance(address, tuple):
        line |= {"host": str(address[0]), "port": address[1]}
    else:
        text = os.fsdecode(address)
        line["path"] = text
        if text and text[0] != "\0":
            state = os.stat(os.path.dirname(text) or ".")  # noqa: PTH116, PTH120  # before pathlib is imported
            line |= {"mode": stat.S_IMODE(state.st_mode), "mine": state.st_uid == os.getuid()}
    place = os.open(_PLACE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(place, json.dumps(line).encode() + b"\n")
    os.close(place)


if _PLACE:
    sys.addaudithook(_note)
