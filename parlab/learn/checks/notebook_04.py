"""Notebook 04, "How do you share out work?": the methods of a pool, chunks, and what each worker loads once."""

from parlab.learn import probes
from parlab.learn.claims import ANSWER, IN_TIME, LOADED_ONCE, NO_ERROR, PROCESSES, TIDY, TWO_PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = [item * item for item in _ITEMS]

CHECKS = (
    Check(
        name="04-which-call",
        notebook=4,
        title="Which method of the pool?",
        asks=(
            "Which method of a Pool? 1. You want all results at once, in order, as a list. 2. You want each result as "
            "soon as it is there, whatever its order. 3. Each task needs several arguments, and you want a list. "
            "4. You send one single call, and go on without waiting. Answer with a list of four names."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Two of the names begin with map and imap, one with star, one with apply.",
            "imap yields in order; with _unordered it yields what has come. apply waits; with _async it does not.",
            "starmap takes tuples and passes their parts on as arguments, as f(*arguments) does.",
        ),
        solution='["map", "imap_unordered", "starmap", "apply_async"]',
        read="notebook 04, “Run”",
        claims=(VALUE,),
        expected=["map", "imap_unordered", "starmap", "apply_async"],
        mistakes=(
            Mistake(
                ["map", "imap", "starmap", "apply_async"],
                "Nearly. imap keeps the order: a slow first task holds up all others.",
            ),
            Mistake(
                ["map", "imap_unordered", "starmap", "apply"], "Nearly. apply waits for the result before it returns."
            ),
            Mistake(
                ["imap", "imap_unordered", "starmap", "apply_async"], "Nearly. imap gives an iterator, and no list."
            ),
        ),
    ),
    Check(
        name="04-share-out",
        notebook=4,
        title="Share out work",
        asks="Share the items out over a pool of two processes. Return the results in the order of the items.",
        kind="write",
        difficulty=1,
        hints=(
            "multiprocessing.Pool(2) has two workers. Use it in a with block.",
            "Pool.map calls a function with each item, and returns a list in the order of the items.",
            "with multiprocessing.Pool(2) as pool: return pool.map(task, items)",
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def share_out(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return pool.map(task, items)\n"
        ),
        read="notebook 04, “Run”",
        claims=PROCESSES,
        signature="share_out(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
    Check(
        name="04-load-once",
        notebook=4,
        title="Load once in each worker",
        asks=(
            "task(item) needs a table in the memory of its process, which load() puts there. Have two processes do the "
            "tasks. Each loads the table once, before its first task. Return the results in the order of the items."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "load() in the parent helps nobody: each process has its own memory.",
            "Pool has a parameter for a function that each new worker calls before its first task.",
            "multiprocessing.Pool(2, initializer=load), and then map as always.",
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def looked_up(load, task, items):\n"
            "    with multiprocessing.Pool(2, initializer=load) as pool:\n"
            "        return pool.map(task, items)\n"
        ),
        read="notebook 04, “Constant state”",
        claims=(IN_TIME, NO_ERROR, ANSWER, TWO_PROCESSES, LOADED_ONCE, TIDY),
        signature="looked_up(load, task, items)",
        calls=((probes.load, probes.look_up, _ITEMS),),
        expected=[100 + item for item in _ITEMS],
    ),
    Check(
        name="04-one-at-a-time",
        notebook=4,
        title="One at a time",
        asks=(
            "This pool has two workers, and yet they work in turn: never both at once. Find out what makes them wait, "
            "and mend it. The results shall come in the order of the items."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "When does pool.apply return: when the call was sent, or when its result is there?",
            "apply_async returns at once, and hands you something with a get(). First send all, then get all.",
            (
                "calls = [pool.apply_async(task, (item,)) for item in items], then [call.get() for call in calls]; "
                "both inside of the with block. Or simply pool.map."
            ),
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def all_at_once(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        return [pool.apply(task, (item,)) for item in items]\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def all_at_once(task, items):\n"
            "    with multiprocessing.Pool(2) as pool:\n"
            "        calls = [pool.apply_async(task, (item,)) for item in items]\n"
            "        return [call.get() for call in calls]\n"
        ),
        read="notebook 04, “One call at a time”",
        claims=PROCESSES,
        signature="all_at_once(task, items)",
        calls=((probes.square, _ITEMS),),
        expected=_SQUARES,
    ),
)

QUESTIONS = (
    Question(
        name="04-order",
        text="In which order does imap_unordered give the results?",
        options=(
            Option("In the order of the items.", "That is imap. It holds a result back until all before it have come."),
            Option(
                "In the order in which the tasks end.",
                "A slow task holds up nobody. Let each result say which item it belongs to.",
            ),
            Option("In a random order that the pool draws.", "Nothing is drawn: it is the order of the ends."),
            Option("Sorted by their values.", "A pool does not look at values."),
        ),
        right=2,
    ),
    Question(
        name="04-chunks",
        text="You give map a larger chunksize. What happens?",
        options=(
            Option(
                "More processes work at once.",
                "The pool's size says how many work. A chunk is a packet of tasks that travels together.",
            ),
            Option(
                "Fewer messages travel, and work is shared out less evenly.",
                "That helps with tiny tasks. With uneven or few tasks, one worker may get most of the work.",
            ),
            Option("Each task gets more memory.", "A chunk has nothing to do with memory limits."),
            Option("The results come in another order.", "map always gives the order of the items."),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="04-chunk-size",
        question="2,000 tiny tasks on a pool of two. Which chunk size is the fastest?",
        unit="tasks",
        options=(1, 10, 100, 1000),
        causes=(
            Cause("You found the middle: few messages, and still something to share out.", "near"),
            Cause(
                "Smaller chunks were faster than you thought: with large ones, the last chunk keeps one worker busy "
                "while the other has nothing left.",
                "above",
            ),
            Cause(
                "Larger chunks were faster than you thought: each message costs more than a tiny task, so it pays to "
                "send many tasks at a time.",
                "below",
            ),
        ),
    ),
    Topic(
        name="04-pool",
        question="A pool of two workers: how many times as fast as the plain loop?",
        unit="times",
        causes=(
            Cause("You have thought of what it costs to send work to others.", "near"),
            Cause(
                "Less than you thought, and the machine was not quiet: others used its cores meanwhile.",
                "above",
                findings=("busy-machine", "stolen-time", "preempted", "noisy-machine"),
            ),
            Cause(
                "Less than you thought, and there are more workers than cores: they take turns.",
                "above",
                findings=("more-workers-than-cores",),
            ),
            Cause(
                "Less than you thought. Tasks and results have to travel, and at the end one worker often waits for "
                "the other.",
                "above",
            ),
            Cause("More than you thought: these tasks are long enough, so that sending them hardly counts.", "below"),
        ),
    ),
)
