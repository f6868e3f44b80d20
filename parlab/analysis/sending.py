"""Says when it pays to send work to other machines: a small model of computing and of one line. It measures nothing."""

from math import isfinite

from parlab.errors import InputError


def speedup_of_sending(compute_s: float, sent_bytes: float, *, rate_bytes_per_s: float, machines: int) -> float:
    """Say how many times as fast several machines are as one, when the data must travel to them first.

    All data leave one machine by one line, then the machines compute, so ``c / (c / k + b / r)``: the worst case,
    because in truth some of both goes on at once. Results are taken to be small, and the machines to be alike.

    Parameters
    ----------
    compute_s
        How long one machine computes, with all of its cores.
    sent_bytes
        What travels for that work.
    rate_bytes_per_s
        Of the line.
    machines
        How many share the work.

    Returns
    -------
    float
        Below 1 where it is slower than to stay at home. It never exceeds ``machines``.

    Raises
    ------
    InputError
        A number is below zero, or nothing is computed.
    """
    given = {"compute_s": compute_s, "rate_bytes_per_s": rate_bytes_per_s, "machines": machines}
    for name, value in given.items():
        if not (isfinite(value) and value > 0):
            raise InputError(f"{name} is {value}. Give a number above 0.")
    if not (isfinite(sent_bytes) and sent_bytes >= 0):
        raise InputError(f"sent_bytes is {sent_bytes}. Give a number of bytes, 0 or more.")
    return compute_s / (compute_s / machines + sent_bytes / rate_bytes_per_s)
