"""Bugs that make a program slower than it must be. The findings of a sweep say why."""

from parlab.learn.bugs.record import Bug

BUGS = (
    Bug(
        name="slower-with-two",
        complaint="My loop does 800 small ranges of primes. I gave them to two processes, and it got slower.",
        broken="""
from parlab.notebook.symptoms import examine

ranges = [(1_000_000, 1_000_100)] * 800
examine("parlab.workloads.primes:count_primes", ranges, chunksize=1)
""",
        cured="""
from parlab.notebook.symptoms import examine

ranges = [(1_000_000, 1_010_000)] * 8
examine("parlab.workloads.primes:count_primes", ranges, chunksize=1)
""",
        cause="tiny tasks",
        others=("big arguments", "uneven tasks", "fewer cores than it seems"),
        why=(
            "Each task is packed, sent, unpacked, and its result goes the same way back. A task of a fraction of a "
            "millisecond is done before its neighbour has arrived. The same numbers in eight ranges are eight journeys."
        ),
        hints=(
            "How long does one task take, and what does it cost to give it to a worker? A finding says both.",
            "The argument is two numbers, so its size is no matter. How many of them travel?",
            "800 journeys, each longer than its task: tiny tasks.",
        ),
    ),
    Bug(
        name="busy-and-slow",
        complaint="I add up blocks of bytes. All cores are busy, and the plain loop is still faster by far.",
        broken="""
from parlab.notebook.symptoms import examine

examine("payload", size=8)
""",
        cured="""
from parlab.notebook.symptoms import examine

examine("parlab.workloads.mistakes:make_and_add_up", range(8))
""",
        cause="big arguments",
        others=("tiny tasks", "memory bandwidth", "too many threads"),
        why=(
            "Each block of 4 MiB is pickled here, pushed through a pipe and unpickled there. That takes longer than to "
            "add it up. The cure sends what it takes to make the block, here a number; in a program of yours it is "
            "the name of a file, the place in an array, or the handle of shared memory (notebook 08)."
        ),
        hints=(
            "A finding says how much travels with each task.",
            "The tasks are few, so the number of journeys is no matter. What is in each?",
            "Megabytes travel for a sum: big arguments.",
        ),
    ),
    Bug(
        name="one-still-works",
        complaint="At first both workers are busy. Then one has nothing to do, and I wait for the other.",
        broken="""
from parlab.notebook.symptoms import examine
from parlab.workloads import skewed

ranges = skewed.items(64)
examine("parlab.workloads.primes:count_primes", ranges, chunksize=32)
""",
        cured="""
from parlab.notebook.symptoms import examine
from parlab.workloads import skewed

ranges = sorted(skewed.items(64), key=lambda bounds: bounds[0] - bounds[1])
examine("parlab.workloads.primes:count_primes", ranges, chunksize=1)
""",
        cause="uneven tasks",
        others=("tiny tasks", "lost worker", "memory bandwidth"),
        why=(
            "Two packets of 32 tasks, and the longest tasks lie in one of them. Nobody can take work out of a packet "
            "that is on its way. The cure sends every task alone, the longest first: then the short ones fill the end."
        ),
        hints=(
            "The whole work is the same. Which worker had how much of it?",
            "64 tasks in packets of 32 are two packets. What if one holds the longest tasks?",
            "Most of the work lies with one worker: uneven tasks.",
        ),
    ),
    Bug(
        name="no-faster-than-one",
        complaint="My arrays are large, numpy does the work, nothing travels. And two cores are hardly faster.",
        broken="""
import parlab
from parlab.notebook.symptoms import examine, show

view = parlab.View.read("recorded:triad-2-cores")
print(view.summary.origin)
show(view)
print("Here:")
examine("parlab.workloads.mistakes:pass_by_pass", [1.0] * 4)
""",
        cured="""
from parlab.notebook.symptoms import examine

examine("parlab.workloads.mistakes:block_by_block", [1.0] * 4)
""",
        cause="memory bandwidth",
        others=("big arguments", "too many threads", "tiny tasks"),
        why=(
            "Eight passes over 16 MB fetch every number eight times from memory, and all cores share it. The cure does "
            "all eight passes on a piece that fits into a core's cache before it goes on to the next. Compare "
            "the times of the plain loop, too: it gains as well."
        ),
        hints=(
            "The tasks took more CPU time side by side than alone. What did the cores do meanwhile?",
            "There is hardly anything to compute. What do two cores share?",
            "Cores wait for numbers to arrive: memory bandwidth.",
        ),
    ),
    Bug(
        name="hot-and-slow",
        complaint="Matrix products on two workers. The fan is loud, the load far above the cores, and I gain little.",
        broken="""
import parlab
from parlab.notebook.symptoms import examine

examine("matmul", size=4, blas_threads=2 * parlab.detect().cores_usable)
""",
        cured="""
from parlab.notebook.symptoms import examine

examine("matmul", size=4, blas_threads=1)
""",
        cause="too many threads",
        others=("memory bandwidth", "fewer cores than it seems", "uneven tasks"),
        why=(
            "numpy's products run in BLAS, which starts threads of its own, as many as it sees cores. Two workers with "
            "as many threads each are more threads than cores. Limit one of the two: here BLAS, to one thread a worker "
            "(OMP_NUM_THREADS, or threadpoolctl). Compare the times as well: the plain loop, too, has fewer threads "
            "now."
        ),
        hints=(
            "How many threads want a core at once? Multiply.",
            "Who else, besides your workers, starts threads? The first line of what it shows names it.",
            "Workers times BLAS threads are beyond the cores: too many threads.",
        ),
    ),
    Bug(  # its os.cpu_count() is the mistake that it shows
        name="fine-at-home",
        complaint="On my laptop it is nearly twice as fast. On the server, which has more cores, it gains nothing.",
        broken="""
import os, psutil
from parlab.notebook.symptoms import examine

this = psutil.Process()
this.cpu_affinity(this.cpu_affinity()[:1])  # what a container or a batch system does
workers = max(2, min(4, os.cpu_count()))
print(os.cpu_count(), "cores, so", workers, "workers")
examine("primes", size=16, workers=[workers])
""",
        cured="""
import parlab, psutil
from parlab.notebook.symptoms import examine

this = psutil.Process()
this.cpu_affinity(this.cpu_affinity()[:1])
machine = parlab.detect()
print(machine.cores_usable, "usable core, limited by", machine.cores_limited_by)
examine("primes", size=16, workers=[machine.cores_usable])
""",
        cause="fewer cores than it seems",
        others=("too many threads", "memory bandwidth", "tiny tasks"),
        needs="affinity",
        why=(
            "os.cpu_count() counts the cores of the machine. A container, a batch system or taskset may give your "
            "program fewer, and then workers take turns on them. No cure makes a second core of one; the cure is to "
            "count right, ask for more, and not to pay for workers that cannot run. parlab.detect() knows the limits, "
            "and from Python 3.13 on os.process_cpu_count() knows the affinity."
        ),
        hints=(
            "Compare the number of cores in the first line of what it shows with that in the second.",
            "What does os.cpu_count() count: what is there, or what you may use?",
            "More workers than usable cores: fewer cores than it seems.",
        ),
    ),
)
