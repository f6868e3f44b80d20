"""Bugs that raise no error: memory that grows, results that are missing or old, segments that stay."""

from parlab.learn.bugs.record import Bug

BUGS = (
    Bug(
        name="memory-grows",
        complaint="I fork workers so that they share my big list. They only read it, and yet their memory grows.",
        broken="""
from multiprocessing import get_context
from parlab.workloads import mistakes

mistakes.keep_texts([f"line {number}" for number in range(300_000)])
with get_context("fork").Pool(1) as pool:
    total, before, after = pool.apply(mistakes.add_up_kept, (1,))
print(total, "letters; the worker's own memory has more than doubled:", after > 2 * before)
""",
        cured="""
from multiprocessing import get_context
from parlab.workloads import mistakes

mistakes.keep_lines("\\n".join(f"line {number}" for number in range(300_000)).encode())
with get_context("fork").Pool(1) as pool:
    total, before, after = pool.apply(mistakes.add_up_lines, (1,))
print(total, "letters; the worker's own memory has more than doubled:", after > 2 * before)
""",
        cause="reference counts",
        others=("leaked segment", "big arguments", "stale code"),
        needs="fork",
        why=(
            "A forked process shares its parent's pages until one of the two writes. But each Python object holds a "
            "count of who refers to it, and to read an object is to change its count: the page is copied. One large "
            "object, such as bytes or an array of numpy, has one count for everything."
        ),
        hints=(
            "Nothing was sent, and nothing was made. Then what is new in the worker's memory?",
            "Shared pages become a process's own when it writes to them. Where does reading write?",
            "Every object has a count that changes when it is read: reference counts.",
        ),
    ),
    Bug(
        name="one-is-missing",
        complaint="Four tasks, and three results. No error anywhere.",
        broken="""
from multiprocessing import get_context
from parlab.workloads import sharing

results = []
with get_context("spawn").Pool(2) as pool:
    for number in [1, 2, 0, 4]:
        pool.apply_async(sharing.invert, (number,), callback=results.append)
    pool.close()
    pool.join()
print(sorted(results), "- and no error")
""",
        cured="""
from multiprocessing import get_context
from parlab.workloads import sharing

with get_context("spawn").Pool(2) as pool:
    calls = {n: pool.apply_async(sharing.invert, (n,)) for n in [1, 2, 0, 4]}
    for number, call in calls.items():
        try:
            print(number, "gives", call.get(30))
        except ZeroDivisionError as error:
            print(number, "raised", error)
""",
        cause="lost exception",
        others=("lost worker", "stale code", "join before get"),
        why=(
            "apply_async hands you a ticket, and an error waits in it for your get(). Nobody kept the tickets. A "
            "callback is for results alone; for errors there is error_callback. A future is the same: without result() "
            "or exception() an error stays unseen."
        ),
        hints=(
            "One task had something special in its argument.",
            "What does a task do that divides by zero, and who would be told?",
            "Its error was never asked for: lost exception.",
        ),
    ),
    Bug(
        name="memory-fills-up",
        complaint="My service makes an array in shared memory for each request. After hours there is no room left.",
        broken="""
from multiprocessing import get_context
from parlab.workloads import mistakes

with get_context("spawn").Pool(2) as pool:
    names = pool.map(mistakes.make_segment, range(12))
print("The workers have ended. Segments of 1 MB that are still there:", mistakes.still_there(names))
""",
        cured="""
from multiprocessing import get_context
from parlab.workloads import mistakes

with get_context("spawn").Pool(2) as pool:
    names = pool.map(mistakes.make_and_remove_segment, range(12))
print("The workers have ended. Segments of 1 MB that are still there:", mistakes.still_there(names))
""",
        cause="leaked segment",
        others=("reference counts", "big arguments", "lost worker"),
        needs="segments",
        why=(
            "close() ends this process's use of a segment. Only unlink() removes it, and one process must do it, also "
            "after an error: in a finally, or by parlab.SharedArray in a with block. Python's own tracker removes what "
            "is left when the whole program ends, and a service never does."
        ),
        hints=(
            "The workers are gone, and their own memory with them. What outlives a process?",
            "Look what make_segment does with its segment in the end: parlab.workloads.mistakes.make_segment??",
            "It closes, and never unlinks: leaked segment.",
        ),
    ),
    Bug(
        name="old-answers",
        complaint="I mended the price in my module and imported it anew. Half of my program still takes the old one.",
        broken="""
import importlib, sys, tempfile
from multiprocessing import get_context
from parlab.workloads import mistakes

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    mistakes.write_module(folder, "def price(pieces): return 2 * pieces")
    import prices
    with get_context("spawn").Pool(1) as pool:
        print("before:", prices.price(10), "here,", pool.apply(prices.price, (10,)), "in the worker")
        mistakes.write_module(folder, "def price(pieces): return 3 * pieces")
        importlib.reload(prices)
        print("after: ", prices.price(10), "here,", pool.apply(prices.price, (10,)), "in the worker")
""",
        cured="""
import importlib, sys, tempfile
from multiprocessing import get_context
from parlab.workloads import mistakes

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    mistakes.write_module(folder, "def price(pieces): return 2 * pieces")
    import prices
    mistakes.write_module(folder, "def price(pieces): return 3 * pieces")
    importlib.reload(prices)
    with get_context("spawn").Pool(1) as pool:  # started after the change
        print("after: ", prices.price(10), "here,", pool.apply(prices.price, (10,)), "in the worker")
""",
        cause="stale code",
        others=("lost exception", "forked lock", "reference counts"),
        why=(
            "What travels to a worker is the name of the function. The worker imported the module when it first needed "
            "it, and never looks again. After a change start new workers; in notebooks %%workers tells you which pools "
            "are old."
        ),
        hints=(
            "The same function gave two answers at the same time. In how many processes is it loaded?",
            "reload acts in one process. When did the worker import the module?",
            "It still has what it imported at first: stale code.",
        ),
    ),
)
