"""What many wrong answers begin with, and words that their advice has in common."""

HEAD = (
    "import multiprocessing, os, statistics, sys, time\n"
    "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n"
    "from functools import partial\n\n"
)

SERIAL = "return [task(item) for item in items]"
THREADS = "with ThreadPoolExecutor(2) as executor:\n        return list(executor.map(task, items))"
POOL = "with multiprocessing.Pool(2) as pool:\n        "

LOOPS = "loops = [(before * after) ** 0.5 for before, after in serial_s]\n    "
RATIOS = LOOPS + "ratios = [loop / parallel for loop, parallel in zip(loops, parallel_s)]\n    "

ONE_PROCESS, IN_TURN, THREADED = "one process did all the work", "worked in turn", "threads of one process"
