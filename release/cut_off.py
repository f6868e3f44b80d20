"""Runs a command with no network but 127.0.0.1, in a network namespace of its own. Linux.

usage: cut_off.py COMMAND …        ends with its code; 125 where no such namespace can be made
"""

import os
import socket
import struct
import subprocess
import sys

CANNOT = 125
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_OUTSIDE = ("192.0.2.1", 443)  # an address for documentation: nobody answers there, but a network would carry it


def raise_loopback() -> None:
    """Switch on 127.0.0.1, which is down in a new namespace."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack_from("16sH", fcntl.ioctl(probe, _SIOCGIFFLAGS, asked))
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def is_cut_off() -> bool:
    """Tell whether nothing but this machine can be reached: the system itself says that there is no way."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(_OUTSIDE)
        except TimeoutError:
            return False
        except OSError:
            return True
    return False


def main(words: list[str]) -> int:  # noqa: RET503  # execvp does not come back
    """Begin again inside, then become the command."""
    if words[:1] != ["--inside"]:
        options = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        line = ["unshare", "--net", *options, "--", sys.executable, __file__, "--inside", *words]
        try:
            return subprocess.run(line, check=False).returncode
        except OSError as problem:
            print(f"cut_off.py: {problem}", file=sys.stderr)
            return CANNOT
    raise_loopback()
    if not is_cut_off():
        print("cut_off.py: there is still a network", file=sys.stderr)
        return CANNOT
    os.execvp(words[1], words[1:])  # noqa: S606  # the caller's own command, no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
