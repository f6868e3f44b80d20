"""Notebook 06, "What does it cost to talk?": channels, sentinels, the join that never ends, and how to send less."""

from parlab.learn import probes, probes_talking
from parlab.learn.claims import ANSWER, IN_TIME, NO_ERROR, PROCESSES, TIDY, TWO_PROCESSES, VALUE
from parlab.learn.claims_talking import TRAVELLED_ONCE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_FEW = [7, 3, 9]
_TABLE = probes_talking.Table({item: 100 + item for item in range(1000)})
_CHANNELS = ["Pipe", "Queue", "JoinableQueue", "Manager"]

CHECKS = (
    Check(
        name="06-which-channel",
        notebook=6,
        title="The channel that fits",
        asks=(
            "Pipe, Queue, JoinableQueue or Manager? Each fits once. 1. Two processes, and the least delay. "
            "2. Five producers and three consumers, and a limit to what may wait. 3. The parent waits until all "
            "was done, not only taken out. 4. A dictionary that several processes read and change. Answer with a list "
            "of four names."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Ask of each case: how many send, how many take, and who must learn what?",
            "A pipe has two ends, and no more. maxsize holds a producer back. task_done is what a consumer says.",
            "A Manager keeps lists and dictionaries in a server, and hands out proxies to them.",
        ),
        solution='["Pipe", "Queue", "JoinableQueue", "Manager"]',
        read="notebook 06, “Run” and “Explain”",
        claims=(VALUE,),
        expected=_CHANNELS,
        mistakes=(
            Mistake(
                ["Pipe", "JoinableQueue", "Queue", "Manager"],
                "Nearly. A plain Queue does not know what was done, only what was taken: task_done and join are "
                "methods of JoinableQueue.",
            ),
            Mistake(
                ["Queue", "Pipe", "JoinableQueue", "Manager"],
                "Nearly. A pipe has two ends, for one process each; two that write into one end at once mix their "
                "messages. And the shortest delay is the pipe's.",
            ),
            Mistake(
                ["Manager", "Queue", "JoinableQueue", "Pipe"],
                "Nearly. The manager is the slowest: each message goes by way of a server. And a pipe holds no "
                "dictionary.",
            ),
            Mistake(
                ["Pipe", "Queue", "Queue", "Manager"],
                "Nearly. How would the parent learn that a message was done? Look for task_done.",
            ),
        ),
    ),
    Check(
        name="06-two-queues",
        notebook=6,
        title="Two queues and two workers",
        asks=(
            "task(inbox, outbox) is a worker: it takes numbers from inbox until it gets None, and puts "
            "(number, square) into outbox for each. Let two of them work off the items. Return all pairs, sorted."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "Two queues, two processes with target=task and args=(inbox, outbox). Start them, then put the items.",
            "A None ends the one worker that takes it. So put as many as there are workers.",
            "Get as many pairs as there are items, and only then join both processes.",
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def worked_off(task, items):\n"
            "    inbox, outbox = multiprocessing.Queue(), multiprocessing.Queue()\n"
            "    workers = [multiprocessing.Process(target=task, args=(inbox, outbox)) for _ in range(2)]\n"
            "    for worker in workers:\n"
            "        worker.start()\n"
            "    for item in [*items, None, None]:\n"
            "        inbox.put(item)\n"
            "    pairs = sorted(outbox.get() for _ in items)\n"
            "    for worker in workers:\n"
            "        worker.join()\n"
            "    return pairs\n"
        ),
        read="notebook 06, “A queue, from the first message to the last”",
        claims=PROCESSES,
        signature="worked_off(task, items)",
        calls=((probes_talking.square_until_none, _ITEMS),),
        expected=sorted([item, item * item] for item in _ITEMS),
        mistakes=(
            Mistake(
                [],
                "The list came back empty. Did you ask outbox.empty() whether there is more? It says that nothing is "
                "there when nothing has come yet. Do not ask: get as many pairs as there are items.",
            ),
        ),
    ),
    Check(
        name="06-join-first",
        notebook=6,
        title="A join that never ends",
        asks=(
            "task(queue, item) puts a long list into the queue. This function shall return the lengths of all lists, "
            "sorted. With short lists it did, with long ones it never ends. Find out why, and mend it."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "A child ends only when all that it has put into a queue is written. How much does a pipe hold?",
            "Who takes the lists out while the parent waits in join()?",
            "Swap two steps: get as many lists as there are items, and only then join the processes.",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def lengths(task, items):\n"
            "    queue = multiprocessing.Queue()\n"
            "    processes = [multiprocessing.Process(target=task, args=(queue, item)) for item in items]\n"
            "    for process in processes:\n"
            "        process.start()\n"
            "    for process in processes:\n"
            "        process.join()\n"
            "    return sorted(len(queue.get()) for _ in items)\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def lengths(task, items):\n"
            "    queue = multiprocessing.Queue()\n"
            "    processes = [multiprocessing.Process(target=task, args=(queue, item)) for item in items]\n"
            "    for process in processes:\n"
            "        process.start()\n"
            "    found = sorted(len(queue.get()) for _ in items)\n"
            "    for process in processes:\n"
            "        process.join()\n"
            "    return found\n"
        ),
        read="notebook 06, “The join that never ends”",
        claims=PROCESSES,
        signature="lengths(task, items)",
        calls=((probes_talking.send_list, _FEW),),
        expected=sorted(probes_talking.VALUES_AN_ITEM * item for item in _FEW),
    ),
    Check(
        name="06-send-once",
        notebook=6,
        title="Send the table once",
        asks=(
            "keep(table) keeps a large table in the process that calls it, and task(item) looks an item up there. Have "
            "two processes do the tasks, and let the table travel only once to each of them. Return the results in the "
            "order of the items."
        ),
        kind="write",
        difficulty=3,
        hints=(
            "What travels with a task is sent with every task. What must be sent once is sent when a worker starts.",
            "A pool's initializer runs once in each worker, at its start; initargs is a tuple of its arguments.",
            "multiprocessing.Pool(2, initializer=keep, initargs=(table,)), and then map as always.",
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def looked_up(keep, task, table, items):\n"
            "    with multiprocessing.Pool(2, initializer=keep, initargs=(table,)) as pool:\n"
            "        return pool.map(task, items)\n"
        ),
        read="notebook 06, “Send less”",
        claims=(IN_TIME, NO_ERROR, ANSWER, TWO_PROCESSES, TRAVELLED_ONCE, TIDY),
        signature="looked_up(keep, task, table, items)",
        calls=((probes_talking.keep, probes_talking.price, _TABLE, _ITEMS),),
        expected=[100 + item for item in _ITEMS],
    ),
)

QUESTIONS = (
    Question(
        name="06-append",
        text="You give a list to a child as an argument. The child appends to it. What does your list hold afterwards?",
        options=(
            Option("What the child appended, too.", "No: the child has a list of its own, rebuilt from a message."),
            Option(
                "The same as before.",
                "The child changed its copy. What it shall tell you, it must send: through a queue, a pipe, or as "
                "a result.",
            ),
            Option("Nothing: it has moved to the child.", "A message is a copy. The original stays where it is."),
            Option(
                "What the child appended, as soon as you join it.",
                "join waits for the end of the child, and brings nothing home.",
            ),
        ),
        right=2,
    ),
    Question(
        name="06-small-messages",
        text="A program sends a million small messages through a queue, and that takes too long. What helps most?",
        options=(
            Option("Make each message smaller.", "They are small already. Each one costs its latency, however small."),
            Option(
                "Send many in one message.",
                "The latency is paid for each message, so a thousand in one pay it once.",
            ),
            Option(
                "Use a Manager's list instead.",
                "Then each message goes by way of a server, which costs more, not less.",
            ),
            Option(
                "Set maxsize to a large number.",
                "maxsize says how many may wait. It makes no message cheaper.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="06-list-or-array",
        question="How many times as long as an array does a list of 30,000 floats take to pickle and to rebuild?",
        unit="times",
        causes=(
            Cause("You know what pickle does with a list.", "near"),
            Cause(
                "Less than you thought: pickle goes through a list quickly, too. What it costs is that each number "
                "becomes an object of its own again.",
                "above",
            ),
            Cause(
                "More than you thought: pickle handles each number of a list on its own. An array is one block of "
                "bytes, which is copied.",
                "below",
            ),
        ),
    ),
    Topic(
        name="06-manager",
        question="How many times as long as through a Pipe does a small message take through a Manager's Queue?",
        unit="times",
        causes=(
            Cause("You have counted the hops.", "near"),
            Cause(
                "Less than you thought: waking the other process takes much of the time in both cases, and the server "
                "adds to it.",
                "above",
            ),
            Cause(
                "More than you thought: a message goes to the manager's server and from there on, and each of these "
                "calls waits for its answer.",
                "below",
            ),
        ),
    ),
)
