"""Notebook 17, "What when one machine is not enough?": what travels, all items on a cluster, a slow program."""

from parlab.learn import probes, probes_clusters
from parlab.learn.claims import VALUE
from parlab.learn.claims_clusters import ON_A_CLUSTER, WITH_A_TABLE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = [*probes.ITEMS, 3, 3]  # equal ones among them
_SQUARES = [item * item for item in _ITEMS]
_LOOKED_UP = [100 + item for item in probes.ITEMS]


CHECKS = (
    Check(
        name="17-what-travels",
        notebook=17,
        title="What travels",
        asks=(
            "An array of 100 MB on your computer, 20 tasks that each need all of it, 4 workers and a scheduler on "
            "other computers. How many MB leave your computer when the array is 1. an argument of each task; "
            "2. scattered once, by client.scatter(array); 3. in a file that all workers can read, whose name is the "
            "argument? Answer with a list of three whole numbers; what is below 1 MB counts as 0."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Count only what your own computer sends, whoever passes it on later.",
            "An argument goes with each task, whichever worker gets it. Scattered data leave you once.",
            "20 times 100; then 100; and a file's name is a few bytes.",
        ),
        solution="[2000, 100, 0]",
        read="notebook 17, “What moved over the wire”",
        claims=(VALUE,),
        expected=[2000, 100, 0],
        mistakes=(
            Mistake(
                [100, 100, 0],
                "Dask does not notice that it is the same array each time: an argument is packed and sent with each of "
                "the 20 tasks.",
            ),
            Mistake(
                [400, 100, 0],
                "Not once for each worker, but once for each task: an argument travels with the task that it belongs "
                "to.",
            ),
            Mistake(
                [2000, 400, 0],
                "Scattered data leave your computer once. A worker that lacks them gets them from another worker, and "
                "that is not your line.",
            ),
            Mistake(
                [4000, 200, 0],
                "So much is on the way altogether, or more. But your own computer sends each of it once: the scheduler "
                "passes it on.",
            ),
            Mistake(
                [2000, 100, 100],
                "In the third case the workers read the file themselves. It comes from where the file is kept, and "
                "only its name comes from you.",
            ),
        ),
    ),
    Check(
        name="17-all-items",
        notebook=17,
        title="All items on a cluster",
        asks=(
            "connect(2), in a with block, gives you the client of a Dask cluster with two workers. Have it do "
            "task(item) for all items, equal ones each on its own. Return a list of the results in the order of the "
            "items."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "client.map(function, items) hands all tasks in and returns futures; client.gather(futures) fetches.",
            "Some items are equal. Look at what Dask does with two calls of one function that look the same: pure=…",
            "In with connect(2) as client: return client.gather(client.map(task, items, pure=False)).",
        ),
        solution=(
            "def run(task, items, connect):\n"
            "    with connect(2) as client:\n"
            "        futures = client.map(task, items, pure=False)\n"
            "        return client.gather(futures)\n"
        ),
        read="notebook 17, “Run”",
        claims=ON_A_CLUSTER,
        signature="run(task, items, connect)",
        calls=((probes.square, _ITEMS, probes_clusters.connect),),
        expected=_SQUARES,
        mistakes=(
            Mistake(
                list(dict.fromkeys(_SQUARES)),
                "Equal items are missing. Each item is a task of its own, and has its own place in the list.",
            ),
        ),
        deadline_s=60.0,
    ),
    Check(
        name="17-slow-table",
        notebook=17,
        title="A cluster that is no help",
        asks=(
            "task(item, table) looks something up in a large table. This program has two workers, and is slower than a "
            "plain loop. Mend it: both workers at work at once, each gets the table once, results in the order of the "
            "items. One change alone will not do."
        ),
        kind="fault",
        difficulty=3,
        hints=(
            "When is the second task handed in? How often does the table travel? These are two faults.",
            "result() waits. So hand in all tasks first. And a table that was scattered is handed over as a reference.",
            "table = client.scatter(table), futures = [client.submit(task, item, table) for item in items], gather.",
        ),
        given=(
            "def looked_up(task, items, table, connect):\n"
            "    with connect(2) as client:\n"
            "        return [client.submit(task, item, table).result() for item in items]\n"
        ),
        solution=(
            "def looked_up(task, items, table, connect):\n"
            "    with connect(2) as client:\n"
            "        reference = client.scatter(table)\n"
            "        futures = [client.submit(task, item, reference) for item in items]\n"
            "        return client.gather(futures)\n"
        ),
        read="notebook 17, “What moved over the wire”",
        claims=WITH_A_TABLE,
        signature="looked_up(task, items, table, connect)",
        calls=((probes_clusters.look_up_in, list(probes.ITEMS), probes_clusters.Table(), probes_clusters.connect),),
        expected=_LOOKED_UP,
        deadline_s=60.0,
    ),
)

QUESTIONS = (
    Question(
        name="17-lost-data",
        text=(
            "You scatter an array, and a worker is killed. It held the only copy, and tasks still need it. What does "
            "Dask do?"
        ),
        options=(
            Option(
                "It fetches the array from your program again.",
                "Your program handed it over and Dask keeps no second copy there. It would be a nice thing to have.",
            ),
            Option(
                "It gives these tasks up, and tells you with an error.",
                "A result can be computed again, for Dask knows its task. Scattered data have no recipe. Scatter them "
                "with broadcast=True where a loss would hurt, or let workers read them from a file.",
            ),
            Option(
                "It computes the array again.",
                "That is what happens to results: Dask knows the task that they came from. Nobody knows how you got "
                "this array.",
            ),
            Option(
                "Nothing is lost: the scheduler keeps a copy.",
                "The scheduler keeps who has what. The data themselves lie with the workers.",
            ),
        ),
        right=2,
    ),
    Question(
        name="17-more-machines",
        text=(
            "Your program reads 200 GB from the disk of one computer and adds up the numbers. It takes half an hour, "
            "nearly all of it reading. Somebody offers you nine more computers, over a line of 1 Gbit/s. What do you "
            "say?"
        ),
        options=(
            Option(
                "Yes: ten times the cores, a tenth of the time.",
                "The cores are not what it waits for. They wait already.",
            ),
            Option(
                "Yes, if the files can be spread over their disks beforehand.",
                "Then each computer reads its own part, and ten sums travel. Move the work to the data: the line "
                "alone would take about half an hour for 200 GB.",
            ),
            Option(
                "No: ten computers are never faster than one.",
                "Where much is computed for each byte that travels, they are.",
            ),
            Option(
                "Yes, with Dask: its scheduler makes the line faster.",
                "A scheduler decides who does what. Each byte still needs its time on the line.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="17-on-the-way",
        question="8 tasks each get the same array of 8 MiB as an argument. How many MiB are on their way, all in all?",
        unit="MiB",
        causes=(
            Cause("You have thought of both ways: to the scheduler, and from there to a worker.", "near"),
            Cause(
                "More than you thought. The array goes along with each of the 8 tasks, and it goes twice: from your "
                "program to the scheduler, and from the scheduler to a worker.",
                "below",
            ),
            Cause(
                "Less than you thought. It goes along with each of the 8 tasks, to the scheduler and on to a worker, "
                "and no further.",
                "above",
            ),
        ),
    ),
    Topic(
        name="17-begun",
        question=(
            "8 tasks on two workers. One worker has done 2 tasks and is at its third; then it is killed. How often "
            "is a task begun, by whichever worker, all in all?"
        ),
        unit="times",
        causes=(
            Cause("You have counted what was lost with the worker: finished results that lay with it, too.", "near"),
            Cause(
                "More than you thought. Not only the task that was cut is done again: the finished results of the lost "
                "worker lay in its memory, and are gone as well.",
                "below",
            ),
            Cause(
                "Less than you thought. What the other worker has done stays done.",
                "above",
            ),
        ),
    ),
)
