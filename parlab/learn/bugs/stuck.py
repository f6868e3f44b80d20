"""Bugs that hang or break off. Each hang is ended at a deadline, and every process says where it was."""

from parlab.learn.bugs.record import Bug

_HANG_S = 2.0

BUGS = (
    Bug(
        name="never-comes-back",
        complaint="It worked for months. Since the data got larger, map never comes back, and no core is busy.",
        broken="""
from multiprocessing import get_context
from parlab.workloads import mistakes

with get_context("spawn").Pool(2) as pool:
    print(pool.map(mistakes.square_or_die, range(6), chunksize=1))
""",
        cured="""
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
import parlab
from parlab.workloads import mistakes

with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
    try:
        print(list(executor.map(mistakes.square_or_die, range(6))))
    except BrokenProcessPool:
        print("ProcessPoolExecutor: BrokenProcessPool")
with parlab.pool(2, start_method="spawn") as workers:
    for number, result in enumerate(workers.map(mistakes.square_or_die, range(6), return_exceptions=True)):
        print("parlab.pool:", number, result if isinstance(result, int) else type(result).__name__)
""",
        cause="lost worker",
        others=("join before get", "lost exception", "forked lock"),
        deadline_s=_HANG_S,
        why=(
            "The system ended a worker in the middle of its task, as it does when memory runs out. Pool starts a new "
            "worker, and nobody does the task again: its result never comes. ProcessPoolExecutor notices and raises. "
            "parlab.pool also finds out which task it was, and gets the others done."
        ),
        hints=(
            "Where is everybody at the deadline? Is anybody at work?",
            "The workers wait for tasks, map waits for a result. Then one task is with nobody.",
            "Its worker is gone, and a new one is there: lost worker.",
        ),
    ),
    Bug(
        name="fails-as-a-script",
        complaint="In the notebook it works. As a script on my colleague's laptop it stops with pages of errors.",
        broken="""
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from parlab.workloads.sharing import invert

with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
    print(list(executor.map(invert, [1, 2, 4])))
""",
        cured="""
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from parlab.workloads.sharing import invert

if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        print(list(executor.map(invert, [1, 2, 4])))
""",
        cause="no main guard",
        others=("stale code", "lost worker", "lost exception"),
        how="script",
        why=(
            "Under spawn and forkserver a new process imports the script, to find what it needs. Everything at the top "
            "of the script then runs again, the pool included, in every worker. What shall run once stands under "
            'if __name__ == "__main__", which is true in the first process alone.'
        ),
        hints=(
            "Who runs the line with the pool? Count the processes.",
            "A spawned process begins by importing your script. What happens in it then?",
            "Nothing keeps the workers from starting a pool of their own: no main guard.",
        ),
    ),
    Bug(
        name="the-last-line-hangs",
        complaint="With small results all is well. With large ones the program hangs at join.",
        broken="""
from multiprocessing import get_context
from parlab.workloads import mistakes

context = get_context("spawn")
queue = context.Queue()
child = context.Process(target=mistakes.send_a_million, args=(queue,))
child.start()
child.join()
print(len(queue.get()), "bytes")
""",
        cured="""
from multiprocessing import get_context
from parlab.workloads import mistakes

context = get_context("spawn")
queue = context.Queue()
child = context.Process(target=mistakes.send_a_million, args=(queue,))
child.start()
print(len(queue.get(timeout=30)), "bytes")
child.join()
""",
        cause="join before get",
        others=("lost worker", "forked lock", "big arguments"),
        deadline_s=_HANG_S,
        why=(
            "A pipe holds some tens of thousands of bytes. The child's queue has a thread that writes the rest as soon "
            "as somebody reads, and the child does not end before it is done. The parent waits for the child's end and "
            "does not read. Read first, then join."
        ),
        hints=(
            "Two processes wait. For what does each?",
            "The child wants to end, and cannot as long as its message does not fit into the pipe.",
            "The parent reads only after the join: join before get.",
        ),
    ),
    Bug(
        name="hangs-sometimes",
        complaint="A thread of mine writes a log, and I fork workers. Once a week a worker hangs at its first line.",
        broken="""
import threading, time
from multiprocessing import get_context
from parlab.workloads import mistakes

writer = threading.Thread(target=mistakes.hold_lock, args=(0.5,))
writer.start()
time.sleep(0.1)
with get_context("fork").Pool(1) as pool:
    print(pool.apply(mistakes.take_lock, (1,)))
""",
        cured="""
import threading, time
from multiprocessing import get_context
from parlab.workloads import mistakes

writer = threading.Thread(target=mistakes.hold_lock, args=(0.5,))
writer.start()
time.sleep(0.1)
with get_context("spawn").Pool(1) as pool:
    print(pool.apply(mistakes.take_lock, (1,)))
""",
        cause="forked lock",
        others=("lost worker", "join before get", "no main guard"),
        needs="fork",
        deadline_s=_HANG_S,
        why=(
            "fork copies memory, locks included, but only the thread that called it. The copy of the lock is held, and "
            "the thread that would let go of it does not exist there. spawn and forkserver copy no locks. This is why "
            "Python no longer forks by default on any system from 3.14 on."
        ),
        hints=(
            "For what does the worker wait, and who could give it?",
            "At the moment of the fork a thread held the lock. Is that thread in the child?",
            "The child has the lock, and not its holder: forked lock.",
        ),
    ),
)
