"""Plays the queue of an engine, event by event: one parent that sends messages, workers that each do one at a time.

Whoever is free first gets the next message (list scheduling: R. L. Graham, "Bounds on multiprocessing timing
anomalies", 1969), and the parent serves one request after the other. So the time is bounded from below by the work over
the workers, by the longest message, and by what the parent needs for all messages; and all three meet in the answer.
Many variants of the same queue are played at once, as rows of arrays. Nothing here is random, and nothing is measured.
"""

from dataclasses import dataclass

import numpy as np

from parlab.analysis.traces import Numbers


@dataclass(frozen=True, slots=True)
class Played:
    """What came of each variant, an entry for each, in seconds; the last three are worker-seconds.

    ``work_s + dispatch_s + tail_s`` is the number of workers times ``elapsed_s``.
    """

    elapsed_s: Numbers  # from the first request to the end of the last task
    work_s: Numbers  # inside messages
    dispatch_s: Numbers  # workers waited for their message: for the parent, and for its way
    tail_s: Numbers  # workers were idle because no message was left


def play(work_s: Numbers, workers: int, sending_s: Numbers, travelling_s: Numbers) -> Played:
    """Play the queue until all messages are done.

    Parameters
    ----------
    work_s
        How long each message keeps a worker, of the shape (variants, messages); they are given out in this order.
    workers
        From 1 up.
    sending_s
        What the parent needs for a message, one after the other; an entry for each variant.
    travelling_s
        What else passes for a message before its worker can begin; that of several messages passes at once.

    Raises
    ------
    ValueError
        There is no worker, or a time is below zero or not a number.
    """
    if workers < 1:
        raise ValueError("a queue needs at least one worker")
    if not all(bool(np.all(one >= 0)) for one in (work_s, sending_s, travelling_s)):
        raise ValueError("times are numbers from 0 up")
    variants, messages = work_s.shape
    rows = np.arange(variants)
    free_s, sender_s = np.zeros((variants, workers)), np.zeros(variants)
    for message in range(messages):
        first = free_s.argmin(axis=1)
        sender_s = np.maximum(free_s[rows, first], sender_s) + sending_s
        free_s[rows, first] = sender_s + travelling_s + work_s[:, message]
    elapsed_s, inside_s = free_s.max(axis=1), work_s.sum(axis=1)
    ended_s = free_s.sum(axis=1)
    return Played(elapsed_s, inside_s, ended_s - inside_s, workers * elapsed_s - ended_s)


def in_messages(task_s: Numbers, chunksize: int) -> Numbers:
    """Add up the tasks of each message: ``chunksize`` of them in a row, fewer in the last.

    Parameters
    ----------
    task_s
        Of the shape (variants, tasks).
    chunksize
        Tasks in a message, from 1 up.
    """
    return np.add.reduceat(task_s, np.arange(0, task_s.shape[1], chunksize), axis=1)
