"""What faulthandler writes, said in a learner's words."""

from pathlib import Path

from parlab.learn.stacks import in_words

OWN = Path("/notebooks/answer.py")
ROOT = f"""Thread 0x1 (most recent call first):
  File "/python/threading.py", line 324 in wait
  File "/python/queue.py", line 180 in get

Current thread 0x2 (most recent call first):
  File "/python/multiprocessing/popen_fork.py", line 40 in wait
  File "/python/multiprocessing/process.py", line 149 in join
  File "{OWN}", line 7 in share_out
  File "/parlab/learn/runner.py", line 99 in _called
"""
WORKER = """Thread 0x1 (most recent call first):
  File "/python/multiprocessing/connection.py", line 216 in recv_bytes
  File "/python/multiprocessing/pool.py", line 114 in worker
"""
TASK = """Current thread 0x1 (most recent call first):
  File "/parlab/learn/probes.py", line 200 in meet
  File "/parlab/learn/probes.py", line 60 in square
  File "/python/multiprocessing/process.py", line 108 in run
"""
SERVER = """Current thread 0x1 (most recent call first):
  File "/python/selectors.py", line 468 in select
  File "/python/multiprocessing/forkserver.py", line 216 in main
"""


def test_each_process_has_its_line() -> None:
    """The learner's own line, what it waits for, idle workers and the check's task; helpers of Python are left out."""
    said = in_words([(True, ROOT), (False, SERVER), (False, WORKER), (False, TASK)], OWN)
    assert said[0].startswith("your function's process: line 7, in share_out")
    assert "waits in join() for a process to end" in said[0]
    assert said[1].endswith("a pool's worker without a task")
    assert said[2].endswith("is in the check's task and waits for a second worker")
    assert 3 == len(said)


def test_nothing_was_written() -> None:
    """A process that said nothing has no line."""
    assert () == in_words([(True, ""), (False, "garbage\n")], OWN)


FEEDING = """Current thread 0x1 (most recent call first):
  File "/python/threading.py", line 1116 in join
  File "/python/multiprocessing/queues.py", line 199 in _finalize_join
  File "/python/multiprocessing/util.py", line 224 in __call__
"""
LISTENING = """Current thread 0x1 (most recent call first):
  File "/python/multiprocessing/connection.py", line 216 in recv_bytes
  File "/python/multiprocessing/queues.py", line 103 in get
  File "/parlab/learn/probes_talking.py", line 40 in square_until_none
  File "/python/multiprocessing/process.py", line 108 in run
"""


def test_what_holds_up_a_process_with_a_queue() -> None:
    """One that has put in too much says so; one in a check's task says what it waits for."""
    feeding, listening = in_words([(False, FEEDING), (False, LISTENING)], OWN)
    assert feeding.endswith("has ended its function, and waits until somebody takes out what it has put into a queue")
    assert listening.endswith("is in the check's task, and waits for a message that has not come")
