"""Wrong answers to the exercises of notebook 15; see ``wrong_answers``."""

from wrong_words import IN_TURN, ONE_PROCESS, POOL, SERIAL, THREADED, THREADS

BODIES = {
    "15-workers-and-threads": [
        ("the cores twice", "return min(cores, pieces), cores", "wrong", "beyond the cores"),
        ("no limit by tasks", "return cores, 1", "wrong", "some of these workers do nothing"),
        ("one thread each", "return min(cores, pieces), 1", "wrong", "leave six of them idle"),
        ("half a thread", "return min(cores, pieces), cores / min(cores, pieces)", "wrong", "// rounds down"),
        ("no return", "print(8, 1)", "printed", "return hands it"),
        ("not begun", "pass", "open", "still open"),
    ],
    "15-no-callback": [
        ("as given", None, "order", "in the order of the ends"),
        ("serial", SERIAL, "serial", ONE_PROCESS),
        ("threads", THREADS, "threads", THREADED),
        ("one at a time", POOL + "return [pool.apply(task, (item,)) for item in items]", "in turn", IN_TURN),
        ("no return", POOL + "pool.map(task, items)", "no return", "returned nothing"),
    ],
}
